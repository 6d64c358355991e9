"""What a single value may be: AE titles, hosts, URLs, ports, names; and how live values are read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydicom.config import RAISE
from pydicom.valuerep import validate_value

from orthanc_state.kinds.constraints import AETitle, Host, HttpUrl, OptionalAETitle, Port, Seconds, SymbolicName
from orthanc_state.kinds.fingerprint import Fingerprints
from orthanc_state.kinds.kind import Context
from orthanc_state.kinds.peers import KIND as PEERS
from orthanc_state.kinds.secret import Secret

CONTEXT = Context((1, 12, 7), Fingerprints("off"))


def accepts(annotation: Any, value: object) -> bool:
    try:
        TypeAdapter(annotation).validate_python(value)
    except ValidationError:
        return False
    return True


@given(st.text(st.characters(max_codepoint=0x2000), max_size=20) | st.text("AB 1\\\t~\x7fé", max_size=18))
def test_an_ae_title_is_what_dicom_says(text: str) -> None:
    accepted = accepts(AETitle, text)
    assert accepts(OptionalAETitle, text) == (accepted or not text)
    # pydicom has the same rules by another hand, but for what separates values and what it pads them with.
    try:
        validate_value("AE", text, RAISE)
    except ValueError:
        assert not accepted
    else:
        assert accepted == (text == text.strip(" ") != "" and "\\" not in text)


@pytest.mark.parametrize(
    "title", ["A", "STORESCP", "ABCDEFGHIJKLMNOP", "A B", "a-b_c.d", "!#$%&'()*+,/:;<=>?@[]^`{|}~"[:16]]
)
def test_ae_titles_that_are_in_use_are_accepted(title: str) -> None:
    assert accepts(AETitle, title)


@pytest.mark.parametrize(
    "host",
    ["h", "pacs.hospital.example", "10.0.0.5", "::1", "fe80::1%eth0", "PACS_1", "röntgen.example", "xn--rntgen-wxa.de"],
)
def test_hosts_that_are_in_use_are_accepted(host: str) -> None:
    assert accepts(Host, host)


@pytest.mark.parametrize(
    "host", ["", " ", "h ", " h", "http://h", "h/", "u@h", "a\tb", "a\nb", "h\n", "\\\\h", "h\0", "h\x1b", "h\x7f"]
)
def test_what_can_be_no_host_is_refused(host: str) -> None:
    assert not accepts(Host, host)


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("http://h", "http://h/"),
        ("https://h/", "https://h/"),
        ("http://h:8042", "http://h:8042/"),
        ("http://h:8042/orthanc", "http://h:8042/orthanc/"),
        ("http://h/a//", "http://h/a//"),
        ("http://10.0.0.5:80/", "http://10.0.0.5:80/"),
        ("http://[::1]:8042", "http://[::1]:8042/"),
        ("https://H.Example/Path", "https://H.Example/Path/"),
        ("https://h/a%20b", "https://h/a%20b/"),
    ],
)
def test_a_url_ends_with_a_slash_as_orthanc_answers_it(url: str, normal: str) -> None:
    assert TypeAdapter(HttpUrl).validate_python(url) == normal


@given(st.text(max_size=20))
def test_a_url_that_is_accepted_has_a_host_and_nothing_hidden(rest: str) -> None:
    adapter = TypeAdapter(HttpUrl)
    try:
        url = adapter.validate_python("http://" + rest)
    except ValidationError:
        return
    assert url == adapter.validate_python(url), "what is normal stays as it is"
    assert url.removesuffix("/") == ("http://" + rest).removesuffix("/")
    assert not set("@?# \t\n\0\x7f") & set(url.partition("/")[0] + rest.partition("/")[0])
    assert not {"?", "#"} & set(url)


@pytest.mark.parametrize(
    ("value", "accepted"), [(1, True), (65534, True), (0, False), (65535, False), (-1, False), (True, False)]
)
def test_a_port_is_one_that_orthanc_takes(value: object, accepted: bool) -> None:
    assert accepts(Port, value) == accepted


@pytest.mark.parametrize(
    ("value", "accepted"), [(0, True), (2**31 - 1, True), (2**31, False), (-1, False), (False, False), (1.5, False)]
)
def test_seconds_are_what_every_version_takes(value: object, accepted: bool) -> None:
    assert accepts(Seconds, value) == accepted


@given(st.text(max_size=10))
def test_a_name_is_one_that_stands_in_a_url(text: str) -> None:
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    assert accepts(SymbolicName, text) == (bool(text) and set(text) <= allowed)


# Live values: what a server says may be anything


@pytest.mark.parametrize(
    "url",
    [
        "http://sync:hunter2@h/",
        "http://sync:hunter2@h:8042/path",
        "http://sync:hunter2@[::1]/",
        "http://sync:hunter2@[::1/",
        "http://sync:hunter2\u2100@h/",
        "http://sync:hunter2@h:port/",
        "http://sync:hun@ter2@h/",
    ],
)
def test_no_url_of_a_server_shows_the_password_in_it(url: str) -> None:
    # Set by hand: Orthanc takes it, and answers with it.
    shown = str(PEERS.live({"a": {"Url": url}}, None, CONTEXT)["a"]["url"])
    assert "hunter2" not in shown
    assert "ter2" not in shown
    assert shown.startswith("http://")


@pytest.mark.parametrize("url", ["", "http://", "http://h/", "http://h:8042/a@b/", "http://[x", "http://h/?q=a@b", "x"])
def test_any_other_url_of_a_server_is_shown_as_it_is(url: str) -> None:
    assert PEERS.live({"a": {"Url": url}}, None, CONTEXT)["a"]["url"] == url


@given(
    st.dictionaries(
        st.sampled_from(["Url", "Username", "Password", "HttpHeaders", "OrthancStateFingerprints", "X"]),
        st.none() | st.text(max_size=9),
    )
)
def test_whatever_a_peer_of_a_server_holds_it_can_be_read(raw: dict[str, Any]) -> None:
    raw = {**raw, "HttpHeaders": [raw["HttpHeaders"]] if raw.get("HttpHeaders") else None}
    for fingerprints in (Fingerprints("off"), Fingerprints("scrypt")):
        context = Context((1, 12, 7), fingerprints)
        assert set(PEERS.live({"a": raw}, None, context)["a"]) == {field.name for field in PEERS.fields}


# Secrets


def test_secrets_are_equal_when_their_values_are() -> None:
    assert Secret("a", "!env A") == Secret("a", "!file b")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a", "!env A"), Secret("b")}) == 2


def test_only_reveal_gives_the_value_of_a_secret() -> None:
    secret = Secret("hunter2", "!env NAME")
    assert secret.reveal() == "hunter2"
    assert repr(secret) == str(secret) == f"{secret}" == "<Secret !env NAME>"
    assert repr(Secret("hunter2")) == "<Secret>"
    assert not hasattr(secret, "__dict__")
    assert "hunter2" not in repr({"Password": secret, "HttpHeaders": {"X": secret}})


@pytest.mark.parametrize("value", [5, None, b"x", ["x"], {"x": 1}, True])
def test_only_text_is_a_secret(value: object) -> None:
    assert not accepts(Secret, value)
    assert accepts(Secret, "x")
    assert accepts(Secret, Secret("x"))
