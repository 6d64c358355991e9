"""A secret is read where it is referred to, and is shown nowhere: not in errors, not in text, not by pickle."""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import pickle
import re
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state.document.load import DocumentError, from_data, load, loads
from orthanc_state.errors import OrthancStateError
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.kinds.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import ValidationError

CANARY = "hunter2Canary"
"""Stands for the secret in every text of this file. It must not be seen."""


def peer(fields: str) -> str:
    return f"version: 1\npeers:\n  backup: {{url: 'http://h', username: sync, {fields}}}\n"


def block(*lines: str) -> str:
    return "version: 1\npeers:\n  backup:\n    username: sync\n" + "".join(f"    {line}\n" for line in lines)


def shown(error: DocumentError) -> str:
    """Everything that a user, a log or a bug report gets to see of an error."""
    parts = [str(error), repr(error), error.message, error.hint, *error.args, *traceback.format_exception(error)]
    parts += [f"{problem!r} {problem}" for problem in error.problems]
    return "\n".join(map(str, parts))


BROKEN = [
    # YAML that is wrong at the secret, or just after it
    peer(f"password: *{CANARY}"),
    peer(f"password: *{CANARY} "),
    # An anchor to nothing: taken for null, it would erase the password
    peer(f"password: &{CANARY}"),
    peer(f"password: &{CANARY} "),
    peer(f"password: &{CANARY} x, certificate_key_password: &{CANARY} *x"),
    peer(f"password: !{CANARY}"),
    peer(f"password: !{CANARY} "),
    peer(f"password: !{CANARY}!x "),
    peer(f"password: !<{CANARY}"),
    # A tag that nobody knows: left out, what follows would be sent
    peer(f"password: !!{CANARY} x"),
    peer(f"password: %{CANARY}"),
    peer(f"password: @{CANARY}"),
    peer(f"password: `{CANARY}"),
    peer(f"password: |{CANARY}"),
    peer(f"password: >{CANARY}"),
    peer(f"password: [{CANARY}"),
    peer(f"password: {{{CANARY}"),
    peer(f"password: '{CANARY}"),
    peer(f'password: "{CANARY}'),
    peer(f"password: '{CANARY}'{CANARY}"),
    peer(f'password: "{CANARY}" {CANARY}'),
    peer(f'password: "\\{CANARY}"'),
    peer(f'password: "\\x{CANARY}"'),
    peer(f"password: {CANARY}: {CANARY}"),
    peer(f"password: {CANARY}]"),
    block(f"password: *{CANARY}", "url: http://h"),
    block(f"password: !{CANARY}!x", "url: http://h"),
    block(f"password: {CANARY}: {CANARY}", "url: http://h"),
    block(f"password: '{CANARY}", "url: http://h"),
    block(f"password: '{CANARY}' {CANARY}", "url: http://h"),
    block(f"password:{CANARY}", "url: http://h"),
    block(f"password {CANARY}", "url: http://h"),
    block(f"password: {CANARY}", "\turl: http://h"),
    block(f"password: {CANARY}", "url: http://h", "url: http://i"),
    block(f"password: {CANARY}", "  url: http://h"),
    f"%{CANARY}\nversion: 1\n",
    f"%YAML {CANARY}\n---\nversion: 1\n",
    f"%TAG {CANARY}\n---\nversion: 1\n",
    peer(f"password: {CANARY}") + "---\nversion: 1\n",
    peer(f"password: {CANARY}\x00"),
    peer(f"password: {CANARY}\x7f"),
    peer(f"password: {CANARY}\ud800"),
    # Forgotten blanks and colons
    peer(f"password:{CANARY}"),
    peer(f"password: x, certificate_key_password:{CANARY}"),
    peer(f"password={CANARY}"),
    peer(f"password = {CANARY}"),
    peer(f"password {CANARY}"),
    peer(f'"password:{CANARY}": x'),
    peer(f"http_headers: {{X-Key:{CANARY}}}"),
    peer(f"http_headers: {{X-Key {CANARY}}}"),
    # Braces instead of brackets: what stands in them are keys
    f"version: 1\npeers:\n  backup: {{'http://h', sync, {CANARY}}}\n",
    f"version: 1\npeers:\n  backup: {{'http://h', {CANARY}, {CANARY}}}\n",
    # Wrong types and wrong places
    peer(f"password: [{CANARY}]"),
    peer(f"password: {{{CANARY}: {CANARY}}}"),
    peer(f"password: [[{CANARY}]]"),
    peer(f"password: !unknown {CANARY}"),
    peer(f"password: !env [{CANARY}]"),
    peer(f"passwort: {CANARY}"),
    peer(f"password: {CANARY}, password: {CANARY}"),
    peer(f"Password: {CANARY}, password: {CANARY}"),
    peer(f"password: {CANARY}, state: absent"),
    peer(f"password: {CANARY}, state: {{{CANARY}: x}}"),
    peer(f"password: {CANARY}, timeout: soon"),
    peer(f"http_headers: {CANARY}"),
    peer(f"http_headers: [{CANARY}]"),
    peer(f"http_headers: ['X-Key: {CANARY}']"),
    peer(f"http_headers: {{X-Key: [{CANARY}]}}"),
    peer(f"http_headers: {{X-Key: {{{CANARY}: 1}}}}"),
    peer(f"certificate_key_password: {CANARY}"),
    peer(f"url: http://sync:{CANARY}@h"),
    "version: 1\npeers:\n  backup: {url: 'http://h', password: " + CANARY + "}\n",
    f"version: 1\npeers: {CANARY}\n",
    f"version: 1\npeers: [{CANARY}]\n",
    f"version: 1\npeers:\n  backup: {CANARY}\n",
    f"version: 1\npeers:\n  backup: [{CANARY}, sync, {CANARY}]\n",
    f"version: 1\npeers:\n  backup: ['http://h', sync, {CANARY}, {CANARY}]\n",
    f"version: 1\npeers:\n  backup: ['http://h', '', {CANARY}]\n",
    f"version: 1\npeers:\n  back up: ['http://h', sync, {CANARY}]\n",
    f"version: 1\npeers:\n  backup: ['http://h', [{CANARY}]]\n",
    f"version: 1\nfingerprints: {{key: {CANARY}}}\n",
    f"version: 1\nfingerprints: {CANARY}\n",
    CANARY,
    f"[{CANARY}]",
    f"- {CANARY}: {CANARY}",
    # URLs of which the parser quotes a part
    *[
        f"version: 1\npeers:\n  backup: {{url: '{url}'}}\n"
        for url in (
            f"https://sync:{CANARY}@h/",
            f"https://sync:{CANARY}/x@h/",
            f"https://sync:{CANARY}?@h/",
            f"https://sync:{CANARY}\u2100@h/",
            f"https://[{CANARY}]/",
            f"https://[{CANARY}/",
            f"https://sync:[{CANARY}]@h/",
            f"ftp://sync:{CANARY}@h/",
        )
    ],
]


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_no_error_shows_a_secret_that_stands_in_the_document(text: str) -> None:
    with pytest.raises(DocumentError) as caught:
        loads(text, environment={})
    assert CANARY not in shown(caught.value)


REFERENCED = [
    "{ref}",
    "- {ref}",
    "version: {ref}",
    "version: 1\n{ref}: x",
    "version: 1\nmodalities: {ref}",
    "version: 1\nmodalities: {{{ref}: x}}",
    "version: 1\nmodalities: {{a: {ref}}}",
    "version: 1\nmodalities: {{a: [A, h, {ref}]}}",
    "version: 1\nmodalities: {{a: {{aet: {ref}, host: h, port: 1}}}}",
    "version: 1\nmodalities: {{a: {{aet: A, host: {ref}, port: {ref}, manufacturer: {ref}, allow_echo: {ref}}}}}",
    "version: 1\nmodalities: {{a: {{state: {ref}}}}}",
    "version: 1\nmodalities: {{a: {{aet: A, host: h, port: 1, ignore: {ref}}}}}",
    "version: 1\nmodalities: {{a: {{aet: A, host: h, port: 1, ignore: [{ref}]}}}}",
    "version: 1\nmodalities: {{a: {{aet: A, host: h, port: 1, {ref}: 1}}}}",
    "version: 1\nmodalities: {{a: {{aet: A, host: h, port: 1, xyzzy: {ref}}}}}",
    "version: 1\nmodalities: {{a: {{aet: A, host: h, port: 1, AllowStorageCommitment: {ref}}}}}",
    "version: 1\npeers: {ref}",
    "version: 1\npeers: {{a: {ref}}}",
    "version: 1\npeers: {{a: [{ref}]}}",
    "version: 1\npeers: {{a: {{url: {ref}, username: {ref}, timeout: {ref}, pkcs11: {ref}}}}}",
    "version: 1\npeers: {{a: {{url: http://h, http_headers: {ref}}}}}",
    "version: 1\npeers: {{a: {{url: http://h, password: {ref}}}}}",
    "version: 1\npeers: {{a: {{url: http://h, password: [{ref}]}}}}",
    "version: 1\npeers: {{a: {{url: http://h, certificate_key_password: {ref}}}}}",
    "version: 1\npeers: {{a: {{url: http://h, properties: {{k: {ref}}}}}}}",
    "version: 1\npeers: {{a: {{url: http://h, certificate_file: {ref}}}}}",
    "version: 1\ndicom: {ref}",
    "version: 1\ndicom: {{default_encoding: {ref}}}",
    "version: 1\ndicom: {{accepted_transfer_syntaxes: {ref}}}",
    "version: 1\ndicom: {{accepted_transfer_syntaxes: [{ref}]}}",
    "version: 1\ndicom: {{unknown_sop_class_accepted: {ref}}}",
    "version: 1\nDefaultEncoding: {ref}",
    "version: 1\nlogging: {ref}",
    "version: 1\nlogging: {{all: {ref}}}",
    "version: 1\nmetrics: {ref}",
    "version: 1\nprune: {ref}",
    "version: 1\nprune: {{modalities: {ref}}}",
    "version: 1\nfingerprints: {ref}",
    "version: 1\nfingerprints: {{key: [{ref}]}}",
    "version: 1\nxyzzy: {ref}",
    "version: 1\nlogging: {{<<: {ref}}}",
]
"""Documents with a reference to a secret where none may stand."""


@pytest.mark.parametrize("text", REFERENCED)
@pytest.mark.parametrize("tag", ["!env", "!file"])
def test_no_error_shows_a_secret_that_is_referred_to_in_a_wrong_place(tmp_path: Path, tag: str, text: str) -> None:
    (tmp_path / "secret").write_text(CANARY)
    document = tmp_path / "document.yaml"
    document.write_text(text.format(ref=f"{tag} {'NAME' if tag == '!env' else 'secret'} "))
    with pytest.raises(DocumentError) as caught:
        load(document, environment={"NAME": CANARY})
    assert CANARY not in shown(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        {"peers": {"a": {"url": "http://h", "username": Secret(CANARY)}}},
        {"peers": {"a": {"url": "http://h", "password": Secret(CANARY)}}},
        {"peers": {"a": {"url": "http://h", "password": CANARY.encode()}}},
        {"peers": {"a": {"url": "http://h", "username": "u", "password": {CANARY}}}},
        {"peers": {"a": Secret(CANARY)}},
        {"peers": Secret(CANARY)},
        {"metrics": Secret(CANARY)},
        {"fingerprints": {"key": CANARY}},
        {"fingerprints": Secret(CANARY)},
        {"version": Secret(CANARY)},
    ],
)
def test_no_error_shows_a_secret_of_plain_data(data: dict[str, Any]) -> None:
    with pytest.raises(DocumentError) as caught:
        from_data({"version": 1, **data})
    assert CANARY not in shown(caught.value)


@pytest.mark.parametrize(
    "entry",
    [
        {"url": "http://h", "password": CANARY},
        {"url": "http://h", "username": "u", "password": [CANARY]},
        {"url": "http://h", "username": "u", "password": CANARY, "xyzzy": 1},
        {"password": CANARY},
        [CANARY],
        CANARY,
    ],
)
def test_not_even_the_error_of_the_library_that_validates_shows_a_secret(entry: object) -> None:
    # What is raised while such an error is handled would show it in the traceback.
    kind = all_kinds()["peers"]
    for section in ({"a": entry}, {"a b": entry}, [entry]):
        with pytest.raises(ValueError, match=r"^\d+ validation error") as caught:
            kind.parse(section)
        error: ValidationError = caught.value  # type: ignore[assignment]
        assert CANARY not in str(error)


WITH_SECRETS = """\
version: 1
fingerprints: {key: !env NAME}
peers:
  a: {url: http://h, username: sync, password: !env NAME, http_headers: {X-Key: !file secret}}
  b: [http://h, sync, !env NAME]
  c: {url: http://h, certificate_file: f, certificate_key_password: !file secret}
"""


def with_secrets(folder: Path) -> Any:
    (folder / "secret").write_text(CANARY + "\n")
    (folder / "document.yaml").write_text(WITH_SECRETS)
    return load(folder / "document.yaml", environment={"NAME": CANARY})


def test_secrets_are_read_from_where_they_are_referred_to(tmp_path: Path) -> None:
    peers = with_secrets(tmp_path).sections["peers"]
    assert (peers["a"].password.reveal(), peers["a"].password.reference) == (CANARY, "!env NAME")
    header = peers["a"].http_headers["X-Key"]
    assert (header.reveal(), header.reference) == (CANARY, "!file secret")
    assert peers["b"].password == peers["a"].password == peers["c"].certificate_key_password
    assert with_secrets(tmp_path).warnings == ()


def test_without_its_secrets_a_document_can_be_looked_at_and_no_more(tmp_path: Path) -> None:
    text = """\
version: 1
fingerprints: {key: !env KEY}
peers:
  a: {url: "http://h", username: u, password: !env NAME, http_headers: {X-Key: !file secret}}
"""
    (tmp_path / "document.yaml").write_text(text)
    document = load(tmp_path / "document.yaml", environment={}, secrets=False)
    peer = document.sections["peers"]["a"]
    assert document.warnings == ()
    for secret in (peer.password, peer.http_headers["X-Key"]):
        with pytest.raises(OrthancStateError, match=re.escape(f"the secret {secret.reference} was not read")):
            secret.reveal()


def test_a_document_shows_no_secret_in_any_text_that_is_made_of_it(tmp_path: Path) -> None:
    in_clear = loads(f"version: 1\npeers: {{a: [http://h, sync, {CANARY}]}}", environment={})
    for document in (with_secrets(tmp_path), in_clear):
        peers = document.sections["peers"]
        texts = [repr(document), str(document), repr(document.fingerprints), *map(repr, document.sources)]
        texts += [repr(peers), *map(str, peers.values())]
        texts += [entry.model_dump_json() for entry in peers.values()]
        texts += [repr(entry.model_dump()) for entry in peers.values()]
        texts += [repr(field) for field in dataclasses.fields(document)]
        texts += [f"{warning!r}{warning}" for warning in document.warnings]
        assert CANARY not in "".join(texts)
        assert "<Secret" in repr(document)


@pytest.mark.parametrize("store", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps])
def test_a_secret_cannot_be_stored(store: Any) -> None:
    with pytest.raises(TypeError) as caught:
        store(Secret(CANARY))
    assert CANARY not in str(caught.value)


def test_a_document_with_secrets_cannot_be_stored(tmp_path: Path) -> None:
    document = with_secrets(tmp_path)
    parts = [document, document.sections, document.fingerprints, document.sources, *document.sections["peers"].values()]
    for part in parts:
        with pytest.raises(TypeError):
            pickle.dumps(part)


def test_a_secret_in_clear_is_allowed_and_warned_of_at_its_place() -> None:
    text = f"""\
version: 1
peers:
  a: [http://h, sync, {CANARY}]
  b:
    url: http://h
    username: sync
    password: {CANARY}
    http_headers:
      X.Key: {CANARY}
      X-Other: !env NAME
  c: {{url: http://h, certificate_file: f, certificate_key_password: {CANARY}}}
"""
    document = loads(text, environment={"NAME": CANARY})
    assert document.sections["peers"]["b"].password.reveal() == CANARY
    assert [str(warning).partition(": ")[0] for warning in document.warnings] == [
        "<text>:3:23 peers.a.password",
        "<text>:7:15 peers.b.password",
        "<text>:9:14 peers.b.http_headers.X.Key",
        "<text>:11:69 peers.c.certificate_key_password",
    ]
    assert {warning.message for warning in document.warnings} == {
        "a secret stands here in clear: use !env NAME or !file PATH"
    }


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (b"s3cret", "s3cret"),
        (b"s3cret\n", "s3cret"),
        (b"s3cret\r\n", "s3cret"),
        (b"s3cret\n\n", "s3cret\n"),
        (b" s3cret ", " s3cret "),
        (b"two\nlines\n", "two\nlines"),
        ("pässwört\n".encode(), "pässwört"),
        (b"x" * 65536, "x" * 65536),
    ],
)
def test_only_the_last_line_end_of_a_secret_file_does_not_belong_to_it(
    tmp_path: Path, content: bytes, secret: str
) -> None:
    (tmp_path / "secret").write_bytes(content)
    (tmp_path / "document.yaml").write_text("version: 1\npeers: {a: [http://h, u, !file secret]}")
    assert load(tmp_path / "document.yaml").sections["peers"]["a"].password.reveal() == secret


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (CANARY.encode() * 6000, "has more than 64 KiB"),
        (CANARY.encode() + b"\xff", "is not text in UTF-8"),
        (None, "No such file or directory"),
    ],
)
def test_a_file_that_holds_no_secret_is_refused(tmp_path: Path, content: bytes | None, reason: str) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    (tmp_path / "document.yaml").write_text(
        "version: 1\npeers:\n  a: {url: http://h, username: u, password: !file secret}"
    )
    with pytest.raises(DocumentError, match=reason) as caught:
        load(tmp_path / "document.yaml")
    (problem,) = caught.value.problems
    assert problem.place is not None
    assert (problem.place.line, problem.place.column) == (3, 45)
    assert "the secret file secret" in problem.message
    assert CANARY not in shown(caught.value)


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "dangling", "loop"])
def test_what_is_no_regular_file_is_refused_and_never_waited_for(tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret"
    if kind == "folder":
        secret.mkdir()
    elif kind == "pipe":
        os.mkfifo(secret)
    else:
        secret.symlink_to({"device": "/dev/zero", "dangling": "nowhere", "loop": "secret"}[kind])
    (tmp_path / "document.yaml").write_text("version: 1\npeers: {a: [http://h, u, !file secret]}")
    with pytest.raises(DocumentError, match="the secret file secret"):
        load(tmp_path / "document.yaml")


@pytest.mark.parametrize("reference", ['!file ""', '!file "a\\0b"', "!file " + "x" * 300, '!file "\\ud800"'])
def test_a_path_that_no_file_can_have_is_refused(reference: str) -> None:
    with pytest.raises(DocumentError) as caught:
        loads(f"version: 1\npeers: {{a: [http://h, u, {reference}]}}")
    (problem,) = caught.value.problems
    assert problem.place is not None
    assert "secret file" in problem.message or "escape" in problem.message


@pytest.mark.parametrize(("environment", "reason"), [({}, "is not set"), ({"NAME": ""}, "is empty")])
def test_a_variable_that_holds_no_secret_is_refused(environment: dict[str, str], reason: str) -> None:
    with pytest.raises(DocumentError, match=f"the environment variable NAME {reason}"):
        loads("version: 1\npeers: {a: [http://h, u, !env NAME]}", environment=environment)


def test_a_variable_that_is_no_text_is_refused() -> None:
    # So Python gives what is not UTF-8 in the environment; it could be neither hashed nor sent.
    with pytest.raises(DocumentError) as caught:
        loads("version: 1\npeers: {a: [http://h, u, !env NAME]}", environment={"NAME": CANARY + "\udcff"})
    assert CANARY not in shown(caught.value)


def test_the_environment_of_the_process_is_used_unless_another_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORTHANC_STATE_TEST_SECRET", CANARY)
    text = "version: 1\npeers: {a: [http://h, u, !env ORTHANC_STATE_TEST_SECRET]}"
    assert loads(text).sections["peers"]["a"].password.reveal() == CANARY
    with pytest.raises(DocumentError):
        loads(text, environment={})


def test_one_unset_variable_is_one_problem() -> None:
    with pytest.raises(DocumentError) as caught:
        loads("version: 1\nfingerprints: {key: !env NAME}\npeers: {a: [http://h, u, !env NAME]}", environment={})
    assert [str(problem) for problem in caught.value.problems] == [
        "<text>:2:21: the environment variable NAME is not set",
        "<text>:3:26: the environment variable NAME is not set",
    ]


@pytest.mark.parametrize("reference", ["!env NAME", "!file secret"])
def test_a_reference_in_quotes_is_not_taken_for_the_secret_itself(reference: str) -> None:
    with pytest.raises(DocumentError, match="a reference in quotes is only text"):
        loads(f"version: 1\npeers: {{a: [http://h, u, '{reference}']}}")


def test_an_empty_key_of_the_site_is_refused() -> None:
    with pytest.raises(DocumentError, match="expected `scrypt`, `off`, or"):
        from_data({"version": 1, "fingerprints": {"key": Secret("")}})
