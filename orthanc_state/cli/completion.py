"""What a shell offers when Tab is pressed, from the files that the command line names already; no server is asked."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from orthanc_state.document.document import Document
    from orthanc_state.fleet.inventory import Inventory


def complete_server(ctx: typer.Context, incomplete: str) -> list[str]:
    """The servers of the inventory."""
    inventory = _inventory(ctx)
    return _beginning(incomplete, inventory.members if inventory is not None else ())


def complete_group(ctx: typer.Context, incomplete: str) -> list[str]:
    """The groups of the inventory."""
    inventory = _inventory(ctx)
    return _beginning(incomplete, inventory.groups if inventory is not None else ())


def complete_address(ctx: typer.Context, incomplete: str) -> list[str]:
    """The addresses of what the documents declare, and the kinds."""
    from orthanc_state.kinds.registry import all_kinds

    declared = (address for document in _documents(ctx) for address in _addresses(document))
    return _beginning(incomplete, [*(kind.address("") for kind in all_kinds().values()), *declared])


def complete_prunable(incomplete: str) -> list[str]:
    """The kinds that can be pruned."""
    from orthanc_state.kinds.registry import all_kinds

    return _beginning(incomplete, (kind.name for kind in all_kinds().values() if kind.prunable))


def complete_check(incomplete: str) -> list[str]:
    """The names of the checks."""
    from orthanc_state.checks.registry import all_checks

    return _beginning(incomplete, all_checks())


def complete_topic(incomplete: str) -> list[str]:
    """Sections and fields of documents, and the codes of errors."""
    from orthanc_state.codes import codes
    from orthanc_state.document.reference import reference

    topics = [topic.name for topic in list(reference().walk())[1:]]
    depth = incomplete.count(".")
    return _beginning(incomplete, [*(name for name in topics if name.count(".") <= depth), *codes()])


def complete_suite(incomplete: str) -> list[str]:
    """The suites of Debian of which an Orthanc can be had."""
    from orthanc_state.testing.distribution import SUITES

    return _beginning(incomplete, SUITES)


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name.startswith(incomplete)]


def _inventory(ctx: typer.Context) -> Inventory | None:
    """The inventory that the command line names; None where there is none that can be read."""
    from orthanc_state.errors import OrthancStateError
    from orthanc_state.fleet.inventory import Inventory

    named = ctx.params.get("inventory")
    if ctx.info_name == "inventory":
        named = next(iter(_arguments(ctx)), ctx.params.get("file"))
    try:
        return Inventory.load(Path(named)) if named else None
    except OrthancStateError:
        return None


def _documents(ctx: typer.Context) -> Iterator[Document]:
    """Those of the command line that can be read, without their secrets."""
    from orthanc_state.document.load import load
    from orthanc_state.errors import OrthancStateError

    inventory = _inventory(ctx)
    for member in inventory.members.values() if inventory is not None else ():
        with suppress(OrthancStateError):
            yield member.document(secrets=False)
    files = ctx.params.get("files") or _arguments(ctx)
    if files and inventory is None:
        with suppress(OrthancStateError):
            yield load(*files, secrets=False)


def _arguments(ctx: typer.Context) -> list[str]:
    """What stands on the line without a name; where an option still lacks its value, the parser leaves it there."""
    return [argument for argument in ctx.args if not argument.startswith("-")]


def _addresses(document: Document) -> Iterator[str]:
    for kind in document.kinds:
        section = document.sections[kind.name]
        if kind.name == "policies":
            yield from (kind.address(policy.name) for policy in section)
        elif isinstance(section, dict):
            yield from map(kind.address, section)
