"""The JSON Schema takes what `load` takes, and refuses of what `load` refuses all that a schema can see."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from orthanc_state.document.frame import parts
from orthanc_state.document.load import DocumentError, from_data, load, loads
from orthanc_state.document.schema import SCHEMA_ID, json_schema, schema_text
from orthanc_state.kinds.modalities import Modality
from orthanc_state.kinds.peers import Peer
from orthanc_state.kinds.policy import Policy
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.kinds.secret import Secret
from tests.reconcile.strategies import documents

if TYPE_CHECKING:
    from orthanc_state.kinds.kind import Kind

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))

MODALITY = {"aet": "A", "host": "h", "port": 104}
POLICY = {"name": "p", "level": "study", "labels": {"add": ["a"]}}


def as_editors_see(data: Any) -> Any:
    """A document as a schema meets it: the tag of a secret is gone, and what stood behind it is text."""
    if isinstance(data, Secret):
        return data.reference.partition(" ")[2]
    if isinstance(data, dict):
        return {key: as_editors_see(value) for key, value in data.items()}
    return [as_editors_see(value) for value in data] if isinstance(data, list | tuple) else data


def takes(data: Any) -> bool:
    """Whether `load` takes a document."""
    try:
        from_data(data)
    except DocumentError:
        return False
    return True


def inside(schema: Any) -> Iterator[dict[str, Any]]:
    """Every mapping of a schema."""
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from inside(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from inside(value)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(schema_text()) == SCHEMA
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"] == SCHEMA_ID
    assert "http" not in SCHEMA_ID


def test_what_it_refers_to_is_there_and_all_of_it_is_referred_to() -> None:
    references = {part["$ref"] for part in inside(SCHEMA) if "$ref" in part}
    for reference in references:
        found: Any = SCHEMA
        for key in reference.removeprefix("#/").split("/"):
            found = found[key]
        assert isinstance(found, dict)
    used = {reference.split("/")[2] for reference in references if reference.startswith("#/$defs/")}
    assert used == SCHEMA["$defs"].keys()
    assert not [key for part in inside(SCHEMA) for key in part if key in ("x-definition", "x-used")]


def test_everything_has_a_description_and_every_section_an_example_that_is_valid() -> None:
    sections = [SCHEMA["properties"][name] for name in ("modalities", "peers", "logging", "metrics", "policies")]
    sections += [SCHEMA["properties"][part.name] for part in parts()]
    sections += SCHEMA["properties"]["dicom"]["properties"].values()
    for section in sections:
        assert section["title"]
        assert section["description"]
        for value in section["examples"]:
            Draft202012Validator({**section, "$defs": SCHEMA["$defs"]}).validate(value)
    for name, definition in SCHEMA["$defs"].items():
        for field, schema in definition.get("properties", {}).items():
            if "doNotSuggest" not in schema and "$ref" not in schema:
                assert schema.get("description"), f"{name}.{field}"
            for value in schema.get("examples", ()):
                Draft202012Validator({**schema, "$defs": SCHEMA["$defs"]}).validate(value)


def test_the_sections_are_those_that_load_knows() -> None:
    with pytest.raises(DocumentError) as caught:
        loads("version: 1\nzzzzzzzzzz: 1\n")
    valid = set(re.split(r", |valid are ", caught.value.problems[0].hint)) - {""}
    own = {name for name, schema in SCHEMA["properties"].items() if "doNotSuggest" not in schema}
    assert own == valid
    assert SCHEMA["properties"].keys() - own == {
        kind.orthanc_path[0] for kind in all_kinds().values() if kind.orthanc_path
    }


def test_versions_stand_where_editors_show_them() -> None:
    fields = SCHEMA["$defs"]["Modality"]["properties"]
    assert fields["retrieve_method"]["description"].endswith("Since Orthanc 1.12.6.")
    assert "SiemensSyngoCT since Orthanc 1.13.0." in fields["manufacturer"]["description"]
    assert fields["allow_store"]["title"] == "AllowStore"
    assert fields["port"]["x-orthanc"] == {"name": "Port"}
    assert SCHEMA["$defs"]["Peer"]["properties"]["password"]["writeOnly"] is True
    assert "DicomModalitiesInDatabase" in SCHEMA["properties"]["modalities"]["description"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_are_valid(path: Path) -> None:
    for source in load(path, environment={}).sources:
        VALIDATOR.validate(as_editors_see(source.data))


@given(documents((1, 13, 0), "/certificate.pem"))
def test_what_load_takes_is_valid(data: dict[str, Any]) -> None:
    from_data(data)
    VALIDATOR.validate(data)


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nfingerprints: off\n",
        "version: 1\nfingerprints: {key: !env KEY}\npeers: {b: [http://h, u, !env KEY]}\n",
        "version: 1\npeers: {b: {Url: 'http://h', Username: u, Password: !env KEY, HttpHeaders: {X-A: !env KEY}}}\n",
        "version: 1.0\nDicomModalities: {a: [A, h, '0104', GE], b: {state: absent}}\nMetricsEnabled: On\n",
        "version: 1\ndicom: {default_encoding: utf8, accepted_transfer_syntaxes: JPEG 2000 Image Compression}\n",
        "version: 1\nDefaultEncoding: LATIN1\ndicom: {unknown_sop_class_accepted: 0}\n",
        "version: 1\nmodalities: {a: {AET: A, host: h, Port: 1_04, Manufacturer: SyngoVia, ignore: [timeout]}}\n",
        "version: 1\npolicies: [{name: a, level: Study, labels: {add: [5]}, match: {AccessionNumber: 7}}]\n",
        "version: 1\npolicies: [{name: a, level: patient, protected: yes, match: {PatientID: [A*, 1]}}]\n",
        "version: 1\nmetrics: 1.0\nmodalities: {a: [A, h, 104.0]}\n",
        "version: 1\nDicomWeb: {Servers: {a: [http://h, u, !env KEY], b: {Url: http://h, HasDelete: true}}}\n",
        "version: 1\nDicomWeb: {}\ndicomweb_servers: {}\n",
        "version: 1\nprotected: [modalities/*, peers/backup]\nlimits: {deletes: 0, share: 100 %}\n",
        "version: 1\nmodalities: {a: {aet: A, host: h, port: 1, protected: true}}\n",
        "version: 1\nlogging: {all: null, dicom: trace}\nprune: {}\n",
    ],
)
def test_the_less_usual_spellings_are_valid(text: str) -> None:
    document = loads(text, environment={"KEY": "canary"})
    VALIDATOR.validate(as_editors_see(document.sources[0].data))


def modality(**fields: Any) -> dict[str, Any]:
    """A document with one modality."""
    return {"version": 1, "modalities": {"a": {**MODALITY, **fields}}}


def peer(**fields: Any) -> dict[str, Any]:
    """A document with one peer."""
    return {"version": 1, "peers": {"a": {"url": "http://h/", **fields}}}


def policy(**fields: Any) -> dict[str, Any]:
    """A document with one policy."""
    return {"version": 1, "policies": [{**POLICY, **fields}]}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"version": 2},
        {"version": True},
        {"version": 1, "modality": {}},
        {"version": 1, "modalities": None},
        {"version": 1, "modalities": []},
        {"version": 1, "modalities": {"a b": MODALITY}},
        {"version": 1, "modalities": {"a": {"aet": "A", "host": "h"}}},
        {"version": 1, "modalities": {"a": {"Host": "h", "Port": 1}}},
        {"version": 1, "modalities": {"a": ["A", "h"]}},
        {"version": 1, "modalities": {"a": ["A", "h", 104, "GE", True]}},
        {"version": 1, "modalities": {"a": ["A", "h", 65535]}},
        {"version": 1, "modalities": {"a": {"state": "absent", "aet": "A"}}},
        {"version": 1, "modalities": {}, "DicomModalities": {}},
        {"version": 1, "dicom": {"default_encoding": "Utf8"}, "DefaultEncoding": "Utf8"},
        {"version": 1, "dicomweb_servers": {}, "DicomWeb": {"Servers": {}}},
        {"version": 1, "DicomWeb": {"Servers": {}, "Root": "/dicom-web/"}},
        {"version": 1, "DicomWeb": []},
        {"version": 1, "dicom": {"encoding": "Utf8"}},
        {"version": 1, "dicom": {"default_encoding": "Utf9"}},
        {"version": 1, "dicom": {"accepted_transfer_syntaxes": ["JPEG3000"]}},
        {"version": 1, "logging": {"all": "loud"}},
        {"version": 1, "metrics": "maybe"},
        {"version": 1, "metrics": 2},
        {"version": 1, "prune": {"modalities": "yes"}},
        {"version": 1, "prune": {"logging": True}},
        {"version": 1, "protected": "modalities/pacs"},
        {"version": 1, "protected": ["modalities"]},
        {"version": 1, "protected": ["logging/dicom"]},
        {"version": 1, "limits": {"deletes": "10"}},
        {"version": 1, "limits": {"deletes": -1}},
        {"version": 1, "limits": {"share": 30}},
        {"version": 1, "limits": {"share": "130%"}},
        {"version": 1, "limits": {"count": 1}},
        {"version": 1, "fingerprints": "md5"},
        {"version": 1, "fingerprints": {"key": "", "salt": ""}},
        modality(port=0),
        modality(port=65535),
        modality(port=True),
        modality(port=1.5),
        modality(port="https"),
        modality(timeout=-1),
        modality(AET="B"),
        modality(aet="SEVENTEEN-LETTERS"),
        modality(aet=" A"),
        modality(aet=1),
        modality(host="http://h"),
        modality(alow_store=True),
        modality(allow_store=None),
        modality(manufacturer="Acme"),
        modality(ignore=["port", "color"]),
        modality(state="gone"),
        peer(url="ftp://h/"),
        peer(url="http://u:p@h/"),
        peer(Url="http://h/"),
        peer(username="u", password="!env NAME"),
        peer(username="u", password=5),
        peer(http_headers={"X A": "v"}),
        peer(properties={"a": 5}),
        policy(name=""),
        policy(level="exam"),
        policy(labels={"add": ["two words"]}),
        policy(labels={"add": "archive"}),
        policy(labels={"give": ["archive"]}),
        policy(match={"StudyDate": {"older_than": "5 years"}}),
        policy(match={"StudyDate": {"before": "20240101"}}),
        policy(match={"StudyDate": "2024*"}),
        policy(match={"StudyDate": []}),
        policy(match={"PatientID": ""}),
        policy(match={"PatientID": 1.5}),
        policy(match={"Patient-ID": "A"}),
        policy(match={"": "A"}),
        policy(metadata={"set": {"RemoteAET": "A"}}),
        policy(metadata={"set": {"a/b": "A"}}),
        policy(metadata={"remove": ["RemoteAET"]}),
        policy(where={"labels": {"some": ["a"]}}),
        {"version": 1, "policies": {"a": POLICY}},
        {"version": 1, "policies": [{"name": "a"}]},
    ],
    ids=lambda data: re.sub(r'[{}"]', "", json.dumps(data))[:70],
)
def test_what_a_schema_can_see_is_refused_by_both(data: dict[str, Any]) -> None:
    assert not takes(data)
    assert not VALIDATOR.is_valid(data)


def at(document: Callable[..., dict[str, Any]], field: str) -> Callable[[Any], dict[str, Any]]:
    """Documents that differ in one field of an entry."""
    return lambda value: document(**{field: value})


def section(kind: Kind) -> Callable[[Any], dict[str, Any]]:
    """Documents that differ in the section of a kind."""
    first, *rest = kind.path
    return lambda value: {"version": 1, first: {rest[0]: value} if rest else value}


PLACES: dict[str, Callable[[Any], dict[str, Any]]] = {
    **{f"modalities.{name}": at(modality, name) for name in Modality.model_fields},
    **{f"peers.{name}": at(partial(peer, username="u", certificate_file="f"), name) for name in Peer.model_fields},
    **{f"policies.{name}": at(policy, name) for name in Policy.model_fields},
    **{kind.name: section(kind) for kind in all_kinds().values()},
    "modalities.array": lambda value: {"version": 1, "modalities": {"a": ["A", value, 104, "GE"]}},
    "modalities.entry": lambda value: {"version": 1, "modalities": {"a": value}},
    "logging.dicom": lambda value: {"version": 1, "logging": {"dicom": value}},
    "policies.match.StudyDate": lambda value: policy(match={"StudyDate": value}),
    "policies.match.PatientID": lambda value: policy(match={"PatientID": value}),
    "policies.labels.add": lambda value: policy(labels={"add": value}),
    "policies.metadata.set": lambda value: policy(metadata={"set": {"site": value}}),
    "policies.where.metadata": lambda value: policy(where={"metadata": {"site": value}}),
    "policies.where.parent": lambda value: policy(where={"parent": value}, level="series"),
    "version": lambda value: {"version": value},
    "prune": lambda value: {"version": 1, "modalities": {}, "prune": value},
    "prune.modalities": lambda value: {"version": 1, "modalities": {}, "prune": {"modalities": value}},
    "fingerprints": lambda value: {"version": 1, "fingerprints": value},
    "protected": lambda value: {"version": 1, "protected": value},
    "limits": lambda value: {"version": 1, "limits": value},
    "limits.deletes": lambda value: {"version": 1, "limits": {"deletes": value}},
    "limits.share": lambda value: {"version": 1, "limits": {"share": value}},
}

ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
WORD_LIST = (
    "0 1 2 -1 +7 104 1_0 1.0 1.5 65534 yes No ON off t F true FALSE null all * 1.2.840.10008.1.2.4.* JPEG2000 "
    "1.2.840.10008.1.2 Utf8 latin1 Generic SyngoVia SiemensSyngoCT C-GET default trace study PATIENT scrypt present "
    "absent http://h https://h:1/a http://u@h 2024-01-31 20240101-20241231 5y CT aet timeout key older_than site "
    "30% peers/* deletes share"
)
WORDS = st.sampled_from(WORD_LIST.split())
SINGLE = st.none() | st.booleans() | st.integers(-5, 70000) | st.floats(allow_nan=False) | ASCII | WORDS
VALUES = st.recursive(
    SINGLE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ASCII | WORDS, inner, max_size=3), max_leaves=4
)


@given(st.sampled_from(sorted(PLACES)), VALUES)
@example("modalities.port", " 1_04.0 ")
@example("metrics", 1.0)
@example("modalities.ignore", [])
@example("policies.match", {"dBdt": 1})
@example("peers.url", "http://[::1]:80/a@b")
def test_whatever_load_takes_is_valid(where: str, value: Any) -> None:
    data = PLACES[where](value)
    if takes(data):
        VALIDATOR.validate(data)


EXACT = sorted(
    where
    for where in PLACES
    # What these hold against other values, or a dictionary, or the calendar, is no matter of a schema.
    if where.startswith(
        ("modalities.", "logging", "metrics", "version", "prune.", "limits", "dicom.default", "dicom.unknown")
    )
)


@given(st.sampled_from(EXACT), VALUES)
def test_a_modality_or_a_setting_that_is_valid_is_taken(where: str, value: Any) -> None:
    data = PLACES[where](value)
    number_as_text = where.endswith(("port", "timeout", "array", "entry")) and isinstance(value, str)
    # JSON Schema does not tell 5.0 from 5.
    deletes = value.get("deletes") if where == "limits" and isinstance(value, dict) else value
    whole = where.startswith("limits") and isinstance(deletes, float) and deletes.is_integer()
    assert takes(data) or not VALIDATOR.is_valid(data) or number_as_text or whole
