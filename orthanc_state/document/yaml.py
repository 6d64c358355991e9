"""YAML with file, line and column: nodes from ruamel.yaml (libyaml where it is installed), data of our own making.

Everything that is wrong with the YAML itself is found here: what is no text, no YAML, a bomb, a key given twice.
No message quotes the text of a document, since that may be a secret.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.resolver import VersionedResolver

from orthanc_state.document.construct import MAX_DEPTH, Constructor, TooManyValuesError
from orthanc_state.document.source import Source, place_of
from orthanc_state.errors import Place, Problem

if TYPE_CHECKING:
    from typing import Any

    from ruamel.yaml.nodes import Node

    from orthanc_state.document.construct import Open
    from orthanc_state.document.variables import Variables

MAX_BYTES = 32 * 2**20
MAX_UNCHECKED = 2_000
"""Up to how many opening brackets, or columns in a line, no text can be nested so deep that libyaml overflows."""

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNSEEN_BREAK = re.compile("[\x85\u2028\u2029]")
_DIRECTIVE = re.compile(r"^%YAML[ \t]+(\S+)", re.MULTILINE)
_VARIABLE_IN_BRACES = re.compile(r"[{\[,].*(?<![\"'])\$\{")
_PHRASE = re.compile(
    r"(?:could|did|found|find|not|expected|unexpected|alias|anchor|tag|undefined|duplicate|invalid|incompatible|"
    r"document|start|end|of|stream|flow|block|mapping|sequence|entry|node|content|key|value|scalar|character|"
    r"indentation|while|scanning|parsing|a|an|the|in|for|next|token|simple|plain|quoted|double|single|literal|"
    r"comment|line|break|escape|directive|version|YAML|whitespace|or|and|but|is|was|here|:|'[,:\]}?-]'|[ ,.<>()-])+"
)
"""What a message of the parser may consist of to be shown: words of its own, and nothing of the document."""


class _Resolver(VersionedResolver):
    """Reads as YAML 1.2 without looking it up twice for each scalar, which takes half of the time."""

    processing_version: Any = (1, 2)


def parse(content: bytes, source: Source, *, variables: Variables | None = None, include: Open | None = None) -> Source:
    """Read one YAML file, with those that it includes.

    Args:
        content: The bytes of the file.
        source: The file, of which everything is known but what it says.
        variables: What is put into its texts; None where a text is only that.
        include: Reads the nodes of a file that is included: `compose` does.

    Returns:
        The same with its data and all problems that were found; data is None when there is nothing to go on with.
    """
    compose(content, source)
    if source.root is not None:
        try:
            source.data = Constructor(source, variables, include).construct(source.root, 0)
        except TooManyValuesError as error:
            message = "the aliases of this document come to too many values: is this a YAML bomb?"
            source.problems.append(Problem(message, place_of(source.name, error.node)))
    elif not source.problems:
        hint = "A document begins with `version: 1`."
        source.problems.append(Problem("the file is empty", Place(source.name), hint=hint))
    return source


def compose(content: bytes, source: Source) -> Source:
    """Read the nodes of one YAML file, and nothing yet of what they mean.

    Args:
        content: The bytes of the file.
        source: The file; its digest, its root and its problems are added to.
    """
    name = source.name
    source.digest = sha256(content).hexdigest()
    text = _text(content, source)
    if text is None:
        return source
    versions = _DIRECTIVE.finditer(text.replace("\r", "\n"))
    other = next((found for found in versions if found[1] not in ("1.1", "1.2")), None)
    if other is not None:
        place = Place(name, len(re.findall("\r\n|\r|\n", text[: other.start(1)])) + 1, 1)
        source.problems.append(Problem("another version of YAML: expected 1.2", place))
        return source
    try:
        source.root = _compose(text)
    except _TooDeepError as error:
        source.problems.append(Problem(f"nested deeper than {MAX_DEPTH} levels", Place(name, error.line, 1)))
    except MarkedYAMLError as error:
        source.problems.append(_explained(error, name, text))
    except (YAMLError, ValueError, OverflowError, AssertionError):
        source.problems.append(Problem("this is not YAML", Place(name)))
    return source


def _text(content: bytes, source: Source) -> str | None:
    if len(content) > MAX_BYTES:
        source.problems.append(Problem(f"the file has more than {MAX_BYTES // 2**20} MiB", Place(source.name)))
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        source.problems.append(Problem("this is not text in UTF-8", Place(source.name, line, 1)))
        return None
    bad = _UNPRINTABLE.search(text)
    if bad is not None:
        code = ord(bad.group())
        message = f"a character that no text has (0x{code:02x}): is this a binary file?"
    else:
        bad = _UNSEEN_BREAK.search(text)
        if bad is None:
            return text
        message = f"a line break that editors do not show (0x{ord(bad.group()):02x})"
    start = bad.start()
    place = Place(source.name, text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))
    source.problems.append(Problem(message, place, hint="write it as an escape in a quoted text"))
    return None


class _TooDeepError(Exception):
    """A document is nested so deep that nobody wrote it."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line


def _compose(text: str) -> Node | None:
    fast = YAML(typ="safe")
    fast.Resolver = _Resolver
    node: Node | None
    try:
        if _may_be_deep(text):
            _check_depth(fast, text)
        node = fast.compose(text)
    except YAMLError as first:
        # libyaml knows YAML 1.1 and refuses what 1.2 allows, a URL in a flow mapping for one.
        pure = YAML(typ="safe", pure=True)
        # An anchor may be used again: an alias stands for the last one.
        pure.composer.warn_double_anchors = False
        try:
            node = pure.compose(text)
        except RecursionError:
            _check_depth(YAML(typ="safe", pure=True), text)
            raise _TooDeepError(1) from None
        except (ValueError, OverflowError):
            # An escape that stands for no character; libyaml says where it is.
            raise first from None
    return node


def _may_be_deep(text: str) -> bool:
    """Whether a text could overflow the stack of libyaml's composer, which does not look after itself."""
    brackets = text.count("[") + text.count("{")
    return brackets > MAX_UNCHECKED or max(map(len, text.splitlines()), default=0) > MAX_UNCHECKED


def _check_depth(loader: YAML, text: str) -> None:
    """Go through the events of a text, which needs no stack, and refuse one that is nested too deep."""
    depth = 0
    for event in loader.parse(text):
        kind = type(event).__name__
        depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
        # The stream and the document count too.
        if depth > MAX_DEPTH + 2:
            raise _TooDeepError(event.start_mark.line + 1)


def _explained(error: MarkedYAMLError, name: str, text: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name, 1, 1)
    lines = text.splitlines()
    if place.line <= len(lines) and _VARIABLE_IN_BRACES.search(lines[place.line - 1]):
        return Problem("a variable that is not quoted", place, hint='in braces, write "${NAME}"')
    what = str(error.problem or "")
    # Each begins as a message of the parser does; what follows may quote the document.
    known = {
        "found character '\\t'": ("a tab in the indentation", "YAML is indented with spaces only"),
        "found character": ("a character that cannot stand here", "quote the text that it belongs to"),
        "but found another document": ("a second document begins here", "one file holds one document"),
        "mapping values are not allowed": (
            "a `:` that cannot stand here",
            "check the indentation, or quote the text",
        ),
        "found undefined alias": ("an alias to nothing", "quote text that begins with `*`"),
        "found undefined tag": ("an unknown tag", "quote text that begins with `!`"),
        "could not determine": ("an unknown tag", "quote text that begins with `!`"),
    }
    for start, (message, hint) in known.items():
        if what.startswith(start):
            return Problem(message, place, hint=hint)
    shown = f"not YAML: {what}" if _PHRASE.fullmatch(what) else "not YAML from here on"
    return Problem(shown, place, hint="quote text that holds signs of YAML")
