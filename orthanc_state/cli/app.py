"""The commands and their options. What a command does is imported when it runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

import orthanc_state
from orthanc_state.cli.check_options import CheckOptions
from orthanc_state.cli.completion import complete_suite, complete_topic
from orthanc_state.cli.fleet_options import FleetOptions, InventoryOptions, VariableOptions, WaveOptions
from orthanc_state.cli.format import FormatOptions
from orthanc_state.cli.network import NetworkFormat
from orthanc_state.cli.options import ApplyOptions, ScopeOptions, takes
from orthanc_state.cli.server import ServerOptions

app = typer.Typer(
    name="orthanc-state",
    help="Say what your Orthanc servers should be; see the difference; make it so.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="Documents; a later one overrides the earlier ones.")]
FilesOrNone = Annotated[
    list[Path] | None,
    typer.Argument(metavar="FILE", help="Documents; a later one overrides the earlier ones. None with --inventory."),
]
Json = Annotated[bool, typer.Option("--json", metavar="", help="Print the result as JSON.")]
Against = Annotated[
    Path | None, typer.Option("--against", metavar="SNAPSHOT", help="Plan against this snapshot instead of the server.")
]
journal_app = typer.Typer(name="journal", help="Look into the journals of applies.", no_args_is_help=True)
app.add_typer(journal_app)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"orthanc-state {orthanc_state.__version__}")
        raise typer.Exit()


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", metavar="", callback=_version, is_eager=True, help="Print the version and leave."),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", metavar="", help="Log every request on standard error.")] = False,
) -> None:
    if debug:
        import logging

        logging.basicConfig(stream=sys.stderr, format="%(name)s: %(message)s")
        for name in ("orthanc_state", "httpx_retries"):
            logging.getLogger(name).setLevel(logging.DEBUG)


@app.command()
@takes(output=FormatOptions, scope=ScopeOptions, fleet=FleetOptions, variables=VariableOptions, server=ServerOptions)
def plan(
    server: ServerOptions,
    fleet: FleetOptions,
    variables: VariableOptions,
    output: FormatOptions,
    scope: ScopeOptions,
    *,
    files: FilesOrNone = None,
    against: Against = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Save the plan to this file too, to be applied as it is."),
    ] = None,
    store_identifying: Annotated[
        bool,
        typer.Option(
            "--store-identifying", metavar="", help="Let the saved plan hold values that may tell who a patient is."
        ),
    ] = False,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", metavar="", help="Exit with 2 when there is something to change.")
    ] = False,
) -> int:
    """Show what would change on the server, or on those of an inventory. Nothing is written there."""
    if fleet.inventory is not None:
        from orthanc_state.cli.fleet import run_fleet_plan

        return run_fleet_plan(
            fleet,
            files or (),
            variables,
            scope,
            detailed_exitcode=detailed_exitcode,
            form=output.chosen,
            against=against,
            out=out,
            store_identifying=store_identifying,
        )
    from orthanc_state.cli.reconcile import run_plan

    return run_plan(
        fleet.instead_of(files),
        server,
        variables,
        scope,
        detailed_exitcode=detailed_exitcode,
        form=output.chosen,
        against=against,
        out=out,
        store_identifying=store_identifying,
    )


@app.command()
@takes(output=FormatOptions)
def show(
    output: FormatOptions,
    file: Annotated[Path, typer.Argument(metavar="PLAN", help="What `plan --out` wrote.")],
) -> int:
    """Show a saved plan. Neither the server nor the secrets are needed."""
    from orthanc_state.cli.show import show_fleet_plan, show_plan
    from orthanc_state.fleet.plan_file import is_fleet_plan, open_fleet_plan
    from orthanc_state.planning.plan_file import open_plan

    if is_fleet_plan(file):
        show_fleet_plan(open_fleet_plan(file, secrets=False), output.chosen)
        return 0
    show_plan(open_plan(file, secrets=False), output.chosen)
    return 0


@app.command()
@takes(
    output=FormatOptions,
    options=ApplyOptions,
    scope=ScopeOptions,
    fleet=FleetOptions,
    wave=WaveOptions,
    variables=VariableOptions,
    server=ServerOptions,
)
def apply(
    server: ServerOptions,
    fleet: FleetOptions,
    variables: VariableOptions,
    output: FormatOptions,
    scope: ScopeOptions,
    *,
    wave: WaveOptions,
    options: ApplyOptions,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE",
            help="Documents, a later one overriding the earlier ones; or one saved plan. None with --inventory.",
        ),
    ] = None,
) -> int:
    """Show what would change, ask, and make it so; or apply a saved plan as it was approved."""
    from orthanc_state.fleet.plan_file import is_fleet_plan

    if fleet.inventory is not None or any(map(is_fleet_plan, files or ())):
        from orthanc_state.cli.fleet import run_fleet_apply

        return run_fleet_apply(fleet, files or (), variables, scope, options=options, wave=wave, form=output.chosen)
    from orthanc_state.cli.reconcile import run_apply

    wave.check_no_fleet()
    return run_apply(fleet.instead_of(files), server, variables, scope, options=options, form=output.chosen)


@app.command()
@takes(output=FormatOptions, scope=ScopeOptions, fleet=FleetOptions, variables=VariableOptions, server=ServerOptions)
def drift(
    server: ServerOptions,
    fleet: FleetOptions,
    variables: VariableOptions,
    output: FormatOptions,
    scope: ScopeOptions,
    *,
    files: FilesOrNone = None,
    against: Against = None,
) -> int:
    """Tell whether the server has drifted from its document: exit code 0 if not, 2 if so."""
    if fleet.inventory is not None:
        from orthanc_state.cli.fleet import run_fleet_plan

        return run_fleet_plan(
            fleet, files or (), variables, scope, detailed_exitcode=True, form=output.chosen, against=against
        )
    from orthanc_state.cli.reconcile import run_plan

    return run_plan(
        fleet.instead_of(files),
        server,
        variables,
        scope,
        detailed_exitcode=True,
        form=output.chosen,
        against=against,
    )


@app.command()
@takes(options=CheckOptions, fleet=FleetOptions, variables=VariableOptions, server=ServerOptions)
def check(
    server: ServerOptions,
    fleet: FleetOptions,
    variables: VariableOptions,
    options: CheckOptions,
    *,
    files: FilesOrNone = None,
) -> int:
    """Look at what a plan cannot see: whether links work, versions, plugins, certificates, what is not safe."""
    from orthanc_state.cli.check import run_check

    return run_check(files or (), server, fleet, variables, options=options)


@app.command()
@takes(variables=VariableOptions, server=ServerOptions)
def snapshot(
    server: ServerOptions,
    variables: VariableOptions,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file to write.")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE", help="Documents whose policies will be planned against it."),
    ] = None,
) -> int:
    """Save the state of a server, for `plan --against` where there is no route to it."""
    from orthanc_state.cli.snapshot import run_snapshot

    return run_snapshot(files or (), variables, server, out)


@journal_app.command("verify")
def journal_verify(
    file: Annotated[Path, typer.Argument(metavar="JOURNAL", help="What an apply wrote.")], json: Json = False
) -> int:
    """Check that no line of a journal was changed, and tell which applies it holds."""
    from orthanc_state.cli.journal import run_verify

    return run_verify(file, json=json)


@app.command()
@takes(output=FormatOptions, options=ApplyOptions, server=ServerOptions)
def rollback(
    server: ServerOptions,
    output: FormatOptions,
    options: ApplyOptions,
    file: Annotated[Path, typer.Argument(metavar="JOURNAL", help="What an apply wrote.")],
    *,
    run: Annotated[
        str | None,
        typer.Option("--run", metavar="ID", help="Which of its applies (`journal verify` lists them); the last one."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Save the plan to this file instead.")
    ] = None,
) -> int:
    """Show what undoes an apply, ask, and apply it. What cannot be undone is said; the exit code is then 1."""
    from orthanc_state.cli.journal import run_rollback

    return run_rollback(file, server, options, run=run, out=out, form=output.chosen)


@app.command()
@takes(fleet=FleetOptions, variables=VariableOptions)
def validate(
    fleet: FleetOptions,
    variables: VariableOptions,
    files: FilesOrNone = None,
    *,
    explain: Annotated[
        str | None,
        typer.Option("--explain", metavar="PATH", help="Say where a value came from: modalities.pacs.port."),
    ] = None,
    secrets: Annotated[
        bool,
        typer.Option("--secrets/--no-secrets", metavar="", help="Read the secrets too, and tell which are missing."),
    ] = True,
    json: Json = False,
) -> int:
    """Check documents without a server."""
    if fleet.inventory is not None:
        from orthanc_state.cli.fleet_files import run_fleet_validate

        return run_fleet_validate(fleet, files or (), variables, secrets=secrets, json=json, explain=explain)
    from orthanc_state.cli.validate import run_validate

    return run_validate(fleet.instead_of(files), variables, secrets=secrets, json=json, explain=explain)


@app.command()
@takes(fleet=FleetOptions, server=ServerOptions)
def dump(
    server: ServerOptions,
    fleet: FleetOptions,
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="With --inventory: where the files go, one a server."),
    ] = None,
    json: Json = False,
) -> int:
    """Print the state of a server as a document; or write those of the servers of an inventory."""
    if fleet.given or out is not None:
        from orthanc_state.cli.fleet_files import run_fleet_dump

        return run_fleet_dump(fleet, out, json=json)
    from orthanc_state.cli.dump import run_dump

    return run_dump(server, json=json)


@app.command()
@takes(chosen=InventoryOptions)
def inventory(
    chosen: InventoryOptions,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The inventory.")] = Path("fleet.yaml"),
    json: Json = False,
) -> int:
    """List the servers of an inventory with their groups and documents; no secret is needed for it."""
    from orthanc_state.cli.inventory import run_inventory

    return run_inventory(file, chosen, json=json)


@app.command()
def network(
    inventory: Annotated[Path, typer.Option("--inventory", metavar="FILE", help="The inventory.")] = Path("fleet.yaml"),
    format: Annotated[
        NetworkFormat,
        typer.Option("--format", metavar="FORMAT", help="mermaid (for Markdown), svg (a picture) or json."),
    ] = NetworkFormat.MERMAID,
    results: Annotated[
        Path | None,
        typer.Option("--results", metavar="FILE", help="Mark each link with what its last check said, from this file."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write it to this file.")] = None,
) -> int:
    """Draw the DICOM nodes of an inventory and the links between them. No server is asked."""
    from orthanc_state.cli.network import run_network

    return run_network(inventory, format, results=results, out=out)


@app.command("import-config")
def import_config(
    files: Annotated[
        list[Path], typer.Argument(metavar="PATH", help="Configuration files of Orthanc, or folders of them.")
    ],
    env_file: Annotated[
        list[Path] | None,
        typer.Option("--env-file", metavar="FILE", help="A file of NAME=value lines: the environment of the server."),
    ] = None,
    environment: Annotated[
        bool, typer.Option("--environment", metavar="", help="Take the environment of this process as the server's.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write the document to this file.")
    ] = None,
    json: Json = False,
) -> int:
    """Turn configuration files of Orthanc into a document. What is not in it is listed on standard error."""
    from orthanc_state.cli.configuration import run_import

    return run_import(files, env_files=env_file or [], environment=environment, out=out, json=json)


@app.command("render-config")
@takes(variables=VariableOptions)
def render_config(
    variables: VariableOptions,
    files: Files,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write the configuration to this file.")
    ] = None,
    env_file: Annotated[
        Path | None,
        typer.Option(
            "--env-file", metavar="FILE", help="Write the secrets to this file, NAME=value, readable by nobody else."
        ),
    ] = None,
    orthanc: Annotated[
        str, typer.Option("--orthanc", metavar="VERSION", help="Refuse what this version does not know.")
    ] = "",
    json: Json = False,
) -> int:
    """Write what orthanc.json has to hold, so that a server starts as the documents say."""
    from orthanc_state.cli.configuration import run_render

    return run_render(files, variables, out=out, env_file=env_file, version=orthanc, json=json)


@app.command()
def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The document to write.")] = Path("orthanc.yaml"),
    schema: Annotated[
        str,
        typer.Option(
            "--schema", metavar="PATH_OR_URL", help="Where editors find the schema; it is written beside FILE if not."
        ),
    ] = "",
    json: Json = False,
) -> int:
    """Write a document to begin with, and its schema for editors. Nothing is overwritten."""
    from orthanc_state.cli.init import run_init

    return run_init(file, schema, json=json)


@app.command()
def explain(
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH|CODE",
            help="A section or a field, such as modalities.allow_store, or the code of an error.",
            autocompletion=complete_topic,
        ),
    ] = "",
    json: Json = False,
) -> int:
    """Tell what can be said in a document: fields, defaults, versions; or what the code of an error means."""
    from orthanc_state.cli.explain import run_explain

    return run_explain(path, json=json)


@app.command()
def schema(
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it to a file.")] = None,
) -> int:
    """Print the JSON Schema of documents, for editors and other tools."""
    from orthanc_state.cli.schema import run_schema

    return run_schema(out)


@app.command()
def demo(
    suite: Annotated[
        str,
        typer.Option(
            "--suite",
            metavar="SUITE",
            help="Which Orthanc: bookworm (1.10.1), trixie (1.12.7) or forky (1.13).",
            autocompletion=complete_suite,
        ),
    ] = "trixie",
) -> int:
    """Fetch and start a real Orthanc, plan and apply the quick start, and stop it again."""
    from orthanc_state.cli.demo import run_demo

    return run_demo(suite)
