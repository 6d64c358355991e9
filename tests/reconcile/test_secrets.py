"""What Orthanc never returns: told apart, never erased by accident, never shown."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from orthanc_state import Document, Orthanc, Plan, apply, dump, from_data, loads, plan
from orthanc_state.kinds.fingerprint import PROPERTY
from orthanc_state.kinds.secret import Secret
from orthanc_state.planning.change import Action
from orthanc_state.planning.differ import PlanError
from orthanc_state.planning.fields import field_changes


def document(fingerprints: Any = "scrypt", **fields: Any) -> Document:
    """A document with one peer."""
    peer = {"url": "http://backup.example/", **fields}
    return from_data({"version": 1, "peers": {"backup": peer}, "fingerprints": fingerprints})


def given(password: str = "one", **fields: Any) -> dict[str, Any]:
    """A peer with a user, a password and a header."""
    return {"username": "sync", "password": password, "http_headers": {"X-Key": "k"}, **fields}


def changed(found: Plan) -> list[str]:
    """The fields that a plan changes."""
    return [field.path for change in found.changes for field in field_changes(change.before, change.after)]


def test_a_rotated_password_is_one_change_and_an_unchanged_one_is_none(orthanc: Orthanc) -> None:
    assert apply(orthanc, plan(orthanc, document(**given()))).ok
    assert plan(orthanc, document(**given())).empty
    rotated = plan(orthanc, document(**given("two")))
    assert changed(rotated) == ["password"]
    assert apply(orthanc, rotated).ok
    assert plan(orthanc, document(**given("two"))).empty


def test_a_changed_timeout_keeps_the_password_that_the_document_gives(orthanc: Orthanc) -> None:
    apply(orthanc, plan(orthanc, document(**given())))
    found = plan(orthanc, document(**given(timeout=5)))
    assert changed(found) == ["timeout"]
    body = found.changes[0].operation.body
    assert body["Password"] == Secret("one")
    assert body["HttpHeaders"] == {"X-Key": Secret("k")}
    assert apply(orthanc, found).ok
    assert orthanc.peers["backup"].configuration()["HttpHeaders"] == ["X-Key"]


@pytest.mark.parametrize(
    ("fields", "erased"),
    [
        ({"username": "sync", "http_headers": {"X-Key": "k"}}, ["password"]),
        ({"username": "sync", "password": "one"}, ["http_headers.X-Key"]),
        ({"username": "sync", "password": "one", "http_headers": {"X-Other": "o"}}, ["http_headers.X-Key"]),
        ({}, ["http_headers.X-Key", "password"]),
    ],
    ids=["password", "headers", "one header", "all"],
)
def test_a_write_that_would_erase_a_secret_is_refused(
    orthanc: Orthanc, fields: dict[str, Any], erased: list[str]
) -> None:
    apply(orthanc, plan(orthanc, document(**given())))
    before = orthanc.peers.configurations()
    with pytest.raises(PlanError) as error:
        plan(orthanc, document(timeout=5, **fields))
    assert [problem.field for problem in error.value.problems] == [f"peers.backup.{path}" for path in erased]
    assert orthanc.peers.configurations() == before


def test_a_secret_set_by_somebody_else_is_not_erased_either(orthanc: Orthanc) -> None:
    orthanc.peers["backup"].put({"Url": "http://backup.example/", "Username": "sync", "Password": "theirs"})
    with pytest.raises(PlanError, match="never returns it"):
        plan(orthanc, document(username="sync", timeout=5))


def test_a_secret_is_erased_when_the_document_says_so(orthanc: Orthanc) -> None:
    apply(orthanc, plan(orthanc, document(**given())))
    none = document(username="sync", password=None, http_headers={"X-Key": None})
    found = plan(orthanc, none)
    assert sorted(changed(found)) == ["http_headers.X-Key", "password"]
    assert apply(orthanc, found).ok
    assert plan(orthanc, none).empty
    assert orthanc.peers["backup"].configuration()["HttpHeaders"] == []


def test_an_empty_mapping_says_that_there_must_be_no_header(orthanc: Orthanc) -> None:
    apply(orthanc, plan(orthanc, document(**given())))
    assert changed(plan(orthanc, document(username="sync", password="one", http_headers={}))) == ["http_headers.X-Key"]


def test_a_secret_that_nobody_recorded_is_written_once(orthanc: Orthanc) -> None:
    orthanc.peers["backup"].put({"Url": "http://backup.example/", "Username": "sync", "Password": "one"})
    wanted = document(username="sync", password="one")
    found = plan(orthanc, wanted)
    assert changed(found) == ["password"]
    assert apply(orthanc, found).ok
    assert plan(orthanc, wanted).empty


@pytest.mark.parametrize("mode", ["scrypt", {"key": Secret("a key of the site")}], ids=["scrypt", "key"])
def test_the_record_on_the_server_does_not_tell_the_secret(orthanc: Orthanc, mode: Any) -> None:
    apply(orthanc, plan(orthanc, document(mode, **given("hunter2", properties={"Owner": "radiology"}))))
    live = orthanc.peers["backup"].configuration()
    record = json.loads(live[PROPERTY])
    assert record["digests"].keys() == {"password", "http_headers.X-Key"}
    assert "hunter2" not in json.dumps(live)
    assert live["Owner"] == "radiology"
    assert plan(orthanc, document(mode, **given("hunter2", properties={"Owner": "radiology"}))).empty


def test_another_key_of_the_site_writes_the_secrets_again(orthanc: Orthanc) -> None:
    apply(orthanc, plan(orthanc, document({"key": Secret("one")}, **given())))
    for mode in ({"key": Secret("two")}, "scrypt"):
        found = plan(orthanc, document(mode, **given()))
        assert changed(found) == ["password", "http_headers.X-Key"]
        assert apply(orthanc, found).ok
        assert plan(orthanc, document(mode, **given())).empty


def test_without_fingerprints_nothing_is_kept_and_a_present_secret_counts_as_right(orthanc: Orthanc) -> None:
    assert apply(orthanc, plan(orthanc, document("off", **given()))).ok
    assert PROPERTY not in orthanc.peers["backup"].configuration()
    assert plan(orthanc, document("off", **given("two"))).empty
    with pytest.raises(PlanError, match="would erase it"):
        plan(orthanc, document("off", username="sync", timeout=5, http_headers={"X-Key": "k"}))


def test_a_forged_record_is_a_difference_and_no_error(orthanc: Orthanc) -> None:
    for record in ("{}", "[1]", '{"v":1,"kdf":"scrypt","salt":"!","digests":{}}', "x" * 10_000):
        orthanc.peers["backup"].put(
            {"Url": "http://backup.example/", "Username": "sync", "Password": "one", PROPERTY: record}
        )
        assert changed(plan(orthanc, document(username="sync", password="one"))) == ["password"]


def test_an_ignored_secret_is_given_again_when_the_entry_is_written_for_another_reason(orthanc: Orthanc) -> None:
    apply(orthanc, plan(orthanc, document(**given())))
    assert plan(orthanc, document(**given("two", ignore=["password"]))).empty
    found = plan(orthanc, document(**given("two", ignore=["password"], timeout=5)))
    # The server would lose it otherwise, and nobody but the document can give it.
    assert changed(found) == ["password", "timeout"]
    with pytest.raises(PlanError, match="would erase it"):
        plan(orthanc, document(username="sync", ignore=["password"], timeout=5, http_headers={"X-Key": "k"}))


def test_credentials_in_a_url_set_by_hand_are_not_shown(orthanc: Orthanc) -> None:
    orthanc.peers["backup"].put({"Url": "http://sync:hunter2@backup.example/"})
    found = plan(orthanc, document())
    assert changed(found) == ["url"]
    assert "hunter2" not in repr(found)
    assert "hunter2" not in dump(orthanc).text


def test_a_plan_shows_and_pickles_no_secret(orthanc: Orthanc) -> None:
    found = plan(orthanc, document(**given("hunter2")))
    assert found.changes[0].action is Action.CREATE
    assert "hunter2" not in repr(found)
    assert "hunter2" not in repr(found.changes[0].operation)


def test_a_dump_refers_to_variables_and_leaves_alone_what_nobody_can_compare(orthanc: Orthanc) -> None:
    apply(orthanc, plan(orthanc, document(**given("hunter2"))))
    orthanc.peers["theirs"].put({"Url": "http://h/", "Username": "u", "Password": "p", "HttpHeaders": {"A": "b"}})
    found = dump(orthanc)
    assert "password: !env ORTHANC_PEERS_BACKUP_PASSWORD" in found.text
    assert not re.search("hunter2", found.text)
    environment = dict.fromkeys(found.variables, "anything") | {
        "ORTHANC_PEERS_BACKUP_PASSWORD": "hunter2",
        "ORTHANC_PEERS_BACKUP_HTTP_HEADERS_X_KEY": "k",
    }
    assert plan(orthanc, loads(found.text, environment=environment)).empty
    assert found.data["peers"]["theirs"]["ignore"] == ["password", "http_headers"]
    assert "ignore" not in found.data["peers"]["backup"]
