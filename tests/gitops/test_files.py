"""The files themselves: each is valid by its public schema, and passes the linters of its kind."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import kubernetes_validate
import pytest
from pre_commit.clientlib import load_config, load_manifest
from ruamel.yaml import YAML

from tests.gitops.pipeline import EXAMPLES, GITHUB_FILE, GITLAB_FILE, INSTALL, ROOT, environment, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

CRON_JOB = EXAMPLES / "kubernetes" / "cronjob.yaml"
SCRIPTS = sorted((EXAMPLES / "ci").glob("*.sh"))


def run(*command: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """A linter, as a user runs it."""
    return subprocess.run(
        command, cwd=ROOT, env=environment(), input=stdin, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        (GITHUB_FILE, ("vendor.github-workflows",)),
        (GITHUB_FILE, ("custom.github-workflows-require-timeout",)),
        (GITLAB_FILE, ("vendor.gitlab-ci", "--data-transform", "gitlab-ci")),
    ],
)
def test_the_pipelines_are_valid_by_the_schemas_of_their_forges(file: Path, schema: tuple[str, ...]) -> None:
    checked = run("check-jsonschema", "--builtin-schema", *schema, str(file))
    assert checked.returncode == 0, checked.stdout


def test_the_workflow_gives_away_nothing_that_its_auditor_knows_of() -> None:
    audited = run("zizmor", "--offline", "--persona", "pedantic", str(GITHUB_FILE))
    assert audited.returncode == 0, audited.stdout


def test_the_manifests_are_valid_by_the_schemas_of_kubernetes_and_know_no_other_field() -> None:
    documents = list(YAML(typ="safe").load_all(CRON_JOB))
    assert [document["kind"] for document in documents] == ["CronJob", "CronJob", "PersistentVolumeClaim"]
    for document in documents:
        kubernetes_validate.validate(document, "1.30", strict=True)
        kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)


def test_pre_commit_takes_the_hook_and_the_configuration() -> None:
    assert [hook["id"] for hook in load_manifest(ROOT / ".pre-commit-hooks.yaml")] == ["orthanc-state-validate"]
    assert load_config(EXAMPLES / "pre-commit" / ".pre-commit-config.yaml")["repos"]


def test_the_page_beside_them_links_to_what_is_there() -> None:
    links = re.findall(r"\]\(([^)]+)\)", (EXAMPLES / "README.md").read_text())
    assert len(links) == 5
    assert all((EXAMPLES / link).exists() for link in links)


def test_the_scripts_can_be_run_and_pass_shellcheck() -> None:
    assert len(SCRIPTS) == 4
    assert all(os.access(script, os.X_OK) for script in SCRIPTS)
    checked = run("shellcheck", "--enable=all", "--exclude=SC2250", *map(str, SCRIPTS))
    assert checked.returncode == 0, checked.stdout


def test_the_shell_in_the_pipelines_passes_shellcheck_and_names_no_secret() -> None:
    github = [step["run"] for job in read_yaml(GITHUB_FILE)["jobs"].values() for step in job["steps"] if "run" in step]
    gitlab = [
        line
        for name, job in read_yaml(GITLAB_FILE).items()
        for line in [*job.get("before_script", []), *job.get("script", [])]
        if name != "workflow"
    ]
    assert INSTALL in github
    assert INSTALL in gitlab
    checked = run("shellcheck", "--shell=sh", "-", stdin="\n".join([*github, *gitlab]))
    assert checked.returncode == 0, checked.stdout
    everything = [*github, *gitlab, *(script.read_text() for script in SCRIPTS)]
    assert not [text for text in everything if re.search("PASSWORD|TOKEN|SECRET", text)]
