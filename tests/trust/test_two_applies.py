"""Two applies at once on one server: every entry ends as one of the two documents says, and both say what they did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from orthanc_state import Orthanc, apply, load, plan
from orthanc_state.engine import dump
from orthanc_state.execution.history import History
from tests.trust.sites import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

NAMES = [f"m{number:02}" for number in range(40)]
PEERS = [f"p{number:02}" for number in range(20)]
SETTINGS = {"default_encoding": ("Greek", "Hebrew"), "accepted_transfer_syntaxes": (["1.2.840.10008.1.2"], ["all"])}


def _site(which: int, secret: str) -> dict[str, Any]:
    """One of two sites, which want something else of every entry, in every field of it."""
    modality = {"aet": f"AET{which}", "host": f"10.0.0.{which}", "port": 1000 + which, "timeout": 10 + which}
    peer = {"url": f"http://peer{which}.example/", "username": f"user{which}", "password": f"@{secret}"}
    return {
        "version": 1,
        "modalities": dict.fromkeys(NAMES, modality),
        "peers": {name: {**peer, "properties": {"which": str(which)}} for name in PEERS},
        "dicom": {name: values[which] for name, values in SETTINGS.items()},
    }


def _write(folder: Path, which: int) -> Path:
    secret = ("PEER_PASSWORD", "PEER_HEADER")[which]
    path = folder / f"site{which}.yaml"
    text = json.dumps(_site(which, secret)).replace(f'"@{secret}"', f"!env {secret}")
    path.write_text(f'{text[:-1]}, "fingerprints": {{"key": !env SITE_KEY}}}}')
    return path


def _start(url: str, document: Path, journal: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "orthanc_state", "apply", "--yes", "--json", document, "--journal", journal],
        env={**os.environ, **ENVIRONMENT, "ORTHANC_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_applies_at_once_never_mix(orthanc: Orthanc, tmp_path: Path) -> None:
    documents = [_write(tmp_path, which) for which in (0, 1)]
    loaded = [load(document, environment=ENVIRONMENT) for document in documents]
    journals = [tmp_path / f"{which}.jsonl" for which in (0, 1)]
    processes = [_start(orthanc.url, document, journal) for document, journal in zip(documents, journals, strict=True)]
    outputs = [process.communicate(timeout=100) for process in processes]
    assert [stderr for _, stderr in outputs] == ["", ""]
    left = [{change.address for change in plan(orthanc, document).changes} for document in loaded]
    everything = [*(f"modalities/{name}" for name in NAMES), *(f"peers/{name}" for name in PEERS)]
    everything += [f"dicom/{name}" for name in SETTINGS]
    # Each is as a whole what one of the two wants.
    assert [address for address in everything if all(address in each for each in left)] == []
    reports = [json.loads(stdout) for stdout, _ in outputs]
    said = [{result["address"]: result["outcome"] for result in report["results"]} for report in reports]
    for which, report in enumerate(reports):
        assert report["ok"] == (processes[which].returncode == 0)
        assert report["ok"] == (set(said[which].values()) <= {"applied", "already"})
        [run] = History.read(journals[which]).runs
        assert run.ended is not None
        assert {address: line["outcome"] for address, line in run.settled.items()} == said[which]
        # What it has sent and did not see to be there, it does not call applied; what it left alone is not its own.
        for address, outcome in said[which].items():
            sent = any(line["address"] == address for line in run.sent)
            assert sent == (outcome in ("applied", "failed"))
    # What is there, one of the two says that it has written.
    for address in everything:
        writers = [which for which in (0, 1) if address not in left[which]]
        assert any(said[which].get(address, "applied") in ("applied", "already") for which in writers)
    assert dump(orthanc).text.count("aet:") == len(NAMES)
    assert apply(orthanc, plan(orthanc, loaded[0]), allow_deletes=True).ok
    assert plan(orthanc, loaded[0]).empty
