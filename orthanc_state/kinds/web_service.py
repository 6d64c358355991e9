"""What peers and DICOMweb servers have in common: services that a server reaches over HTTP.

What makes them hard: the server never returns a password, the values of HTTP headers, or the certificate's key, and a
PUT replaces the whole entry, so that one without them erases them. A record of fingerprints, kept as a custom property
of the entry (see `fingerprint`), tells whether they are still what the document says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from orthanc_state.kinds.collection import Absent, Collection, Entry
from orthanc_state.kinds.constraints import HeaderName, HttpUrl, Seconds
from orthanc_state.kinds.field import Wire, fields_of
from orthanc_state.kinds.fingerprint import PROPERTY, Record
from orthanc_state.kinds.kind import Wanted
from orthanc_state.kinds.secret import Secret
from orthanc_state.kinds.state import Hidden, hidden_values

if TYPE_CHECKING:
    from typing import Self

    from orthanc_state.kinds.kind import Context, Unknown
    from orthanc_state.kinds.state import State, Value


class WebService(Entry):
    """One service, by where it is and what is shown to it."""

    url: Annotated[HttpUrl, Wire("Url")] = Field(
        description="Base URL of its REST API, http:// or https://.", examples=["https://backup.example/"]
    )
    username: Annotated[str, Wire("Username")] = Field("", description="User of its HTTP basic authentication.")
    password: Annotated[Secret | None, Wire("Password", secret=True)] = Field(
        None, description="Password of that user, best as !env NAME or !file PATH; null for none."
    )
    http_headers: Annotated[dict[HeaderName, Secret | None], Wire("HttpHeaders", secret=True)] = Field(
        {}, description="Headers that are sent to it, their values secret; null for one that must not be there."
    )
    timeout: Annotated[Seconds, Wire("Timeout")] = Field(
        0, description="Seconds to wait for it; 0 for the server's own (HttpTimeout)."
    )
    certificate_file: Annotated[str, Wire("CertificateFile")] = Field(
        "", description="PEM file, on the server's disk, of the client certificate that is shown to it."
    )
    certificate_key_file: Annotated[str, Wire("CertificateKeyFile", write_only=True)] = Field(
        "", description="PEM file, on the server's disk, of the private key of that certificate."
    )
    certificate_key_password: Annotated[Secret | None, Wire("CertificateKeyPassword", secret=True)] = Field(
        None, description="Password of that private key; null for none."
    )
    pkcs11: Annotated[bool, Wire("Pkcs11")] = Field(
        False, description="Use the client certificate of the server's PKCS#11 token."
    )
    properties: Annotated[dict[str, str], Wire("")] = Field(
        {}, description="Custom properties, kept by the server beside the others."
    )

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if self.password is not None and not self.username:
            raise PydanticCustomError("web_service", "a password is given without a username: Orthanc refuses it")
        if (self.certificate_key_file or self.certificate_key_password) and not self.certificate_file:
            raise PydanticCustomError(
                "web_service", "a certificate's key is given without certificate_file: it has no effect"
            )
        for name in self.properties:
            if name == PROPERTY or name in {field.wire.name for field in fields_of(type(self))}:
                raise PydanticCustomError("web_service", "`{name}` is not free for a custom property", {"name": name})
        return self


NEVER_RETURNED = {
    "password": "username",
    "certificate_key_file": "certificate_file",
    "certificate_key_password": "certificate_file",
}
"""Each field that is never returned, with the one that, where it is set, makes the server answer `null` for it."""

HEADER = "http_headers."
"""How the path of the value of a header begins."""


class WebServices(Collection):
    """A kind of which each entry is a service with secrets that the server never returns."""

    array_form = ("url", "username", "password")
    identity = ("url",)
    model: ClassVar[type[WebService]]

    def imported_rest(self, name: str, others: Mapping[str, Any], unknown: list[Unknown]) -> dict[str, Any]:
        properties: dict[str, str] = {}
        for key, value in others.items():
            if key == PROPERTY:
                # A record of ours: what it tells of cannot be told by a document.
                continue
            if isinstance(value, str):
                properties[key] = value
            elif isinstance(value, int):
                # A truth value is `1` or `0`.
                properties[key] = str(int(value))
            else:
                unknown.append(((name, key), "a custom property is a text"))
        return {"properties": properties} if properties else {}

    def warnings(self, section: dict[str, Any]) -> Iterable[tuple[tuple[str, ...], str]]:
        for name, entry in section.items():
            for path, secret in _secrets(entry).items():
                if secret is not None and not secret.reference:
                    yield (name, *path.split(".", 1)), "a secret stands here in clear: use !env NAME or !file PATH"

    def snapshot(self, raw: Any, section: Any) -> Any:
        return {name: {**entry, "Url": _without_credentials(str(entry.get("Url", "")))} for name, entry in raw.items()}

    def live_state(self, raw: Mapping[str, Any], context: Context) -> State:
        state: dict[str, Value] = {**super().live_state(raw, context)}
        state["url"] = _without_credentials(str(raw.get("Url", "")))
        record = context.fingerprints.load(raw.get(PROPERTY))
        for field, behind in NEVER_RETURNED.items():
            state[field] = self._seen(field, record) if state[behind] else None
        state["http_headers"] = {
            header: Hidden(record.digests.get(HEADER + header) if record else None)
            for header in raw.get("HttpHeaders") or ()
        }
        known = {field.wire.name for field in self.fields}
        state["properties"] = {key: value for key, value in raw.items() if key not in known and key != PROPERTY}
        return self._in_order(state)

    def _in_order(self, state: State) -> State:
        return {field.name: state[field.name] for field in self.fields}

    def _seen(self, field: str, record: Record | None) -> Hidden | None:
        """What is known of a field that the server answers `null` for, be it set or not."""
        if record is None:
            return Hidden(secret=field != "certificate_key_file")
        digest = record.digests.get(field)
        return None if digest is None else Hidden(digest, secret=field != "certificate_key_file")

    def wanted(
        self, section: dict[str, Any], raw: Any, live: Mapping[str, State], context: Context
    ) -> Iterable[Wanted]:
        fingerprints = context.fingerprints
        records = {name: fingerprints.load(entry.get(PROPERTY)) for name, entry in raw.items()}
        shared = fingerprints.salt_for(records.values())
        salts = {name: record.salt if (record := records.get(name)) else shared for name in section}
        fingerprints.prepare(
            (secret, salts[name]) for name, entry in section.items() for secret in _secrets(entry).values() if secret
        )
        for name, entry in section.items():
            if isinstance(entry, Absent):
                yield Wanted(name, None)
            else:
                yield self._wanted_service(name, entry, salts[name], context)

    def _wanted_service(self, name: str, entry: WebService, salt: bytes, context: Context) -> Wanted:
        secrets = {path: secret for path, secret in _secrets(entry).items() if secret is not None}
        if entry.certificate_key_file:
            secrets["certificate_key_file"] = Secret(entry.certificate_key_file)
        given = {path: self._hidden(name, path, secret, salt, context) for path, secret in secrets.items()}
        state: dict[str, Value] = {field: getattr(entry, field) for field, _, _ in self._plain}
        for field, behind in NEVER_RETURNED.items():
            state[field] = given.get(field)
            if not context.fingerprints.on and state[behind]:
                # Without a record nobody can tell whether one is set: both sides say so in the same way.
                state[field] = self._seen(field, None)
        state["http_headers"] = {
            path.removeprefix(HEADER): hidden for path, hidden in given.items() if path.startswith(HEADER)
        }
        wanted = self._in_order(state)
        return Wanted(name, wanted, ignore=frozenset(entry.ignore), secrets=secrets, erase=_erased(entry), private=salt)

    def restoring(self, name: str, state: State, secrets: Mapping[str, Secret], record: Record | None) -> Wanted:
        salt = record.salt if record is not None else None
        return Wanted(name, state, secrets=secrets, private=salt)

    def _hidden(self, name: str, path: str, secret: Secret, salt: bytes, context: Context) -> Hidden:
        digest = None
        if context.fingerprints.on:
            digest = context.fingerprints.digest(secret, salt, f"{self.address(name)}/{path}")
        return Hidden(digest, secret=path != "certificate_key_file")

    def configured_entry(self, wanted: Wanted, state: State, context: Context) -> dict[str, Any]:
        entry = super().configured_entry(wanted, state, context)
        # Never returned, but no secret: it can stand in a file as it is.
        plain = {field.wire.name for field in self.fields if field.wire.write_only}
        return {key: value.reveal() if key in plain else value for key, value in entry.items()}

    def body(self, wanted: Wanted, state: State, context: Context) -> dict[str, Any]:
        hidden = hidden_values(state)
        body: dict[str, Any] = {}
        for field in self.fields:
            value = state[field.name]
            if isinstance(value, Hidden):
                # One that is unknown on both sides, and that the document says nothing of, is not sent.
                if field.name in wanted.secrets:
                    body[field.wire.name] = wanted.secrets[field.name]
            elif field.name == "properties":
                body |= value if isinstance(value, dict) else {}
            elif field.name == "http_headers":
                headers = [path for path in hidden if path.startswith(HEADER)]
                body[field.wire.name] = {path.removeprefix(HEADER): wanted.secrets[path] for path in headers}
            elif field.required or value not in (None, field.default):
                body[field.wire.name] = value
        if context.fingerprints.on and (hidden or state["username"] or state["certificate_file"]):
            digests = {path: value.digest for path, value in hidden.items() if value.digest}
            salt = wanted.private or context.fingerprints.salt_for(())
            body[PROPERTY] = context.fingerprints.dump(Record(salt, digests))
        return body


def _secrets(entry: WebService | Absent) -> dict[str, Secret | None]:
    """The secrets of an entry by path, those too that it says must not be there."""
    if isinstance(entry, Absent):
        return {}
    return {
        "password": entry.password,
        "certificate_key_password": entry.certificate_key_password,
        **{HEADER + header: value for header, value in entry.http_headers.items()},
    }


def _erased(entry: WebService) -> frozenset[str]:
    """The paths of what is never returned and is said, in so many words, not to be there."""
    given = entry.model_fields_set
    none = {path for path, secret in _secrets(entry).items() if secret is None and path.partition(".")[0] in given}
    none |= {
        field for field in ("certificate_key_file", "http_headers") if field in given and not getattr(entry, field)
    }
    return frozenset(none)


def _without_credentials(url: str) -> str:
    """A URL that may be shown: one set by hand may hold a user name and a password."""
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}***@{host.rpartition('@')[2]}{slash}{path}" if "@" in host else url
