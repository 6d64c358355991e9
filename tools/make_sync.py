"""Makes the synchronous client of the asynchronous one. With `--check`, only tells whether that has been done."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import unasync

CLIENT = Path(__file__).parent.parent / "orthanc_state" / "client"
REPLACED = {
    "AsyncBaseTransport": "BaseTransport",
    "AsyncByteStream": "SyncByteStream",
    "AsyncClient": "Client",
    "AsyncExchange": "Exchange",
    "AsyncHTTPConnection": "HTTPConnection",
    "AsyncHTTPTransport": "HTTPTransport",
    "AsyncOrthanc": "Orthanc",
    "AsyncWorkers": "Workers",
    "_async": "_sync",
    "aclose": "close",
    "aiter_bytes": "iter_bytes",
    "anyio": "threading",
    "async_blocking": "blocking",
    "async_content": "content",
    "async_sleep": "sleep",
    "asynccontextmanager": "contextmanager",
    "aread": "read",
    "handle_async_request": "handle_request",
}
HEADER = "# Generated from ../_async by tools/make_sync.py: change it there.\n"


def generate(folder: Path) -> None:
    """Write the synchronous modules into a folder named `_sync`, formatted as the rest is."""
    sources = [path for path in sorted((CLIENT / "_async").glob("*.py")) if path.name != "__init__.py"]
    unasync.unasync_files(list(map(str, sources)), [unasync.Rule(str(CLIENT / "_async"), str(folder), REPLACED)])
    made = [folder / path.name for path in sources]
    for path in made:
        path.write_text(HEADER + path.read_text())
    (folder / "__init__.py").write_text('"""The synchronous client; see `tools/make_sync.py`."""\n')
    settings = CLIENT.parent.parent / "pyproject.toml"
    ruff = [sys.executable, "-m", "ruff", "--config", str(settings), "--quiet"]
    subprocess.run([*ruff, "check", "--select", "I,UP028", "--fix", "--unsafe-fixes", *map(str, made)], check=True)
    subprocess.run([*ruff, "format", *map(str, made)], check=True)


def main() -> int:
    """Generate, or check; 1 when what is there is stale."""
    if "--check" not in sys.argv:
        generate(CLIENT / "_sync")
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "orthanc_state" / "client" / "_sync"
        folder.mkdir(parents=True)
        generate(folder)
        made, kept = ({path.name: path.read_text() for path in f.glob("*.py")} for f in (folder, CLIENT / "_sync"))
    stale = sorted(name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name))
    if stale:
        sys.stderr.write(f"stale, run tools/make_sync.py: {', '.join(stale)}\n")
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main())
