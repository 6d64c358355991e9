"""What mkdocs does beside building `docs/`: pages of files that stand elsewhere, links to them, and a last look.

The pages on the changelog, on contributing and on security are the files at the root; the page of examples has every
file of `examples/`. A link that leads out of `docs/` on a forge leads to those here. A built page that would fetch
something from elsewhere is a warning, which ends a strict build.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File, Files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
ROOT_PAGES = {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md", "SECURITY.md": "security.md"}
LANGUAGES = {".yaml": "yaml", ".yml": "yaml", ".sh": "sh", ".py": "python", ".md": "md"}

_LINK = re.compile(r"\]\((?:\.\./)?(examples(?:/[^)#]*)?|CHANGELOG\.md|CONTRIBUTING\.md|SECURITY\.md)/?\)")
_FETCHED = re.compile(
    r"<(?:script|img|iframe|source|link)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//[^\"'\s>]+", re.IGNORECASE
)
_IMPORTED = re.compile(r"(?:@import|url\()\s*[\"'(]?(?:https?:)?//[^\"')\s]+")

_OUT = re.compile(r"\[([^\]]+)\]\(\.\./([^)#]+)\)")

log = logging.getLogger("mkdocs.hooks.orthanc_state")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that are made of files elsewhere."""
    for name, page in ROOT_PAGES.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        # Of links that lead into `docs/` the folder is left away.
        files.append(File.generated(config, page, content=text.replace("](docs/", "](")))
    files.append(File.generated(config, "examples.md", content="\n".join(_examples())))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Turns links that lead out of `docs/` into links to those pages, or into the name of what is there."""
    return _OUT.sub(r"\1 (`\2`)", _LINK.sub(_link, markdown))


def on_post_build(config: MkDocsConfig) -> None:
    """Warns of pages and style sheets that would fetch something from elsewhere."""
    for path in sorted(Path(config.site_dir).rglob("*")):
        pattern = {".html": _FETCHED, ".css": _IMPORTED}.get(path.suffix)
        for found in pattern.findall(path.read_text(encoding="utf-8")) if pattern else ():
            log.warning("%s would fetch %s", path.relative_to(config.site_dir), found)


def _link(found: re.Match[str]) -> str:
    if found[1] in ROOT_PAGES:
        return f"]({ROOT_PAGES[found[1]]})"
    _, _, below = found[1].partition("/")
    return f"](examples.md#{_anchor(below)})" if below.strip("/") else "](examples.md)"


def _examples() -> Iterator[str]:
    yield "# Examples"
    yield ""
    yield "Every file of `examples/`, as it stands in the sources. Each is run or checked by the tests."
    yield ""
    tracked = [path for path in sorted(EXAMPLES.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    folder = EXAMPLES
    for path in sorted(tracked, key=lambda path: (len(path.parent.parts), path)):
        top = EXAMPLES / path.relative_to(EXAMPLES).parts[0]
        if top.is_dir() and top != folder:
            folder = top
            yield f"## {top.name} {{#{_anchor(top.name)}}}"
            yield ""
        name = path.relative_to(EXAMPLES).as_posix()
        yield f"### {name} {{#{_anchor(name)}}}"
        yield ""
        fence = "````" if path.suffix == ".md" else "```"
        yield from (
            f"{fence}{LANGUAGES.get(path.suffix, 'text')}",
            path.read_text(encoding="utf-8").rstrip(),
            fence,
            "",
        )


def _anchor(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.strip("/").lower()).strip("-")
