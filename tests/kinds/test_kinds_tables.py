"""What the kinds say of themselves: their places, their fields, the transfer syntaxes, the versions."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import UID_dictionary  # type: ignore[attr-defined]  # documented, but not exported in its types

from orthanc_state.document.load import DocumentError, loads
from orthanc_state.errors import Place
from orthanc_state.kinds import transfer_syntax
from orthanc_state.kinds.collection import Collection
from orthanc_state.kinds.field import Field
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.kinds.version import MAINLINE, parse_version

KINDS = list(all_kinds().values())
COLLECTIONS = [kind for kind in KINDS if isinstance(kind, Collection)]
FIELDS = [(kind, field) for kind in COLLECTIONS for field in kind.fields]


def test_the_kinds_of_the_issue_are_there_in_the_order_of_a_document() -> None:
    assert list(all_kinds()) == [
        "modalities",
        "peers",
        "dicomweb_servers",
        "dicom.accepted_transfer_syntaxes",
        "dicom.unknown_sop_class_accepted",
        "dicom.default_encoding",
        "logging",
        "metrics",
        "policies",
    ]


def test_no_two_kinds_share_a_name_a_rank_or_a_spelling() -> None:
    for values in (
        [kind.name for kind in KINDS],
        [str(kind.rank) for kind in KINDS],
        [kind.orthanc_name for kind in KINDS if kind.orthanc_name],
    ):
        assert len(set(values)) == len(values)


def test_an_address_says_where_a_resource_stands() -> None:
    assert all_kinds()["modalities"].address("pacs") == "modalities/pacs"
    assert all_kinds()["dicom.default_encoding"].address("") == "dicom/default_encoding"


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=[f"{kind.name}-{field.name}" for kind, field in FIELDS])
def test_a_field_in_the_spelling_of_orthanc_is_found_in_its_file(kind: Collection, field: Field) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", field.name)
    key = field.wire.name or field.name
    section = "".join("  " * depth + f"{part}:\n" for depth, part in enumerate(kind.orthanc_path))
    indent = "  " * len(kind.orthanc_path)
    with pytest.raises(DocumentError) as caught:
        loads(f"version: 1\n{section}{indent}x:\n{indent}  state: present\n{indent}  {key}: [[]]\n")
    places = {problem.field: problem.place for problem in caught.value.problems}
    line = 4 + len(kind.orthanc_path)
    assert places[f"{kind.name}.x.{field.name}"] == Place("<text>", line, 3 + 2 * len(kind.orthanc_path))


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=[f"{kind.name}-{field.name}" for kind, field in FIELDS])
def test_every_field_explains_itself_in_a_sentence(kind: Collection, field: Field) -> None:
    assert field.description[0].isupper()
    assert field.description.endswith(".")


@pytest.mark.parametrize("kind", COLLECTIONS, ids=lambda kind: kind.name)
def test_the_array_form_begins_with_what_must_be_given(kind: Collection) -> None:
    required = [field.name for field in kind.fields if field.required]
    assert list(kind.array_form[: len(required)]) == required
    assert set(kind.array_form) <= {field.name for field in kind.fields}


def test_secrets_are_the_fields_that_the_server_never_returns_and_that_are_worth_stealing() -> None:
    assert [(kind.name, field.name) for kind, field in FIELDS if field.wire.secret] == [
        ("peers", "password"),
        ("peers", "http_headers"),
        ("peers", "certificate_key_password"),
        ("dicomweb_servers", "password"),
        ("dicomweb_servers", "http_headers"),
        ("dicomweb_servers", "certificate_key_password"),
    ]
    peers = all_kinds()["peers"]
    assert peers.is_secret(("backup",))
    assert peers.is_secret(("backup", "http_headers", "X-Key"))
    assert not peers.is_secret(("backup", "url"))


# Transfer syntaxes

DICOM = {uid: (entry[0], entry[4]) for uid, entry in UID_dictionary.items() if entry[1] == "Transfer Syntax"}


def test_keywords_are_those_of_dicom() -> None:
    known = transfer_syntax.KNOWN_TO_ORTHANC
    shared = known.keys() & DICOM.keys()
    assert {uid: known[uid] for uid in shared} == {uid: DICOM[uid][1] for uid in shared}
    # pydicom leaves out nothing but what is younger than itself.
    assert known.keys() - DICOM.keys() <= {f"1.2.840.10008.1.2.4.11{last}" for last in (0, 1, 2)}


def test_no_two_transfer_syntaxes_share_a_keyword() -> None:
    keywords = list(transfer_syntax.KNOWN_TO_ORTHANC.values())
    assert len(set(keywords)) == len(keywords)
    assert all(keyword.isidentifier() for keyword in keywords)


@pytest.mark.parametrize("uid", sorted({*transfer_syntax.KNOWN_TO_ORTHANC, *DICOM}))
def test_a_transfer_syntax_is_known_by_uid_keyword_and_name(uid: str) -> None:
    keyword = transfer_syntax.keyword_of(uid)
    assert transfer_syntax.uid_of(uid) == transfer_syntax.uid_of(keyword) == uid
    assert uid in transfer_syntax.all_uids()
    if uid in DICOM:
        name, dicom_keyword = DICOM[uid]
        assert transfer_syntax.uid_of(name) == uid
        assert keyword == dicom_keyword
        assert {uid, name, keyword} <= set(transfer_syntax.names())


@pytest.mark.parametrize(
    "text",
    ["", "1.2.3", "1.2.840.10008.1.1", "VerificationSOPClass", "jpeg2000", "JPEG2000 ", "1.2.840.10008.1.2 ", "*"],
)
def test_what_is_no_transfer_syntax_has_no_uid(text: str) -> None:
    assert transfer_syntax.uid_of(text) is None
    assert transfer_syntax.keyword_of("1.2.3") == "1.2.3"


def test_a_newer_orthanc_knows_more_transfer_syntaxes() -> None:
    known = [transfer_syntax.known_to(parse_version(version)) for version in ("1.10.1", "1.12.7", "1.12.11", "1.13.0")]
    assert [len(uids) for uids in known] == [42, 42, 45, 48]
    assert all(older <= newer for older, newer in pairwise(known))
    assert known[-1] == transfer_syntax.known_to(MAINLINE) == set(transfer_syntax.KNOWN_TO_ORTHANC)


@pytest.mark.parametrize(
    ("patterns", "matched"),
    [
        ([], set()),
        (["*"], {"1.2", "1.2.4", "1.2.40", "1.2.4.1", "1x2"}),
        (["1.2.4"], {"1.2.4"}),
        (["1.2.4*"], {"1.2.4", "1.2.40", "1.2.4.1"}),
        (["1.2.4?"], {"1.2.40"}),
        (["1.2.4.*"], {"1.2.4.1"}),
        (["1?2"], {"1.2", "1x2"}),
        (["1.2"], {"1.2"}),
        (["2.4"], set()),
        (["1.2", "*0"], {"1.2", "1.2.40"}),
        # Orthanc has no other wildcards: brackets are brackets
        (["1.2.[4]*"], set()),
        (["1.2.[!5]"], set()),
    ],
)
def test_patterns_match_as_orthanc_matches_them(patterns: list[str], matched: set[str]) -> None:
    assert transfer_syntax.matching(patterns, {"1.2", "1.2.4", "1.2.40", "1.2.4.1", "1x2"}) == matched


@given(st.text("12.*?[]!\\", min_size=1, max_size=12), st.text("12.", max_size=6))
def test_a_pattern_without_a_wildcard_matches_itself_and_nothing_else(pattern: str, uid: str) -> None:
    if not transfer_syntax.is_pattern(pattern):
        assert transfer_syntax.matching([pattern], {uid}) == ({uid} & {pattern})


# Versions


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("1.12.7", (1, 12, 7)),
        ("1.10.1", (1, 10, 1)),
        ("1.13.0", (1, 13, 0)),
        ("1.12", (1, 12)),
        ("2", (2,)),
        ("1.12.7-beta", (1, 12, 7)),
        ("1.12.7+dfsg-1", (1, 12, 7)),
        ("1.12.7.", (1, 12, 7)),
        ("mainline", MAINLINE),
        ("mainline-ee3bc8f", MAINLINE),
        ("", MAINLINE),
        ("v1.12", MAINLINE),
    ],
)
def test_a_version_is_its_leading_numbers(text: str, version: tuple[int, ...]) -> None:
    assert parse_version(text) == version


def test_versions_are_compared_as_numbers() -> None:
    ordered = ["1.9.7", "1.10", "1.10.1", "1.12.2", "1.12.7", "1.12.10", "1.13.0", "2.0", "mainline"]
    assert sorted(ordered, key=parse_version) == ordered


@given(st.text() | st.from_regex(r"\d{1,3}(\.\d{1,3}){0,4}.*") | st.integers(0).map(lambda size: "9" * (size % 10_000)))
def test_any_version_that_a_server_says_can_be_compared(text: str) -> None:
    assert parse_version(text) >= (0,)
    assert isinstance(parse_version(text) >= MAINLINE, bool)


def test_not_even_an_endless_version_is_a_crash() -> None:
    assert parse_version("9" * 5000) >= (1,)
