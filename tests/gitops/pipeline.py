"""Runs the shell of the example pipelines as their forges do: which jobs an event starts, with which variables."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from tests.gitops.expressions import value
from tests.gitops.forge import GITHUB, TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.gitops.forge import Forge

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "gitops"
GITHUB_FILE = EXAMPLES / "github" / "orthanc.yml"
GITLAB_FILE = EXAMPLES / "gitlab" / ".gitlab-ci.yml"

INSTALL = "python -m pip install --quiet --requirement ci/requirements.txt"
"""How every job begins. Once it has gone well there is nothing left for it to do, and it is not run again."""

_done: set[str] = set()


def read_yaml(path: Path) -> Any:
    """The data of a YAML file."""
    return YAML(typ="safe").load(path)


def environment(**variables: str) -> dict[str, str]:
    """What every job finds: the commands of this installation, and nothing of this machine's user."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    # What is to be installed is here already, so pip need not ask anybody.
    return {"PATH": path, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "PIP_NO_INDEX": "1", **variables}


def git(folder: Path, *arguments: str) -> str:
    """Run git, and what it prints."""
    identity = {f"GIT_{who}_{what}": "test@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    run = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", *arguments],
        cwd=folder,
        env=environment(HOME=str(folder), GIT_CONFIG_GLOBAL=os.devnull, **identity),
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.strip()


@dataclass(frozen=True, slots=True)
class Ran:
    """One job that was run: its exit code, its log, and the folder that it ran in."""

    code: int
    log: str
    folder: Path

    @property
    def files(self) -> dict[str, str]:
        """What it left in `out`, which is what it keeps."""
        return {path.name: path.read_text() for path in sorted((self.folder / "out").iterdir())}


@dataclass
class Site:
    """A repository with the example, on a forge, with a server that it is for.

    Attributes:
        folder: Where everything is.
        forge: Where it is hosted.
        variables: What was set there, of which some are secret.
        commands: Where its jobs find `orthanc-state` before anywhere else.
        runs: All jobs that were run.
    """

    folder: Path
    forge: Forge
    variables: dict[str, str]
    commands: Path
    runs: list[Ran] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.origin = self.folder / "origin.git"
        self.work = self.folder / "work"
        git(self.folder, "init", "--quiet", "--bare", str(self.origin))
        git(self.folder, "clone", "--quiet", str(self.origin), str(self.work))
        shutil.copytree(EXAMPLES / "ci", self.work / "ci")

    def commit(self, document: str, branch: str = "main") -> str:
        """Commit a document on a branch and push it; the commit."""
        git(self.work, "checkout", "--quiet", "-B", branch)
        (self.work / "site.yaml").write_text(document)
        git(self.work, "add", "--all")
        git(self.work, "commit", "--quiet", "--allow-empty", "--message", "Change")
        git(self.work, "push", "--quiet", "--force", "origin", f"HEAD:{branch}")
        commit = git(self.work, "rev-parse", "HEAD")
        if branch == "main":
            self.forge.head = commit
        return commit

    def request(self, document: str) -> dict[str, Ran]:
        """What runs when a request is opened or changed."""
        return self._run("request", self.commit(document, "change"))

    def merge(self, document: str, *, requested: bool = True) -> dict[str, Ran]:
        """What runs when a request is merged, or something pushed that none brought."""
        commit = self.commit(document)
        if requested:
            self.forge.merged.add(commit)
        return self._run("push", commit)

    def again(self, commit: str | None = None) -> dict[str, Ran]:
        """What runs when the jobs of a commit on main, the last one, are started anew."""
        return self._run("push", commit or self.forge.head)

    def scheduled(self) -> dict[str, Ran]:
        """What runs by the schedule."""
        return self._run("schedule", self.forge.head)

    def _run(self, event: str, commit: str) -> dict[str, Ran]:
        jobs = _github(self, event, commit) if self.forge.dialect is GITHUB else _gitlab(self, event, commit)
        ran = {}
        for name, steps in jobs:
            folder = self.folder / f"job-{len(self.runs)}"
            self.clone(folder, commit)
            code, log = 0, ""
            for step in steps:
                if code and not step.always:
                    continue
                if step.checkout:
                    self.clone(folder / step.folder, step.checkout)
                    continue
                found = environment(HOME=str(self.folder / "home"), **step.variables)
                run = subprocess.run(
                    ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", _once_installed(step.script)],
                    cwd=folder,
                    env=found | {"PATH": os.pathsep.join([str(self.commands), found["PATH"]])},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    timeout=120,
                    check=False,
                )
                code, log = code or run.returncode, log + run.stdout
            ran[name] = Ran(code, log, folder)
            self.runs.append(ran[name])
        return ran

    def clone(self, folder: Path, commit: str) -> None:
        """What checks a commit out."""
        git(self.folder, "clone", "--quiet", "--no-checkout", str(self.origin), str(folder))
        git(folder, "checkout", "--quiet", "--detach", commit)


def _once_installed(script: str) -> str:
    shortened = script.replace(INSTALL, ":") if INSTALL in _done else script
    if INSTALL in script:
        _done.add(INSTALL)
    return shortened


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of shell with its variables, or a branch that is checked out into a folder."""

    script: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    always: bool = False
    checkout: str = ""
    folder: str = ""


def _github(site: Site, event: str, commit: str) -> Iterator[tuple[str, list[Step]]]:
    workflow = read_yaml(GITHUB_FILE)
    known: dict[str, str | bool] = {
        "github.event_name": {"request": "pull_request"}.get(event, event),
        "github.token": TOKEN,
        "github.ref": "refs/pull/7/merge" if event == "request" else "refs/heads/main",
        "always()": True,
        "cancelled()": False,
    }
    # A secret is what its name says, so that nothing secret may be read as a variable.
    for name, text in site.variables.items():
        known[f"{'secrets' if name.endswith('PASSWORD') else 'vars'}.{name}"] = text
    predefined = {
        "CI": "true",
        "GITHUB_API_URL": site.forge.url,
        "GITHUB_REPOSITORY": "site/orthanc",
        "GITHUB_REF": str(known["github.ref"]),
        "GITHUB_REF_NAME": str(known["github.ref"]).split("/", 2)[2],
        "GITHUB_SHA": commit,
    }

    def lookup(name: str) -> str | bool:
        assert name.startswith(("vars.", "secrets.")) or name in known, name
        return known.get(name, "")

    def filled(text: Any) -> str:
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(value(found[1], lookup) or ""), str(text))

    def condition(given: Mapping[str, Any]) -> bool:
        text = str(given.get("if", "always()"))
        return bool(value(text.removeprefix("${{").removesuffix("}}"), lookup))

    def variables(*groups: Mapping[str, Any]) -> dict[str, str]:
        found = {name: filled(text) for group in groups for name, text in group.get("env", {}).items()}
        return {**predefined, **found}

    for name, job in workflow["jobs"].items():
        if not condition(job):
            continue
        steps = []
        for each in job["steps"]:
            action, _, version = each.get("uses", "").partition("@")
            if not condition(each):
                continue
            if action == "actions/checkout" and "path" in each["with"]:
                steps.append(Step(checkout=f"origin/{filled(each['with']['ref'])}", folder=each["with"]["path"]))
            elif action:
                assert re.fullmatch("[0-9a-f]{40}", version), "an action that is not pinned"
            else:
                assert "${{" not in each["run"], "what somebody else may choose would be run as shell"
                steps.append(Step(each["run"], variables(workflow, job, each), always="always()" in each.get("if", "")))
        yield name, steps


def _gitlab(site: Site, event: str, commit: str) -> Iterator[tuple[str, list[Step]]]:
    pipeline = read_yaml(GITLAB_FILE)
    variables = {
        "CI": "true",
        "CI_API_V4_URL": site.forge.url,
        "CI_PROJECT_ID": "5",
        "CI_PIPELINE_SOURCE": {"request": "merge_request_event"}.get(event, event),
        "CI_DEFAULT_BRANCH": "main",
        "CI_COMMIT_SHA": commit,
        **({"CI_MERGE_REQUEST_IID": "7"} if event == "request" else {"CI_COMMIT_BRANCH": "main"}),
        "GITLAB_TOKEN": TOKEN,
        **site.variables,
    }

    def chosen(rules: list[dict[str, str]]) -> bool:
        return any(value(rule["if"], lambda name: variables.get(name.removeprefix("$"), "")) for rule in rules)

    assert chosen(pipeline["workflow"]["rules"])
    for name, job in pipeline.items():
        if name in ("workflow", "default") or name.startswith(".") or not chosen(job["rules"]):
            continue
        # All lines of one job are run by one shell.
        script = "\n".join([*pipeline["default"]["before_script"], *job["script"]])
        yield name, [Step(script, variables)]
