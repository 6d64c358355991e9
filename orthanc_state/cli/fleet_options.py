"""Options that concern many servers, and the variables of documents."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orthanc_state.cli.completion import complete_group, complete_server
from orthanc_state.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthanc_state.document.variables import Variable


def _fleet(*names: str, help_text: str, **more: Any) -> Any:
    return typer.Option(*names, help=help_text, rich_help_panel="Fleet", **more)


_Servers = Annotated[
    list[str] | None,
    _fleet(
        "--server",
        metavar="NAME",
        help_text="Only this server of it. May be repeated.",
        autocompletion=complete_server,
    ),
]
_Groups = Annotated[
    list[str] | None,
    _fleet(
        "--group", metavar="NAME", help_text="Only this group of it. May be repeated.", autocompletion=complete_group
    ),
]


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """Which servers of an inventory."""

    inventory: Annotated[
        Path | None,
        _fleet("--inventory", metavar="FILE", help_text="The servers and documents of this file, not --url and FILE."),
    ] = None
    servers: _Servers = None
    groups: _Groups = None

    @property
    def given(self) -> bool:
        """Whether anything was said."""
        return bool(self.inventory or self.servers or self.groups)

    def instead_of(self, files: Sequence[Path] | None) -> Sequence[Path]:
        """The documents of one server, where no inventory is given.

        Raises:
            UsageError: There are none, or servers were chosen of no inventory.
        """
        if self.servers or self.groups:
            raise UsageError("--server and --group choose of an inventory", hint="Give --inventory FILE.")
        if not files:
            raise UsageError("no document was given", hint="Give FILE..., or --inventory FILE.")
        return files


@dataclass(frozen=True, slots=True)
class InventoryOptions:
    """Which servers of an inventory are listed, and in which form."""

    servers: _Servers = None
    groups: _Groups = None
    ansible: Annotated[
        bool, _fleet("--ansible", metavar="", help_text="As a dynamic inventory of Ansible, in JSON.")
    ] = False
    static: Annotated[
        bool, _fleet("--static", metavar="", help_text="With --ansible: as an inventory file, in YAML.")
    ] = False
    # Ansible gives its scripts `--list`, which is what is done anyway, or `--host NAME`.
    listing: Annotated[bool, typer.Option("--list", metavar="", hidden=True)] = False
    host: Annotated[str | None, typer.Option("--host", hidden=True)] = None


@dataclass(frozen=True, slots=True)
class VariableOptions:
    """The variables of documents."""

    var: Annotated[
        list[str] | None,
        typer.Option("--var", metavar="NAME=VALUE", help="What ${NAME} is in documents. May be repeated."),
    ] = None

    @property
    def values(self) -> dict[str, Variable]:
        """Each by its name, the last one of a name.

        Raises:
            UsageError: One is none.
        """
        if not self.var:
            return {}
        from orthanc_state.document.variables import VariableError, from_assignment

        try:
            return dict(map(from_assignment, self.var))
        except VariableError as error:
            raise UsageError(f"--var: {error}", hint="Write --var site=Lausanne.") from None


@dataclass(frozen=True, slots=True)
class WaveOptions:
    """How a fleet is applied."""

    waves: Annotated[
        str | None,
        _fleet("--waves", metavar="1,25%,100%", help_text="How many servers are done after each wave."),
    ] = None
    without_failed: Annotated[
        bool, _fleet("--without-failed", metavar="", help_text="Leave out servers that have no plan or do not answer.")
    ] = False

    def check_no_fleet(self) -> None:
        """Refuse what only a fleet has.

        Raises:
            UsageError: It was given.
        """
        if self.waves is not None or self.without_failed:
            raise UsageError("--waves and --without-failed are for a fleet", hint="Give --inventory FILE.")
