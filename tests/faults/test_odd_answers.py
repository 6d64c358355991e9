"""Answers that are JSON and yet not what an Orthanc gives: an error that says so, never a traceback, never a belief."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orthanc_state import Orthanc, OrthancStateError, dump, loads, plan
from orthanc_state.render.data import plan_data
from orthanc_state.render.line import plain
from orthanc_state.render.planned import plan_view
from orthanc_state.render.text import plan_lines
from tests.faults.fault_proxy import FaultProxy, on, replace

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from orthanc_state import Document
    from orthanc_state.testing import OrthancServer

    Cli = Callable[..., "subprocess.CompletedProcess[str]"]

CATEGORIES = ("generic", "dicom", "http", "jobs", "lua", "plugins", "sqlite")
LEVELS = [f"/tools/log-level-{category}" for category in CATEGORIES]
SWITCHES = ["/tools/unknown-sop-class-accepted", "/tools/metrics"]
SYNTAXES = "/tools/accepted-transfer-syntaxes"
READ = ["/system", "/modalities", "/peers", SYNTAXES, "/tools/default-encoding", *SWITCHES, *LEVELS]
"""Every GET of a plan that has every section."""

EVERYTHING = """\
version: 1
modalities: {pacs: {aet: PACS, host: 10.0.0.5, port: 11112}}
peers: {backup: {url: https://backup.example/, username: u, password: p}}
dicom:
  accepted_transfer_syntaxes: [ExplicitVRLittleEndian]
  unknown_sop_class_accepted: true
  default_encoding: Utf8
logging: {all: verbose, dicom: trace}
metrics: false
prune: {modalities: true, peers: true}
"""

NEVER = ["[]", '"x"', "{}", "42", "-1.5", "[1]", '{"a": 1}', '{"a": []}', "[[]]", '[{"a": 1}]']
RIGHT = {("/modalities", "{}"), ("/peers", "{}"), (SYNTAXES, "[]")}
"""What an Orthanc may answer after all."""

WRONG = [
    *((path, body) for path in [*READ[:7], LEVELS[1]] for body in NEVER if (path, body) not in RIGHT),
    *((path, body) for path in ["/system", "/modalities", "/peers", SYNTAXES] for body in ("null", "true")),
    *((path, body) for path in SWITCHES for body in ("null", "true", "on", "2", "10")),
    ("/system", '{"Version": 5}'),
    ("/system", '{"Version": null}'),
    ("/system", '{"Version": ["1", "12"]}'),
    ("/modalities", '["a", "b"]'),
    ("/modalities", '{"a": null}'),
    ("/modalities", '{"a": "x"}'),
    ("/peers", '["a", "b"]'),
    ("/peers", '{"a": null}'),
    ("/peers", '{"a": {"Url": "http://x/", "HttpHeaders": 5}}'),
    (SYNTAXES, '["1.2.840.10008.1.2", null]'),
    (SYNTAXES, '{"1.2.840.10008.1.2": true}'),
]


def test_these_are_all_the_questions_of_a_plan_and_of_a_dump(server: OrthancServer) -> None:
    with FaultProxy(server.url) as proxy, Orthanc(proxy.url) as orthanc:
        plan(orthanc, loads(EVERYTHING))
        # What a restart does to modalities and peers is asked last, of a server that runs scripts.
        assert sorted(seen.path for seen in proxy.seen) == sorted([*READ, "/tools/execute-script"])
        proxy.seen.clear()
        dump(orthanc)
        # Whether the plugin is there that brings a kind: this server has none, and is asked nothing more of it.
        assert sorted(seen.path for seen in proxy.seen) == sorted([*READ, "/plugins/dicom-web"])


@pytest.mark.parametrize(("path", "body"), WRONG)
def test_an_answer_that_no_orthanc_gives_is_an_error_and_not_believed(
    server: OrthancServer, path: str, body: str
) -> None:
    with FaultProxy(server.url, on("GET", path, replace(body))) as proxy, Orthanc(proxy.url) as orthanc:
        for step in (lambda: plan(orthanc, loads(EVERYTHING)), lambda: dump(orthanc)):
            with pytest.raises(OrthancStateError) as raised:
                step()
            assert path in raised.value.message or "not an Orthanc" in raised.value.message
            assert raised.value.hint


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/modalities", '["a", "b"]'),
        ("/peers", '{"a": 1}'),
        ("/tools/metrics", "{}"),
    ],
)
def test_the_command_line_ends_with_one_clear_block(
    server: OrthancServer, cli: Cli, tmp_path: Path, path: str, body: str
) -> None:
    (tmp_path / "document.yaml").write_text(EVERYTHING)
    with FaultProxy(server.url, on("GET", path, replace(body))) as proxy:
        result = cli("plan", "document.yaml", "--json", "--url", proxy.url)
    assert result.returncode == 1
    assert result.stderr.startswith("Error: ")
    assert "Traceback" not in result.stderr
    assert json.loads(result.stdout)["error"]


@pytest.mark.parametrize("fault", ["<html>", "", "\xff"], ids=["HTML", "empty", "bytes"])
@pytest.mark.parametrize("path", READ)
def test_html_and_nothing_are_errors_wherever_they_come(server: OrthancServer, path: str, fault: str) -> None:
    answer = replace(fault.encode("latin-1"), content_type="text/html")
    with FaultProxy(server.url, on("GET", path, answer)) as proxy, Orthanc(proxy.url) as orthanc:
        with pytest.raises(OrthancStateError) as raised:
            plan(orthanc, loads(EVERYTHING))
        assert path in raised.value.message
        assert raised.value.hint


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**20), 10**20),
        st.floats(),
        st.sampled_from(["", "x", "1.12.7", "http://u:p@[x/", "\ud800", "\x1b[31m", "PACS", "Generic"]),
        st.text(max_size=5),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "AET", "Url", "x y", ""]), inner, max_size=3)
    ),
    max_leaves=6,
)
# The right shape with something wrong in it reaches further than what is wrong from the beginning.
modality = st.dictionaries(
    st.sampled_from(["AET", "Host", "Port", "Manufacturer", "AllowEcho", "LocalAet", "Timeout", "New"]), json_values
)
peer = st.dictionaries(
    st.sampled_from(["Url", "Username", "Password", "HttpHeaders", "Timeout", "OrthancStateFingerprints", "New"]),
    json_values,
)
entry_names = st.sampled_from(["pacs", "backup", "a", "a b", "", "\ud800", "Ü"])


@settings(max_examples=120)
@example(path="/modalities", value={"a": {"AET": []}})
@example(path="/peers", value={"a": {"Url": "http://[", "Username": "u"}})
@example(path="/peers", value={"a": {"Url": "http://x", "New": {"a": [1.5, None]}}})
@example(path="/peers", value={"backup": {"Url": "http://x", "HttpHeaders": [[]]}})
@example(path="/system", value={"Version": "1." + "9" * 5000, "Name": None})
@example(path="/system", value={"Version": "²", "Name": []})
@given(
    path=st.sampled_from(["/system", "/modalities", "/peers", SYNTAXES]),
    value=st.one_of(
        json_values,
        st.dictionaries(entry_names, modality, max_size=3),
        st.dictionaries(entry_names, peer, max_size=3),
        st.fixed_dictionaries({"Version": json_values}, optional={"Name": json_values}),
        st.lists(json_values, max_size=4),
    ),
)
def test_whatever_is_answered_it_is_shown_or_refused(server: OrthancServer, path: str, value: Any) -> None:
    document = SECTIONS[path]
    with FaultProxy(server.url, on("GET", path, replace(json.dumps(value)))) as proxy, Orthanc(proxy.url) as orthanc:
        with suppress(OrthancStateError):
            found = plan(orthanc, document)
            # What is shown must be possible to show.
            assert json.loads(json.dumps(plan_data(found)))["server"]
            io.StringIO().writelines(plain(line) for line in plan_lines(plan_view(found)))
        with suppress(OrthancStateError):
            assert dump(orthanc).text


def _section(text: str) -> Document:
    return loads(f"version: 1\n{text}\n")


SECTIONS = {
    "/system": _section("metrics: true"),
    "/modalities": _section("modalities: {pacs: {aet: PACS, host: 10.0.0.5, port: 11112}}\nprune: {modalities: true}"),
    "/peers": _section("peers: {backup: {url: 'https://b/', username: u, password: p}}\nprune: {peers: true}"),
    SYNTAXES: _section("dicom: {accepted_transfer_syntaxes: [ExplicitVRLittleEndian]}"),
}


def test_a_peer_whose_url_a_real_orthanc_takes_although_it_is_none_is_shown(orthanc: Orthanc) -> None:
    for url in ("http://[", "http://a[b", "http://u:hunter2@[/", "http://x]/"):
        orthanc.peers["odd"].put({"Url": url})
        assert "odd" in plan(orthanc, SECTIONS["/peers"]).changes[-1].address
        assert "hunter2" not in dump(orthanc).text


@pytest.mark.parametrize("arguments", [("plan", "document.yaml", "--json"), ("dump",)])
def test_a_name_that_no_encoding_can_write_does_no_harm(
    server: OrthancServer, cli: Cli, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    # Half of a surrogate pair: JSON can carry it, UTF-8 cannot.
    (tmp_path / "document.yaml").write_text("version: 1\nmodalities: {b: [B, h, 104]}\nprune: {modalities: true}\n")
    modalities = {"a": {"AET": "\ud800", "Host": "\ud800", "Port": 104}}
    system = {"Version": "1.12.7", "Name": "\ud800"}
    fault = on("GET", "/modalities", replace(json.dumps(modalities)), on("GET", "/system", replace(json.dumps(system))))
    with FaultProxy(server.url, fault) as proxy:
        result = cli(*arguments, "--url", proxy.url)
    assert "Traceback" not in result.stderr
    assert result.returncode in {0, 1}
    if "--json" in arguments:
        assert json.loads(result.stdout)
