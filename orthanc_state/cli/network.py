"""`network`: the DICOM network of an inventory, drawn."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING

from orthanc_state.cli.failure import EXIT_OK
from orthanc_state.cli.output import json_text, print_html, print_lines
from orthanc_state.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class NetworkFormat(StrEnum):
    """What `--format` of `network` takes."""

    SVG = "svg"
    MERMAID = "mermaid"
    JSON = "json"


def run_network(inventory: Path, form: NetworkFormat, *, results: Path | None, out: Path | None) -> int:
    """Draw the network; what is probably a mistake in it goes to standard error.

    Raises:
        UsageError: The inventory has no network, or the results cannot be read.
    """
    from orthanc_state.fleet.inventory import Inventory
    from orthanc_state.fleet.link_results import read_results
    from orthanc_state.render.text import warning_line

    loaded = Inventory.load(inventory)
    network = loaded.network
    if network is None:
        hint = "Declare its nodes and links in a section `network`: see docs/network.md."
        raise UsageError(f"{inventory} has no network", hint=hint)
    checked, strangers = read_results(results, network) if results is not None else ({}, [])
    warnings = [*loaded.warnings, *strangers]
    print_lines(map(warning_line, warnings), error=True)
    show: Callable[[str], object] = sys.stdout.write
    match form:
        case NetworkFormat.SVG:
            from orthanc_state.render.network_svg import network_svg

            text, show = network_svg(network, checked), print_html
        case NetworkFormat.MERMAID:
            from orthanc_state.render.network_mermaid import network_mermaid

            text = network_mermaid(network, checked)
        case NetworkFormat.JSON:
            from orthanc_state.render.network_data import network_data

            text = json_text(network_data(network, checked, warnings))
    if out is None:
        show(text)
    else:
        from orthanc_state.cli.files import write_files

        write_files({out: text})
    return EXIT_OK
