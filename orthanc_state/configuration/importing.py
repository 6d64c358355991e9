"""Makes the canonical document of a configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from orthanc_state.configuration.files import Configuration, ConfigurationError
from orthanc_state.configuration.reader import Text
from orthanc_state.document.document import place
from orthanc_state.document.dump import secret_comments
from orthanc_state.document.explain import dotted, explained, short
from orthanc_state.document.load import VERSION
from orthanc_state.document.write import References, as_yaml, placed_in, plain, without_invalid
from orthanc_state.errors import Problem
from orthanc_state.kinds.fingerprint import Fingerprints
from orthanc_state.kinds.kind import Context, ResourceKind
from orthanc_state.kinds.registry import resource_kinds
from orthanc_state.kinds.version import MAINLINE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.errors import Place

UNMANAGED = "not managed by a document"


@dataclass(frozen=True, slots=True)
class Imported:
    """A configuration as a document.

    Attributes:
        data: The document as plain data; a secret stands in it as `!env NAME`.
        variables: The environment variables that have to be set before it can be used.
        left_out: What of the configuration is not in it, with the reason.
        warnings: What the author of the configuration should know.
        text: The document as YAML.
    """

    data: Mapping[str, Any]
    variables: tuple[str, ...]
    left_out: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    text: str


def imported(configuration: Configuration) -> Imported:
    """The document of which a plan against a server that was started with the configuration is empty.

    No secret is in it: one becomes a reference to an environment variable, to its own where the configuration has one.

    Raises:
        ConfigurationError: It refers to environment variables of which the value is needed and not known.
    """
    return _Importer(configuration).run()


def sections_of(configuration: Configuration) -> dict[str, Any]:
    """What of a configuration a document could say, validated, by the name of the kind; it holds secrets.

    Raises:
        ConfigurationError: It refers to environment variables of which the value is needed and not known.
    """
    return {kind.name: section for kind, section in _Importer(configuration).sections()}


class _Importer:
    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._names: dict[tuple[str, ...], str] = {}
        self._left_out = list(configuration.unread)
        self._warnings = list(configuration.warnings)
        self._problems: list[Problem] = []

    def run(self) -> Imported:
        sections = self.sections()
        self._list_others()
        data: dict[str, Any] = {"version": VERSION}
        references = References(self._names)
        # As a plan without records of fingerprints sees a server: what is hidden is there, and nobody knows what it is.
        context = Context(MAINLINE, Fingerprints("off"))
        for kind, section in sections:
            written = references.section(kind, kind.declared(section, context))
            written = without_invalid(kind, written, self._left)
            if written is not None:
                placed_in(data, kind, written)
        comments = secret_comments(references.variables, "Secrets are not taken over")
        text = as_yaml(data, comments if references.variables else [])
        order = [source.name for source in self._configuration.sources]
        left_out = sorted(self._left_out, key=lambda problem: _order(problem, order))
        return Imported(plain(data), references.variables, tuple(left_out), tuple(self._warnings), text)

    def sections(self) -> list[tuple[ResourceKind, Any]]:
        """The kinds of which it says something, each with its section, validated."""
        found = list(self._sections())
        if self._problems:
            raise ConfigurationError("the configuration refers to what is not known", self._problems)
        return found

    def _sections(self) -> Iterator[tuple[ResourceKind, Any]]:
        for kind in resource_kinds():
            value = value_at(self._configuration.data, kind.orthanc_path)
            if value is None:
                continue
            if kind.prunable and value_at(self._configuration.data, kind.durability.split(".")) is True:
                message = f"counts for nothing while {kind.durability} is true: dump the server instead"
                self._left(kind.path, Problem(message, field=kind.orthanc_name))
                continue
            canonical, unknown = kind.imported(value)
            for path, message in unknown:
                # The key may be a secret that lost its name, where the entry may hold one.
                key = path if not kind.is_secret(path[:1]) else (*path[:1], "…")
                where = place(self._configuration.sources, (*kind.path, *path), of_key=True)
                self._left_out.append(Problem(message, where, dotted((*kind.orthanc_path, *key))))
            known = self._known(kind, canonical, ())
            section = self._parsed(kind, known)
            if section is not None:
                yield kind, section

    def _known(self, kind: ResourceKind, value: Any, path: tuple[str, ...]) -> Any:
        """Plain data of what was read; secrets that have a variable of their own are noted."""
        if isinstance(value, Mapping):
            return {str(key): self._known(kind, item, (*path, str(key))) for key, item in value.items()}
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [self._known(kind, item, (*path, str(index))) for index, item in enumerate(value)]
        if not isinstance(value, Text):
            return value
        if kind.prunable and len(path) > 1 and kind.is_secret(path):
            self._note_secret((*kind.path, *path), value)
        else:
            self._problems += [
                Problem(
                    f"the value of `{short(reference.name)}` is not known, and Orthanc takes nothing for it",
                    value.place,
                    dotted((*kind.path, *path)),
                    "give it with --env-file or --environment",
                )
                for reference in value.references
                if not reference.known
            ]
        return str(value)

    def _note_secret(self, path: tuple[str, ...], value: Text) -> None:
        if value.whole is None:
            if value.references:
                message = "only a part of this secret is a reference: the whole of it has a variable now"
                self._warnings.append(Problem(message, value.place, dotted(path)))
            return
        self._names[path] = value.whole.name
        if value.whole.has_default:
            message = f"the value that stands here for {short(value.whole.name)} is not taken over: set the variable"
            self._warnings.append(Problem(message, value.place, dotted(path)))

    def _parsed(self, kind: ResourceKind, value: Any) -> Any:
        """A section validated, without the entries that no document can declare; None when nothing is left."""
        try:
            return kind.parse(value)
        except ValidationError as error:
            wrong = set()
            for path, _, problem in explained(error, kind):
                self._left(path, problem)
                wrong.add(path[len(kind.path)] if len(path) > len(kind.path) else None)
            if not kind.prunable or None in wrong:
                return None
            return kind.parse({name: entry for name, entry in value.items() if name not in wrong})

    def _left(self, path: Sequence[str | int], problem: Problem) -> None:
        where: Place | None = problem.place or place(self._configuration.sources, path)
        self._left_out.append(Problem(problem.message, where, problem.field, problem.hint))

    def _list_others(self) -> None:
        """What is in the configuration and of no kind; its value may be a secret, and is not shown."""
        managed = {kind.orthanc_path for kind in resource_kinds() if kind.orthanc_path}
        parts = {path[0] for path in managed if len(path) > 1}
        for section, value in self._configuration.data.items():
            inner = value if section in parts and isinstance(value, Mapping) else {}
            paths: list[tuple[str, ...]] = [(section, str(key)) for key in inner] or [(section,)]
            for path in paths:
                if path not in managed:
                    where = place(self._configuration.sources, path, of_key=True)
                    self._left_out.append(Problem(UNMANAGED, where, dotted(path)))


def value_at(data: Any, path: Sequence[str]) -> Any:
    """What stands at a path; None when nothing does."""
    for key in path:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data if path else None


def _order(problem: Problem, files: Sequence[str]) -> tuple[int, int, int]:
    where = problem.place
    if where is None:
        return -1, 0, 0
    return files.index(where.file) if where.file in files else len(files), where.line, where.column
