# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secrets within a document are found by the fields that they stand in, without the library."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.orthanc.state.plugins.module_utils.secrets import replaced

PLAIN = {"modalities": {"password": {"aet": "A"}}, "policies": [{"metadata": {"set": {"password": "shown"}}}]}


def found(data: Any) -> list[str]:
    """The secrets in sections."""
    secrets: list[str] = []
    replaced(data, secrets.append)
    return secrets


@pytest.mark.parametrize(
    ("data", "secrets"),
    [
        ({"peers": {"a": {"url": "http://a/", "password": "one"}}}, ["one"]),
        ({"peers": {"a": ["http://a/", "user", "one"]}}, ["one"]),
        ({"OrthancPeers": {"a": {"Url": "http://a/", "HttpHeaders": {"X-Key": "one"}}}}, ["one"]),
        ({"DicomWeb": {"Servers": {"a": ["http://a/", "user", "one"]}}}, ["one"]),
        (
            {"dicomweb_servers": {"a": {"certificate_key_password": "one", "http_headers": {"X": "two", "Y": None}}}},
            ["one", "two"],
        ),
        ({"fingerprints": {"key": "one"}}, ["one"]),
        ({"fingerprints": "off"}, []),
        (PLAIN, []),
        ({"peers": "wrong", "dicomweb_servers": {"a": "wrong", "b": ["short"], "c": {"password": 5}}}, []),
        ("wrong", []),
        (None, []),
    ],
)
def test_secrets_are_known_by_their_fields(data: Any, secrets: list[str]) -> None:
    """Those of every section and spelling, and nothing else."""
    assert found(data) == secrets


def test_nothing_else_is_replaced() -> None:
    """What is no secret stays, and the data that was given is as it was."""
    data: dict[str, Any] = {"peers": {"a": {"url": "http://a/", "password": "one"}}, **PLAIN}
    assert replaced(data, str.upper) == {"peers": {"a": {"url": "http://a/", "password": "ONE"}}, **PLAIN}
    assert data["peers"]["a"]["password"] == "one"
