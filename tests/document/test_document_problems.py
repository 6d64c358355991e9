"""What is wrong with a document is found without a server: all of it, each with its place and what to write instead."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING

import pytest

from orthanc_state.document.load import DocumentError, from_data, loads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthanc_state.errors import Problem

MARK = "»"
"""Stands in the texts of this file where a problem is to be found, so that no column has to be counted by hand."""


def unmarked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """A text without its marks, and the lines and columns where they stood."""
    places = []
    for number, line in enumerate(text.split("\n"), 1):
        parts = line.split(MARK)
        places += [(number, len("".join(parts[: count + 1])) + 1) for count in range(len(parts) - 1)]
    return text.replace(MARK, ""), places


def problems_of(text: str) -> Sequence[Problem]:
    with pytest.raises(DocumentError) as caught:
        loads(text, name="site.yaml", environment={"SET": "x", "EMPTY": ""})
    # What is found is what is shown.
    assert str(caught.value).split("\n")[1:] == [f"  {problem}" for problem in caught.value.problems]
    return caught.value.problems


def places_of(problems: Sequence[Problem]) -> list[tuple[int, int]]:
    assert all(problem.place is not None and problem.place.file == "site.yaml" for problem in problems)
    return [(problem.place.line, problem.place.column) for problem in problems if problem.place is not None]


def pacs(fields: str) -> str:
    """A document with one modality, of which some fields are given."""
    return f"version: 1\nmodalities:\n  pacs: {{{fields}}}\n"


def backup(fields: str) -> str:
    """A document with one peer, of which some fields are given."""
    return f"version: 1\npeers:\n  backup: {{{fields}}}\n"


def numbered(cases: Sequence[tuple[str, str, str, str]]) -> list[str]:
    """Short names of cases, since a whole document is no name of a test."""
    return [f"{number}-{field or 'document'}" for number, (_, field, _, _) in enumerate(cases)]


PACS = "aet: PACS, host: h, port: 104"

VALUES = [
    # AE titles (DICOM PS3.5, VR AE)
    (
        pacs("aet: »ABCDEFGHIJKLMNOPQ, host: h, port: 104"),
        "modalities.pacs.aet",
        "1 to 16 characters, this one has 17",
        "",
    ),
    (pacs("aet: »'', host: h, port: 104"), "modalities.pacs.aet", "1 to 16 characters, this one has 0", ""),
    (pacs("aet: »A\\B, host: h, port: 104"), "modalities.pacs.aet", "no backslash", ""),
    (pacs("aet: »RÖNTGEN, host: h, port: 104"), "modalities.pacs.aet", "printable ASCII", ""),
    (pacs('aet: »"A\\tB", host: h, port: 104'), "modalities.pacs.aet", "printable ASCII", ""),
    (pacs('aet: »"A\\x7f", host: h, port: 104'), "modalities.pacs.aet", "printable ASCII", ""),
    (pacs("aet: »' PACS', host: h, port: 104"), "modalities.pacs.aet", "begin or end with a space", ""),
    (pacs("aet: »'PACS ', host: h, port: 104"), "modalities.pacs.aet", "begin or end with a space", ""),
    (pacs("aet: »104, host: h, port: 104"), "modalities.pacs.aet", "`104`: expected text", "quote it"),
    (pacs("aet: »~, host: h, port: 104"), "modalities.pacs.aet", "expected text", ""),
    (pacs(f"{PACS}, local_aet: »ABCDEFGHIJKLMNOPQ"), "modalities.pacs.local_aet", "1 to 16 characters", ""),
    (pacs(f"{PACS}, LocalAet: »A\\B"), "modalities.pacs.local_aet", "no backslash", ""),
    # Hosts
    (pacs("aet: PACS, host: »http://h, port: 104"), "modalities.pacs.host", "without a scheme", ""),
    (pacs("aet: PACS, host: »h/x, port: 104"), "modalities.pacs.host", "without a scheme, a path", ""),
    (pacs("aet: PACS, host: »a b, port: 104"), "modalities.pacs.host", "or spaces", ""),
    (pacs("aet: PACS, host: »'', port: 104"), "modalities.pacs.host", "expected a host name or an IP address", ""),
    (pacs('aet: PACS, host: »"h\\0", port: 104'), "modalities.pacs.host", "expected a host name", ""),
    (pacs("aet: PACS, host: »10.5, port: 104"), "modalities.pacs.host", "`10.5`: expected text", "quote it"),
    # Ports: Orthanc refuses 0 and 65535
    (pacs("aet: PACS, host: h, port: »0"), "modalities.pacs.port", "`0`: expected 1 or more", ""),
    (pacs("aet: PACS, host: h, port: »-1"), "modalities.pacs.port", "`-1`: expected 1 or more", ""),
    (pacs("aet: PACS, host: h, port: »65535"), "modalities.pacs.port", "`65535`: expected 65534 or less", ""),
    (pacs("aet: PACS, host: h, port: »1.5"), "modalities.pacs.port", "`1.5`: expected a whole number", ""),
    (pacs("aet: PACS, host: h, port: »yes"), "modalities.pacs.port", "`yes`: expected a whole number", ""),
    (pacs("aet: PACS, host: h, port: »true"), "modalities.pacs.port", "expected a whole number", ""),
    (pacs("aet: PACS, host: h, port: »1:30"), "modalities.pacs.port", "`1:30`: expected a whole number", ""),
    (pacs("aet: PACS, host: h, port: ».nan"), "modalities.pacs.port", "expected a whole number", ""),
    (pacs("aet: PACS, host: h, port: »1e400"), "modalities.pacs.port", "expected a whole number", ""),
    (pacs("aet: PACS, host: h, port: »" + "9" * 30), "modalities.pacs.port", "expected 65534 or less", ""),
    (pacs("aet: PACS, host: h, port: »" + "9" * 9000), "modalities.pacs.port", "expected a whole number", ""),
    (pacs("aet: PACS, host: h, »port: [104]"), "modalities.pacs.port", "expected a whole number", ""),
    # Other fields of a modality
    (
        pacs(f"{PACS}, manufacturer: »Vitra"),
        "modalities.pacs.manufacturer",
        "expected one of Generic,",
        "did you mean `Vitrea`?",
    ),
    (
        pacs(f"{PACS}, manufacturer: »generic"),
        "modalities.pacs.manufacturer",
        "expected one of",
        "did you mean `Generic`?",
    ),
    (pacs(f"{PACS}, manufacturer: »Siemens"), "modalities.pacs.manufacturer", "SiemensSyngoCT", "SiemensSyngoCT"),
    (
        pacs(f"{PACS}, retrieve_method: »C-GOT"),
        "modalities.pacs.retrieve_method",
        "SystemDefault, C-MOVE, C-GET",
        "C-GET",
    ),
    (pacs(f"{PACS}, allow_echo: »maybe"), "modalities.pacs.allow_echo", "`maybe`: expected true or false", ""),
    (pacs(f"{PACS}, AllowEcho: »2"), "modalities.pacs.allow_echo", "expected true or false", ""),
    (pacs(f"{PACS}, use_dicom_tls: »~"), "modalities.pacs.use_dicom_tls", "expected true or false", ""),
    (pacs(f"{PACS}, timeout: »-1"), "modalities.pacs.timeout", "`-1`: expected 0 or more", ""),
    (pacs(f"{PACS}, timeout: »2147483648"), "modalities.pacs.timeout", "expected 2147483647 or less", ""),
    (pacs(f"{PACS}, ignore: »port"), "modalities.pacs.ignore", "expected a list", ""),
    (pacs(f"{PACS}, ignore: [timeout, »5]"), "modalities.pacs.ignore.1", "expected text", "quote it"),
    (
        pacs(f"{PACS}, »ignore: [timeout, prot]"),
        "modalities.pacs.ignore",
        "names no field of this entry: prot",
        "`port`",
    ),
    (pacs(f"{PACS}, state: »gone"), "modalities.pacs.state", "`gone`: expected one of present, absent", ""),
    (
        pacs(f"{PACS}, allow_storage_commitment: »maybe"),
        "modalities.pacs.allow_",
        "`maybe`: expected true or false",
        "",
    ),
    # Entries
    ("version: 1\nmodalities:\n  pacs: »PACS\n", "modalities.pacs", "expected a mapping of fields", ""),
    ("version: 1\nmodalities:\n  pacs:»\n", "modalities.pacs", "expected a mapping of fields", ""),
    ("version: 1\nmodalities:\n  »pacs: [PACS, h]\n", "modalities.pacs.port", "`port` is missing", ""),
    ("version: 1\nmodalities:\n  »pacs: {aet: PACS, host: h}\n", "modalities.pacs.port", "`port` is missing", ""),
    ("version: 1\nmodalities:\n  pacs: [PACS, h, »0]\n", "modalities.pacs.port", "expected 1 or more", ""),
    (
        "version: 1\nmodalities:\n  pacs: [PACS, h, 1, »GEE]\n",
        "modalities.pacs.manufacturer",
        "expected one of",
        "`GE`",
    ),
    ("version: 1\nmodalities:\n  pacs:\n  - PACS\n  - »a b\n  - 1\n", "modalities.pacs.host", "without", ""),
    ("version: 1\nmodalities:\n  »pacs: [P, h, 1, GE, x]\n", "modalities.pacs", "aet, host, port, manufacturer", ""),
    ("version: 1\nmodalities: »PACS\n", "modalities", "expected a mapping of names to entries", ""),
    ("version: 1\n»modalities: [PACS]\n", "modalities", "expected a mapping of names to entries", ""),
    ("version: 1\nmodalities:»\n", "modalities", "expected a mapping of names to entries", ""),
    # Peers
    (backup("url: »ftp://h"), "peers.backup.url", "begins with http:// or https://", ""),
    (backup("url: »HTTP://h"), "peers.backup.url", "in lower case", ""),
    (backup("url: »'http://'"), "peers.backup.url", "expected a URL such as https://backup.example:8042/", ""),
    (backup("url: »http://a b"), "peers.backup.url", "without spaces", ""),
    (backup('url: »"http://h\\tx"'), "peers.backup.url", "without spaces", ""),
    (backup('url: »"http://h\\0"'), "peers.backup.url", "expected a URL", ""),
    (backup("url: »'http://h:99999'"), "peers.backup.url", "not a URL", ""),
    (backup("url: »'http://h:x'"), "peers.backup.url", "not a URL", ""),
    (backup("url: »'http://[::1'"), "peers.backup.url", "not a URL", ""),
    (backup("url: »'http://u:p@h'"), "peers.backup.url", "use `username` and `password`", ""),
    (backup("url: »'http://h/?q'"), "peers.backup.url", "no query", ""),
    (backup("url: »'http://h/?'"), "peers.backup.url", "no query", ""),
    (backup("url: »'http://h/#f'"), "peers.backup.url", "no fragment", ""),
    (backup("url: »'http://h/#'"), "peers.backup.url", "no fragment", ""),
    (backup("url: 'http://h', pkcs11: »maybe"), "peers.backup.pkcs11", "expected true or false", ""),
    (backup("url: 'http://h', timeout: »soon"), "peers.backup.timeout", "`soon`: expected a whole number", ""),
    (backup("url: 'http://h', username: »5"), "peers.backup.username", "expected text", "quote it"),
    (
        backup("url: 'http://h', username: u, password: »5"),
        "peers.backup.password",
        "expected text, or a reference",
        "",
    ),
    (backup("url: 'http://h', http_headers: »x"), "peers.backup.http_headers", "expected a mapping", ""),
    (backup("url: 'http://h', http_headers: {X: »5}"), "peers.backup.http_headers.X", "expected text, or a", ""),
    (backup("url: 'http://h', properties: {X: »5}"), "peers.backup.properties.X", "expected text", "quote it"),
    ("version: 1\npeers:\n  »backup: {url: 'http://h', password: x}\n", "peers.backup", "without a username", ""),
    (
        "version: 1\npeers:\n  »backup: {url: 'http://h', certificate_key_file: x}\n",
        "peers.backup",
        "certificate_file",
        "",
    ),
    ("version: 1\npeers:\n  »backup: {url: 'http://h', properties: {Url: x}}\n", "peers.backup", "not free", ""),
    ("version: 1\npeers:\n  »backup: {username: u}\n", "peers.backup.url", "`url` is missing", ""),
    # References to secrets
    (backup("url: 'http://h', username: u, password: »!env UNSET"), "", "variable UNSET is not set", ""),
    (backup("url: 'http://h', username: u, password: »!env EMPTY"), "", "variable EMPTY is empty", ""),
    (backup("url: 'http://h', username: u, password: »!file /nonexistent"), "", "/nonexistent: No such file", ""),
    (backup("url: 'http://h', username: u, password: »!file /"), "", "is not a regular file", ""),
    (backup("url: 'http://h', http_headers: {X: »!env UNSET}"), "", "variable UNSET is not set", ""),
    (backup("url: »!env SET"), "peers.backup.url", "this field is not a secret", "write the value itself"),
    (backup("url: 'http://h', username: »!env SET"), "peers.backup.username", "not a secret", "for secrets only"),
    (pacs("aet: PACS, host: h, port: »!env SET"), "modalities.pacs.port", "not a secret", "for secrets only"),
    ("version: 1\nmodalities: »!env SET\n", "modalities", "not a secret", "for secrets only"),
    ("version: 1\nmetrics: »!env SET\n", "metrics", "not a secret", "for secrets only"),
    (backup("url: 'http://h', username: »!vault x"), "", "unknown tag; known are !env, !file", "quote text"),
    # Settings
    ("version: 1\ndicom: »x\n", "dicom", "expected a mapping of settings", ""),
    (
        "version: 1\ndicom: {unknown_sop_class_accepted: »maybe}\n",
        "dicom.unknown_sop_class_accepted",
        "true or false",
        "",
    ),
    ("version: 1\nUnknownSopClassAccepted: »maybe\n", "dicom.unknown_sop_class_accepted", "true or false", ""),
    ("version: 1\ndicom: {default_encoding: »Utf9}\n", "dicom.default_encoding", "expected one of Ascii", "`Utf8`"),
    ("version: 1\nDefaultEncoding: »Latin\n", "dicom.default_encoding", "Latin5", "did you mean `Latin"),
    ("version: 1\nlogging: {all: »debug}\n", "logging.all", "expected one of default, verbose, trace", ""),
    ("version: 1\nlogging: {dicom: »verbos}\n", "logging.dicom", "expected one of", "did you mean `verbose`?"),
    ("version: 1\nlogging: »trace\n", "logging", "expected a mapping of fields", ""),
    ("version: 1\nmetrics: »maybe\n", "metrics", "`maybe`: expected true or false", ""),
    ("version: 1\nMetricsEnabled: »maybe\n", "metrics", "`maybe`: expected true or false", ""),
    # Transfer syntaxes
    (
        "version: 1\ndicom: {accepted_transfer_syntaxes: [all, »JPEG2000Lossles]}\n",
        "dicom.accepted_transfer_syntaxes.1",
        "`JPEG2000Lossles` is no transfer syntax of DICOM",
        "did you mean `JPEG2000Lossless`?",
    ),
    (
        "version: 1\ndicom: {accepted_transfer_syntaxes: [»1.2.3.4]}\n",
        "dicom.accepted_transfer_syntaxes.0",
        "`1.2.3.4` is",
        "",
    ),
    # A UID of DICOM, but the one of a SOP class
    (
        "version: 1\nAcceptedTransferSyntaxes: [»1.2.840.10008.1.1]\n",
        "dicom.accepted_transfer_syntaxes.0",
        "is no",
        "did you mean `1.2.840.10008.1.2",
    ),
    (
        "version: 1\nAcceptedTransferSyntaxes: [»'9*']\n",
        "dicom.accepted_transfer_syntaxes.0",
        "matches no transfer",
        "",
    ),
    # Orthanc has the wildcards `*` and `?`, and no other
    (
        "version: 1\nAcceptedTransferSyntaxes: [»'*.[5]?']\n",
        "dicom.accepted_transfer_syntaxes.0",
        "matches no transfer",
        "",
    ),
    ("version: 1\nAcceptedTransferSyntaxes: [»5]\n", "dicom.accepted_transfer_syntaxes.0", "expected text", "quote it"),
    ("version: 1\nAcceptedTransferSyntaxes: »5\n", "dicom.accepted_transfer_syntaxes", "expected a list", ""),
    # What stands beside the sections
    ("»metrics: true\n", "", "`version` is missing", "a document begins with `version: 1`"),
    ("version: »2\n", "version", "expected 1", ""),
    ("version: »'1'\n", "version", "expected 1", ""),
    ("version: »true\n", "version", "expected 1", ""),
    ("version: 1\nprune: »true\n", "prune", "expected a mapping such as {modalities: true}", ""),
    ("version: 1\nmodalities: {}\nprune: {modalities: »1}\n", "prune.modalities", "expected true or false", ""),
    ("version: 1\nprune: {peers: »true}\n", "prune.peers", "but the document does not declare it", ""),
    ("version: 1\nfingerprints: »on\n", "fingerprints", "expected `scrypt`, `off`, or {key: !env NAME}", ""),
    ("version: 1\n»fingerprints: {key: x}\n", "fingerprints", "expected `scrypt`, `off`, or {key: !env NAME}", ""),
    ("»- version: 1\n", "", "expected a mapping of sections", ""),
    ("»5\n", "", "expected a mapping of sections", ""),
    ("---\n»~\n", "", "expected a mapping of sections", ""),
    # A number that YAML readers do not agree on
    (pacs("aet: PACS, host: h, port: »0104"), "", "a number that begins with 0", "write it without the 0, or quote it"),
]
"""A document with a mark where its problem stands, the field, and parts of the message and of the hint."""


@pytest.mark.parametrize(("marked", "field", "message", "hint"), VALUES, ids=numbered(VALUES))
def test_a_wrong_value_is_named_with_its_place_and_what_was_expected(
    marked: str, field: str, message: str, hint: str
) -> None:
    text, places = unmarked(marked)
    problems = problems_of(text)
    assert set(places_of(problems)) == set(places), problems
    assert problems[0].field.startswith(field)
    assert bool(problems[0].field) == bool(field)
    assert message in problems[0].message
    assert hint in problems[0].hint
    assert bool(problems[0].hint) == bool(hint)


KEYS = [
    ("version: 1\n»modality: {}\n", "modality", "unknown section `modality`", "did you mean `modalities`?"),
    ("version: 1\n»DicomModality: {}\n", "DicomModality", "unknown section", "did you mean `DicomModalities`?"),
    ("version: 1\n»metric: true\n", "metric", "unknown section `metric`", "did you mean `metrics`?"),
    (
        "version: 1\n»xyzzy: true\n",
        "xyzzy",
        "unknown section `xyzzy`",
        "valid are assume, dicom, dicomweb_servers, fing",
    ),
    ("version: 1\nDicomWeb: {»Root: /x/, Servers: {}}\n", "DicomWeb.Root", "unknown key `Root`", "only `Servers`"),
    ("version: 1\n»DicomWeb: []\n", "DicomWeb", "unknown section `DicomWeb`", "only `Servers`"),
    (pacs(f"{PACS}, »alow_echo: true"), "modalities.pacs.alow_echo", "unknown key `alow_echo`", "`allow_echo`"),
    (pacs(f"{PACS}, »AlowEcho: true"), "modalities.pacs.AlowEcho", "unknown key `AlowEcho`", "`allow_echo`"),
    (pacs(f"{PACS}, »xyzzy: {{}}"), "modalities.pacs.xyzzy", "unknown key `xyzzy`", "valid are aet, host, port"),
    (pacs(f"{PACS}, »AET: B"), "modalities.pacs.AET", "`AET`", "`aet`"),
    (pacs(f"{PACS}, »7: true"), "modalities.pacs.7", "unknown key `7`", "valid are aet"),
    (pacs(f"{PACS}, »'': true"), "modalities.pacs.", "unknown key", "valid are aet"),
    (pacs(f"{PACS}, »alow_echo:\n      true"), "modalities.pacs.alow_echo", "unknown key `alow_echo`", "`allow_echo`"),
    (pacs("state: absent, »aet: PACS"), "modalities.pacs.aet", "`aet` cannot stand here", "takes no other field"),
    (backup("url: 'http://h', »passwort: x"), "peers.backup.passwort", "unknown key", "did you mean `password`?"),
    (backup("url: 'http://h', »'': {a: b}"), "peers.backup.", "unknown key", "valid are url"),
    ("version: 1\ndicom: {»default_encodin: Utf8}\n", "dicom.default_encodin", "unknown key", "`default_encoding`"),
    ("version: 1\ndicom: {»xyzzy: Utf8}\n", "dicom.xyzzy", "unknown key", "valid are accepted_transfer_syntaxes"),
    ("version: 1\nlogging: {»dicm: trace}\n", "logging.dicm", "unknown key `dicm`", "did you mean `dicom`?"),
    ("version: 1\nprune: {»modalites: true}\n", "prune.modalites", "cannot be pruned", "did you mean `modalities`?"),
    ("version: 1\nprune: {»metrics: true}\nmetrics: true\n", "prune.metrics", "`metrics` cannot be pruned", ""),
    ("version: 1\nmodalities:\n  »a b: {aet: A, host: h, port: 1}\n", "modalities.a b", "only letters, digits", ""),
    ("version: 1\nmodalities:\n  »'': [A, h, 1]\n", "modalities.", "only letters, digits", ""),
    ("version: 1\nmodalities:\n  »a/b: [A, h, 1]\n", "modalities.a/b", "only letters, digits", ""),
    ("version: 1\nmodalities:\n  »röntgen: [A, h, 1]\n", "modalities.röntgen", "only letters, digits", ""),
    ("version: 1\npeers:\n  »a.b: ['http://h']\n", "peers.a.b", "only letters, digits", ""),
    ("version: 1\nmodalities: {}\n»DicomModalities: {}\n", "", "the same as `modalities`, which is given too", ""),
    ("version: 1\nmetrics: true\n»MetricsEnabled: true\n", "", "the same as `metrics`, which is given too", ""),
    ("version: 1\ndicom: {default_encoding: Utf8}\n»DefaultEncoding: Utf8\n", "", "the same as `dicom.default_e", ""),
    ("version: 1\ndicomweb_servers: {}\nDicomWeb: {»Servers: {}}\n", "", "the same as `dicomweb_servers`, which", ""),
    ("version: 1\ndicomweb_servers:\n  »a/b: ['http://h']\n", "dicomweb_servers.a/b", "a name has no slash", ""),
    ("version: 1\n»version: 1\n", "", "is given twice", "the first one stands above"),
    ("version: 1\nmodalities:\n  a: [A, h, 1]\n  »a: [B, h, 1]\n", "", "is given twice", "above"),
    ('version: 1\nmodalities:\n  a: [A, h, 1]\n  »"a": [B, h, 1]\n', "", "is given twice", "above"),
    (pacs(f"{PACS}, »port: 104"), "", "is given twice", "above"),
    ("version: 1\n? »[a]\n: b\n", "", "a key must be plain text", ""),
    ("version: 1\n»!env SET: b\n", "", "a key must be plain text", ""),
]
"""As `VALUES`, for what is wrong with a key: its place is that of the key, whatever the value is."""


@pytest.mark.parametrize(("marked", "field", "message", "hint"), KEYS, ids=numbered(KEYS))
def test_a_wrong_key_is_named_with_its_own_place_and_the_nearest_valid_one(
    marked: str, field: str, message: str, hint: str
) -> None:
    text, places = unmarked(marked)
    problems = problems_of(text)
    assert places_of(problems) == places, problems
    assert problems[0].field == field
    assert message in problems[0].message
    assert hint in problems[0].hint
    assert bool(problems[0].hint) == bool(hint)


SYNTAX = [
    ("version: 1\n»\tmetrics: true\n", "a tab in the indentation", "spaces only"),
    ("version: 1\nmodalities:\n»\ta: [A, h, 1]\n", "a tab in the indentation", "spaces only"),
    ("version: 1\n»---\nversion: 1\n", "a second document begins here", "one file holds one document"),
    ("version: 1\n metrics»: true\n", "a `:` that cannot stand here", "check the indentation"),
    ("version: 1\nmetrics: »@x\n", "a character that cannot stand here", "quote the text"),
    ("version: 1\nmetrics: »%x\n", "a character that cannot stand here", "quote the text"),
    ("version: 1\nmetrics: »`x\n", "a character that cannot stand here", "quote the text"),
    ("version: 1\nmetrics: »*x\n", "alias", ""),
    ("version: 1\nmodalities: {a: [A, h, 1]\n»metrics: true\n", "", ""),
    ("version: 1\n»]\n", "", ""),
]


@pytest.mark.parametrize(("marked", "message", "hint"), SYNTAX)
def test_what_is_no_yaml_is_one_problem_with_its_place(marked: str, message: str, hint: str) -> None:
    text, places = unmarked(marked)
    problems = problems_of(text)
    assert places_of(problems) == places
    assert message in problems[0].message
    assert hint in problems[0].hint


def test_a_message_about_yaml_is_a_sentence_and_no_data_of_the_parser() -> None:
    (problem,) = problems_of("{version: 1}\nmetrics: true\n")
    assert problem.place is not None
    assert problem.place.line == 2
    assert "('" not in problem.message


EVERYTHING_WRONG = """\
version: »3
modalities:
  »no way: {aet: PACS, host: 10.0.0.5, port: 104}
  ct1: [»ABCDEFGHIJKLMNOPQ, »a b, »0, »GEE]
  ct2: {aet: »A\\B, host: h, port: 104, »alow_echo: yes}
  »ct3: {}
  »ct2: [X, h, 1]
peers:
  backup:
    url: »ftp://backup.example
    username: sync
    password: »!env UNSET
    http_headers:
      X-Key: »!file /nonexistent
      »X-Other: [a]
dicom:
  accepted_transfer_syntaxes: [»JPEG3000, ExplicitVRLittleEndian, »"7.*"]
  unknown_sop_class_accepted: »perhaps
  »encoding: Utf8
logging: {all: »loud}
metrics: »perhaps
prune: {»modality: true}
fingerprints: »md5
»colour: red
"""


def test_all_that_is_wrong_is_found_at_once_in_the_order_of_the_file() -> None:
    text, places = unmarked(EVERYTHING_WRONG)
    problems = problems_of(text)
    # Of `ct3` three fields are missing, all of them at its place.
    (ct3,) = [place for place in places if text.split("\n")[place[0] - 1].startswith("  ct3")]
    assert places_of(problems) == sorted([*places, ct3, ct3])
    with pytest.raises(DocumentError, match=rf"^{len(problems)} problems in site\.yaml\n"):
        loads(text, name="site.yaml", environment={})


def test_one_problem_is_counted_in_the_singular() -> None:
    with pytest.raises(DocumentError, match=r"^1 problem in <text>\n  <text>:1:10 version: "):
        loads("version: 7")


def test_an_alias_is_blamed_where_the_value_is_written() -> None:
    text, places = unmarked("version: 1\nmodalities:\n  a: &a {aet: A, host: h, port: »0}\n  b: *a\n")
    problems = problems_of(text)
    assert places_of(problems) == places * 2
    assert [problem.field for problem in problems] == ["modalities.a.port", "modalities.b.port"]


@pytest.mark.parametrize("merge", ["*a", "[*a, {aet: X}]", "[{aet: X}, *a]"])
def test_a_merged_value_is_blamed_where_it_is_written(merge: str) -> None:
    text, places = unmarked(
        "version: 1\nmodalities:\n  a: &a {aet: A, host: h, port: »0}\n  b:\n    <<: " + merge + "\n    aet: B\n"
    )
    assert places_of(problems_of(text)) == places * 2


def test_a_merge_of_what_is_no_mapping_is_refused() -> None:
    text, places = unmarked("version: 1\nlogging: {<<: »5, all: trace}\nmodalities: {<<: [»x, »[y]]}\n")
    problems = problems_of(text)
    assert places_of(problems) == places
    assert {problem.message for problem in problems} == {"`<<` takes a mapping, or a list of mappings"}


@pytest.mark.parametrize(
    "section",
    [
        "modalities: {PACS: {aet: A, host: h, port: 1}, pacs: {aet: A, host: h, port: »0}}",
        "modalities: {Pacs: {aet: A, host: h, port: 1}, »pacs: {aet: A, host: h}}",
        "modalities: {pacs: {aet: A, host: h, port: »0}, PACS: {aet: A, host: h, port: 1}}",
        "peers: {a: {url: 'http://h', properties: {SiteName: x, site_name: »5}}}",
        "peers: {a: {url: 'http://h', http_headers: {XKey: x, x_key: »5}}}",
    ],
)
def test_names_that_differ_in_case_are_not_mixed_up(section: str) -> None:
    text, places = unmarked(f"version: 1\n{section}\n")
    assert places_of(problems_of(text)) == places


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff", "# comment 😀\n", "%YAML 1.2\n---\n"])
def test_places_do_not_depend_on_line_ends_or_on_what_stands_before(start: str, end: str) -> None:
    text, _ = unmarked("# 😀\nversion: 1\nlogging: {dicom: trace, all: loud} # 😀\n")
    (problem,) = problems_of((start + text).replace("\n", end))
    assert problem.place is not None
    assert (problem.place.line, problem.place.column) == (3 + start.count("\n"), 30)


def test_columns_count_characters_and_not_bytes() -> None:
    text, places = unmarked("version: 1\npeers: {a: {url: 'http://h', properties: {é😀: ü, k: »5}}}\n")
    assert places_of(problems_of(text)) == places


def test_many_problems_are_found_in_a_time_that_grows_with_their_number() -> None:
    def seconds(number: int) -> float:
        text = "version: 1\nmodalities:\n" + "".join(f"  m{name}: [A, h, 0]\n" for name in range(number))
        start = process_time()
        problems = problems_of(text)
        taken = process_time() - start
        assert [line for line, _ in places_of(problems)] == list(range(3, number + 3))
        return taken

    # Eight times as many take eight times as long; were each place searched for from the start, some sixty times.
    few, many = (min(seconds(number) for _ in range(3)) for number in (1000, 8000))
    assert many < 25 * few


def test_data_without_a_file_has_problems_without_a_place() -> None:
    with pytest.raises(DocumentError) as caught:
        from_data({"version": 1, "modalities": {"pacs": {"aet": "PACS", "host": "h", "port": 0}}})
    (problem,) = caught.value.problems
    assert problem.place is None
    assert str(problem) == "modalities.pacs.port: `0`: expected 1 or more"
    assert caught.value.message == "1 problem in the document"


@pytest.mark.parametrize(
    ("text", "field", "message", "hint"),
    [
        ("require: {version: '>>1'}", "require.version", "this is no range of versions", '">=1.12.0,<2"'),
        ("require: {plugins: dicom-web}", "require.plugins", "expected a list such as [dicom-web]", ""),
        ("require: {plugins: ['a b']}", "require.plugins.0", "expected the name of a plugin", ""),
        ("require: {sop_classes: [CT]}", "require.sop_classes.0", "expected the UID of a SOP class", ""),
        ("require: {plugin: []}", "require.plugin", "unknown key `plugin`", "did you mean `plugins`?"),
        ("require: 1", "require", "expected a mapping such as", ""),
        ("assume: {modalities_in_database: perhaps}", "assume.modalities_in_database", "expected true or false", ""),
        ("assume: {peers_in_databas: true}", "assume.peers_in_databas", "unknown key", "`peers_in_database`"),
        ("assume: []", "assume", "expected a mapping such as", ""),
    ],
)
def test_what_is_required_and_assumed_is_checked(text: str, field: str, message: str, hint: str) -> None:
    with pytest.raises(DocumentError) as error:
        loads("version: 1\n" + text, name="site.yaml")
    (problem,) = error.value.problems
    assert problem.field == field
    assert message in problem.message
    assert hint in problem.hint
    assert problem.place is not None
    assert problem.place.line == 2
