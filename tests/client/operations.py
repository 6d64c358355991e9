"""The operations of the REST API, and the methods of the client whose docstrings say that they use them."""

from __future__ import annotations

import csv
import inspect
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orthanc_state import AsyncOrthanc, Orthanc
from orthanc_state.client._async.content import Content as AsyncContent
from orthanc_state.client._async.resource import Resource as AsyncResource
from orthanc_state.client._sync.content import Content
from orthanc_state.client._sync.resource import Resource

CSV = Path(__file__).parents[2] / "docs" / "operations.csv"
LEVELS = ("patients", "studies", "series", "instances")
CATEGORIES = ("dicom", "generic", "http", "jobs", "lua", "plugins", "sqlite")
"""The categories of the log."""

PLACEHOLDERS: dict[str, Sequence[str]] = {
    "level": LEVELS,
    "parent": ("patient", "study", "series"),
    "children": ("studies", "series", "instances"),
    "category": CATEGORIES,
}
"""What a docstring may leave open that the table has not, with what it may stand for."""

RAW = frozenset({"get", "post", "put", "delete", "request", "stream"})
"""The methods of the client itself that send what they are told."""

_OPERATION = re.compile(r"`([A-Z]+ /[^`?]*)(?:\?[^`]*)?`")
_PLACEHOLDER = re.compile(r"\{(" + "|".join(PLACEHOLDERS) + r")\}")
_PARAMETER = re.compile(r"^    (\w+: .+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table.

    Attributes:
        method: The HTTP method.
        path: The path, with the names of what varies in braces.
        since: The version that introduced it; empty for what is older than 1.10.1.
        r_method: The method of the R package; empty where it has none.
    """

    method: str
    path: str
    since: str
    r_method: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def is_known_to(self, version: str) -> bool:
        """Whether a server of this version has it."""
        return not self.since or numbers(version) >= numbers(self.since)


def numbers(version: str) -> tuple[int, ...]:
    """A version as something that can be compared."""
    return tuple(map(int, re.findall(r"\d+", version)[:3]))


def _read() -> dict[str, Operation]:
    with CSV.open(encoding="utf-8", newline="") as file:
        rows = [Operation(**row) for row in csv.DictReader(file)]
    return {str(row): row for row in rows}


TABLE = _read()
"""Every operation by its name, such as `GET /jobs/{id}`, in the order of the file."""

_BY_BEGINNING: dict[tuple[str, str], list[tuple[list[str], str]]] = defaultdict(list)
# A name that is written out wins over one that may be anything: `/plugins/explorer.js` over `/plugins/{id}`.
for _name, _row in sorted(TABLE.items(), key=lambda item: item[0].count("{")):
    _segments = _row.path.strip("/").split("/")
    _BY_BEGINNING[_row.method, _segments[0]].append((_segments, _name))


def find(method: str, path: str) -> str | None:
    """The operation that a request is, if it is one."""
    asked = path.partition("?")[0].strip("/").split("/")
    for segments, name in _BY_BEGINNING.get((method, asked[0]), ()):
        whole = len(segments) == len(asked) or (segments[-1] == "{path}" and len(segments) < len(asked))
        if whole and all(there in ("", here) or there[0] == "{" for there, here in zip(segments, asked, strict=False)):
            return name
    return None


def documented(member: Any, placeholders: Mapping[str, Sequence[str]] = PLACEHOLDERS) -> list[str]:
    """The operations that the docstring of a method names, without their queries.

    Args:
        member: The method.
        placeholders: What stands for what the docstring leaves open.
    """
    text = (inspect.getdoc(member) or "").partition("Operation:")[2].partition("\n\n")[0]
    return [name for named in _OPERATION.findall(text) for name in _expanded(named, placeholders)]


def documented_parameters(owner: type, name: str) -> set[str]:
    """The lines that explain parameters in the docstring of a method, or in that of the one of which its first words
    say `As ...`."""
    doc = inspect.getdoc(getattr(owner, name)) or ""
    arguments = re.search(r"^Args:\n((?:    .*\n?|\n)*)", doc, re.MULTILINE)
    found = set(_PARAMETER.findall(arguments[1])) if arguments else set()
    other = re.match(r"As `(\w+)`", doc)
    return found | (documented_parameters(owner, other[1]) if other else set())


def parameters(owner: type, name: str) -> list[inspect.Parameter]:
    """The parameters of a method, without `self`."""
    return list(inspect.signature(getattr(owner, name)).parameters.values())[1:]


@dataclass(frozen=True, slots=True)
class Method:
    """One public method of one object of the client.

    Attributes:
        spelling: As it is written, such as `orthanc.studies[id].labels.add`.
        owner: The class of the object.
        name: The name of the method.
        operations: What it does to the server, as its docstring says.
        elsewhere: Whether that is nowhere below the path of the object, as `find` asks `/tools/find`.
        steps: How the object is reached from the client: attributes, and keys in brackets.
    """

    spelling: str
    owner: type
    name: str
    operations: tuple[str, ...]
    elsewhere: bool
    steps: tuple[tuple[str, Any], ...]

    def call(self, client: Orthanc, *, full: bool = False, long: bool = False) -> None:
        """Call it with arguments that mean nothing, and read what it gives to its end.

        Args:
            client: The client with the object.
            full: Give every argument, and not only what must be given.
            long: Give lists that are too long for a URL.
        """
        result = self._begin(client, full, long)
        if isinstance(result, Content):
            result.read()
        elif isinstance(result, Iterator):
            list(result)

    async def call_async(self, client: AsyncOrthanc, *, full: bool = False, long: bool = False) -> None:
        """As `call`, with an asynchronous client."""
        result = self._begin(client, full, long)
        if inspect.isawaitable(result):
            result = await result
        if isinstance(result, AsyncContent):
            await result.read()
        elif hasattr(result, "__anext__"):
            async for _ in result:
                pass

    def _begin(self, client: Any, full: bool, long: bool) -> Any:
        node = client
        for attribute, key in self.steps:
            node = getattr(node, attribute) if attribute else node[key]
        positional = []
        named = {}
        for parameter in parameters(self.owner, self.name):
            if parameter.kind is parameter.VAR_KEYWORD:
                continue
            if parameter.kind is not parameter.VAR_POSITIONAL and parameter.default is not parameter.empty and not full:
                continue
            value = CATEGORIES[0] if parameter.name == "category" else _meaningless(parameter.annotation, long)
            if parameter.kind is parameter.KEYWORD_ONLY:
                named[parameter.name] = value
            else:
                positional.append(value)
        return getattr(node, self.name)(*positional, **named)


def _meaningless(annotation: str, long: bool) -> Any:
    """A value of a type, as the signatures spell it."""
    if "Source" in annotation:
        return b"x"
    kind = annotation.removesuffix(" | None").partition("[")[0].partition(" ")[0]
    if kind in {"Sequence", "Iterable"}:
        return [{"x": "y"}] if "Mapping" in annotation else ["x" * 40] * (200 if long else 1)
    values = {
        "Callable": lambda *_: None,
        "LevelName": "Study",
        "Mapping": {"x": "y"},
        "bool": True,
        "float": 1.0,
        "int": 1,
        "object": {},
        "str": "x",
    }
    return values[kind]


def methods(client: Orthanc | AsyncOrthanc) -> list[Method]:
    """Every public method of every object that can be reached from a client; nothing is asked for."""
    return list(_visit(client, "orthanc", ()))


def _visit(node: Any, spelling: str, steps: tuple[tuple[str, Any], ...]) -> Iterable[Method]:
    owner = type(node)
    segments: tuple[str, ...] = getattr(node, "_segments", ())
    children: dict[str, Any] = {}
    own: list[str] = []
    for name in (name for name in dir(node) if not name.startswith("_")):
        if inspect.isfunction(inspect.getattr_static(node, name)):
            own.append(name)
        elif isinstance(value := getattr(node, name), AsyncResource | Resource):
            children[name] = value
    below = {child._segments[len(segments)] for child in children.values()}
    for name in own:
        operations, elsewhere = _belonging(segments, below, getattr(owner, name))
        yield Method(f"{spelling}.{name}", owner, name, tuple(operations), elsewhere, steps)
    for name, child in children.items():
        yield from _visit(child, f"{spelling}.{name}", (*steps, (name, None)))
    if hasattr(owner, "__getitem__"):
        (key,) = parameters(owner, "__getitem__")
        named = "id" if key.name in {"identifier", "uid"} else key.name
        value = 0 if key.annotation == "int" else f"{{{named}}}"
        yield from _visit(node[value], f"{spelling}[{named}]", (*steps, ("", value)))


def _belonging(segments: tuple[str, ...], below: set[str], member: Any) -> tuple[list[str], bool]:
    """The operations of a method that are those of an object, and whether they are elsewhere.

    A docstring that is shared by several classes names the operations of all of them. Those whose path begins with
    the object's are its own, but for those that a part of it has.

    Args:
        segments: The path of the object.
        below: The segments that lead to its parts.
        member: The method.
    """
    placeholders = dict(PLACEHOLDERS)
    if segments and segments[0] in LEVELS:
        placeholders |= {"level": segments[:1], "parent": segments[-1:], "children": segments[-1:]}
    named = documented(member, placeholders)
    beneath: list[str] = []
    direct: list[str] = []
    for name in named:
        path = name.partition(" ")[2].strip("/").split("/")
        if len(path) < len(segments) or not all(map(_leads_to, path, segments)):
            continue
        beneath.append(name)
        if path[len(segments) : len(segments) + 1] == [] or path[len(segments)] not in below:
            direct.append(name)
    return direct or beneath or named, bool(named) and not beneath


def _leads_to(written: str, segment: str) -> bool:
    if segment[0] == "{" or segment.isdigit():
        return written[0] == "{"
    # The levels of the categories of the log stand beside that of the whole log.
    return written == segment or written.startswith(segment + "-")


def _expanded(name: str, placeholders: Mapping[str, Sequence[str]]) -> Iterable[str]:
    open_ones = dict.fromkeys(_PLACEHOLDER.findall(name))
    for values in itertools.product(*(placeholders[each] for each in open_ones)):
        chosen = dict(zip(open_ones, values, strict=True))
        yield _PLACEHOLDER.sub(lambda found, chosen=chosen: chosen[found[1]], name)  # type: ignore[misc]
