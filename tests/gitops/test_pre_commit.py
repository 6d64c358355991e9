"""The hook, run by pre-commit in a repository of its own."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from ruamel.yaml import YAML

from tests.gitops.pipeline import EXAMPLES, ROOT, environment, git, read_yaml
from tests.gitops.test_pipelines import DOCUMENT

if TYPE_CHECKING:
    from pathlib import Path


def commit(folder: Path, document: str) -> subprocess.CompletedProcess[str]:
    """Commit a document, as somebody who has set none of its secrets."""
    (folder / "site.yaml").write_text(document)
    git(folder, "add", "--all")
    return subprocess.run(
        ["git", "-c", "user.name=somebody", "-c", "user.email=somebody@localhost", "commit", "-m", "Change"],
        cwd=folder,
        env=environment(HOME=str(folder.parent / "home"), PRE_COMMIT_HOME=str(folder.parent / "cache")),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_wrong_document_cannot_be_committed(tmp_path: Path) -> None:
    hooks, work = tmp_path / "hooks", tmp_path / "work"
    for folder in (hooks, work):
        folder.mkdir()
        git(folder, "init", "--quiet")
    (hooks / ".pre-commit-hooks.yaml").write_bytes((ROOT / ".pre-commit-hooks.yaml").read_bytes())
    git(hooks, "add", "--all")
    git(hooks, "commit", "--quiet", "--message", "Hooks")
    config = read_yaml(EXAMPLES / "pre-commit" / ".pre-commit-config.yaml")
    [repository] = config["repos"]
    # The command that is installed here, instead of one that is built and installed for the occasion.
    repository |= {"repo": str(hooks), "rev": git(hooks, "rev-parse", "HEAD")}
    repository["hooks"][0]["language"] = "system"
    YAML().dump(config, work / ".pre-commit-config.yaml")
    subprocess.run(
        ["pre-commit", "install"], cwd=work, env=environment(HOME=str(tmp_path)), capture_output=True, check=True
    )

    refused = commit(work, DOCUMENT.replace("pacs:", "pacs/1:"))
    assert refused.returncode == 1
    assert "site.yaml:3" in refused.stderr
    assert "pacs/1" in refused.stderr
    taken = commit(work, DOCUMENT)
    assert taken.returncode == 0, taken.stderr
    assert "Passed" in taken.stderr
    assert git(work, "log", "--format=%s") == "Change"
