"""Every example of the documentation is run, validated or says why not; every link leads somewhere."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from orthanc_state.document.load import load
from orthanc_state.errors import OrthancStateError
from orthanc_state.fleet.inventory import Inventory
from tests.docs.blocks import PAGES, ROOT, blocks
from tests.docs.sandbox import Sandbox
from tests.docs.scenes import SCENES
from tools.make_pages import pages as made_pages

if TYPE_CHECKING:
    from pathlib import Path

    from tests.docs.blocks import Block
    from tests.prepared import Prepared

NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
FEW = 12
"""How many examples may say that they cannot be run."""

LINK = re.compile(r"(?<!\!)\[[^\]]+\]\(([^)\s]+)\)")


@pytest.mark.orthanc(suites=["trixie"])
@pytest.mark.parametrize("name", [name for name, page in zip(NAMES, PAGES, strict=True) if blocks(page)])
def test_the_examples_of_a_page(name: str, tmp_path: Path, start_orthanc: Any, prepared: Prepared) -> None:
    sandbox = Sandbox(tmp_path, {}, prepared)
    if name in SCENES:
        SCENES[name](sandbox, start_orthanc)
    for block in filter(lambda block: block.is_run, blocks(ROOT / name)):
        match block.language:
            case "console":
                sandbox.console(block)
            case "python":
                sandbox.python(block)
            case "yaml":
                _check_yaml(sandbox, block)
            case "json":
                json.loads(block.text)
            case "sh":
                sandbox.write(block.notes["file"], block.text).chmod(0o755)
            case "text":
                assert "$ " not in block.text, f"{block.place}: a command is a `console`"
            case other:
                pytest.fail(
                    f"{block.place}: nothing is known of `{other}`: say console, python, yaml, json, sh or text"
                )


def _check_yaml(sandbox: Sandbox, block: Block) -> None:
    """A document or an inventory, whole or a part of one, is what it says; of what is Ansible's, that it is YAML."""
    if re.search(r"(?m)^(- |plugin:)", block.text):
        YAML(typ="safe").load(block.text)
        return
    is_inventory = bool(re.search(r"(?m)^(servers|network):", block.text))
    is_part = not re.search(r"(?m)^version:", block.text)
    text = block.text
    if is_part and is_inventory:
        # The nodes of a part of an inventory are no servers: those would need documents.
        text = f"version: 1\nservers: {{other: {{url: http://h, documents: [.rest.yaml]}}}}\n{text}"
    elif is_part:
        text += "\nversion: 1\n"
    rest = sandbox.write(".rest.yaml", "version: 1\nmodalities: {any: [ANY, h, 104]}\n")
    path = sandbox.write(block.notes.get("file", ".example.yaml"), text)
    try:
        if is_inventory:
            Inventory.load(path)
        else:
            files = [rest, path] if is_part else [path]
            load(*files, secrets=False, variables={"aet": "A", "site": "S", "port": 104})
    except OrthancStateError as error:
        pytest.fail(f"{block.place}: {error}")


def test_few_examples_are_not_run_and_each_says_why() -> None:
    left_out = [block for page in PAGES for block in blocks(page) if not block.is_run]
    assert len(left_out) <= FEW
    for block in left_out:
        assert len(block.notes["not run"].split()) >= 3, block.place


@pytest.mark.parametrize("name", NAMES)
def test_links_between_pages_lead_somewhere(name: str) -> None:
    page = ROOT / name
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        if path.startswith(("http://", "https://", "mailto:")):
            continue
        found = page.parent / path if path else page
        assert found.exists(), f"{name}: {target}"
        if anchor and found.suffix == ".md":
            assert anchor in _anchors(found), f"{name}: {target}"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"(?m)^#+ +(.+)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_the_pages_that_are_made_of_the_source_are_as_the_source_is() -> None:
    for path, made in made_pages().items():
        assert path.read_text(encoding="utf-8") == made, f"stale, run tools/make_pages.py: {path.name}"
