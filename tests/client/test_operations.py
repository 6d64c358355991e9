"""Every operation of the REST API has a method, every method says which it uses, and the table is what servers have."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import itertools
import json
import logging
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import AsyncOrthanc, Orthanc
from orthanc_state.client import ConnectionFailedError, NotFoundError, ReadOnlyError
from orthanc_state.client._sync.level import Level
from tests.client.operations import (
    CATEGORIES,
    RAW,
    TABLE,
    Method,
    documented_parameters,
    find,
    methods,
    numbers,
    parameters,
)
from tests.client.recorder import LOGGER, Recorder
from tests.faults.fault_proxy import FaultProxy, hang_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthanc_state.testing import OrthancServer, OrthancServers

ROOT = Path(__file__).parents[2]
NOWHERE = "http://127.0.0.1:9"

SILENT = {
    **{f"orthanc.{name}": "sends what it is told" for name in RAW},
    "orthanc.close": "sends nothing",
    "orthanc.read_only": "sends nothing",
}
"""The methods that name no operation, and why."""

DISPENSABLE = {"among", "find", "find_ids"}
"""The methods that do without a new operation where the server is old."""

ASKING_FIRST = {"submit_move"}
"""The methods that send nothing before they know which version the server is; a real one tells them elsewhere."""

RENAMED = {"GET /instances/{id}/content": "GET /instances/{id}/content/{path}"}
"""What Orthanc 1.10.1 calls otherwise in its list of all paths."""

ALL = methods(Orthanc(NOWHERE))
TALKING = [method for method in ALL if method.operations]
WAYS = ((False, True), (False, True))
"""Whether all arguments are given, and whether lists are long."""


def text(method: Method) -> str:
    return inspect.getdoc(getattr(method.owner, method.name)) or ""


def test_the_table_has_every_operation_once() -> None:
    assert len(TABLE) == 299
    assert len({row.r_method for row in TABLE.values() if row.r_method}) == 293
    assert [name for name in TABLE if find(*name.split()) != name] == []
    assert [row for row in TABLE.values() if row.since and numbers(row.since) <= (1, 10, 1)] == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/plugins/explorer.js", "GET /plugins/explorer.js"),
        ("/plugins/dicom-web", "GET /plugins/{id}"),
        ("/instances/a/content", None),
        ("/instances/a/content/0008-1140", "GET /instances/{id}/content/{path}"),
        ("/instances/a/content/0008-1140/0/0008-1150", "GET /instances/{id}/content/{path}"),
        ("/instances/a/frames/0/raw.gz?x=1", "GET /instances/{id}/frames/{frame}/raw.gz"),
        ("/tools/log-level-dicom", "GET /tools/log-level-dicom"),
        ("/tools/log-level-x", None),
        ("/jobs/a/archive", "GET /jobs/{id}/{key}"),
        ("/dicom-web/servers", None),
        ("/", None),
    ],
)
def test_a_path_is_found_in_the_table(path: str, name: str | None) -> None:
    assert find("GET", path) == name


def test_every_operation_is_reached_by_a_method() -> None:
    reached = {name for method in ALL for name in method.operations}
    assert [name for name in TABLE if name not in reached] == []


def test_no_method_names_an_operation_that_there_is_not() -> None:
    named = [(method.spelling, name) for method in ALL for name in method.operations]
    assert [each for each in named if each[1] not in TABLE] == []


def test_every_method_names_its_operations() -> None:
    assert {method.spelling for method in ALL if not method.operations} == set(SILENT)


def test_every_method_explains_its_parameters() -> None:
    unexplained = set()
    for method in ALL:
        explained = documented_parameters(method.owner, method.name)
        for parameter in parameters(method.owner, method.name):
            wanted = f"{parameter.name}: "
            if parameter.kind is parameter.VAR_KEYWORD:
                wanted += f"See `{parameter.annotation.removeprefix('Unpack[').removesuffix(']')}`"
            if not any(each.startswith(wanted) for each in explained):
                unexplained.add(f"{getattr(method.owner, method.name).__qualname__}: {wanted}")
    assert sorted(unexplained) == []


def test_every_method_says_since_when_there_is_what_it_needs() -> None:
    assert [
        (method.spelling, name, since)
        for method in ALL
        for name in method.operations
        if (since := TABLE[name].since) and f"since {since}" not in text(method) and method.name not in DISPENSABLE
    ] == []


def test_both_clients_name_the_same_operations() -> None:
    asynchronous = methods(AsyncOrthanc(NOWHERE))
    assert [(method.spelling, method.operations, text(method)) for method in asynchronous] == [
        (method.spelling, method.operations, text(method)) for method in ALL
    ]


def test_every_method_sends_all_that_it_names_and_nothing_else() -> None:
    sent: dict[str, set[str]] = defaultdict(set)
    with FaultProxy(NOWHERE, hang_up) as proxy, Orthanc(proxy.url, retries=0) as orthanc:
        for method, full, long in itertools.product(TALKING, *WAYS):
            for client in clients(orthanc, method.spelling):
                with contextlib.suppress(ConnectionFailedError, ReadOnlyError):
                    method.call(client, full=full, long=long)
            sent[method.spelling] |= taken(proxy)
    assert told(sent) == told({method.spelling: set(method.operations) for method in TALKING})


def test_every_asynchronous_method_does_so_too() -> None:
    sent: dict[str, set[str]] = defaultdict(set)

    async def use(proxy: FaultProxy) -> None:
        async with AsyncOrthanc(proxy.url, retries=0) as orthanc:
            for method, full, long in itertools.product(methods(orthanc), *WAYS):
                if method.operations:
                    for client in clients(orthanc, method.spelling):
                        with contextlib.suppress(ConnectionFailedError, ReadOnlyError):
                            await method.call_async(client, full=full, long=long)
                    sent[method.spelling] |= taken(proxy)

    with FaultProxy(NOWHERE, hang_up) as proxy:
        asyncio.run(use(proxy))
    assert told(sent) == told({method.spelling: set(method.operations) for method in TALKING})


def clients(client: Any, spelling: str) -> list[Any]:
    """A client, and where that asks in another way, the one that only reads."""
    return [client, client.read_only()] if spelling.startswith("orthanc.tools.create_") else [client]


def taken(proxy: FaultProxy) -> set[str]:
    """The operations that have arrived at a proxy since the last time."""
    arrived = {find(seen.method, seen.path) or str(seen) for seen in proxy.seen}
    proxy.seen.clear()
    return arrived


def told(sent: dict[str, set[str]]) -> list[str]:
    """What each method sends or names, without what it sends only after an answer or for other arguments."""
    return [
        f"{spelling}: {name}"
        for spelling, names in sent.items()
        for name in sorted(names)
        # Any method may ask which version the server is, before it sends what an older one would ignore.
        if name != "GET /system" and not comes_later(spelling.rpartition(".")[2], name)
    ]


def comes_later(method: str, name: str) -> bool:
    if method in DISPENSABLE | ASKING_FIRST:
        return name != "GET /system"
    return (method == "change_labels" and name.startswith("DELETE")) or name.endswith(CATEGORIES[1:])


@pytest.mark.parametrize("suite", ["bookworm", "trixie", "forky"])
def test_the_table_has_what_a_server_says_that_it_has(
    orthanc_servers: OrthancServers, tmp_path: Path, suite: str
) -> None:
    installation = orthanc_servers.installation(suite)
    file = tmp_path / "openapi.json"
    # For its examples it would ask a server in the world, whose absence it takes well.
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), NOWHERE)
    environment = {**os.environ, **installation.environment, **proxies, "no_proxy": "", "NO_PROXY": ""}
    *program, _ = installation.command(file)
    ran = subprocess.run(
        [*program, f"--openapi={file}"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    explained = {
        f"{method.upper()} {path}" for path, of in json.loads(file.read_text())["paths"].items() for method in of
    }
    unexplained = set(re.findall(r"Ignoring URI without API documentation: (.+)", ran.stderr))
    had = {RENAMED.get(name, name) for name in explained | unexplained}
    assert had == {name for name, row in TABLE.items() if row.is_known_to(installation.version)}


def test_the_page_about_the_r_package_is_made_of_what_there_is() -> None:
    ran = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "make_r_page.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


@pytest.fixture
def recorder(orthanc_servers: OrthancServers) -> Iterator[Recorder]:
    """A recorder, while that of the whole run does not listen."""
    others = [each for each in LOGGER.filters if isinstance(each, Recorder)]
    for other in others:
        other.stop()
    recorder = Recorder()
    recorder.servers = orthanc_servers
    recorder.start()
    yield recorder
    recorder.stop()
    for other in others:
        other.start()


def test_what_a_method_sends_is_recorded_by_version(
    recorder: Recorder, orthanc: Orthanc, orthanc_server: OrthancServer
) -> None:
    assert recorder.summary() == ""
    orthanc.modalities["pacs"].put({"AET": "PACS", "Host": "127.0.0.1", "Port": 104})
    assert orthanc.tools.log_level.get(category="dicom") == "default"
    orthanc.jobs.ids()
    assert orthanc.get("/peers") == []
    with pytest.raises(NotFoundError):
        orthanc.studies["a"].details()
    with FaultProxy(orthanc.url) as proxy, Orthanc(proxy.url) as elsewhere:
        elsewhere.queries.ids()
    asyncio.run(_plugins(orthanc.url))
    recorder.check()
    called = ["GET /jobs", "GET /plugins", "GET /tools/log-level-dicom", "PUT /modalities/{id}"]
    assert recorder.report == {orthanc_server.version: called}
    recorder.merge({"1.10.1": ["GET /jobs"], "1.12.7": ["GET /peers"]})
    assert recorder.summary().startswith("operations called on a real Orthanc: 5 of 299 (1.10.1: ")
    missing = recorder.missing()
    assert "1.10.1" not in missing
    assert set(missing["1.12.7"]) == TABLE.keys() - recorder.called["1.12.7"]


async def _plugins(url: str) -> None:
    async with AsyncOrthanc(url) as orthanc:
        await orthanc.plugins.names()


def test_what_a_method_does_not_name_is_an_error(
    recorder: Recorder, server: OrthancServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Level.ids, "__doc__", "Operation: `GET /studies`.")
    monkeypatch.setattr(Level.change_labels, "__doc__", "Nothing.")
    with Orthanc(server.url) as orthanc:
        orthanc.studies.ids()
        recorder.check()
        orthanc.series.ids()
        with pytest.raises(AssertionError, match=r"Level\.ids sent GET /series, which"):
            recorder.check()
        recorder.check()
        # In a thread of its own; and it has been sent, although there is no such study.
        with pytest.raises(NotFoundError):
            orthanc.studies.change_labels(["a"], add=["b"])
        with pytest.raises(AssertionError, match=r"Level\.change_labels sent PUT /studies/a/labels/b, which"):
            recorder.check()
        # What a test does when it is called back is no deed of the method that calls it.
        asked = []
        orthanc.instances.upload_many([b"no DICOM"], progress=lambda _: asked.append(orthanc.jobs.ids()))
        assert len(asked) == 1
        recorder.check()


def test_the_recorder_is_not_heard(recorder: Recorder, server: OrthancServer, caplog: pytest.LogCaptureFixture) -> None:
    with Orthanc(server.url) as orthanc:
        orthanc.system()
        assert caplog.messages == []
        for logger in (None, LOGGER.name):
            with caplog.at_level(logging.DEBUG, logger):
                orthanc.system()
            assert [record.message for record in caplog.records if record.name == LOGGER.name] == caplog.messages[-1:]
            caplog.clear()
        orthanc.jobs.ids()
        assert caplog.messages == []
    assert recorder.report == {server.version: ["GET /jobs", "GET /system"]}
