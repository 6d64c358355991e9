"""`--format`: what each command prints in each form, and what it says when it cannot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from tests.cli.conftest import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orthanc_state import Orthanc
    from orthanc_state.testing import OrthancServer
    from tests.conftest import Cli

pytestmark = pytest.mark.orthanc(suites=["trixie"])


def test_a_plan_an_apply_and_a_drift_as_markdown(cli: Cli, site: dict[str, str], orthanc_server: OrthancServer) -> None:
    plan = cli("plan", "site.yaml", "--format", "markdown", "--detailed-exitcode", env=site)
    assert plan.returncode == 2, plan.stderr
    assert plan.stdout.startswith(
        f"<!-- orthanc-state plan: {orthanc_server.url} -->\n\n### Orthanc `orthanc-state` · 2 to create, 1 to update\n"
    )
    [block] = [token for token in MarkdownIt().parse(plan.stdout) if token.type == "fence"]
    assert block.info == "diff"
    assert "+     password  (secret)\n" in block.content
    assert "! metrics: true → false\n" in block.content

    report = cli("apply", "--yes", "site.yaml", "--format=markdown", env=site)
    assert report.returncode == 0, report.stderr
    assert report.stdout.startswith(f"<!-- orthanc-state apply: {orthanc_server.url} -->\n")
    assert "### Orthanc `orthanc-state` · applied 3 of 3\n" in report.stdout

    drift = cli("drift", "site.yaml", "--format", "markdown", env=site)
    assert drift.returncode == 0, drift.stderr
    assert "### Orthanc `orthanc-state` · in sync: nothing to change\n" in drift.stdout
    assert SECRET not in plan.stdout + report.stdout + drift.stdout


def test_a_plan_and_an_apply_as_html(cli: Cli, site: dict[str, str]) -> None:
    plan = cli("plan", "site.yaml", "--format", "html", env=site)
    assert plan.returncode == 0, plan.stderr
    assert plan.stdout.startswith("<!DOCTYPE html>\n")
    assert plan.stdout.endswith("</html>\n")
    assert "<title>Plan for Orthanc orthanc-state: 2 to create, 1 to update</title>" in plan.stdout
    report = cli("apply", "-y", "site.yaml", "--format", "html", env=site)
    assert report.returncode == 0, report.stderr
    assert "<title>Report of Orthanc orthanc-state: applied 3 of 3</title>" in report.stdout
    assert SECRET not in plan.stdout + report.stdout


def test_json_is_the_short_form_of_format_json(cli: Cli, site: dict[str, str]) -> None:
    runs = [
        cli("plan", "site.yaml", *arguments, env=site).stdout
        for arguments in (["--json"], ["--format", "json"], ["--format=json", "--json"])
    ]
    assert runs[0] == runs[1] == runs[2]
    assert json.loads(runs[0])["in_sync"] is False
    assert cli("plan", "site.yaml", "--format", "text", env=site).stdout == cli("plan", "site.yaml", env=site).stdout


@pytest.mark.parametrize("arguments", [["--format", "json"], ["--format=json"], ["--json"]], ids=" ".join)
@pytest.mark.parametrize("what", ["plan", "nonsense"])
def test_an_error_is_json_too_however_it_was_asked_for(cli: Cli, what: str, arguments: list[str]) -> None:
    run = cli(what, "missing.yaml", *arguments)
    assert run.returncode == 1
    assert json.loads(run.stdout)["error"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["plan", "site.yaml", "--format", "pdf"], "'pdf' is not one of 'text', 'json', 'markdown', 'html'"),
        (["plan", "site.yaml", "--format", "html", "--json"], "--json and --format html ask for different things"),
        (["apply", "site.yaml", "--format", "html"], "--format html cannot ask"),
        (["apply", "site.yaml", "--json"], "--format json cannot ask"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_printed(
    cli: Cli, site: dict[str, str], arguments: list[str], message: str
) -> None:
    run = cli(*arguments, env=site)
    assert run.returncode == 1
    assert run.stderr.startswith("Error: ")
    assert message in run.stderr
    assert "--json" in arguments or run.stdout == ""


def test_a_hostile_name_of_a_server_is_text_in_every_form(
    cli: Cli, site: dict[str, str], start_orthanc: Callable[..., OrthancServer]
) -> None:
    server = start_orthanc({"Name": "`@all` <script>\x1b[31m\n</details>"})
    environment = {**site, "ORTHANC_URL": server.url}
    markdown = cli("plan", "site.yaml", "--format", "markdown", env=environment)
    assert "### Orthanc `` `@all` <script>\\x1b[31m\\n</details> `` · 2 to create" in markdown.stdout
    html = cli("plan", "site.yaml", "--format", "html", env=environment)
    assert "Orthanc `@all` &lt;script&gt;\\x1b[31m\\n&lt;/details&gt;</h1>" in html.stdout


def test_a_page_is_the_same_where_the_output_is_no_unicode(cli: Cli, site: dict[str, str]) -> None:
    page = cli("plan", "site.yaml", "--format", "html", env={**site, "PYTHONIOENCODING": "latin-1"})
    assert page.returncode == 0, page.stderr
    assert page.stdout.isascii()
    assert "<del>true</del> &#8594; <ins>false</ins>" in page.stdout


def test_what_has_moved_since_a_saved_plan_is_shown_from_every_point_of_view(
    cli: Cli, site: dict[str, str], orthanc: Orthanc, tmp_path: Path
) -> None:
    planned = {"AET": "PACS", "Host": "10.0.0.5", "Port": 11112}
    orthanc.modalities["pacs"].put(planned)
    (tmp_path / "moved.yaml").write_text("version: 1\nmodalities:\n  pacs: [PACS, 10.0.0.5, 104]\n")
    assert cli("plan", "moved.yaml", "--out", "plan.json", env=site).returncode == 0
    orthanc.modalities["pacs"].put({**planned, "Port": 105})
    shown = cli("show", "plan.json", "--format", "markdown")
    assert "!     port  11112 → 104\n" in shown.stdout
    run = cli("apply", "-y", "--no-journal", "plan.json", "--format", "markdown", env=site)
    assert run.returncode == 1
    assert "### Orthanc `orthanc-state` · applied 0 of 1; 1 changed since the plan and left alone\n" in run.stdout
    assert "!     port: planned from 11112, is 105, was to be 104\n" in run.stdout
