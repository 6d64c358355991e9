"""An entry that says that it is protected is, however it says so."""

from __future__ import annotations

import pytest

from orthanc_state.document.load import DocumentError, loads


@pytest.mark.parametrize("word", ["true", "True", "yes", "on", "1", "'true'"])
def test_every_word_for_true_protects(word: str) -> None:
    text = f"version: 1\nDicomModalities: {{a: {{AET: A, Host: h, Port: 1, protected: {word}}}}}\n"
    assert [address for address, _ in loads(text).protected] == ["modalities/a"]


@pytest.mark.parametrize("word", ["false", "no", "off", "0"])
def test_no_word_for_false_does(word: str) -> None:
    text = f"version: 1\nmodalities: {{a: {{aet: A, host: h, port: 1, protected: {word}}}}}\n"
    assert loads(text).protected == ()


def test_what_is_neither_is_an_error() -> None:
    with pytest.raises(DocumentError):
        loads("version: 1\nmodalities: {a: {aet: A, host: h, port: 1, protected: maybe}}\n")
