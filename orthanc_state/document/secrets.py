"""The secrets that a document refers to: `!env NAME` and `!file PATH`."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from orthanc_state.errors import OrthancStateError
from orthanc_state.kinds.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from orthanc_state.errors import Place

MAX_BYTES = 64 * 1024


class SecretReader:
    """Reads the secrets of one document file.

    Args:
        folder: What the paths of `!file` are relative to.
        environment: Where `!env` looks.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment

    def env(self, name: str, place: Place) -> Secret:
        """The secret in an environment variable.

        Raises:
            ValueError: It is not set, or empty.
        """
        value = self._environment.get(name)
        if not value:
            raise ValueError(f"the environment variable {name} is {'empty' if value == '' else 'not set'}")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError(f"the environment variable {name} is not text in UTF-8")
        return Secret(value, f"!env {name}")

    def file(self, path: str, place: Place) -> Secret:
        """The secret in a file; the line end at its end does not belong to it.

        Raises:
            ValueError: There is no such file, or it is none that holds a secret.
        """
        full = self._folder / path
        try:
            is_regular = stat.S_ISREG(os.stat(full).st_mode)
            content = b""
            if is_regular:
                with full.open("rb") as file:
                    content = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise ValueError(f"cannot read the secret file {path}: {error.strerror}") from None
        except ValueError:
            raise ValueError("cannot read the secret file: no file can have this name") from None
        if not is_regular:
            raise ValueError(f"the secret file {path} is not a regular file")
        if len(content) > MAX_BYTES:
            raise ValueError(f"the secret file {path} has more than {MAX_BYTES // 1024} KiB")
        try:
            value = content.decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            raise ValueError(f"the secret file {path} is not text in UTF-8") from None
        if not value:
            raise ValueError(f"the secret file {path} is empty")
        return Secret(value, f"!file {path}", full)


class UnreadSecretError(OrthancStateError):
    """A secret is needed that was deliberately not read."""

    code = "secret-unread"
    remedy = "Load the document, or open the plan, with its secrets: without them it can only be looked at."


class UnreadSecret(Secret):
    """A secret of a document that was loaded without its secrets."""

    __slots__ = ()

    def __init__(self, reference: str) -> None:
        super().__init__("", reference)

    def reveal(self) -> str:
        """Nothing, ever.

        Raises:
            OrthancStateError: It was not read.
        """
        raise UnreadSecretError(
            f"the secret {self.reference} was not read", hint="Load the document with its secrets to plan it."
        )


class UnreadSecrets:
    """Takes the place of a `SecretReader` where a document is only looked at: what is not read is not missing."""

    def env(self, name: str, place: Place) -> Secret:
        """What stands for the secret in an environment variable."""
        return UnreadSecret(f"!env {name}")

    def file(self, path: str, place: Place) -> Secret:
        """What stands for the secret in a file."""
        return UnreadSecret(f"!file {path}")
