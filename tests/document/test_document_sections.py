"""What stands in and beside the sections: prune, ignore, absent entries, fingerprints, and what is warned of."""

from __future__ import annotations

import subprocess
import sys

import pytest

from orthanc_state.document.load import DocumentError, from_data, loads
from orthanc_state.kinds.collection import Absent
from orthanc_state.kinds.secret import Secret


def warnings_of(text: str) -> list[str]:
    return [str(warning) for warning in loads(text).warnings]


def test_nothing_is_pruned_unless_it_is_asked_for() -> None:
    assert loads("version: 1\nmodalities: {a: [A, h, 1]}").prune == frozenset()
    assert loads("version: 1\nmodalities: {a: [A, h, 1]}\nprune: {}").prune == frozenset()
    assert (
        loads("version: 1\nmodalities: {a: [A, h, 1]}\nprune: {modalities: false, peers: false}").prune == frozenset()
    )


def test_what_is_declared_can_be_pruned() -> None:
    text = "version: 1\nDicomModalities: {a: [A, h, 1]}\nOrthancPeers: {b: [http://h]}\n"
    assert loads(text + "prune: {modalities: true}").prune == {"modalities"}
    assert loads(text + "prune: {modalities: true, peers: true}").prune == {"modalities", "peers"}


@pytest.mark.parametrize("section", ["modalities: {}", "DicomModalities: {}"])
def test_an_empty_section_prunes_nothing_and_says_so(section: str) -> None:
    document = loads(f"version: 1\n{section}\nprune:\n  modalities: true\n")
    assert document.prune == frozenset()
    assert [str(warning) for warning in document.warnings] == [
        "<text>:4:15 prune.modalities: `modalities` is empty: nothing is pruned,"
        " since an empty section is more often a mistake than a wish"
    ]


def test_a_section_that_is_wrong_is_not_told_to_be_undeclared_as_well() -> None:
    with pytest.raises(DocumentError) as caught:
        loads("version: 1\nmodalities: {a: [A, h, 0]}\nprune: {modalities: true}")
    assert [problem.field for problem in caught.value.problems] == ["modalities.a.port"]


def test_what_is_given_as_absent_is_declared_too() -> None:
    document = loads("version: 1\nmodalities: {a: {state: absent}, b: [B, h, 1]}\nprune: {modalities: true}")
    modalities = document.sections["modalities"]
    assert isinstance(modalities["a"], Absent)
    assert modalities["b"].state == "present"
    assert document.prune == {"modalities"}


def test_present_is_what_an_entry_is_that_says_nothing() -> None:
    said = loads("version: 1\nmodalities: {a: {aet: A, host: h, port: 1, state: present}}").sections["modalities"]["a"]
    unsaid = loads("version: 1\nmodalities: {a: {aet: A, host: h, port: 1}}").sections["modalities"]["a"]
    assert said == unsaid


def test_fields_are_ignored_by_their_names() -> None:
    text = "version: 1\npeers: {a: {url: http://h, ignore: [password, http_headers, timeout]}}"
    assert loads(text).sections["peers"]["a"].ignore == ("password", "http_headers", "timeout")


@pytest.mark.parametrize("name", ["Timeout", "state", "ignore", "", "url "])
def test_only_fields_can_be_ignored(name: str) -> None:
    with pytest.raises(DocumentError, match="`ignore` names no field of this entry"):
        loads(f"version: 1\npeers: {{a: {{url: http://h, ignore: ['{name}']}}}}")


@pytest.mark.parametrize("text", ["", "fingerprints: scrypt\n"])
def test_secrets_are_told_apart_by_scrypt_unless_another_way_is_chosen(text: str) -> None:
    assert loads("version: 1\n" + text).fingerprints.mode == "scrypt"


def test_fingerprints_can_be_turned_off_or_given_a_key() -> None:
    assert loads("version: 1\nfingerprints: off").fingerprints.mode == "off"
    assert loads("version: 1\nfingerprints: {key: !env K}", environment={"K": "k"}).fingerprints.mode == "key"
    assert from_data({"version": 1, "fingerprints": {"key": Secret("k")}}).fingerprints.mode == "key"


@pytest.mark.parametrize(
    "value", ["on", "null", "{}", "[]", "5", "{key: in-clear}", "{key: !env K, salt: x}", "!env K", "{Key: !env K}"]
)
def test_any_other_choice_of_fingerprints_is_refused(value: str) -> None:
    with pytest.raises(DocumentError, match=r"expected `scrypt`, `off`, or \{key: !env NAME\}"):
        loads(f"version: 1\nfingerprints: {value}", environment={"K": "k"})


def test_one_ae_title_on_one_host_declared_twice_is_a_warning() -> None:
    text = """\
version: 1
modalities:
  a: [SAME, h, 1]
  b: {aet: SAME, host: h, port: 2}
  c: [SAME, other, 1]
  d: [OTHER, h, 1]
  e: [SAME, h, 1]
  f: {state: absent}
"""
    assert warnings_of(text) == [
        "<text>:4:12 modalities.b.aet: the AE title SAME on the host h is declared as 'a' already",
        "<text>:7:7 modalities.e.aet: the AE title SAME on the host h is declared as 'a' already",
    ]


def test_an_empty_list_of_transfer_syntaxes_is_a_warning() -> None:
    (warning,) = warnings_of("version: 1\ndicom:\n  accepted_transfer_syntaxes: []\n")
    assert warning.startswith("<text>:3:3 dicom.accepted_transfer_syntaxes: an empty list")


def test_warnings_stand_in_the_order_of_the_file() -> None:
    text = """\
version: 1
prune: {modalities: true}
dicom: {accepted_transfer_syntaxes: []}
peers: {a: [http://h, u, in-clear]}
modalities: {}
"""
    assert [warning.split(":")[1] for warning in warnings_of(text)] == ["2", "3", "4"]


def test_a_document_without_a_doubt_has_no_warning() -> None:
    text = "version: 1\nmodalities: {a: [A, h, 1]}\nprune: {modalities: true}\nAcceptedTransferSyntaxes: all\n"
    assert warnings_of(text) == []


def test_obsolete_names_of_manufacturers_are_read_as_what_orthanc_makes_of_them() -> None:
    obsolete = {"MedInria": "Generic", "EFilm2": "Generic", "AgfaImpax": "GenericNoWildcardInDates"}
    for old, new in obsolete.items():
        text = f"version: 1\nmodalities: {{a: [A, h, 1, {old}]}}"
        assert loads(text).sections["modalities"]["a"].manufacturer == new


@pytest.mark.parametrize("written", ["all", "[all]", "['*']", "'*'"])
def test_all_transfer_syntaxes_have_one_meaning(written: str) -> None:
    (only,) = loads(f"version: 1\ndicom: {{accepted_transfer_syntaxes: {written}}}").sections.values()
    assert only == ("*",)


def test_transfer_syntaxes_that_orthanc_may_learn_are_known_from_dicom() -> None:
    text = (
        "version: 1\nAcceptedTransferSyntaxes: [SMPTEST211020UncompressedProgressiveActiveVideo, 1.2.840.10008.1.2.7.2]"
    )
    (only,) = loads(text).sections.values()
    assert only == ("1.2.840.10008.1.2.7.1", "1.2.840.10008.1.2.7.2")


@pytest.mark.parametrize("written", ["1", "1.0"])
def test_the_version_is_a_number(written: str) -> None:
    assert loads(f"version: {written}").sections == {}


def test_data_that_came_from_no_file_is_read_without_yaml() -> None:
    code = """\
import sys
from orthanc_state import from_data
document = from_data({"version": 1, "modalities": {"pacs": ["PACS", "10.0.0.1", 104]}})
assert document.place(("modalities", "pacs")) is None
sys.exit("ruamel.yaml" if "ruamel.yaml" in sys.modules else 0)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
