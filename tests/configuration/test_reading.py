"""Configuration files are read as Orthanc reads them: what it takes, what it refuses, what it makes of variables."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthanc_state import Orthanc
from orthanc_state.configuration.environment import Variable
from orthanc_state.configuration.files import ConfigurationError, read
from orthanc_state.configuration.reader import parse
from orthanc_state.configuration.variables import substituted
from orthanc_state.errors import Place
from orthanc_state.testing import OrthancDied

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state.testing import OrthancServer, OrthancServers

ENVIRONMENT = {
    "FOO": "bar",
    "EMPTY": "",
    "NESTED": "${FOO}",
    "BRACE": "a}b",
    "ESCAPED": 'a\\"b',
    "OBJECT": '{"a": "${FOO}"}',
    "a.b": "dot",
    "QUOTE": 'a"b',
}
TAKEN = [
    '{"X": "a"}',
    '\ufeff{"X": "a"}',
    '// c\n{/* x\n*/"X": "a//b/*c*/" // y\n}//end',
    '{"X": "a",}',
    '{"X": ["a", "b",]}',
    '{"X": "a", "X": "b"}',
    '{"X": {"a": "x", "a": "y"}}',
    '{"X": "a"} xyz',
    '{"X": "a"} {"b": 1}',
    '{"X": "a"} /* abc',
    '{"X": "a\\u00e9\\ud83d\\ude00\\/\\n"}',
    '{"X": "${FOO}"}',
    '{"X": "a${FOO}b${NOPE}c${FOO}"}',
    '{"X": "x${NOPE}"}',
    '{"X": "x${EMPTY}"}',
    '{"X": "${NOPE:-default}"}',
    '{"X": "${FOO:-default}"}',
    '{"X": "x${EMPTY:-default}"}',
    '{"X": "x${NOPE:-}"}',
    '{"X": "${NOPE:-\'q d\'}"}',
    '{"X": "${NOPE:-"q d"}"}',
    '{"X": "${NOPE:- a b }"}',
    '{"X": "${NOPE:-${FOO}}"}',
    '{"X": "x${NOPE-x}"}',
    '{"X": "x${ FOO }"}',
    '{"X": ${OBJECT}}',
    '{"X": "${NESTED}"}',
    '{"X": "${BRACE}"}',
    '{"X": "${ESCAPED}"}',
    '{"X": "$FOO $$ $"}',
    '{"X": {"N${FOO}": "a"}}',
    '{/* ${NOPE} */ "X": "a"}',
    '{"X": "${a.b}"}',
    '{"X": "${NOPE:-a:-b}"}',
    '{"X": "${NOPE:-http://h:80/a}"}',
    '{"X": "${NO\nPE:-a}"}',
    '{"X": "\\\\${FOO}"}',
]
REFUSED = [
    ('# c\n{"X": "a"}', 1, 1),
    ("{'X': 'a'}", 1, 2),
    ('{X: "a"}', 1, 2),
    ('{"X": NaN}', 1, 7),
    ('{"X": 0x10}', 1, 7),
    ('{"X": "a\\qb"}', 1, 7),
    ('{"X": "\\ud83d"}', 1, 7),
    ('{"X": "a"\n  "Y": "b"}', 2, 3),
    ('["a"]', 1, 1),
    ("", 1, 1),
    ('{5: "a"}', 1, 2),
    ('{"X": True}', 1, 7),
    ('{"X": "a",, "Y": "b"}', 1, 11),
    ('{"X": "a"; "Y": "b"}', 1, 10),
    ('{"X": "a"', 1, 10),
    ('{"X": "a', 1, 7),
    ('{"X" "a"}', 1, 6),
    ('{"X": ["a"}', 1, 11),
    ('{"X":\n "${QUOTE}"}', 2, 3),
    ('{"X": ${NOPE}}', 1, 7),
    ('{"X": ${NOPE:-"q d"}}', 1, 7),
]


def parsed(text: str) -> Any:
    return parse(text.encode(), "orthanc.json", ENVIRONMENT)


@pytest.mark.orthanc(configuration={"ExecuteLuaEnabled": True})
def test_what_orthanc_takes_is_read_as_the_same(orthanc_server: OrthancServer, orthanc_servers: OrthancServers) -> None:
    # One section may stand in one file only, so that each has a name of its own: one server reads all of them.
    texts = {f"S{number}": text.replace('"X"', f'"S{number}"') for number, text in enumerate(TAKEN)}
    server = orthanc_servers.start(
        orthanc_server.name,
        {"ExecuteLuaEnabled": True},
        files={f"{name}.json": text for name, text in texts.items()},
        environment=ENVIRONMENT,
    )
    with Orthanc(server.url) as orthanc:
        answer = orthanc.post("/tools/execute-script", content=b"print(DumpJson(GetOrthancConfiguration()))")
    configuration = json.loads(answer)
    for name, text in texts.items():
        source = parsed(text)
        assert not source.problems, (text, source.problems)
        assert source.data == {name: configuration[name]}, text
    orthanc_servers.stop(server)


@pytest.mark.parametrize(("text", "line", "column"), REFUSED, ids=[text for text, _, _ in REFUSED])
def test_what_orthanc_refuses_is_a_problem_with_its_place(text: str, line: int, column: int) -> None:
    [problem] = parsed(text).problems
    assert problem.place == Place("orthanc.json", line, column)


@pytest.mark.parametrize("suite", ["bookworm", "trixie", "forky"])
def test_orthanc_really_refuses_them(orthanc_servers: OrthancServers, suite: str) -> None:
    for text, _, _ in REFUSED:
        with pytest.raises(OrthancDied):
            orthanc_servers.start(suite, files={"more.json": text}, environment=ENVIRONMENT)


def test_a_line_break_in_a_text_is_taken_until_1_12_and_said_to_be_refused_later(
    orthanc_servers: OrthancServers,
) -> None:
    text = '{"X": "a\tb\nc"}'
    source = parsed(text)
    assert source.data == {"X": "a\tb\nc"}
    assert "1.13 refuses" in source.warnings[0].message
    orthanc_servers.stop(orthanc_servers.start("trixie", files={"more.json": text}))
    with pytest.raises(OrthancDied):
        orthanc_servers.start("forky", files={"more.json": text})


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"a.json": '{"DicomModalities": {}}', "b.json": '{\n "DicomModalities": {}}'}, "`DicomModalities` stands in"),
        ({"a.json": '{"DicomWeb": {"Root": "/x"}}', "b.json": '{\n "DicomWeb": {"Enable": true}}'}, "`DicomWeb`"),
    ],
)
def test_a_section_in_two_files_is_an_error_as_it_is_for_orthanc(
    orthanc_servers: OrthancServers, tmp_path: Path, files: Mapping[str, str], what: str
) -> None:
    with pytest.raises(OrthancDied):
        orthanc_servers.start("trixie", files=files)
    written(tmp_path, files)
    with pytest.raises(ConfigurationError) as error:
        read([tmp_path], {})
    [problem] = error.value.problems
    assert what in problem.message
    assert problem.place == Place(str(tmp_path / "b.json"), 2, 2)


def written(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).write_text(text)


def test_a_folder_is_its_json_files(tmp_path: Path) -> None:
    written(tmp_path, {"a.json": '{"A": 1}', "b.JSON": '{"B": 2}', "c.txt": "xxx", ".d.json": '{"D": 3}'})
    (tmp_path / "e.json").mkdir()
    assert read([tmp_path], {}).data == {"A": 1, "B": 2, "D": 3}


def test_what_cannot_be_read_is_said_with_everything_else(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "binary.json").write_bytes(b'{"a": "\xff"}')
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(ConfigurationError) as error:
        read([tmp_path / "missing.json", tmp_path / "empty", tmp_path], {})
    said = "\n".join(map(str, error.value.problems))
    for part in ("missing.json cannot", "holds no configuration file", "binary.json:1:1: this is not text", ":1:2"):
        assert part in said.replace("missing.json:", "missing.json"), said


# The environment


def variables(**values: str) -> dict[str, Variable]:
    return {name: Variable(value, Place("e.env", number)) for number, (name, value) in enumerate(values.items(), 1)}


def test_the_variables_of_the_container_images_come_on_top(tmp_path: Path) -> None:
    written(tmp_path, {"a.json": '{"Name": "file", "DicomWeb": {"Root": "/a/", "Ssl": true}}'})
    found = read(
        [tmp_path],
        variables(
            ORTHANC__NAME="environment",
            ORTHANC__DICOM_WEB__ROOT="/b/",
            ORTHANC__DICOM_MODALITIES='{"a": ["A", "h", 104]}',
            ORTHANC__METRICS_ENABLED="false",
            ORTHANC__DICOM_PORT="4242",
            ORTHANC__STORE_MD5_FOR_ATTACHMENTS="true",
            ORTHANC_JSON='{"DefaultEncoding": "Utf8", // comment\n}',
            ORTHANC__POSTGRESQL__PASSWORD_SECRET="file-in-the-container",
            ORTHANC_URL="not configuration",
            OTHER="x",
        ),
    )
    assert found.data == {
        "Name": "environment",
        "DicomWeb": {"Root": "/b/", "Ssl": True},
        "DicomModalities": {"a": ["A", "h", 104]},
        "MetricsEnabled": False,
        "DicomPort": 4242,
        "StoreMD5ForAttachments": True,
        "DefaultEncoding": "Utf8",
    }
    assert [problem.field for problem in found.unread] == ["ORTHANC__POSTGRESQL__PASSWORD_SECRET"]


def test_a_place_counts_in_the_file_and_not_in_what_was_put_in() -> None:
    source = parsed('{"A": "${NOPE:-a long default}", "B": ["${FOO}",\n  "${FOO}", "${EMPTY}c"], "C": "d"}')
    texts = [source.data["A"], *source.data["B"], source.data["C"]]
    places = [(text.place.line, text.place.column) for text in texts]
    assert places == [(1, 7), (1, 40), (2, 3), (2, 13), (2, 32)]
    assert [text.whole.name if text.whole else "" for text in texts] == ["NOPE", "FOO", "FOO", "", ""]


@given(
    st.lists(
        st.tuples(st.text(string.ascii_letters + ' $:-\n"', max_size=5), st.sampled_from(["", *ENVIRONMENT, "NOPE"])),
        max_size=6,
    )
)
def test_every_character_that_was_not_put_in_knows_where_it_stood(parts: list[tuple[str, str]]) -> None:
    text = "".join(before + (f"${{{name}}}" if name else "") for before, name in parts)
    found = substituted(text, ENVIRONMENT)
    inside = {index for reference in found.references for index in range(*reference.span)}
    for index, character in enumerate(found.text):
        if index not in inside:
            assert text[found.origin(index)] == character


# The reader itself

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), JSON, max_size=4), st.sampled_from([None, 2]), st.booleans())
def test_json_is_read_as_json(data: dict[str, Any], indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(data, indent=indent, ensure_ascii=ascii_only)
    if "${" not in text:
        source = parse(text.encode(), "a.json", {})
        assert not source.problems
        assert source.data == data


@given(st.text('{}[]:,"/*\\ \n1-.etrufalsn$${NOPE}:-x\u00e9\u2028', max_size=60))
def test_no_text_is_a_crash(text: str) -> None:
    source = parse(b"{" + text.encode(), "a.json", {})
    assert (source.data is None) == bool(source.problems)
    for problem in source.problems:
        assert problem.place is not None
        assert problem.place.line >= 1
        assert problem.place.column >= 1


@pytest.mark.parametrize(
    "text",
    [
        '{"a": ' + "9" * 5000 + "}",
        '{"a": ' + "[" * 5000 + "]" * 5000 + "}",
        "{" + "/*" * 20_000,
        '{"a": "' + "\\" * 99_999,
    ],
    ids=["digits", "depth", "comments", "backslashes"],
)
def test_what_is_long_is_read_or_refused_at_once(text: str) -> None:
    source = parse(text.encode(), "a.json", {})
    assert (source.data is None) == bool(source.problems)


def test_a_key_that_is_not_known_is_said() -> None:
    source = parse(b'{"A": {"x${NOPE}": 1}}', "a.json", {})
    assert source.data == {"A": {"x": 1}}
    assert "the value of `NOPE` is not known" in source.warnings[0].message
