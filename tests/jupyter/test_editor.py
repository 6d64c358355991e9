"""Single values of a document are changed, and all else of it stays as somebody wrote it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthanc_state import loads
from orthanc_state.jupyter.controllers.editor import EditError, Editor, fragment, tagged, written
from orthanc_state.jupyter.controllers.forms import section_forms
from orthanc_state.kinds.registry import all_kinds

MODALITIES = all_kinds()["modalities"]
PEERS = all_kinds()["peers"]
POLICIES = all_kinds()["policies"]
METRICS = all_kinds()["metrics"]
ENCODING = all_kinds()["dicom.default_encoding"]

TEXT = """\
# The head.
version: 1

modalities:  # whom we know
  ct1: [CT1, 10.0.0.9, 104]  # the scanner
  pacs:
    aet: "PACS"  # quoted
    host: ${host}
    port: 11112
peers:
  archive: {url: "https://archive.example/", username: sync, password: !env ARCHIVE}
policies:
- name: one
  level: study
  labels: {add: [archive]}  # all
"""


@given(st.integers(1, 65534))
def test_a_change_touches_nothing_else(port: int) -> None:
    editor = Editor(TEXT)
    editor.set(MODALITIES, "pacs", "port", port)
    assert editor.text == TEXT.replace("port: 11112", f"port: {port}")
    assert Editor(editor.text).value(MODALITIES, "pacs", "port") == port


def test_an_entry_that_is_a_list_stays_one_as_long_as_it_can() -> None:
    editor = Editor(TEXT)
    editor.set(MODALITIES, "ct1", "port", 105)
    assert "ct1: [CT1, 10.0.0.9, 105]  # the scanner" in editor.text
    editor.set(MODALITIES, "ct1", "allow_store", False)
    assert "ct1: {aet: CT1, host: 10.0.0.9, port: 105, allow_store: false}" in editor.text
    editor.remove(MODALITIES, "ct1", "allow_store")
    assert "ct1: {aet: CT1, host: 10.0.0.9, port: 105}" in editor.text


def test_the_spelling_of_orthanc_is_kept() -> None:
    editor = Editor("version: 1\nDicomModalities:\n  pacs: {AET: PACS, Host: h, Port: 104}\nDefaultEncoding: Utf8\n")
    assert editor.entries(MODALITIES) == ["pacs"]
    editor.set(MODALITIES, "pacs", "aet", "OTHER")
    editor.set(ENCODING, "", "", "Latin1")
    assert editor.text == (
        "version: 1\nDicomModalities:\n  pacs: {AET: OTHER, Host: h, Port: 104}\nDefaultEncoding: Latin1\n"
    )


def test_what_was_not_there_is_added_where_it_belongs() -> None:
    editor = Editor("version: 1\n")
    editor.set(METRICS, "", "", True)
    editor.set(ENCODING, "", "", "Utf8")
    assert editor.add(MODALITIES, "pacs") == "pacs"
    editor.set(MODALITIES, "pacs", "aet", "PACS")
    assert editor.add(POLICIES, "first") == "0"
    assert editor.add(POLICIES, "second") == "1"
    editor.set_prune(MODALITIES, on=True)
    assert editor.text == (
        "version: 1\nmetrics: true\ndicom:\n  default_encoding: Utf8\nmodalities:\n  pacs:\n    aet: PACS\n"
        "policies:\n- name: first\n- name: second\nprune:\n  modalities: true\n"
    )
    editor.remove(METRICS, "")
    editor.remove(ENCODING, "")
    editor.remove(MODALITIES, "pacs")
    editor.remove(POLICIES, "0")
    editor.set_prune(MODALITIES, on=False)
    assert editor.text == "version: 1\nmodalities: {}\npolicies:\n- name: second\n"


def test_secrets_that_stand_in_the_text_are_found() -> None:
    text = """\
version: 1
peers:
  a: {url: "https://a/", password: hunter2, http_headers: {X-Key: hunter3, X-Env: !env KEY}}
  b: ["https://b/", user, hunter4]
  c: {url: "https://c/", password: "${password}"}
  d: {Url: "https://d/", Password: hunter5}
"""
    editor = Editor(text)
    found = list(editor.clear_secrets(PEERS))
    assert found == [
        ("a", "password", ""),
        ("a", "http_headers", "X-Key"),
        ("b", "password", ""),
        ("d", "password", ""),
    ]
    for entry, field, name in found:
        editor.replace_secret(PEERS, entry, field, name, "!env NAME")
    assert "hunter" not in editor.text
    assert not list(editor.clear_secrets(PEERS))


@pytest.mark.parametrize("text", ["a: [", "- 1\n", "\t", "a: b: c"])
def test_what_is_no_document_is_an_error(text: str) -> None:
    with pytest.raises(EditError):
        Editor(text)


def test_a_secret_is_never_written_itself() -> None:
    assert written(tagged("!env  NAME")) == "!env NAME"
    for text in ("hunter2", "!vault x", "!env"):
        with pytest.raises(EditError) as caught:
            tagged(text)
        assert "hunter2" not in str(caught.value)
    with pytest.raises(EditError):
        fragment("{")


def test_each_section_has_a_form_with_its_fields() -> None:
    forms = {form.kind.name: form for form in section_forms()}
    assert list(forms) == list(all_kinds())
    assert [field.name for field in forms["modalities"].fields if field.required] == ["aet", "host", "port"]
    assert forms["metrics"].fields[0].name == ""
    assert forms["policies"].numbered
    for kind in all_kinds().values():
        # What a form shows of the example of a kind, and hands in again unchanged, is the same document.
        assert forms[kind.name].fields


def test_a_form_handed_in_as_it_is_changes_nothing() -> None:
    before = loads(TEXT, environment={"ARCHIVE": "x"}, variables={"host": "h"})
    editor = Editor(TEXT)
    for form in section_forms():
        for entry in editor.entries(form.kind) if form.entries else []:
            for field in form.fields:
                text = written(editor.value(form.kind, entry, field.name))
                if text:
                    editor.set(form.kind, entry, field.name, field.parsed(text))
    after = loads(editor.text, environment={"ARCHIVE": "x"}, variables={"host": "h"})
    assert after.sections == before.sections
