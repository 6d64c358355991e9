# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module of the collection is: connected, guarded against a missing kit, and silent about secrets."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib
from ansible.module_utils.common.parameters import remove_values

from ansible_collections.orthanc.state.plugins.module_utils.secrets import WHOLE, replaced

if TYPE_CHECKING:
    from orthanc_state import Orthanc

LIBRARY = "orthanc-state"

WORDS = {"--allow-deletes": "allow_deletes: true"}
"""Options of the command line, of which the kit's own messages speak, with what they are called here."""


def _from(variable: str) -> dict[str, Any]:
    return {"fallback": (env_fallback, [variable])}


SERVER: dict[str, Any] = {
    "orthanc_url": {"type": "str", "required": True, **_from("ORTHANC_URL")},
    "orthanc_username": {"type": "str", **_from("ORTHANC_USERNAME")},
    "orthanc_password": {"type": "str", "no_log": True, **_from("ORTHANC_PASSWORD")},
    "orthanc_token": {"type": "str", "no_log": True, **_from("ORTHANC_TOKEN")},
    "orthanc_ca_file": {"type": "path", **_from("ORTHANC_CA_FILE")},
    "orthanc_client_certificate": {"type": "path", **_from("ORTHANC_CLIENT_CERTIFICATE")},
    "orthanc_client_key": {"type": "path", "no_log": False, **_from("ORTHANC_CLIENT_KEY")},
    "orthanc_client_key_password": {"type": "str", "no_log": True, **_from("ORTHANC_CLIENT_KEY_PASSWORD")},
    "orthanc_timeout": {"type": "float", "default": 10.0},
}
"""How the server is reached: the doc fragment `server`."""

FIELDS = tuple(name.removeprefix("orthanc_") for name in SERVER)
"""What the kit calls these options."""


class StateModule(AnsibleModule):  # type: ignore[misc]
    """A module that talks to one Orthanc.

    Args:
        argument_spec: Its options, besides those of the connection.
        more: What `AnsibleModule` takes.
    """

    def __init__(self, argument_spec: Mapping[str, Any], **more: Any) -> None:
        super().__init__(argument_spec={**SERVER, **argument_spec}, supports_check_mode=True, **more)

    def connect(self) -> Orthanc:
        """A client for the server, from the options and the environment.

        Raises:
            ClientError: The URL or a file cannot be used.
        """
        from orthanc_state import Orthanc

        return Orthanc(**access(self.params))

    def run(self, work: Callable[[StateModule], Mapping[str, Any]]) -> NoReturn:
        """Do the work of the module and end with its result; an error that a user can cause is a message, no traceback.

        Args:
            work: Gives the result.
        """
        try:
            from orthanc_state.process import short_lived

            short_lived()
            from orthanc_state import OrthancStateError
        except ImportError:
            self.fail_json(msg=missing_library(), exception=traceback.format_exc())
        try:
            result = work(self)
        except OrthancStateError as error:
            from orthanc_state.render.data import error_data

            self.fail_json(msg=told(error), error=error_data(error))
        self.exit_json(**result)

    def exit_json(self, **kwargs: Any) -> NoReturn:
        """End with a result, in which no secret of the options stands."""
        self._hide()
        super().exit_json(**kwargs)
        raise AssertionError("a module ends with its result")

    def fail_json(self, msg: str, **kwargs: Any) -> NoReturn:
        """End with a failure, in which no secret of the options stands."""
        self._hide()
        super().fail_json(msg, **kwargs)
        raise AssertionError("a module ends with its failure")

    def log(self, msg: Any, log_args: Mapping[str, Any] | None = None) -> None:
        """Note a call in the log of the machine, without what is secret within an option."""
        self._hide()
        hidden = self.no_log_values
        super().log(remove_values(msg, hidden), remove_values(dict(log_args or {}), hidden))

    def _hide(self) -> None:
        """Have Ansible mask the secrets within options that hold whole documents, as it does for those of its own."""
        for option in WHOLE:
            replaced(self.params.get(option), self.no_log_values.add)


def access(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a client of the kit takes, of the options of the connection.

    Args:
        given: The options.
    """
    found = {name: given[f"orthanc_{name}"] for name in FIELDS if given.get(f"orthanc_{name}") not in (None, "")}
    # A token is for where there is no user.
    for name in ("token",) if "username" in found else ("password",):
        found.pop(name, None)
    return found


def missing_library() -> str:
    """What to do where the kit is missing: with the command that installs it for the Python that needs it."""
    return (
        f"{missing_required_lib(LIBRARY)} This does it: {sys.executable} -m pip install {LIBRARY} "
        "(or run the task where it is installed: delegate_to: localhost)"
    )


def told(error: Any) -> str:
    """An error with what to do about it, in the words of the collection."""
    return in_words("\n".join(filter(None, [str(error), error.hint])))


def in_words(text: str) -> str:
    """A text of the kit with the options of the collection in place of those of the command line."""
    for option, word in WORDS.items():
        text = text.replace(option, word)
    return text
