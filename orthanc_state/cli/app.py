"""The commands and their options. What a command does is imported when it runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

import orthanc_state
from orthanc_state.cli.server import ServerOptions, takes_server

app = typer.Typer(
    name="orthanc-state",
    help="Say what your Orthanc servers should be; see the difference; make it so.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="Documents; a later one overrides the earlier ones.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def _version(value: bool) -> None:
    if value:
        typer.echo(f"orthanc-state {orthanc_state.__version__}")
        raise typer.Exit()


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Log every request on standard error.")] = False,
) -> None:
    if debug:
        import logging

        logging.basicConfig(stream=sys.stderr, format="%(name)s: %(message)s")
        for name in ("orthanc_state", "httpx_retries"):
            logging.getLogger(name).setLevel(logging.DEBUG)


@app.command()
@takes_server
def plan(
    server: ServerOptions,
    files: Files,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with 2 when there is something to change.")
    ] = False,
    json: Json = False,
) -> int:
    """Show what would change on the server. Nothing is written."""
    from orthanc_state.cli.reconcile import run_plan

    return run_plan(files, server, detailed_exitcode=detailed_exitcode, json=json)


@app.command()
@takes_server
def apply(
    server: ServerOptions,
    files: Files,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before writing.")] = False,
    lua: Annotated[
        bool, typer.Option("--lua/--no-lua", help="Apply policies by scripts where the server allows them.")
    ] = True,
    json: Json = False,
) -> int:
    """Show what would change, ask, and make it so."""
    from orthanc_state.cli.reconcile import run_apply

    return run_apply(files, server, yes=yes, json=json, scripts=lua)


@app.command()
@takes_server
def drift(
    server: ServerOptions,
    files: Files,
    json: Json = False,
) -> int:
    """Tell whether the server has drifted from its document: exit code 0 if not, 2 if so."""
    from orthanc_state.cli.reconcile import run_plan

    return run_plan(files, server, detailed_exitcode=True, json=json)


@app.command()
def validate(files: Files, json: Json = False) -> int:
    """Check documents without a server."""
    from orthanc_state.cli.validate import run_validate

    return run_validate(files, json=json)


@app.command()
@takes_server
def dump(
    server: ServerOptions,
    json: Json = False,
) -> int:
    """Print the state of a server as a document."""
    from orthanc_state.cli.dump import run_dump

    return run_dump(server, json=json)


@app.command()
def demo(
    suite: Annotated[
        str, typer.Option("--suite", help="Which Orthanc: bookworm (1.10.1), trixie (1.12.7) or forky (1.13).")
    ] = "trixie",
) -> int:
    """Fetch and start a real Orthanc, plan and apply the quick start, and stop it again."""
    from orthanc_state.cli.demo import run_demo

    return run_demo(suite)
