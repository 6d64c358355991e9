# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules have in common, where the library is missing."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from ansible_collections.orthanc.state.plugins.module_utils.entries import entry_of
from ansible_collections.orthanc.state.plugins.module_utils.module import access, in_words, missing_library
from ansible_collections.orthanc.state.plugins.module_utils.reconcile import given


def test_the_missing_library_comes_with_its_command() -> None:
    """For the Python that the task ran with."""
    assert f"{sys.executable} -m pip install orthanc-state" in missing_library()


def test_options_are_called_as_they_are_here() -> None:
    """The kit speaks of options of its command line."""
    assert in_words("give --allow-deletes, or not") == "give allow_deletes: true, or not"


@pytest.mark.parametrize(
    ("options", "taken"),
    [
        ({"orthanc_username": "u", "orthanc_password": "p", "orthanc_token": "t"}, {"username": "u", "password": "p"}),
        ({"orthanc_username": None, "orthanc_password": "p", "orthanc_token": "t"}, {"token": "t"}),
        ({"orthanc_username": "", "orthanc_timeout": 3.0, "name": "a"}, {"timeout": 3.0}),
    ],
)
def test_a_token_is_for_where_there_is_no_user(options: dict[str, Any], taken: dict[str, Any]) -> None:
    """As on the command line."""
    assert access(options) == taken


def test_what_was_left_out_is_not_given() -> None:
    """Ansible gives null for it."""
    assert given({"a": None, "b": {"c": None, "d": [{"e": None}]}}) == {"b": {"d": [{}]}}


def test_an_empty_secret_is_none() -> None:
    """Null is what was left out, so a secret is taken away by an empty text."""
    options = {"name": "a", "state": "present", "entries": None, "password": "", "http_headers": {"X": None}, "url": ""}
    assert entry_of(options) == {"password": None, "http_headers": {"X": None}, "url": ""}
    assert entry_of({"name": "a", "state": "absent", "url": None}) == {"state": "absent"}
