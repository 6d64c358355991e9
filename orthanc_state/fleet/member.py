"""One server of an inventory, with all that its groups and the inventory say of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orthanc_state.errors import Problem, ProblemsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from orthanc_state.client import Orthanc
    from orthanc_state.document.document import Document
    from orthanc_state.document.variables import Variable
    from orthanc_state.errors import Place
    from orthanc_state.fleet.model import Access
    from orthanc_state.fleet.station import Station
    from orthanc_state.kinds.secret import Secret


class MemberError(ProblemsError):
    """A server of an inventory cannot be used as the inventory describes it."""

    code = "server-unusable"
    remedy = (
        "The inventory lacks something for this server: documents, a secret that is set, a certificate that is there. "
        "The other servers are not concerned."
    )


@dataclass(frozen=True, slots=True)
class Member:
    """One server.

    Attributes:
        name: Its name in the inventory.
        url: Its base URL.
        groups: The names of its groups, in the order in which it names them.
        documents: The files of its document, of which a later one overrides the earlier ones.
        variables: The variables of its document, by name.
        access: How it is reached. A secret that is missing stands for itself; it is missed when it is used.
        folder: What the files of its access are relative to.
        places: Where the inventory says each thing: `url`, `documents`, and the fields of its access.
        reasons: Why a secret is missing, by its reference.
        station: What the network says of it; None where it says nothing.
    """

    name: str
    url: str
    groups: tuple[str, ...]
    documents: tuple[Path, ...]
    variables: Mapping[str, Variable]
    access: Access = field(repr=False)
    folder: Path
    places: Mapping[str, Place] = field(repr=False)
    reasons: Mapping[str, str] = field(default_factory=dict, repr=False)
    station: Station | None = field(default=None, repr=False)

    @property
    def described(self) -> bool:
        """Whether anything says what it should be: documents, or the network."""
        return bool(self.documents) or self.station is not None

    def document(
        self,
        variables: Mapping[str, Variable] | None = None,
        environment: Mapping[str, str] | None = None,
        *,
        secrets: bool = True,
    ) -> Document:
        """What this server should be: its modalities that follow from the network, and over them its documents.

        Args:
            variables: Variables that override those of the inventory.
            environment: Where `!env` in the documents looks; the environment of the process if None.
            secrets: Whether the secrets are read; a document without can be looked at, but not planned.

        Raises:
            MemberError: The inventory gives it no documents, and the network says nothing of it.
            DocumentError: They cannot be used, or contradict the network.
        """
        from orthanc_state.document.load import built, read

        if not self.described:
            place = self.places.get("documents")
            problem = Problem("no documents", place, f"servers.{self.name}", "give `documents: [FILE]`")
            raise MemberError(f"nothing says what {self.name} should be", [problem])
        merged = {**self.variables, **(variables or {})}
        sources = read(*self.documents, variables=merged, root=self.folder, environment=environment, secrets=secrets)
        return built(sources) if self.station is None else self.station.document(sources)

    def connect(self) -> Orthanc:
        """A client for this server.

        Raises:
            MemberError: A secret or a file is missing; with where the inventory refers to it.
        """
        from orthanc_state.client import ConfigurationError, Orthanc

        if missing := self.missing():
            raise MemberError(f"{self.name} cannot be reached without its secrets", missing)
        access = self.access
        try:
            return Orthanc(
                self.url,
                access.username,
                _revealed(access.password),
                token=_revealed(access.token),
                ca_file=self._file(access.ca_file),
                client_certificate=self._file(access.client_certificate),
                client_key=self._file(access.client_key),
                client_key_password=_revealed(access.client_key_password),
                timeout=access.timeout if access.timeout is not None else 10.0,
            )
        except ConfigurationError as error:
            place = self.places.get(self._blamed(error.message), self.places.get("url"))
            problem = Problem(error.message, place, f"servers.{self.name}", error.hint)
            raise MemberError(f"{self.name} cannot be reached as the inventory says", [problem]) from None

    def missing(self) -> list[Problem]:
        """The secrets of its access that are not there, each with where the inventory refers to it."""
        secrets = {name: getattr(self.access, name) for name in ("password", "token", "client_key_password")}
        return [
            Problem(self.reasons.get(secret.reference, "it is missing"), self.places.get(name), name)
            for name, secret in secrets.items()
            if secret is not None and secret.missing
        ]

    def _file(self, name: str | None) -> Path | None:
        return None if name is None else self.folder / name

    def _blamed(self, message: str) -> str:
        """The field that a message of the client is about."""
        words = {"CA file": "ca_file", "client certificate": "client_certificate", "client key": "client_key"}
        return next((name for word, name in words.items() if word in message), "")


def _revealed(secret: Secret | None) -> str | None:
    return None if secret is None else secret.reveal()
