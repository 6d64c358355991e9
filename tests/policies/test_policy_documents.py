"""What is wrong with policies is found without a server, each with its place and what to write instead."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orthanc_state import from_data, loads
from orthanc_state.document.load import DocumentError
from tests.document.test_document_problems import numbered, places_of, problems_of, unmarked


def policy(fields: str, level: str = "study", effect: str = "labels: {add: [x]}") -> str:
    """A document with one policy, of which some fields are given."""
    given_fields = ", ".join(part for part in (fields, effect) if part)
    return f"version: 1\npolicies:\n  - {{name: a, level: {level}, {given_fields}}}\n"


def match(value: str, level: str = "study") -> str:
    return policy(f"match: {{{value}}}", level)


def effect(fields: str, level: str = "study") -> str:
    return policy(fields, level, effect="")


NO_DATE = "expected a date (20240131 or 2024-01-31), a range"
NO_LABEL = "letters, digits, `-` and `_`, at most 64"
OWN = "one of Orthanc's own metadata"
NUMBERS = "the numbers of user metadata are 1024 to 65535"
NO_NAME = "this cannot be the name of a metadata"
BRACE = "a brace alone: write `{{` or `}}`"

MATCHES = [
    # Keywords
    (match("ModalitysInStudy: »CT"), "ModalitysInStudy", "no DICOM keyword", "did you mean `ModalitiesInStudy`?"),
    (match("patientid: »x"), "patientid", "no DICOM keyword", "did you mean `PatientID`?"),
    (match("'0010,0020': »x"), "0010,0020", "no DICOM keyword", ""),
    (match("qqqqqq: »x"), "qqqqqq", "no DICOM keyword", ""),
    (match("'': »x"), "", "no DICOM keyword", ""),
    (match("Modality: »CT"), "Modality", "never matches at level study; `ModalitiesInStudy` does", ""),
    (match("ModalitiesInStudy: »CT", "series"), "ModalitiesInStudy", "level series; `Modality` does", ""),
    (match("Modality: »CT", "patient"), "Modality", "never matches at level patient; it belongs to the series", ""),
    (match("SeriesDescription: »x", "patient"), "SeriesDescription", "it belongs to the series", ""),
    (match("StudyDate: »20240101", "patient"), "StudyDate", "it belongs to the study", ""),
    (match("InstanceNumber: »1", "series"), "InstanceNumber", "it belongs to the instance", ""),
    (match("NumberOfStudyRelatedSeries: »1", "series"), "NumberOfStudyRelatedSeries", "belongs to the study", ""),
    (match("SOPClassesInStudy: »1.2.3", "series"), "SOPClassesInStudy", "`SOPClassUID` does", ""),
    # Dates
    (match("StudyDate: »20240230"), "StudyDate", NO_DATE, ""),
    (match("StudyDate: »2024-1-2"), "StudyDate", NO_DATE, ""),
    (match("StudyDate: »'-'"), "StudyDate", NO_DATE, ""),
    (match("StudyDate: »20240101-20240102-20240103"), "StudyDate", NO_DATE, ""),
    (match("StudyDate: »20240101-2024"), "StudyDate", NO_DATE, ""),
    (match("StudyDate: »yesterday"), "StudyDate", NO_DATE, ""),
    (match("StudyDate: »20241231-20240101"), "StudyDate", "the range ends before it begins", ""),
    (match("StudyDate: [2023-01-01, »20240101-20240102]"), "StudyDate.1", "a list of dates cannot hold ranges", ""),
    (match("StudyDate: »2024*"), "StudyDate", "Orthanc takes no wildcard here (value representation DA)", ""),
    (match("»StudyDate: {}"), "StudyDate", "expected older_than, newer_than, from or to", ""),
    (
        match("StudyDate: {older: »5y}"),
        "StudyDate.older",
        "expected older_than, newer_than, from, to",
        "did you mean `older_than`?",
    ),
    (match("StudyDate: {from: »2024}"), "StudyDate.from", "expected a date", ""),
    (match("»StudyDate: {from: 2024-12-31, to: 2024-01-01}"), "StudyDate", "ends before it begins", ""),
    (match("StudyDate: {»from: [2024-12-31]}"), "StudyDate.from", "expected a date", ""),
    *(
        (match(f"StudyDate: {{{name}: »{age}}}"), f"StudyDate.{name}", f"`{name}` takes a time such as 30d", "")
        for name in ("older_than", "newer_than")
        for age in ("5", "5 y", "5Y", "0d", "-5d", "1.5y", "y", "100000d", "~", "5y6m", "''")
    ),
    # Wildcards, empty and impossible values
    (match("SeriesNumber: »'1?'", "series"), "SeriesNumber", "no wildcard here (value representation IS)", ""),
    (match("StudyTime: »10*"), "StudyTime", "no wildcard here (value representation TM)", ""),
    (match("StudyInstanceUID: »1.2.*"), "StudyInstanceUID", "no wildcard here (value representation UI)", ""),
    (match("PatientID: »''"), "PatientID", "an empty value matches everything", ""),
    (match("»PatientID: []"), "PatientID", "an empty list matches nothing", ""),
    (match("PatientID: [A, »'']"), "PatientID.1", "an empty value matches everything", ""),
    (match("PatientID: »'A\\'"), "PatientID", "an empty value in a list matches everything", ""),
    (match("PatientID: »~"), "PatientID", "expected a text, a number, a list of them", ""),
    (match("PatientID: »true"), "PatientID", "expected a text, a number, a list of them", ""),
    (match("»PatientID: {older_than: 5y}"), "PatientID", "only a date takes a mapping", ""),
    (match("PatientID: [»[A]]"), "PatientID.0", "expected a text, a number, a list of them", ""),
    (match("PatientID: »1.10"), "PatientID", "a number with a point may have lost digits: quote it", ""),
    (match("PatientID: »1e400"), "PatientID", "may have lost digits: quote it", ""),
    (match("PatientID: »" + "9" * 200), "PatientID", "a number of so many digits: quote it", ""),
]

FIELDS = [
    # Labels
    *(
        (effect(f"labels: {{{name}: [»{label}]}}"), f"labels.{name}.0", NO_LABEL, "")
        for name in ("add", "remove", "exclusive")
        for label in ("'a b'", "a.b", "É", "''", "a/b", "'a\n\n  b'", "x" * 65)
    ),
    (effect("labels: {add: [»1.5]}"), "labels.add.0", "`1.5`: expected text", "quote it"),
    (effect("labels: {add: »a}"), "labels.add", "expected a list", ""),
    (effect("labels: {»ad: [a]}"), "labels.ad", "unknown key `ad`", "did you mean `add`?"),
    (policy("where: {labels: {all: [»a b]}}"), "where.labels.all.0", NO_LABEL, ""),
    (policy("where: {labels: {»al: [a]}}"), "where.labels.al", "unknown key `al`", "did you mean `all`?"),
    (policy("where: {parent: {labels: {»nome: [a]}}}"), "where.parent.labels.nome", "unknown key", "`none`?"),
    (policy("where: {»parent: {}}"), "where.parent.labels", "`labels` is missing", ""),
    # Metadata
    *(
        (effect(f"metadata: {{set: {{»{name}: x}}}}"), "metadata.set.…", message, "")
        for name, message in [
            ("RemoteAET", OWN),
            ("LastUpdate", OWN),
            ("1023", NUMBERS),
            ("65536", NUMBERS),
            ("0", NUMBERS),
            ("9" * 30, NUMBERS),
            ("a/b", NO_NAME),
            ("'a?b'", NO_NAME),
            ('"a\\nb"', NO_NAME),
            ("''", NO_NAME),
        ]
    ),
    (effect("metadata: {remove: [»Origin]}"), "metadata.remove.0", OWN, ""),
    (effect("metadata: {remove: [»1023]}"), "metadata.remove.0", NUMBERS, ""),
    (effect("metadata: {set: {»site: [x]}}"), "metadata.set.site", "expected text", ""),
    (effect("metadata: {set: {site: »1.5}}"), "metadata.set.site", "`1.5`: expected text", "quote it"),
    (effect("metadata: {»sett: {site: x}}"), "metadata.sett", "unknown key `sett`", "did you mean `set`?"),
    (effect("metadata: {set: {site: »'{NoKeyword}'}}"), "metadata.set.site", "`{NoKeyword}` is no DICOM keyword", ""),
    (effect("metadata: {set: {site: »'a { b'}}"), "metadata.set.site", BRACE, ""),
    (effect("metadata: {set: {site: »'a } b'}}"), "metadata.set.site", BRACE, ""),
    (effect("metadata: {set: {site: »'{Patient ID}'}}"), "metadata.set.site", BRACE, ""),
    (effect("metadata: {set: {site: »'{{PatientID}'}}"), "metadata.set.site", BRACE, ""),
    (
        effect("metadata: {set: {site: »'{Modality}'}}"),
        "metadata.set.site",
        "`{Modality}` belongs to the series, which is not a study's to tell",
        "",
    ),
    # The policy itself
    (policy("»levle: study"), "levle", "unknown key `levle`", "did you mean `level`?"),
    (policy("", "»studdy"), "level", "expected one of patient, study, series, instance", "did you mean `study`?"),
    (policy("", "»Studdy"), "level", "expected one of", "did you mean `study`?"),
    (policy("", "»~"), "level", "expected one of", ""),
    ("version: 1\npolicies:\n  - »{name: a, labels: {add: [x]}}\n", "level", "`level` is missing", ""),
    ("version: 1\npolicies:\n  - »{level: study, labels: {add: [x]}}\n", "name", "`name` is missing", ""),
    ("version: 1\npolicies:\n  - {name: »a b, level: study, labels: {add: [x]}}\n", "name", "no blank", ""),
    ("version: 1\npolicies:\n  - {name: »'', level: study, labels: {add: [x]}}\n", "name", "at most 64", ""),
    (policy("protected: »true"), "protected", "only patients can be protected", ""),
    (policy("protected: »maybe", "patient"), "protected", "`maybe`: expected true or false", ""),
    (policy("where: {»parent: {labels: {all: [a]}}}", "patient"), "where.parent", "has no resource above", ""),
    (effect("labels: {add: [a], »remove: [a]}"), "labels.remove", "`a` is to be both given and removed", ""),
    (effect("labels: {exclusive: [a], »remove: [a]}"), "labels.remove", "`a` is to be both given and removed", ""),
    (
        effect("metadata: {set: {site: x}, »remove: [site]}"),
        "metadata.remove",
        "`site` is to be both set and removed",
        "",
    ),
    (
        effect("where: {labels: {none: [a]}}, labels: {»exclusive: [a]}"),
        "labels.exclusive",
        "`a` stands in `where` too",
        "",
    ),
]


@pytest.mark.parametrize(("text", "field", "message", "hint"), [*MATCHES, *FIELDS], ids=numbered([*MATCHES, *FIELDS]))
def test_what_is_wrong_is_told_with_its_place_and_a_hint(text: str, field: str, message: str, hint: str) -> None:
    text, places = unmarked(text)
    (problem,) = problems_of(text)
    assert message in problem.message
    assert hint in problem.hint
    assert bool(hint) is bool(problem.hint)
    assert problem.field in (f"policies.0.{field}", f"policies.0.match.{field}")
    assert places_of([problem]) == places


def test_a_policy_that_wants_nothing_is_refused() -> None:
    for effects in ("", ", labels: {}", ", labels: {add: []}, metadata: {set: {}}", ", protected: ~"):
        text, places = unmarked(f"version: 1\npolicies:\n  - »{{name: a, level: patient{effects}}}\n")
        (problem,) = problems_of(text)
        assert problem.message == "policy `a` wants nothing: give `labels`, `metadata` or `protected`"
        assert places_of([problem]) == places


def test_a_name_is_given_once() -> None:
    text, places = unmarked(
        "version: 1\n"
        "policies:\n"
        "  - {name: a, level: study, labels: {add: [x]}}\n"
        "  - {name: »a, level: series, labels: {add: [y]}}\n"
    )
    (problem,) = problems_of(text)
    assert problem.message == "`a` is the name of another policy too"
    assert places_of([problem]) == places


@pytest.mark.parametrize(
    ("level", "where", "changes", "what"),
    [
        ("study", "{»labels: {any: [x, y]}}", "labels: {add: [x]}", "label `x`"),
        ("study", "{»labels: {none: [x]}}", "labels: {remove: [x]}", "label `x`"),
        ("study", "{»labels: {all: [x]}}", "labels: {exclusive: [x]}", "label `x`"),
        ("study", "{metadata: {site: »x}}", "metadata: {set: {site: y}}", "metadata `site`"),
        ("study", "{metadata: {site: »x}}", "metadata: {remove: [site]}", "metadata `site`"),
        ("series", "{parent: {»labels: {none: [x]}}}", "labels: {add: [x]}", "label `x` of the study"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_policy_does_not_look_at_what_another_one_changes(
    level: str, where: str, changes: str, what: str, first: bool
) -> None:
    policies = [
        f"  - {{name: looks, level: {level}, where: {where}, labels: {{add: [z]}}}}\n",
        f"  - {{name: changes, level: study, {changes}}}\n",
    ]
    text, places = unmarked("version: 1\npolicies:\n" + "".join(policies if first else policies[::-1]))
    (problem,) = problems_of(text)
    assert problem.message.startswith(f"policy `changes` changes the {what}: what this one selects would depend on")
    assert places_of([problem]) == places


@pytest.mark.parametrize(
    "policies",
    [
        # Another level, another label, or its own effect.
        "[{name: a, level: study, where: {labels: {all: [x]}}, labels: {add: [z]}},"
        " {name: b, level: series, labels: {add: [x]}}]",
        "[{name: a, level: study, where: {labels: {all: [x]}}, labels: {remove: [x], add: [z]}}]",
        "[{name: a, level: instance, where: {parent: {labels: {all: [x]}}}, labels: {add: [z]}},"
        " {name: b, level: study, labels: {add: [x]}}]",
        "[]",
    ],
)
def test_what_does_not_depend_on_the_order_is_allowed(policies: str) -> None:
    loads(f"version: 1\npolicies: {policies}\n")


def test_several_problems_are_told_together_in_the_order_of_the_file() -> None:
    text, places = unmarked(
        "version: 1\n"
        "policies:\n"
        "  - name: one\n"
        "    level: study\n"
        "    match: {Modality: »CT, StudyDate: »2024*, PatientID: »''}\n"
        "    metadata: {set: {site: '{PatientID}', note: »'{Modality}'}}\n"
        "    protected: »true\n"
        "  - name: »one\n"
        "    level: patient\n"
        "    match: {»StudyDate: {older_than: 5}}\n"
        "    protected: false\n"
        "  - »{name: two, level: series}\n"
    )
    assert places_of(problems_of(text)) == places
    # What has not even its shape is told first.
    text, places = unmarked(
        "version: 1\n"
        "modalities: {pacs: {aet: PACS, host: h, port: »0}}\n"
        "policies:\n"
        "  - {name: »a b, level: »studie, labels: {add: [»x y, ok, »z.z], »ad: []}}\n"
        "  - {name: b, level: study, metadata: {set: {»RemoteAET: x}, remove: [»12]}}\n"
    )
    assert places_of(problems_of(text)) == places


@pytest.mark.parametrize("level", ["Study", "STUDY", "study"])
def test_a_level_may_be_spelled_as_orthanc_does(level: str) -> None:
    document = loads(policy("", level))
    assert document.sections["policies"][0].level == "study"


def test_a_tag_that_is_in_no_index_is_warned_of() -> None:
    document = loads(match("KVP: 120, StudyDate: 20240101", "series"), name="site.yaml")
    (warning,) = document.warnings
    assert "`KVP` is in no index by default" in warning.message
    assert "a file of every series" in warning.message
    assert str(warning.place) == "site.yaml:3:43"


def test_half_of_a_character_is_refused_in_data_too() -> None:
    halves: list[dict[str, Any]] = [
        {"match": {"PatientID": "\ud800"}},
        {"match": {"PatientID": ["a", "\ud800"]}},
        {"metadata": {"set": {"site": "\ud800"}}},
        {"where": {"metadata": {"site": "\ud800"}}},
    ]
    for half in halves:
        with pytest.raises(DocumentError, match="half of a character"):
            from_data({"version": 1, "policies": [{"name": "a", "level": "study", "labels": {"add": ["x"]}, **half}]})


WORDS = st.sampled_from(
    [
        *("name", "level", "match", "where", "labels", "metadata", "protected", "parent", "all", "any", "none", "add"),
        *("remove", "exclusive", "set", "older_than", "newer_than", "from", "to", "PatientID", "StudyDate", "site"),
        *("Modality", "study", "patient", "5y", "{PatientID}", "{x}", "20240101-", "1024", "²"),
    ]
)
KEYS = WORDS | st.text(max_size=4) | st.integers() | st.none() | st.booleans()
LEAVES = (
    WORDS
    | st.text(max_size=8)
    | st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**100, 10**120)
    | st.floats()
    | st.dates()
    | st.datetimes()
    | st.binary(max_size=4)
)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)
POLICY = st.fixed_dictionaries(
    {"name": st.just("a"), "level": st.sampled_from(["patient", "study", "series", "instance"])},
    optional={
        "match": st.dictionaries(WORDS, ANYTHING, max_size=3) | ANYTHING,
        "where": st.dictionaries(st.sampled_from(["labels", "metadata", "parent"]), ANYTHING) | ANYTHING,
        "labels": st.dictionaries(st.sampled_from(["add", "remove", "exclusive"]), st.lists(WORDS) | ANYTHING),
        "metadata": st.dictionaries(st.sampled_from(["set", "remove"]), ANYTHING),
        "protected": ANYTHING,
    },
)


@settings(max_examples=300)
@given(st.lists(POLICY | ANYTHING, max_size=3) | ANYTHING)
def test_whatever_the_section_holds_is_a_document_or_a_document_error(section: Any) -> None:
    with suppress(DocumentError):
        from_data({"version": 1, "policies": section})


@settings(max_examples=200)
@given(st.text(max_size=80) | st.lists(WORDS | st.sampled_from(list("{}[]:,'\"&*!~\n-")), max_size=20).map(" ".join))
def test_whatever_the_text_of_the_section_is_is_a_document_or_a_document_error(text: str) -> None:
    for section in (text, "\n  - " + text):
        with suppress(DocumentError):
            loads(f"version: 1\npolicies: {section}\n")
