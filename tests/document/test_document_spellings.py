"""The canonical spelling, Orthanc's own, the array form and JSON are four ways to write the same document."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orthanc_state.document.load import DocumentError, from_data, load, loads
from orthanc_state.kinds.collection import Collection
from orthanc_state.kinds.field import Field
from orthanc_state.kinds.registry import all_kinds

CANONICAL = """\
version: 1
modalities:
  pacs: {aet: PACS, host: 10.0.0.5, port: 11112, manufacturer: Vitrea}
  ct1: {aet: CT1, host: 10.0.0.9, port: 104}
peers:
  backup: {url: "https://backup.example/orthanc", username: sync, password: s3cret}
  plain: {url: "http://plain.example:8042/"}
dicom:
  accepted_transfer_syntaxes: [ExplicitVRLittleEndian, "1.2.840.10008.1.2.4.*"]
  unknown_sop_class_accepted: false
  default_encoding: Utf8
metrics: true
"""

ORTHANC = """\
version: 1
DicomModalities:
  pacs: {AET: PACS, Host: 10.0.0.5, Port: 11112, Manufacturer: Vitrea}
  ct1: {AET: CT1, Host: 10.0.0.9, Port: 104}
OrthancPeers:
  backup: {Url: "https://backup.example/orthanc", Username: sync, Password: s3cret}
  plain: {Url: "http://plain.example:8042/"}
AcceptedTransferSyntaxes: ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.*"]
UnknownSopClassAccepted: false
DefaultEncoding: Utf8
MetricsEnabled: true
"""

ARRAYS = """\
version: 1
modalities:
  pacs: [PACS, 10.0.0.5, 11112, Vitrea]
  ct1: [CT1, 10.0.0.9, 104]
peers:
  backup: ["https://backup.example/orthanc", sync, s3cret]
  plain: ["http://plain.example:8042/"]
dicom:
  accepted_transfer_syntaxes: [Explicit VR Little Endian, "1.2.840.10008.1.2.4.*"]
  unknown_sop_class_accepted: no
  default_encoding: utf8
metrics: on
"""

# As it stands in an orthanc.json, tabs and escapes and all.
PASTED = """\
{
	"version" : 1,
	"DicomModalities" : {
		"pacs" : [ "PACS", "10.0.0.5", 11112, "Vitrea" ],
		"ct1" : { "AET" : "CT1", "Host" : "10.0.0.9", "Port" : "104" }
	},
	"OrthancPeers" : {
		"backup" : [ "https:\\/\\/backup.example\\/orthanc", "sync", "s3cret" ],
		"plain" : [ "http://plain.example:8042/" ]
	},
	"AcceptedTransferSyntaxes" : [ "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.*" ],
	"UnknownSopClassAccepted" : false,
	"DefaultEncoding" : "Utf8",
	"MetricsEnabled" : true
}
"""


@pytest.mark.parametrize("text", [ORTHANC, ARRAYS, PASTED], ids=["orthanc", "arrays", "pasted"])
def test_every_spelling_gives_the_same_sections(text: str) -> None:
    assert loads(text).sections == loads(CANONICAL).sections


def test_the_sections_are_those_that_are_declared_in_the_order_of_the_kinds() -> None:
    document = loads(PASTED)
    declared = [name for name in all_kinds() if name not in ("dicomweb_servers", "logging", "policies")]
    assert list(document.sections) == declared
    assert [kind.name for kind in document.kinds] == declared
    assert loads("version: 1").sections == {}


def test_json_is_read_as_what_it_means() -> None:
    data = json.loads(PASTED)
    assert from_data(data).sections == loads(json.dumps(data)).sections == loads(PASTED).sections


def test_both_spellings_may_be_mixed_in_one_entry() -> None:
    mixed = loads("version: 1\nDicomModalities: {a: {AET: A, host: h, Port: 1, allow_echo: false, AllowFind: false}}")
    assert (
        mixed.sections
        == loads("version: 1\nmodalities: {a: {aet: A, host: h, port: 1, AllowEcho: 0, allow_find: no}}").sections
    )


SAMPLES: dict[str, Any] = {
    "aet": "A",
    "host": "h",
    "port": 1,
    "manufacturer": "Vitrea",
    "local_aet": "B",
    "retrieve_method": "C-GET",
    "url": "http://h/",
    "username": "u",
    "password": "p",
    "http_headers": {"X-Key": "v", "None": None},
    "certificate_file": "f",
    "certificate_key_file": "k",
    "certificate_key_password": "q",
    "timeout": 7,
}
REQUIRED: dict[str, dict[str, Any]] = {
    "modalities": {"aet": "A", "host": "h", "port": 1},
    "peers": {"url": "http://h/"},
    "dicomweb_servers": {"url": "http://h/"},
}
NEEDED: dict[str, dict[str, Any]] = {"password": {"username": "u"}, "certificate_key_file": {"certificate_file": "f"}}
NEEDED["certificate_key_password"] = NEEDED["certificate_key_file"]

COLLECTIONS = [kind for kind in all_kinds().values() if isinstance(kind, Collection)]
FIELDS = [(kind, field) for kind in COLLECTIONS for field in kind.fields if field.wire.name]


def under(path: Sequence[str], value: Any) -> dict[str, Any]:
    """A value at a path."""
    first, *rest = path
    return {first: under(rest, value) if rest else value}


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=[f"{kind.name}-{field.name}" for kind, field in FIELDS])
def test_every_field_is_read_in_both_spellings(kind: Collection, field: Field) -> None:
    value = SAMPLES.get(field.name, not field.default)
    others = {**REQUIRED[kind.name], **NEEDED.get(field.name, {})}
    others.pop(field.name, None)
    entries = [
        from_data({"version": 1, **under(path, {"x": {**others, key: value}})}).sections[kind.name]["x"]
        for path in (kind.path, kind.orthanc_path)
        for key in (field.name, field.wire.name)
    ]
    assert all(entry == entries[0] for entry in entries)
    read = getattr(entries[0], field.name)
    if not field.wire.secret:
        assert read == value
    assert read != field.default


@pytest.mark.parametrize("kind", COLLECTIONS, ids=lambda kind: kind.name)
def test_a_field_that_is_left_out_has_its_default(kind: Collection) -> None:
    entry = from_data({"version": 1, kind.name: {"x": REQUIRED[kind.name]}}).sections[kind.name]["x"]
    assert {field.name: getattr(entry, field.name) for field in kind.fields if not field.required} == kind.defaults()


@pytest.mark.parametrize("key", ["allow_storage_commitment", "AllowStorageCommitment"])
def test_storage_commitment_is_one_switch_for_two_rights(key: str) -> None:
    short = loads(f"version: 1\nmodalities: {{a: {{aet: A, host: h, port: 1, {key}: false}}}}")
    long = loads(
        "version: 1\nmodalities: {a: {aet: A, host: h, port: 1, allow_n_action: false, allow_event_report: false}}"
    )
    assert short.sections == long.sections


def test_loading_changes_nothing_of_the_data_that_is_given() -> None:
    data: dict[str, Any] = {
        "version": 1,
        "dicom": {"unknown_sop_class_accepted": True},
        "AcceptedTransferSyntaxes": ["all"],
        "DefaultEncoding": "Utf8",
        "DicomModalities": {"a": ["A", "h", 1]},
        "peers": {"b": {"Url": "http://h/"}},
    }
    before = json.dumps(data)
    first = from_data(data)
    assert json.dumps(data) == before
    assert from_data(data).sections == first.sections


def test_text_that_only_looks_like_something_else_stays_text() -> None:
    text = (
        "version: 1\nmodalities: {on: [no, off, 1], 1: ['7', yes, 1], 'null': [Null_, n, 1], true: [2024-01-01, y, 1]}"
    )
    modalities = loads(text).sections["modalities"]
    assert {name: (entry.aet, entry.host) for name, entry in modalities.items()} == {
        "on": ("no", "off"),
        "1": ("7", "yes"),
        "null": ("Null_", "n"),
        "true": ("2024-01-01", "y"),
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *[(word, True) for word in ("true", "True", "TRUE", "yes", "Yes", "on", "ON", "1", "'true'", '"yes"')],
        *[(word, False) for word in ("false", "False", "FALSE", "no", "No", "off", "OFF", "0", "'false'", '"no"')],
        ("!!bool true", True),
        ("!!bool false", False),
    ],
)
@pytest.mark.parametrize("version", ["", "%YAML 1.1\n---\n", "%YAML 1.2\n---\n"])
def test_every_word_for_true_and_false_means_what_it_says(version: str, written: str, meant: bool) -> None:
    assert loads(f"{version}version: 1\nmetrics: {written}\n").sections == {"metrics": meant}


@pytest.mark.parametrize("written", ["!!bool yes", "!!bool on", "!!bool 1", "!!bool x"])
def test_a_tag_never_turns_yes_into_no(written: str) -> None:
    # To refuse it is right too.
    with contextlib.suppress(DocumentError):
        assert loads(f"version: 1\nmetrics: {written}\n").sections["metrics"] is True


@pytest.mark.parametrize(
    ("written", "port"),
    [("104", 104), ("0x68", 104), ("0o150", 104), ("0b1101000", 104), ("'104'", 104), ("1e3", 1000)],
)
def test_numbers_are_read_as_yaml_writes_them(written: str, port: int) -> None:
    assert loads(f"version: 1\nmodalities: {{a: [A, h, {written}]}}").sections["modalities"]["a"].port == port


def test_what_only_yaml_1_2_allows_reads_as_the_rest_does() -> None:
    # libyaml knows 1.1 only: a URL in a flow mapping makes another parser read all of the document.
    fast = CANONICAL.replace("https://backup.example/orthanc", "https://h/").replace(
        "http://plain.example:8042/", "http://p/"
    )
    slow = fast.replace('"https://h/"', "https://h/").replace('"http://p/"', "http://p/")
    assert slow != fast
    assert loads(slow).sections == loads(fast).sections


def test_what_only_yaml_1_2_allows_is_read_in_a_large_document_too() -> None:
    modalities = "".join(f"  m{number}: [A, h, 104]\n" for number in range(2001))
    document = loads("version: 1\npeers:\n  b: {url: http://h}\nmodalities:\n" + modalities)
    assert document.sections["peers"]["b"].url == "http://h/"
    assert len(document.sections["modalities"]) == 2001


def test_an_escape_of_json_beyond_the_first_plane_is_one_character() -> None:
    data = {"version": 1, "peers": {"a": {"url": "http://h/", "properties": {"😀": "💾"}}}}
    text = json.dumps(data)
    assert "\\ud83d\\ude00" in text
    properties = loads(text).sections["peers"]["a"].properties
    assert properties == from_data(data).sections["peers"]["a"].properties == {"😀": "💾"}


def test_an_anchor_may_be_used_again() -> None:
    # YAML 1.2: an alias stands for the last anchor of that name.
    text = "version: 1\nmodalities: {a: [&a A, h, 1], b: [*a, &a i, 1], c: [C, *a, 1]}"
    modalities = loads(text).sections["modalities"]
    assert [(entry.aet, entry.host) for entry in modalities.values()] == [("A", "h"), ("A", "i"), ("C", "i")]


def test_merge_keys_fill_in_what_is_not_given_the_first_one_first() -> None:
    text = """\
version: 1
modalities:
  a: &a {aet: A, host: h, port: 1, timeout: 5}
  b: {<<: *a, aet: B}
  c: {aet: C, <<: [{port: 3}, *a]}
  d: {<<: {port: 4}, aet: D, <<: *a}
"""
    modalities = loads(text).sections["modalities"]
    assert [(entry.aet, entry.host, entry.port, entry.timeout) for entry in modalities.values()] == [
        ("A", "h", 1, 5),
        ("B", "h", 1, 5),
        ("C", "h", 3, 5),
        ("D", "h", 4, 5),
    ]


def test_the_quick_start_loads_without_a_warning() -> None:
    examples = Path(__file__).parents[2] / "examples"
    files = sorted(examples.glob("*.yaml"))
    assert files
    for file in files:
        assert load(file).warnings == ()


WORDS = """
version modalities DicomModalities peers dicom logging metrics prune fingerprints default_encoding DefaultEncoding
accepted_transfer_syntaxes AcceptedTransferSyntaxes key scrypt aet AET host port url username password http_headers
properties state ignore present absent all trace AllowStorageCommitment [key] a << !env
"""
NAMES = st.sampled_from(["", "b c", "!env X", *WORDS.split()])
# A file may not hold what JSON may: infinity, which is no number of JSON, and the control character DEL.
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_characters="\x7f", exclude_categories=["Cs"]), max_size=5)
LEAVES = st.none() | st.booleans() | NUMBERS | NAMES | st.just("http://h") | TEXT
DATA = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)
SECTIONS = st.fixed_dictionaries(
    {"version": st.just(1)},
    optional={
        "modalities": st.dictionaries(NAMES, st.dictionaries(NAMES, DATA, max_size=5) | DATA, max_size=3) | DATA,
        "peers": st.dictionaries(NAMES, st.dictionaries(NAMES, DATA, max_size=5) | DATA, max_size=3) | DATA,
        "dicom": st.dictionaries(NAMES, DATA, max_size=3) | DATA,
        "AcceptedTransferSyntaxes": DATA,
        "logging": st.dictionaries(NAMES, LEAVES, max_size=3) | DATA,
        "prune": st.dictionaries(NAMES, LEAVES, max_size=3) | DATA,
        "fingerprints": DATA,
    },
)


def outcome(load_it: Any) -> Any:
    """The sections of a document, or what is wrong with it."""
    try:
        return load_it().sections
    except DocumentError as error:
        return {(problem.field, problem.message, problem.hint) for problem in error.problems}


@settings(max_examples=60)
@given(SECTIONS)
def test_data_is_right_or_wrong_in_the_same_way_in_a_file_and_without(data: dict[str, Any]) -> None:
    text = json.dumps(data)
    assert outcome(lambda: loads(text)) == outcome(lambda: from_data(json.loads(text)))
