"""`demo`: the main job on a real Orthanc that is fetched, started and stopped for it."""

from __future__ import annotations

from pathlib import Path

import orthanc_state
from orthanc_state.cli.failure import EXIT_FAILED, EXIT_OK
from orthanc_state.cli.fleet_options import VariableOptions
from orthanc_state.cli.format import Format
from orthanc_state.cli.options import ApplyOptions, ScopeOptions
from orthanc_state.cli.output import print_lines
from orthanc_state.cli.reconcile import run_apply, run_plan
from orthanc_state.cli.server import ServerOptions
from orthanc_state.errors import UnavailableError
from orthanc_state.testing import OrthancServer, OrthancUnavailable, find


def run_demo(suite: str) -> int:
    """Plan, apply and plan again; 0 when the second plan is empty."""
    document = _quickstart()
    _say(f"Looking for an Orthanc ({suite}); the first time it is fetched, which takes some seconds.")
    try:
        server = OrthancServer(find(suite), {"Name": "demo"})
    except (OrthancUnavailable, ValueError) as error:
        raise UnavailableError(f"there is no Orthanc for the demo: {error}") from None
    with server:
        _say(f"Orthanc {server.version} runs at {server.url}.")
        options, variables, scope = ServerOptions(url=server.url), VariableOptions(), ScopeOptions()
        _say(f"\n$ orthanc-state plan {document.name}")
        run_plan([document], options, variables, scope, detailed_exitcode=False, form=Format.TEXT)
        _say(f"\n$ orthanc-state apply --yes {document.name}")
        applied = run_apply(
            [document],
            options,
            variables,
            scope,
            options=ApplyOptions(yes=True, keep_journal=False),
            form=Format.TEXT,
        )
        _say(f"\n$ orthanc-state plan {document.name}")
        pending = run_plan([document], options, variables, scope, detailed_exitcode=True, form=Format.TEXT)
    _say("\nThe server is stopped.")
    return EXIT_OK if applied == EXIT_OK and pending == EXIT_OK else EXIT_FAILED


def _quickstart() -> Path:
    """The document of the quick start: beside this module when installed, in `examples/` of a checkout."""
    package = Path(orthanc_state.__file__).parent
    places = [Path(__file__).with_name("quickstart.yaml"), package.parent / "examples" / "quickstart.yaml"]
    return next(place for place in places if place.exists())


def _say(text: str) -> None:
    print_lines([(("strong", text),)])
