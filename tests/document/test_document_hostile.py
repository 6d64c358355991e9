"""Whatever stands in a file: it is a document, or a clear error with a place; never a traceback, a crash or a wait."""

from __future__ import annotations

import contextlib
import re
from time import process_time
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orthanc_state.document.load import DocumentError, load, loads

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    from orthanc_state.document.document import Document

VALID = """\
version: 1
modalities:
  pacs: &pacs {aet: PACS, host: 10.0.0.5, port: 11112, manufacturer: Vitrea}
  ct1: [CT1, "10.0.0.9", 104]
  ct2: {<<: *pacs, aet: 'CT2', ignore: [timeout]}
peers:
  backup:
    url: https://backup.example/
    username: sync
    password: !env SET
    http_headers: {X-Key: !file /nonexistent}
    properties: {note: "a\\tb"}
dicom:
  accepted_transfer_syntaxes: [ImplicitVRLittleEndian, "1.2.840.10008.1.2.4.*"]
logging: {all: default, dicom: verbose} # comment
metrics: true
prune: {modalities: true}
fingerprints: {key: !env SET}
"""


def said(text: str) -> list[str]:
    """What is wrong with a text, each problem with its line and column; no limit of the interpreter is reached."""
    with pytest.raises(DocumentError) as caught:
        loads(text, environment={})
    return [str(problem) for problem in caught.value.problems]


DEEP = {
    "sequences": "[" * 200_000,
    "mappings": "{a: " * 200_000,
    "mixed": "[{a: " * 100_000,
    "quoted": '["a", ' * 100_000,
    "dashes": "- " * 200_000,
    "questions": "? " * 200_000,
    "closed": "[" * 100_000 + "]" * 100_000,
    "in a document": "version: 1\nmetrics: " + "[" * 200_000,
    # Few enough not to be counted beforehand
    "sequences, fewer": "[" * 600 + "]" * 600,
    "sequences, fewer, not closed": "[" * 600,
    "sequences, fewer, with what YAML 1.1 has not": "[" * 600 + "{a: http://h}" + "]" * 600,
    "dashes, fewer": "- " * 600,
    "dashes, fewer, with what YAML 1.1 has not": "- " * 600 + "{a: http://h}",
    "indented": "".join(" " * depth + "a:\n" for depth in range(600)),
    "indented, with what YAML 1.1 has not": "".join(" " * depth + "a:\n" for depth in range(600))
    + " " * 600
    + "{a: b://h}",
    "just too deep": "version: 1\nmetrics: " + "[" * 60 + "]" * 60,
    "anchored": "&a [" * 600,
    "tagged": "!env [" * 600,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_deep_nesting_is_refused_with_its_place(text: str) -> None:
    problems = said(text)
    # What is not closed as well may be told instead.
    assert any(re.match(r"<text>:\d+:\d+: (nested deeper than 50 levels|not YAML: )", problem) for problem in problems)
    assert max(map(len, problems)) < 300


@pytest.mark.parametrize("url", ["http://h", "'http://h'"])
@pytest.mark.parametrize("depth", [60, 600])
def test_deep_nesting_is_told_where_it_is_and_not_where_it_is_not(depth: int, url: str) -> None:
    problems = said(f"version: 1\npeers: {{a: {{url: {url}}}}}\nmetrics: {'[' * depth}{']' * depth}")
    assert any("nested deeper than 50 levels" in problem for problem in problems)
    assert all(re.match(r"<text>(:3:\d+)?(: | )", problem) for problem in problems), (
        "no place is better than a wrong one"
    )


def test_some_nesting_is_no_bomb() -> None:
    (problem,) = said("version: 1\nmetrics: " + "[" * 40 + "]" * 40)
    assert problem == "<text>:2:1 metrics: expected true or false"


def laughs(times: int, start: str, item: Callable[[str], str]) -> str:
    """Nine aliases to nine aliases to ..."""
    lines = [f"a0: &a0 {start}"]
    lines += [f"a{number + 1}: &a{number + 1} {item(f'*a{number}')}" for number in range(times)]
    return "\n".join(lines)


LAUGHS = laughs(9, "[lol]", lambda alias: f"[{', '.join([alias] * 9)}]")
MERGED_LAUGHS = laughs(40, "{a: lol}", lambda alias: f"{{<<: [{', '.join([alias] * 9)}]}}")


def test_a_yaml_bomb_does_not_go_off() -> None:
    # The other one is given to the command line below.
    start = process_time()
    (bomb,) = [problem for problem in said("version: 1\n" + MERGED_LAUGHS) if "bomb" in problem]
    assert re.match(r"<text>:\d+:\d+: the aliases of this document come to too many values", bomb)
    assert process_time() - start < 8


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [*a]",
        "a: &a {b: *a}",
        "a: &a {<<: *a}",
        "a: &a {b: {<<: *a}}",
        "&a [*a]",
        "a: &a [&b [*a, *b]]",
        "&a {k: *a}",
    ],
)
def test_an_alias_to_what_it_is_part_of_is_refused(text: str) -> None:
    assert any(
        "an alias to something that it is part of" in problem
        for problem in said(f"version: 1\n{text}" if text[0] == "a" else text)
    )


def test_an_alias_given_often_is_no_bomb() -> None:
    text = "version: 1\nmodalities:\n  m0: &m {aet: A, host: h, port: 1}\n"
    document = loads(text + "".join(f"  m{number}: *m\n" for number in range(1, 1000)))
    assert len(document.sections["modalities"]) == 1000


EMPTY = ["", "\n", "   \n\n", "# nothing\n", "\ufeff", "%YAML 1.2\n---\n...\n", "\r\n", "---\n# nothing\n"]


@pytest.mark.parametrize("text", EMPTY)
def test_an_empty_file_is_told_how_a_document_begins(text: str) -> None:
    (problem,) = said(text)
    assert "the file is empty" in problem or "expected a mapping of sections" in problem
    assert "---" in text or "A document begins with `version: 1`." in problem


BINARY = [
    (b"\x00", 1, 1),
    (b"\x00" * 10_000, 1, 1),
    (b"version: 1\n\x00", 2, 1),
    (b"version: 1\nmetrics: \x07true", 2, 10),
    (b"version: 1\nmetrics: tr\x1bue", 2, 12),
    (b"version: 1\r\nmetrics: tr\x1bue", 2, 12),
    (b"\xef\xbb\xbfversion: 1\nmetrics: tr\x1bue", 2, 12),
    (b"version: 1\nmetrics: \x7f", 2, 10),
    ("version: 1\nmetrics: é\x7f".encode(), 2, 11),
    ("version: 1\nmetrics: \x80".encode(), 2, 10),
    ("version: 1\nmetrics: \ufffe".encode(), 2, 10),
    ("version: 1\nmetrics: é\uffff".encode(), 2, 11),
    (b"\x7fELF\x02\x01\x01\x00", 1, 1),
    (b"\x89PNG\r\n\x1a\n", 1, 0),
    (b"\x1f\x8b\x08\x00", 1, 0),
    (b"PK\x03\x04", 1, 3),
    (b"\x80\x04\x95", 1, 0),
    (b"\x00" * 128 + b"DICM\x02\x00\x00\x00UL", 1, 1),
    ("version: 1\n".encode("utf-16"), 1, 0),
    ("version: 1\n".encode("utf-16-le"), 1, 2),
    ("version: 1\n".encode("utf-16-be"), 1, 1),
    ("version: 1\n".encode("utf-32"), 1, 0),
    ("version: 1\nmetrics: é".encode("latin-1"), 2, 0),
    (b"version: 1\nmetrics: \xed\xa0\x80", 2, 0),
    (b"version: 1\nmetrics: \xc0\x80", 2, 0),
    (b"version: 1\nmetrics: \xf4\x90\x80\x80", 2, 0),
    (b"\xff", 1, 0),
]
"""Content that is no text, the line where that is seen, and the column where it can be known."""


@pytest.mark.parametrize(("content", "line", "column"), BINARY)
def test_a_binary_file_is_one_problem_with_its_place(tmp_path: Path, content: bytes, line: int, column: int) -> None:
    path = tmp_path / "document.yaml"
    path.write_bytes(content)
    with pytest.raises(DocumentError) as caught:
        load(path)
    (problem,) = caught.value.problems
    assert problem.place is not None
    assert (problem.place.file, problem.place.line) == (str(path), line)
    assert problem.place.column == column or not column
    assert "binary" in problem.message or "this is not text in UTF-8" in problem.message


@pytest.mark.parametrize(
    "start", ["", "\n \n", "# comment\n", "# comment\r", "\ufeff", "version: 1\n...\n", "---\n...\n"]
)
@pytest.mark.parametrize("version", ["1.0", "1.3", "2.0", "1", "1.2.3", "x", "1." + "9" * 5000, ""])
def test_another_version_of_yaml_is_refused_where_it_stands(start: str, version: str) -> None:
    (problem,) = said(f"{start}%YAML {version}\n---\nversion: 1\nmetrics: true\n")
    line = 1 + len(re.findall("[\r\n]", start))
    # Where a document stands before it, the line that begins the second one may be told instead.
    assert re.match(rf"<text>(:{line}:\d+|:{line + 1}:\d+)?: ", problem), "no place is better than a wrong one"
    assert len(problem) < 200


@pytest.mark.parametrize("break_", ["\x85", "\u2028", "\u2029"])
def test_what_an_editor_shows_as_a_comment_is_a_comment(break_: str) -> None:
    # YAML 1.1 ends a line, and with it a comment, at characters at which no editor does. To refuse it is right too.
    with contextlib.suppress(DocumentError):
        assert loads(f"version: 1 # harmless{break_}metrics: false").sections == {}


@pytest.mark.parametrize(
    "escape", ["\\ud800", "\\udc80", "\\ud83d", "\\ude00\\ud83d", "\\U0000d800", "\\U00110000", "\\Uffffffff"]
)
@pytest.mark.parametrize(
    "text",
    [
        'version: 1\nmodalities: {{a: {{aet: "{}", host: h, port: 1}}}}',
        'version: 1\nmodalities: {{a: {{aet: A, host: "{}", port: "{}"}}}}',
        'version: 1\nmodalities: {{"{}": [A, h, 1]}}',
        'version: 1\n"{}": 1',
        'version: 1\npeers: {{a: {{url: "http://{}"}}}}',
        'version: 1\npeers: {{a: ["http://h", u, "{}"]}}',
        'version: 1\npeers: {{a: {{url: "http://h", properties: {{"{}": x}}}}}}',
        'version: 1\npeers: {{a: {{url: "http://h", properties: {{x: "{}"}}}}}}',
        'version: 1\npeers: {{a: {{url: "http://h", http_headers: {{"{}": x}}}}}}',
        'version: 1\npeers: {{a: [http://h, u, !env "{}"]}}',
        'version: 1\npeers: {{a: [http://h, u, !file "{}"]}}',
        'version: 1\nAcceptedTransferSyntaxes: ["{}"]',
        'version: 1\nDefaultEncoding: "{}"',
        'version: 1\nprune: {{"{}": true}}',
        'version: 1\nlogging: {{"{}": trace}}',
    ],
)
def test_half_a_character_is_refused(text: str, escape: str) -> None:
    # Nothing could be done with it: neither printed, nor sent, nor hashed.
    for problem in said(text.replace("{}", escape).replace("{{", "{").replace("}}", "}")):
        problem.encode()


@pytest.mark.parametrize("escape", ["\\U00110000", "\\Uffffffff", "\\ud800", "\\x1", "\\q"])
def test_a_wrong_escape_is_told_where_it_is_and_not_where_it_is_not(escape: str) -> None:
    for problem in said(f'version: 1\n\nmetrics: "{escape}"\n'):
        assert re.match(r"<text>(:3:\d+)?(: | )", problem)


def test_a_huge_file_is_refused_before_it_is_read_through(tmp_path: Path) -> None:
    path = tmp_path / "document.yaml"
    with path.open("wb") as file:
        file.write(b"version: 1\n")
        file.truncate(1 << 40)
    with pytest.raises(DocumentError, match="the file has more than 32 MiB"):
        load(path)
    with pytest.raises(DocumentError, match="the file has more than 32 MiB"):
        load("/dev/zero")


@pytest.mark.parametrize("name", ["", "missing.yaml", "folder", "a" * 300, "a\0b", "\udcff.yaml"])
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(DocumentError, match="cannot be read: "):
        load(tmp_path / name)


LONG = {
    "digits": "version: " + "9" * 1_000_000,
    "digits with underlines": "version: " + "9_" * 500_000,
    "hexadecimal digits": "version: 0x" + "f" * 1_000_000,
    "a word": "version: " + "x" * 1_000_000,
    "quoted": 'version: "' + "x" * 1_000_000 + '"',
    "blanks": "version: 1" + " " * 1_000_000 + "x",
    "lines": "version: 1" + "\n" * 1_000_000 + "x",
    "anchors": "version: " + "&a " * 300_000,
    "tags": "version: " + "!a " * 300_000,
    "comments": "version: 1\n" + "#\n" * 300_000 + "metrics: x",
    "a key": "x" * 1_000_000 + ": 1",
    "a name": "version: 1\nmodalities: {" + "x" * 100_000 + ": 1}",
    "a pattern": "version: 1\nAcceptedTransferSyntaxes: ['" + "*a" * 20_000 + "*']",
    "a transfer syntax": "version: 1\nAcceptedTransferSyntaxes: ['" + "1.2." * 20_000 + "']",
    "an encoding": "version: 1\nDefaultEncoding: " + "Utf8" * 20_000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_what_is_long_is_wrong_within_seconds(text: str) -> None:
    start = process_time()
    assert said(text)
    assert process_time() - start < 5


def test_no_message_repeats_a_text_of_any_length() -> None:
    # A message is to be read; what was written a million characters long is not.
    assert max(map(len, said("version: 1\nDefaultEncoding: " + "Utf8" * 20_000))) < 1000


# Texts

NOISE = st.text(max_size=60) | st.text(
    st.sampled_from("[]{}:,-?&*!|>'\"%@`#<= \t\n~0aé\u2028\x85\ufeff\ud800\x00\x7f"), max_size=60
)
WORDS = """
[ ] { } : , - ? & * | > ' " \\ % # @ ~ ! << = &a *a *pacs !env !file !x !!int !!bool !!null !!binary !!set !!merge
--- ...
null yes 0x .inf 1e9 0777 "\\ud800" "\\0" "\\Uffffffff" [a] version DicomModalities password {a:b://c} absent state
"""
BREAKS = [
    "\n",
    " ",
    "  ",
    "\t",
    "\r",
    "\x85",
    "\u2028",
    "\ufeff",
    "\x00",
    "\x7f",
    "\ud800",
    "version: 1\n",
    ">-\n",
    "%YAML 1.3\n---\n",
]
PARTS = st.sampled_from([*WORDS.split(), *(f"{word} " for word in WORDS.split()), *BREAKS]) | st.text(max_size=4)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A valid document with parts put in, cut out or moved."""
    text = VALID
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.sampled_from([0, 0, 0, 1, 5, 40]))
        text = text[:start] + draw(PARTS) + text[end:]
    return text


def outcome(*files: Path, text: str = "") -> Document | DocumentError:
    """The document, or the error that says why there is none; any other exception is a failure of the test."""
    environment = {"SET": "x"}
    try:
        return load(*files, environment=environment) if files else loads(text, environment=environment)
    except DocumentError as error:
        return error


def loads_or_says_why(text: str) -> None:
    """Load a text; an error is one that can be shown, with a place that is in the text."""
    found = outcome(text=text)
    repr(found).encode()
    str(found).encode()
    if isinstance(found, DocumentError):
        assert found.problems
        lines = len(re.split("\r\n|\r|\n|\x85|\u2028|\u2029", text))
        for problem in found.problems:
            assert problem.place is not None
            assert 0 <= problem.place.line <= lines + 1
            assert problem.message


@settings(max_examples=150)
@given(NOISE)
@example("!env {}: x")
@example("? &a [*a] : *a")
@example("<<: *a")
@example("&a a: &a *a")
@example("%YAML 1.1\n---\n!!python/object:os.system x")
@example("--- !<tag:yaml.org,2002:map> {version: 1}")
@example("=: 1\n<<: {}\n")
def test_any_text_loads_or_is_said_what_is_wrong_with_it(text: str) -> None:
    loads_or_says_why(text)
    loads_or_says_why("version: 1\nmodalities: " + text)


@settings(max_examples=150)
@given(damaged())
def test_a_damaged_document_loads_or_is_said_what_is_wrong_with_it(text: str) -> None:
    loads_or_says_why(text)


@settings(max_examples=60)
@given(
    st.binary(max_size=100) | damaged().map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=5)
)
def test_any_bytes_in_a_file_load_or_are_said_what_is_wrong_with_them(
    tmp_path: Path, content: bytes, more: bytes
) -> None:
    path = tmp_path / "document.yaml"
    for written in (content, content + more, more + content):
        path.write_bytes(written)
        found = outcome(path)
        assert not isinstance(found, DocumentError) or all(problem.place for problem in found.problems)


def test_the_document_that_is_damaged_is_a_good_one() -> None:
    assert loads(VALID.replace("!file /nonexistent", "!env SET"), environment={"SET": "x"}).warnings == ()


# The command line

SHELL = {
    "empty": b"",
    "binary": b"\x89PNG\r\n\x1a\n\x00",
    "tabs": b"version: 1\nmodalities:\n\tpacs: [PACS, h, 104]\n",
    "bomb": LAUGHS.encode(),
    "deep": b"[" * 200_000,
    "less deep": b"[" * 600 + b"{a: http://h}",
    "steering": b'version: 1\n"\\e[2J\\r\\a": 1\n',
}


@pytest.mark.parametrize("content", SHELL.values(), ids=SHELL)
def test_the_command_line_says_in_a_few_lines_what_is_wrong_and_exits_with_1(
    tmp_path: Path, cli: Callable[..., CompletedProcess[str]], content: bytes
) -> None:
    (tmp_path / "site.yaml").write_bytes(content)
    done = cli("validate", "site.yaml")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "site.yaml" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 5000
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", done.stderr)
