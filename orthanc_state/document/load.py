"""Reads documents: from files, from text, from data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from orthanc_state.document.document import Document, place
from orthanc_state.document.explain import dotted, explained, nearest, placed, short
from orthanc_state.document.merge import merged
from orthanc_state.document.requirements import assumptions_of, requirements_of
from orthanc_state.document.safety import limits_of, protected_entries, protected_of
from orthanc_state.document.source import Source
from orthanc_state.document.variables import VariableError, Variables
from orthanc_state.errors import Place, Problem, ProblemsError
from orthanc_state.kinds.fingerprint import Fingerprints
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.kinds.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orthanc_state.document.reader import Reader
    from orthanc_state.kinds.kind import Kind

VERSION = 1
"""The version of the format of documents."""


class DocumentError(ProblemsError):
    """A document cannot be used; it holds everything that is wrong with it."""

    code = "document-invalid"
    remedy = (
        "Each problem has its file, line and column, what was expected, and the nearest name where one was misspelt. "
        "`validate` finds them without a server, and `explain SECTION.FIELD` tells what a field takes."
    )


def load(
    *files: str | os.PathLike[str],
    environment: Mapping[str, str] | None = None,
    variables: Mapping[str, Any] | None = None,
    root: str | os.PathLike[str] | None = None,
    secrets: bool = True,
) -> Document:
    """Read a document from one file, or from several of which a later one overrides the earlier ones.

    Mappings are merged key by key, lists replaced, and `null` takes away what an earlier file declares.

    Args:
        files: YAML or JSON files; `!file` and `!include` are relative to the folder of the file that has them.
        environment: Where `!env` looks; the environment of the process if None.
        variables: What `${NAME}` stands for in the files: texts, numbers, truth values, secrets, or a `Variable` that
            knows where it was given.
        root: The folder that nothing is included from outside of, for the files in it; for the others, and for all if
            None, it is that of each file.
        secrets: Whether the secrets are read; a document without can be looked at, but not planned.

    Raises:
        DocumentError: With every problem that can be found without a server.
    """
    if not files:
        raise DocumentError("no document was given", [])
    return built(read(*files, environment=environment, variables=variables, root=root, secrets=secrets))


def read(
    *files: str | os.PathLike[str],
    environment: Mapping[str, str] | None = None,
    variables: Mapping[str, Any] | None = None,
    root: str | os.PathLike[str] | None = None,
    secrets: bool = True,
) -> list[Source]:
    """Read files, and nothing yet of what they mean; `built` makes a document of them.

    Args:
        files: As for `load`.
        environment: As for `load`.
        variables: As for `load`.
        root: As for `load`.
        secrets: As for `load`.

    Raises:
        DocumentError: The variables cannot be used.
    """
    reader = _reader(environment, variables, root, secrets=secrets)
    return [reader.read(Path(file)) for file in files]


def loads(
    text: str,
    *,
    name: str = "<text>",
    environment: Mapping[str, str] | None = None,
    variables: Mapping[str, Any] | None = None,
    folder: str | os.PathLike[str] = "",
) -> Document:
    """Read a document from text.

    Args:
        text: The document.
        name: What it is called in messages.
        environment: As for `load`.
        variables: As for `load`.
        folder: What `!file` and `!include` are relative to; the working directory if empty.

    Raises:
        DocumentError: As `load`.
    """
    reader = _reader(environment, variables)
    return built([reader.parsed(text.encode("utf-8", "surrogatepass"), Path(folder), name)])


def from_data(data: Mapping[str, Any]) -> Document:
    """A document from plain data; a secret in it is text, or a `Secret` that knows where it came from.

    Raises:
        DocumentError: As `load`.
    """
    return built([Source("", dict(data))])


def _reader(
    environment: Mapping[str, str] | None,
    variables: Mapping[str, Any] | None,
    root: str | os.PathLike[str] | None = None,
    *,
    secrets: bool = True,
) -> Reader:
    # Here, and not above: data that came from no file is read without YAML.
    from orthanc_state.document.reader import Reader

    try:
        names = Variables(variables or {}, secrets=secrets)
    except VariableError as error:
        raise DocumentError(f"the variables cannot be used: {error}", []) from None
    given = os.environ if environment is None else environment
    return Reader(given if secrets else None, names, None if root is None else Path(root))


def built(sources: Sequence[Source]) -> Document:
    """The document that some files are, of which a later one overrides the earlier ones.

    Raises:
        DocumentError: As `load`.
    """
    problems = [problem for source in sources for problem in source.problems]
    data: dict[str, Any] = {}
    protected: dict[str, tuple[str | int, ...]] = {}
    complete = True
    for source in sources:
        if isinstance(source.data, Mapping):
            declared = canonical(source, problems)
            # An entry that a later file takes away is protected all the same.
            protected |= dict(protected_entries(declared))
            data = merged(data, declared, keeps_null)
        else:
            complete = False
            if not source.problems:
                found = source.find((), lambda path: ())[1]
                problems.append(Problem("expected a mapping of sections", found))
    builder = _Builder(sources, problems)
    # With a file missing, whatever it would have declared would be reported as missing too.
    document = builder.build(data, tuple(protected.items())) if complete else None
    if document is None or problems:
        names = ", ".join(source.name for source in sources if source.name) or "the document"
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        told = [_with_variables(problem, sources) for problem in sorted(problems, key=_order)]
        raise DocumentError(f"{count} in {names}", told)
    return document


def _with_variables(problem: Problem, sources: Sequence[Source]) -> Problem:
    """A problem with the variables that the value came from, which is not what stands in its place."""
    taken = next((source.taken[problem.place] for source in sources if problem.place in source.taken), ())
    if not taken:
        return problem
    origins = [f"`{each.name}` ({each.variable.place})" if each.variable.place else f"`{each.name}`" for each in taken]
    words = f"from the variable{'s' if len(taken) > 1 else ''} {', '.join(origins)}"
    return Problem(problem.message, problem.place, problem.field, "; ".join(filter(None, [problem.hint, words])))


def _order(problem: Problem) -> tuple[str, int, int]:
    where = problem.place or Place("")
    return where.file, where.line, where.column


def canonical(source: Source, problems: list[Problem]) -> dict[str, Any]:
    """The data of one file in the canonical spelling, so that files can be merged."""
    # Sections that hold several kinds are added to: not in the data that was given.
    data = {key: dict(value) if isinstance(value, dict) else value for key, value in source.data.items()}
    for kind in all_kinds().values():
        for value in _taken(data, kind.orthanc_path):
            group = data
            for key in kind.path[:-1]:
                group = group.setdefault(key, {})
                if not isinstance(group, dict):
                    break
            if not isinstance(group, dict) or kind.path[-1] in group:
                found = source.find(kind.orthanc_path, lambda path: (), of_key=True)[1]
                problems.append(Problem(f"this is the same as `{kind.name}`, which is given too", found))
                continue
            group[kind.path[-1]] = value
        _replace(data, kind)
    return data


def _taken(data: dict[str, Any], path: Sequence[str]) -> list[Any]:
    """What stands at a path in Orthanc's spelling, if anything does; it is taken away, with what is empty then."""
    if not path or path[0] not in data:
        return []
    first, *rest = path
    if not rest:
        return [data.pop(first)]
    if not isinstance(data[first], dict):
        return []
    inner = dict(data.pop(first))
    found = _taken(inner, rest)
    if inner or not found:
        data[first] = inner
    return found


def _replace(data: dict[str, Any], kind: Kind) -> None:
    group: Any = data
    for key in kind.path[:-1]:
        if not isinstance(group.get(key), dict):
            return
        group[key] = dict(group[key])
        group = group[key]
    if kind.path[-1] in group:
        group[kind.path[-1]] = kind.canonical(group[kind.path[-1]])


def keeps_null(path: Sequence[str]) -> bool:
    """Whether `null` in a later file is a value: for a secret it says that there must be none."""
    kind = all_kinds().get(path[0])
    return kind is not None and len(path) > 2 and kind.is_secret(path[1:])


class _Builder:
    """Validates the merged data and collects what is wrong with it."""

    def __init__(self, sources: Sequence[Source], problems: list[Problem]) -> None:
        self._sources = sources
        self._problems = problems

    def build(self, data: Mapping[str, Any], protected: tuple[tuple[str, tuple[str | int, ...]], ...]) -> Document:
        kinds = all_kinds()
        groups = {kind.path[0] for kind in kinds.values()}
        valid = sorted(groups | {"version", "prune", "fingerprints", "protected", "limits", "require", "assume"})
        # What is left of a section of `orthanc.json` of which only a part is a kind.
        parts = {kind.orthanc_path[0]: kind.orthanc_path[1] for kind in kinds.values() if len(kind.orthanc_path) > 1}
        known = [*valid, *(kind.orthanc_path[0] for kind in kinds.values() if kind.orthanc_path)]
        for key in data:
            if key in parts:
                self._check_rest(key, data[key], f"of this section, a document has only `{parts[key]}`")
            elif key not in valid:
                hint = nearest(str(key), known) or f"valid are {', '.join(valid)}"
                self._wrong((key,), f"unknown section `{short(key)}`", hint, of_key=True)
        self._check_version(data)
        sections: dict[str, Any] = {}
        warnings: list[Problem] = []
        for kind in kinds.values():
            present, value = self._section(data, kind)
            if not present:
                continue
            try:
                sections[kind.name] = kind.parse(value)
            except ValidationError as error:
                for path, of_key, problem in explained(error, kind):
                    self._problems.append(placed(problem, place(self._sources, path, of_key=of_key)))
                continue
            warnings += self._warned(kind, kind.warnings(sections[kind.name]))
        self._check_groups(data)
        prune = self._prune(data, sections, warnings)
        fingerprints = self._fingerprints(data.get("fingerprints", "scrypt"))
        return Document(
            sections,
            prune,
            fingerprints,
            (*protected_of(data.get("protected", []), self._wrong), *protected),
            limits_of(data.get("limits", {}), self._wrong),
            tuple(sorted(warnings, key=_order)),
            tuple(self._sources),
            requirements_of(data.get("require", {}), self._wrong),
            assumptions_of(data.get("assume", {}), self._wrong),
        )

    def _check_rest(self, section: str, value: Any, hint: str) -> None:
        if not isinstance(value, Mapping):
            self._wrong((section,), f"unknown section `{section}`", hint, of_key=True)
            return
        for key in value:
            self._wrong((section, str(key)), f"unknown key `{short(key)}`", hint, of_key=True)

    def _check_version(self, data: Mapping[str, Any]) -> None:
        if "version" not in data:
            self._wrong((), "`version` is missing", f"a document begins with `version: {VERSION}`")
        elif data["version"] != VERSION or isinstance(data["version"], bool):
            self._wrong(("version",), f"this is not a version of the format that is known: expected {VERSION}")

    def _section(self, data: Mapping[str, Any], kind: Kind) -> tuple[bool, Any]:
        value: Any = data
        for key in kind.path:
            if not isinstance(value, Mapping) or key not in value:
                return False, None
            value = value[key]
        return True, value

    def _check_groups(self, data: Mapping[str, Any]) -> None:
        """The keys of sections that hold several kinds: `dicom`."""
        groups: dict[str, list[str]] = {}
        for kind in all_kinds().values():
            if len(kind.path) > 1:
                groups.setdefault(kind.path[0], []).append(kind.path[1])
        for group, valid in groups.items():
            value = data.get(group, {})
            if not isinstance(value, Mapping):
                self._wrong((group,), "expected a mapping of settings")
                continue
            for key in value:
                if key not in valid:
                    hint = nearest(str(key), valid) or f"valid are {', '.join(valid)}"
                    self._wrong((group, key), f"unknown key `{short(key)}`", hint, of_key=True)

    def _prune(self, data: Mapping[str, Any], sections: Mapping[str, Any], warnings: list[Problem]) -> frozenset[str]:
        prune = data.get("prune", {})
        prunable = [kind.name for kind in all_kinds().values() if kind.prunable]
        if not isinstance(prune, Mapping):
            self._wrong(("prune",), "expected a mapping such as {modalities: true}")
            return frozenset()
        chosen = set()
        for key, value in prune.items():
            path = ("prune", str(key))
            if key not in prunable:
                self._wrong(path, f"`{short(key)}` cannot be pruned", nearest(str(key), prunable), of_key=True)
            elif not isinstance(value, bool):
                self._wrong(path, "expected true or false")
            elif value and key not in sections and key not in data:
                self._wrong(path, f"`{key}` is to be pruned, but the document does not declare it")
            elif value and key in sections and not sections[key]:
                message = (
                    f"`{key}` is empty: nothing is pruned, since an empty section is more often a mistake than a wish"
                )
                warnings.append(Problem(message, place(self._sources, path), dotted(path)))
            elif value:
                chosen.add(str(key))
        return frozenset(chosen)

    def _fingerprints(self, value: Any) -> Fingerprints:
        if value in ("scrypt", "off"):
            return Fingerprints(value)
        if isinstance(value, Mapping) and set(value) == {"key"} and isinstance(value["key"], Secret):
            key: Secret = value["key"]
            if key.missing:
                # That it is missing was said already.
                return Fingerprints("off")
            if key.reveal():
                return Fingerprints("key", key)
        self._wrong(("fingerprints",), "expected `scrypt`, `off`, or {key: !env NAME}")
        return Fingerprints("off")

    def _warned(self, kind: Kind, found: Iterable[tuple[tuple[str | int, ...], str]]) -> list[Problem]:
        paths = [((*kind.path, *path), message) for path, message in found]
        return [Problem(message, place(self._sources, path), dotted(path)) for path, message in paths]

    def _wrong(self, path: Sequence[str | int], message: str, hint: str = "", *, of_key: bool = False) -> None:
        self._problems.append(Problem(message, place(self._sources, path, of_key=of_key), dotted(path), hint))
