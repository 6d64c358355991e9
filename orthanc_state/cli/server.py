"""The server that a command talks to, from options, environment and prompt."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orthanc_state.errors import OrthancStateError

if TYPE_CHECKING:
    from orthanc_state.client import Orthanc


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """What the options of the command line say of the server."""

    url: str | None = None
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    timeout: float = 10.0


def connect(options: ServerOptions) -> Orthanc:
    """A client for the server.

    The password is read from `--password-file`, from `ORTHANC_PASSWORD`, or asked for; a token from `ORTHANC_TOKEN`.
    Neither can be an argument: every user of the machine can read those.

    Raises:
        OrthancStateError: There is no URL, or no password for the user.
    """
    from orthanc_state.client import Orthanc

    if not options.url:
        raise OrthancStateError("no server was given", hint="Give --url http://HOST:PORT, or set ORTHANC_URL.")
    password = _password(options) if options.username else None
    return Orthanc(
        options.url,
        options.username or None,
        password,
        token=None if options.username else os.environ.get("ORTHANC_TOKEN") or None,
        ca_file=options.ca_file,
        client_certificate=options.client_certificate,
        client_key=options.client_key,
        client_key_password=os.environ.get("ORTHANC_CLIENT_KEY_PASSWORD") or None,
        timeout=options.timeout,
    )


def _password(options: ServerOptions) -> str:
    if options.password_file is not None:
        try:
            return options.password_file.read_text().removesuffix("\n").removesuffix("\r")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise OrthancStateError(f"cannot read the password file {options.password_file}: {reason}") from None
    password = os.environ.get("ORTHANC_PASSWORD")
    if password is not None:
        return password
    if not sys.stdin.isatty():
        raise OrthancStateError(
            f"no password was given for the user {options.username}",
            hint="Set ORTHANC_PASSWORD, or give --password-file.",
        )
    from getpass import getpass

    return getpass(f"Password of {options.username} at {options.url}: ")
