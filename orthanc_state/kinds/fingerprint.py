"""Telling whether a secret that the server never returns is still the one that the document gives.

A record of salted slow hashes is kept beside the entry on the server itself. It tells whoever reads it nothing of the
secrets, but lets him try a guess for one scrypt (16 MiB, some 40 ms). All records of a server share one salt, so that a
secret costs one hash for each run, however many entries use it; the digests of two entries differ all the same, since
the address is mixed in afterwards. A site can choose a key of its own, which costs nothing and leaves nothing to guess
without it, or turn the records off.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orthanc_state.kinds.secret import Secret

PROPERTY = "OrthancStateFingerprints"
"""The custom property of an entry that holds its record."""

SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}
"""Fixed for version 1 of the record, not read from it: a forged record cannot make the check expensive."""

SALT_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept beside one entry: the digest of each secret, by its path."""

    salt: bytes
    digests: Mapping[str, str]


class Fingerprints:
    """Makes and reads records in the way that a document chose.

    Args:
        mode: `scrypt`, `key` or `off`.
        key: The site's own key, for the mode `key`.
    """

    def __init__(self, mode: Literal["scrypt", "key", "off"] = "scrypt", key: Secret | None = None) -> None:
        if (mode == "key") != (key is not None):
            raise ValueError("the mode `key` needs a key, and no other mode takes one")
        self.mode = mode
        self.key = key
        self._derived: dict[tuple[str, bytes], bytes] = {}
        self._new_salt = os.urandom(SALT_LENGTH)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key of the site is not to be stored")

    @property
    def on(self) -> bool:
        """Whether records are kept at all."""
        return self.mode != "off"

    def salt_for(self, records: Iterable[Record | None]) -> bytes:
        """The salt of a server: the one that its records use already, or a new one."""
        return next((record.salt for record in records if record), self._new_salt)

    def prepare(self, pairs: Iterable[tuple[Secret, bytes]]) -> None:
        """Derive many secrets at once; scrypt runs outside the interpreter lock, so threads help."""
        if self.mode != "scrypt":
            return
        todo = {(secret.reveal(), salt) for secret, salt in pairs} - self._derived.keys()
        if len(todo) > 1:
            with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
                list(pool.map(lambda pair: self._derive(*pair), todo))

    def digest(self, secret: Secret, salt: bytes, address: str) -> str:
        """The digest of one secret at one address (`peers/backup/password`)."""
        key = self._derive(secret.reveal(), salt)
        return b64encode(hmac.digest(key, address.encode(), "sha256")[:18]).decode()

    def dump(self, record: Record) -> str:
        """A record as the text that the server keeps."""
        salt = b64encode(record.salt).decode()
        return json.dumps({"v": 1, "kdf": self.mode, "salt": salt, "digests": record.digests}, separators=(",", ":"))

    def load(self, text: object) -> Record | None:
        """The record in a text from the server; None when it is none of ours, or of another mode."""
        if not isinstance(text, str) or not self.on:
            return None
        try:
            data = json.loads(text)
            if data["v"] != 1 or data["kdf"] != self.mode:
                return None
            salt = b64decode(data["salt"], validate=True)
            digests = {str(path): str(digest) for path, digest in data["digests"].items()}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        return Record(salt, digests) if len(salt) == SALT_LENGTH else None

    def _derive(self, secret: str, salt: bytes) -> bytes:
        if self.mode == "key":
            return hmac.digest(self.key.reveal().encode() if self.key else b"", salt + secret.encode(), "sha256")
        derived = self._derived.get((secret, salt))
        if derived is None:
            derived = self._derived[secret, salt] = hashlib.scrypt(secret.encode(), salt=salt, **SCRYPT)
        return derived
