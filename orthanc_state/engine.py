"""The main job in a few functions: `plan`, `apply`, `dump`, and files of Orthanc. Every face is made of these."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orthanc_state.kinds.kind import ResourceKind
from orthanc_state.kinds.live import read
from orthanc_state.kinds.registry import all_kinds, resource_kinds
from orthanc_state.kinds.switches import read_switches
from orthanc_state.planning.differ import diff
from orthanc_state.planning.durability import is_switched
from orthanc_state.planning.scope import Scope
from orthanc_state.planning.snapshot import Snapshot

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path
    from threading import Event

    from orthanc_state.client import Orthanc
    from orthanc_state.configuration.files import Configuration
    from orthanc_state.configuration.importing import Imported
    from orthanc_state.configuration.rendering import Rendered
    from orthanc_state.configuration.start import Start
    from orthanc_state.document.document import Document
    from orthanc_state.document.dump import Dump
    from orthanc_state.execution.journal import Journal
    from orthanc_state.execution.report import Report, Result
    from orthanc_state.kinds.live import Live
    from orthanc_state.planning.plan import Plan


def plan(
    orthanc: Orthanc | Snapshot, document: Document, *, targets: Sequence[str] = (), excludes: Sequence[str] = ()
) -> Plan:
    """Compare a document with a server. Only questions are sent.

    Args:
        orthanc: A running server, or the state of one that was read before: `open_snapshot`.
        document: What it should be.
        targets: The addresses, with wildcards, of what is planned, with what it depends on; everything if empty.
        excludes: The addresses, with wildcards, of what is not planned, nor what depends on it.

    Raises:
        ClientError: The server cannot be reached, or refuses.
        PlanError: The document cannot be brought about on this server.
        ScopeError: A target is nothing that the document or the server has.
    """
    scope = Scope(tuple(targets), tuple(excludes))
    narrowed = scope.narrowed(document)
    found = diff(narrowed, _live(orthanc, narrowed), scope)
    return replace(found, switches={**document.assume, **_switches(orthanc, found)})


def _switches(orthanc: Orthanc | Snapshot, plan: Plan) -> dict[str, bool]:
    """What the server tells of the switches that decide what a restart keeps, where something of the plan depends."""
    if isinstance(orthanc, Snapshot) or not any(is_switched(change.kind) for change in plan.changes):
        return {}
    return read_switches(orthanc.read_only())


def _live(orthanc: Orthanc | Snapshot, document: Document) -> Live:
    return orthanc.live(document) if isinstance(orthanc, Snapshot) else read(orthanc, document.kinds, document.sections)


def apply(
    orthanc: Orthanc,
    plan: Plan,
    *,
    on_result: Callable[[Result], None] | None = None,
    stop: Event | None = None,
    on_progress: Callable[[int], None] | None = None,
    scripts: bool = True,
    journal: Journal | None = None,
    allow_deletes: bool = False,
) -> Report:
    """Make a plan so, and read back each write.

    Args:
        orthanc: The server that the plan was made for.
        plan: What `plan` gave.
        on_result: Called after each change.
        stop: When it is set, what is in hand is finished and the rest is not tried.
        on_progress: Called with the number of single changes of policies that are settled since it was called last.
        scripts: Whether scripts may be run on a server that allows them, which is much faster for policies.
        journal: A journal, open, in which everything that is sent is noted before it is sent.
        allow_deletes: Whether it may take away more than its limits allow.

    Returns:
        What was applied, what failed, and what was not tried. A failure of the server is in it, not raised.

    Raises:
        ExecutionError: The plan was made for another server, or takes away more than its limits allow.
        ClientError: The server cannot be asked whether it is the one that the plan was made for.
    """
    from orthanc_state.execution.executor import execute

    return execute(
        orthanc,
        plan,
        on_result=on_result,
        stop=stop,
        on_progress=on_progress,
        scripts=scripts,
        journal=journal,
        allow_deletes=allow_deletes,
    )


def snapshot(orthanc: Orthanc, path: str | os.PathLike[str], document: Document | None = None) -> None:
    """Save the state of a running server to a file, for `plan` to be given instead of the server.

    Args:
        orthanc: The server. Only questions are sent.
        path: The file.
        document: The document that will be planned against it; its policies cannot be planned without.

    Raises:
        ClientError: The server cannot be reached, or refuses.
        FileError: The file cannot be written.
    """
    from orthanc_state.planning.snapshot import save_snapshot

    sections = document.sections if document is not None else {}
    kinds = [kind for kind in all_kinds().values() if isinstance(kind, ResourceKind) or kind.name in sections]
    save_snapshot(read(orthanc, kinds, sections), document, path)


def dump(orthanc: Orthanc) -> Dump:
    """The state of a running server as a canonical document.

    Raises:
        ClientError: The server cannot be reached, or refuses.
    """
    from orthanc_state.document.dump import dumped

    return dumped(read(orthanc, resource_kinds()))


def import_configuration(
    paths: Iterable[Path], *, env_files: Iterable[Path] = (), environment: bool = False
) -> Imported:
    """Orthanc's own configuration files as a canonical document.

    Args:
        paths: The files, and folders of which every `.json` file is read.
        env_files: Files of `NAME=value` lines with the environment of the server; a later one overrides.
        environment: Whether the environment of this process, which those files override, is that of the server.

    Raises:
        ConfigurationError: Orthanc would not start with them, or they refer to variables that are not known.
    """
    from orthanc_state.configuration.importing import imported

    return imported(_configuration(paths, env_files, environment=environment))


def start(paths: Iterable[Path], *, env_files: Iterable[Path] = (), environment: bool = False) -> Start:
    """What a server that is started with configuration files begins with, for checks of what a restart keeps.

    Args:
        paths: The files, and folders of which every `.json` file is read.
        env_files: Files of `NAME=value` lines with the environment of the server; a later one overrides.
        environment: Whether the environment of this process, which those files override, is that of the server.

    Raises:
        ConfigurationError: Orthanc would not start with them, or they refer to variables that are not known.
    """
    from orthanc_state.configuration.start import start_of

    return start_of(_configuration(paths, env_files, environment=environment))


def _configuration(paths: Iterable[Path], env_files: Iterable[Path], *, environment: bool) -> Configuration:
    from orthanc_state.configuration.environment import from_file, from_process
    from orthanc_state.configuration.files import read as read_files
    from orthanc_state.errors import Problem

    problems: list[Problem] = []
    variables = from_process() if environment else {}
    for file in env_files:
        variables |= from_file(file, problems)
    return read_files(paths, variables, problems)


def render_configuration(
    document: Document, *, with_environment: bool = False, version: str = "", previous: Path | None = None
) -> Rendered:
    """The fragment of `orthanc.json` with which a server starts as a document says.

    Args:
        document: The document.
        with_environment: Whether `Rendered.environment` will be used, in which every secret can have a variable.
        version: The version of Orthanc that is to read it; empty for any.
        previous: The fragment that it replaces, if there is one: nothing in it changes without a reason then.

    Raises:
        ConfigurationError: A secret cannot be referred to, or the version is too old for something.
    """
    from orthanc_state.configuration.reader import parse
    from orthanc_state.configuration.rendering import rendered
    from orthanc_state.kinds.version import MAINLINE, parse_version

    old = parse(previous.read_bytes(), str(previous), {}).data if previous and previous.is_file() else None
    number = parse_version(version) if version else MAINLINE
    return rendered(document, with_environment=with_environment, version=number, previous=old)
