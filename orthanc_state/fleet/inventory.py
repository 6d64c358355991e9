"""The inventory: which servers there are, how each is reached, and which documents say what it should be."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from orthanc_state.document.explain import dotted, explained, nearest, placed
from orthanc_state.document.reader import content_of
from orthanc_state.document.secrets import SecretReader
from orthanc_state.document.source import Source
from orthanc_state.document.yaml import parse
from orthanc_state.errors import OrthancStateError, Problem, ProblemsError
from orthanc_state.fleet.layers import MemberLayers
from orthanc_state.fleet.model import Access, GroupData, InventoryData, ServerData
from orthanc_state.kinds.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from orthanc_state.errors import Place
    from orthanc_state.fleet.member import Member
    from orthanc_state.fleet.network import Network

VERSION = 1
"""The version of the format of inventories."""


class InventoryError(ProblemsError):
    """An inventory cannot be used; it holds everything that is wrong with it."""

    code = "inventory-invalid"
    remedy = (
        "Each problem has its file, line and column, and what was expected. `validate --inventory` finds them without "
        "a server."
    )


class SelectionError(OrthancStateError):
    """A server or a group was asked for that the inventory does not have."""

    code = "selection-unknown"
    remedy = "`orthanc-state inventory` lists the servers and their groups."


@dataclass(frozen=True, slots=True)
class Inventory:
    """Every server of an inventory file.

    Attributes:
        path: The file.
        members: The servers by name, in the order of the file.
        groups: The names of all groups, in the order of the file.
        network: The DICOM nodes and the links between them; None where the file has none.
        source: The file as it was read.
        warnings: What is allowed but probably a mistake.
    """

    path: Path
    members: Mapping[str, Member]
    groups: tuple[str, ...]
    network: Network | None
    source: Source = field(repr=False)
    warnings: tuple[Problem, ...] = ()

    @classmethod
    def load(cls, path: str | os.PathLike[str], environment: Mapping[str, str] | None = None) -> Inventory:
        """Read an inventory file.

        A secret that is missing is no error here: it is one for the server that cannot be reached without.

        Args:
            path: A YAML or JSON file. The paths in it are relative to its folder.
            environment: Where `!env` looks; the environment of the process if None.

        Raises:
            InventoryError: With every problem that can be found without the documents and the servers.
        """
        path = Path(path)
        reasons: dict[str, str] = {}
        source = _read(path, os.environ if environment is None else environment, reasons)
        problems = list(source.problems)
        data = None
        if isinstance(source.data, Mapping):
            data = _validated(source, problems)
        elif not problems:
            problems.append(Problem("expected a mapping of sections", _place(source, ())))
        members: dict[str, Member] = {}
        if data is not None:
            layers = MemberLayers(data, path.parent, lambda where: _place(source, where), reasons)
            members = {name: layers.member(name) for name in data.servers}
            problems += [*layers.problems, *_same_servers(members)]
        network = None
        if data is not None and data.network is not None:
            from orthanc_state.fleet.network import read_network
            from orthanc_state.fleet.topology import network_problems

            network, wrong = read_network(source, tuple(members))
            problems += wrong or network_problems(network)
        if problems or data is None:
            count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
            raise InventoryError(f"{count} in {path}", sorted(problems, key=_order))
        if network is None:
            return cls(path, members, tuple(data.groups), None, source)
        from orthanc_state.fleet.station import Station
        from orthanc_state.fleet.topology import network_warnings

        members = {name: replace(member, station=Station.of(network, name)) for name, member in members.items()}
        warnings = tuple(sorted(network_warnings(network), key=_order))
        return cls(path, members, tuple(data.groups), network, source, warnings)

    @property
    def folder(self) -> Path:
        """What the paths in it are relative to."""
        return self.path.parent

    def select(self, servers: Sequence[str] = (), groups: Sequence[str] = ()) -> tuple[Member, ...]:
        """Some of the servers, in the order of the file: those that are named, and those of the groups that are.

        Args:
            servers: Names of servers.
            groups: Names of groups. Neither servers nor groups: all servers.

        Raises:
            SelectionError: There is no such server or group, or a group has no server.
        """
        _check_known("server", servers, tuple(self.members), self.path)
        _check_known("group", groups, self.groups, self.path)
        for group in groups:
            if not any(group in member.groups for member in self.members.values()):
                hint = f"A server is in it that says `groups: [{group}]`."
                raise SelectionError(f"no server of {self.path} is in the group {group}", hint=hint)
        if not servers and not groups:
            return tuple(self.members.values())
        return tuple(
            member
            for member in self.members.values()
            if member.name in servers or not set(groups).isdisjoint(member.groups)
        )

    def shown(self, path: Path) -> str:
        """A path that the inventory names, as it names it."""
        return str(path.relative_to(self.folder)) if path.is_relative_to(self.folder) else str(path)

    def place(self, path: Sequence[str | int], *, of_key: bool = False) -> Place | None:
        """Where in the file a value, or its key, stands; its parent where it does not stand anywhere."""
        return _place(self.source, path, of_key=of_key)


def _check_known(what: str, names: Sequence[str], known: Sequence[str], path: Path) -> None:
    for name in names:
        if name not in known:
            hint = nearest(name, known) or f"its {what}s are {', '.join(known) or 'none'}"
            raise SelectionError(f"{path} has no {what} {name}", hint=hint[0].upper() + hint[1:])


def _read(path: Path, environment: Mapping[str, str], reasons: dict[str, str]) -> Source:
    name = str(path)
    content, problem = content_of(path)
    if problem is not None:
        return Source(name, problems=[problem])
    reader = SecretReader(path.parent, environment)

    def later(tag: str, read: Callable[[str, Place], Secret]) -> Callable[[str, Place], Secret]:
        def tried(where: str, place: Place) -> Secret:
            try:
                return read(where, place)
            except ValueError as error:
                reference = f"{tag} {where}"
                reasons[reference] = str(error)
                return Secret("", reference)

        return tried

    tags = {"!env": later("!env", reader.env), "!file": later("!file", reader.file)}
    return parse(content, Source(name, folder=path.parent, tags=tags))


def _validated(source: Source, problems: list[Problem]) -> InventoryData | None:
    if "version" not in source.data:
        hint = f"an inventory begins with `version: {VERSION}`"
        problems.append(Problem("`version` is missing", _place(source, ()), "", hint))
    elif isinstance(source.data["version"], bool) or source.data["version"] != VERSION:
        message = f"this is not a version of the format that is known: expected {VERSION}"
        problems.append(Problem(message, _place(source, ("version",)), "version"))
    try:
        return InventoryData.model_validate({**source.data, "version": VERSION})
    except ValidationError as error:
        for path, of_key, problem in explained(error, _Described(), missing_said=False):
            problems.append(placed(problem, _place(source, path, of_key=of_key)))
    return None


def _same_servers(members: Mapping[str, Member]) -> Iterator[Problem]:
    """Two names of one server: what the one is to be, the other would undo."""
    seen: dict[str, str] = {}
    for name, member in members.items():
        first = seen.setdefault(member.url.lower(), name)
        if first != name:
            where = dotted(("servers", name, "url"))
            yield Problem(f"this is the URL of `{first}` too", member.places["url"], where, "a server has one name")


def _place(source: Source, path: Sequence[str | int], *, of_key: bool = False) -> Place | None:
    return source.find(path, lambda path: (), of_key=of_key)[1]


def _order(problem: Problem) -> tuple[int, int]:
    return (problem.place.line, problem.place.column) if problem.place else (0, 0)


class _Described:
    """What `explained` asks of an inventory."""

    path: tuple[str, ...] = ()
    array_form: tuple[str, ...] = ()

    def location(self, path: Sequence[str | int]) -> tuple[str | int, ...]:
        # The name of a server or a group, of which pydantic says that it is a key.
        return tuple(path[:-1]) if path[-1:] == ("[key]",) and len(path) == 3 else tuple(path)

    def valid_keys(self, path: Sequence[str | int]) -> Sequence[str]:
        if len(path) == 1:
            return tuple(InventoryData.model_fields)
        return tuple(self._model(path).model_fields)

    def is_secret(self, path: Sequence[str | int]) -> bool:
        return path[-1] in ("password", "token", "client_key_password", "url", "servers", "groups", "defaults") or (
            self._is_entry(path)
        )

    def hides_key(self, path: Sequence[str | int]) -> bool:
        return len(path) > 1 and self._is_entry(path[:-1])

    def _is_entry(self, path: Sequence[str | int]) -> bool:
        return tuple(path) == ("defaults",) or (len(path) == 2 and path[0] in ("servers", "groups"))

    def _model(self, path: Sequence[str | int]) -> type[Access]:
        models: dict[str | int, type[Access]] = {"servers": ServerData, "groups": GroupData}
        return models.get(path[0], Access)
