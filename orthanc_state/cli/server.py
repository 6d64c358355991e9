"""The server that a command talks to, from options, environment and prompt."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orthanc_state.errors import UnreadableError, UsageError

if TYPE_CHECKING:
    from orthanc_state.client import Orthanc


def _option(name: str, metavar: str, help_text: str, *, env: bool = True, **more: Any) -> Any:
    variable = "ORTHANC_" + name.removeprefix("--").replace("-", "_").upper() if env else None
    return typer.Option(name, metavar=metavar, envvar=variable, help=help_text, rich_help_panel="Server", **more)


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """What the command line says of the server; each field is an option of every command that talks to one."""

    url: Annotated[str | None, _option("--url", "URL", "The server's URL.")] = None
    username: Annotated[
        str | None,
        _option("--username", "NAME", "The user; the password is ORTHANC_PASSWORD, --password-file, or asked for."),
    ] = None
    password_file: Annotated[Path | None, _option("--password-file", "FILE", "A file that holds the password.")] = None
    ca_file: Annotated[
        Path | None, _option("--ca-file", "FILE", "PEM file of the authorities to trust instead of the system's.")
    ] = None
    client_certificate: Annotated[
        Path | None, _option("--client-certificate", "FILE", "PEM file of the certificate to show to the server.")
    ] = None
    client_key: Annotated[
        Path | None,
        _option("--client-key", "FILE", "PEM file of its key; the password of that is ORTHANC_CLIENT_KEY_PASSWORD."),
    ] = None
    timeout: Annotated[float, _option("--timeout", "SECONDS", "Seconds to wait for an answer.", env=False, min=0.1)] = (
        10.0
    )

    def at(self, url: str) -> ServerOptions:
        """The same options for the server that a file names, where no other one is given."""
        return self if self.url else replace(self, url=url)


def connect(options: ServerOptions) -> Orthanc:
    """A client for the server.

    The password is read from `--password-file`, from `ORTHANC_PASSWORD`, or asked for; a token from `ORTHANC_TOKEN`.
    Neither can be an argument: every user of the machine can read those.

    Raises:
        UsageError: There is no URL, or no password for the user.
    """
    from orthanc_state.client import Orthanc

    if not options.url:
        raise UsageError("no server was given", hint="Give --url http://HOST:PORT, or set ORTHANC_URL.")
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
            raise UnreadableError(f"cannot read the password file {options.password_file}: {reason}") from None
    password = os.environ.get("ORTHANC_PASSWORD")
    if password is not None:
        return password
    if not sys.stdin.isatty():
        raise UsageError(
            f"no password was given for the user {options.username}",
            hint="Set ORTHANC_PASSWORD, or give --password-file.",
        )
    from getpass import getpass

    return getpass(f"Password of {options.username} at {options.url}: ")
