"""A dump is a document: whatever stands on a server, it loads again, and says what it had to leave out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orthanc_state.document.document import Document
from orthanc_state.document.dump import Dump, dumped
from orthanc_state.document.load import from_data, loads
from orthanc_state.document.write import as_yaml
from orthanc_state.kinds.accepted_transfer_syntaxes import KIND as ACCEPTED
from orthanc_state.kinds.fingerprint import PROPERTY, Fingerprints
from orthanc_state.kinds.kind import Context
from orthanc_state.kinds.live import Live, Server
from orthanc_state.kinds.log_levels import CATEGORIES
from orthanc_state.kinds.modalities import KIND
from orthanc_state.kinds.registry import all_kinds

CONTEXT = Context((1, 12, 7), Fingerprints())


def dump_of(server: Server | None = None, **raw: Any) -> Dump:
    """The dump of a server that has some settings, and no modalities and peers unless they are given."""
    sections = {
        "modalities": {},
        "peers": {},
        "dicomweb_servers": {"loaded": False, "endpoint": None, "servers": {}},
        "dicom.accepted_transfer_syntaxes": ["1.2.840.10008.1.2", "1.2.840.10008.1.2.4.90"],
        "dicom.unknown_sop_class_accepted": False,
        "dicom.default_encoding": "Latin1",
        "logging": dict.fromkeys(CATEGORIES, "default"),
        "metrics": True,
    }
    given_sections = {name.replace("dicom_", "dicom."): value for name, value in raw.items()}
    return dumped(Live(server or Server("http://h", "Hospital", "1.12.7"), {**sections, **given_sections}))


def reloaded(dump: Dump) -> Document:
    return loads(dump.text, environment={name: f"value of {name}" for name in dump.variables})


def test_a_server_as_it_was_installed_is_a_short_document() -> None:
    assert (
        dump_of().text
        == """\
# The state of the Orthanc 'Hospital' (1.12.7).
version: 1
modalities: {}
peers: {}
dicom:
  accepted_transfer_syntaxes:
  - ImplicitVRLittleEndian
  - JPEG2000Lossless
  unknown_sop_class_accepted: false
  default_encoding: Latin1
logging:
  all: default
metrics: true
"""
    )


def test_only_what_is_not_the_default_is_written() -> None:
    modality = {
        "AET": "PACS",
        "Host": "h",
        "Port": 104,
        "AllowEcho": True,
        "AllowFind": False,
        "Manufacturer": "Generic",
    }
    dump = dump_of(modalities={"b": modality, "a": {**modality, "Manufacturer": "GE", "AllowFind": True}})
    assert dump.data["modalities"] == {
        "a": {"aet": "PACS", "host": "h", "port": 104, "manufacturer": "GE"},
        "b": {"aet": "PACS", "host": "h", "port": 104, "allow_find": False},
    }
    assert dump.text.index("  a:") < dump.text.index("  b:")


def test_levels_that_differ_are_written_one_by_one() -> None:
    levels = {**dict.fromkeys(CATEGORIES, "default"), "dicom": "trace"}
    assert dump_of(logging=levels).data["logging"] == levels


def test_every_transfer_syntax_is_all() -> None:
    accepted = ACCEPTED
    known = dump_of().data["dicom"]["accepted_transfer_syntaxes"]
    assert known == ["ImplicitVRLittleEndian", "JPEG2000Lossless"]
    everything = accepted.dump({"": {"value": tuple(_known())}}, CONTEXT)
    assert everything == ["all"]


def _known() -> set[str]:
    from orthanc_state.kinds.transfer_syntax import known_to

    return known_to(CONTEXT.version)


HIDDEN = {
    "Url": "https://backup.example/",
    "Username": "sync",
    "Password": None,
    "HttpHeaders": ["X-Key", "X-Other"],
    "CertificateFile": "/c.pem",
    "CertificateKeyFile": None,
    "CertificateKeyPassword": None,
    "Site": "north",
}


def test_what_the_server_hides_is_a_variable_and_is_left_alone_until_it_is_known() -> None:
    dump = dump_of(peers={"backup": HIDDEN})
    backup = dump.data["peers"]["backup"]
    assert backup["password"] == "!env ORTHANC_PEERS_BACKUP_PASSWORD"
    assert backup["http_headers"] == {
        "X-Key": "!env ORTHANC_PEERS_BACKUP_HTTP_HEADERS_X_KEY",
        "X-Other": "!env ORTHANC_PEERS_BACKUP_HTTP_HEADERS_X_OTHER",
    }
    assert set(backup["ignore"]) >= {"password", "http_headers"}
    assert dump.variables == tuple(re.findall(r"!env (\w+)", dump.text))
    assert all(f"#   {name}\n" in dump.text for name in dump.variables)
    loaded = reloaded(dump).sections["peers"]["backup"]
    assert loaded.password.reveal() == "value of ORTHANC_PEERS_BACKUP_PASSWORD"
    assert loaded.properties == {"Site": "north"}


def test_no_two_secrets_share_a_variable() -> None:
    peers = dict.fromkeys(("a-b", "a_b", "A_b", "a--b"), HIDDEN)
    dump = dump_of(peers=peers)
    assert len(set(dump.variables)) == len(dump.variables) == dump.text.count("!env ")
    assert all(re.fullmatch(r"[A-Z_][A-Z0-9_]*", name) for name in dump.variables)
    loaded = reloaded(dump).sections["peers"]
    assert len({peer.password.reveal() for peer in loaded.values()}) == 4


def test_the_record_of_fingerprints_is_no_property_of_a_document() -> None:
    dump = dump_of(peers={"backup": {**HIDDEN, PROPERTY: "{}"}})
    assert PROPERTY not in dump.text


@pytest.mark.parametrize(
    "modality",
    [
        {"AET": "ABCDEFGHIJKLMNOPQ", "Host": "h", "Port": 104},
        {"AET": "", "Host": "h", "Port": 104},
        {"AET": "A\\B", "Host": "h", "Port": 104},
        {"AET": "A", "Host": "", "Port": 104},
        {"AET": "A", "Host": "h", "Port": 104, "LocalAet": "ABCDEFGHIJKLMNOPQ"},
        {"AET": "A", "Host": "h", "Port": 104, "Manufacturer": "Unheard"},
    ],
)
def test_an_entry_that_no_document_can_declare_is_left_out_and_said(modality: dict[str, Any]) -> None:
    dump = dump_of(modalities={"bad": modality, "good": {"AET": "A", "Host": "h", "Port": 104}})
    assert list(reloaded(dump).sections["modalities"]) == ["good"]
    (warning,) = dump.warnings
    assert warning.field.startswith("modalities.bad")
    assert warning.message.startswith("left out, since no document can declare it: ")


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("dicom_default_encoding", "Klingon"),
        ("dicom_accepted_transfer_syntaxes", ["1.2.840.10008.1.2", "1.2.3.4"]),
        ("logging", {**dict.fromkeys(CATEGORIES, "default"), "dicom": "loud"}),
    ],
)
def test_a_setting_that_no_document_can_declare_is_left_out_and_said(section: str, value: Any) -> None:
    dump = dump_of(**{section: value})
    assert dump.warnings
    assert {warning.field.partition(".")[0] for warning in dump.warnings} == {section.partition("_")[0]}
    assert reloaded(dump).sections["metrics"] is True


def test_a_server_cannot_write_into_the_document_by_its_name_or_version() -> None:
    server = Server(
        "http://h", "x\nprune: {peers: true}\n#\u2028metrics: false\x1b[2J", "1.12.7\nprune: {modalities: true}"
    )
    dump = dump_of(server)
    assert dump.text.splitlines()[1] == "version: 1"
    assert "\x1b" not in dump.text
    document = reloaded(dump)
    assert document.prune == frozenset()
    assert document.sections["metrics"] is True


NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True) | st.sampled_from(
    [
        "on",
        "no",
        "null",
        "1",
        "007",
        "0x1",
        "1e3",
        "1_0",
        "-",
        "--",
        "---",
        "_",
        "true",
        "state",
        "N",
        "1-1",
        "2024-01-01",
    ]
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    [
        "",
        "no",
        "~",
        "<<",
        "=",
        "!env X",
        "&a",
        "*a",
        "- a",
        "a: b",
        "#",
        "0104",
        "1:30",
        "\x85",
        "\u2028",
        "\ufeff",
        "a\nb",
        " a",
    ]
)
MODALITIES = st.fixed_dictionaries(
    {"AET": TEXT, "Host": TEXT, "Port": st.integers(1, 65534)},
    optional={"LocalAet": TEXT, "Timeout": st.integers(0, 100), "AllowEcho": st.booleans(), "Manufacturer": TEXT},
)
PEERS = st.builds(
    lambda properties, entry, user: {**properties, **entry, **({"Username": user, "Password": None} if user else {})},
    st.dictionaries(TEXT, TEXT, max_size=3),
    st.fixed_dictionaries(
        {"Url": TEXT.map(lambda text: f"http://{text}/")},
        optional={
            "HttpHeaders": st.lists(TEXT, max_size=3, unique=True),
            "CertificateFile": TEXT,
            "Pkcs11": st.booleans(),
        },
    ),
    TEXT,
)


@settings(max_examples=60)
@given(
    st.dictionaries(NAMES, MODALITIES, max_size=3),
    st.dictionaries(NAMES, PEERS, max_size=2),
    st.lists(TEXT, max_size=2),
    st.sampled_from(["Utf8", "Ascii"]) | TEXT,
)
@example({}, {}, ["²", "1.2.²", "9" * 5000, ""], "Utf8")
@example({}, {"a": {"Url": "http://h/", "Username": "\x85", "X\u2028": "\ufeff", "Password": None}}, [], "Utf8")
def test_whatever_stands_on_a_server_its_dump_loads_again_as_the_same(
    modalities: dict[str, Any], peers: dict[str, Any], accepted: list[str], encoding: str
) -> None:
    dump = dump_of(
        modalities=modalities, peers=peers, dicom_accepted_transfer_syntaxes=accepted, dicom_default_encoding=encoding
    )
    document = reloaded(dump)
    left_out = {tuple(warning.field.split(".")[:2]) for warning in dump.warnings}
    declared = {("modalities", name) for name in document.sections["modalities"]}
    declared |= {("peers", name) for name in document.sections["peers"]}
    on_server = {("modalities", name) for name in modalities} | {("peers", name) for name in peers}
    assert declared | {path for path in left_out if path[0] != "dicom"} == on_server
    assert not declared & left_out
    kind = KIND
    live = kind.live(modalities, None, CONTEXT)
    for wanted in kind.wanted(document.sections["modalities"], modalities, live, CONTEXT):
        assert wanted.state == live[wanted.name]
    for name, peer in document.sections["peers"].items():
        assert peer.url == peers[name]["Url"]
        assert list(peer.http_headers) == peers[name].get("HttpHeaders", [])
        known = {field.wire.name for field in all_kinds()["peers"].fields}  # type: ignore[attr-defined]
        assert peer.properties == {key: value for key, value in peers[name].items() if key not in known}


def test_the_data_of_a_dump_without_secrets_is_a_document_too() -> None:
    dump = dump_of(modalities={"a": {"AET": "A", "Host": "h", "Port": 1}})
    assert from_data(dump.data).sections == reloaded(dump).sections


def test_what_looks_like_a_variable_on_a_server_is_none_in_its_document() -> None:
    """A site may have such texts, and a plan of what was dumped is empty."""
    text = as_yaml({"version": 1, "peers": {"a": {"url": "http://a/${x}/$${y}"}}}, [])
    assert loads(text).sections["peers"]["a"].url == "http://a/${x}/$${y}/"
