"""What the inventory, the groups and a server itself say, laid over each other in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthanc_state.document.explain import dotted, nearest
from orthanc_state.document.variables import Variable
from orthanc_state.errors import Place, Problem
from orthanc_state.fleet.member import Member
from orthanc_state.fleet.model import Access
from orthanc_state.kinds.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from orthanc_state.fleet.model import InventoryData

    Where = tuple[str | int, ...]

_REPLACES = {
    "token": ("username", "password"),
    "username": ("token",),
    "password": ("token",),
    "client_certificate": ("client_key", "client_key_password"),
}
"""What a layer takes away of the layers below it, since a server takes one or the other."""

_TOGETHER = (("password", "username"), ("username", "password"), ("client_key", "client_certificate"))
"""What is of no use without something else."""


class MemberLayers:
    """Puts together what an inventory says of each server.

    Args:
        data: The inventory.
        folder: What its paths are relative to.
        place: Where in the file a value stands, by its path.
        reasons: Why secrets are missing, by their reference.

    Attributes:
        problems: What is wrong with the servers that were put together.
    """

    def __init__(
        self,
        data: InventoryData,
        folder: Path,
        place: Callable[[Where], Place | None],
        reasons: Mapping[str, str],
    ) -> None:
        self.problems: list[Problem] = []
        self._data = data
        self._folder = folder
        self._place = place
        self._reasons = reasons
        self._missing_files: set[Where] = set()

    def member(self, name: str) -> Member:
        """One server."""
        own = self._data.servers[name]
        groups = [group for index, group in enumerate(own.groups) if self._known(name, index, group)]
        layers: list[tuple[Where, Any]] = [
            ((), self._data),
            *((("groups", group), self._data.groups[group]) for group in groups),
            (("servers", name), own),
        ]
        documents = [path for where, layer in layers for path in self._documents(where, layer.documents)]
        variables: dict[str, Variable] = {}
        for where, layer in layers:
            self._lay_variables(variables, (*where, "variables"), layer.variables)
        access, paths = self._access(name, [(("defaults",), self._data.defaults), *layers[1:]])
        places = {field: self._at(where) for field, where in paths.items()}
        places |= {field: self._at(("servers", name, field)) for field in ("url", "documents")}
        return Member(
            name,
            own.url,
            tuple(groups),
            tuple(documents),
            variables,
            access,
            self._folder,
            places,
            self._reasons,
        )

    def _known(self, name: str, index: int, group: str) -> bool:
        if group in self._data.groups:
            return True
        known = ", ".join(self._data.groups) or "none"
        hint = nearest(group, self._data.groups) or f"known are {known}; `groups: {{{group}: {{}}}}` declares it"
        self._wrong(("servers", name, "groups", index), f"there is no group `{group}`", hint)
        return False

    def _documents(self, where: Where, names: Sequence[str]) -> list[Path]:
        paths = [self._folder / name for name in names]
        for index, path in enumerate(paths):
            here = (*where, "documents", index)
            if here not in self._missing_files and not path.is_file():
                # Several servers may miss the same file of the same group: it is said once.
                self._missing_files.add(here)
                self._wrong(here, "there is no such file", f"the paths are relative to {self._folder}")
        return paths

    def _lay_variables(self, variables: dict[str, Variable], where: Where, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if value is None:
                variables.pop(name, None)
                continue
            reason = self._reasons.get(value.reference, "") if isinstance(value, Secret) and value.missing else ""
            variables[name] = Variable(value, self._place((*where, name)), reason)

    def _access(self, name: str, layers: Sequence[tuple[Where, Access]]) -> tuple[Access, dict[str, Where]]:
        values: dict[str, Any] = {}
        paths: dict[str, Where] = {}
        for where, layer in layers:
            given = {field: getattr(layer, field) for field in Access.model_fields if field in layer.model_fields_set}
            for field, replaced in _REPLACES.items():
                if given.get(field) is not None:
                    for other in replaced:
                        values.pop(other, None)
            values |= given
            paths |= {field: (*where, field) for field in given}
        for field, other in _TOGETHER:
            if values.get(field) is not None and values.get(other) is None:
                message = f"`{name}` has a {field} without a {other}"
                self._wrong(paths[field], message, "one is of no use without the other")
        return Access.model_construct(**values), paths

    def _wrong(self, where: Where, message: str, hint: str = "") -> None:
        self.problems.append(Problem(message, self._place(where), dotted(where), hint))

    def _at(self, where: Where) -> Place:
        return self._place(where) or Place("")
