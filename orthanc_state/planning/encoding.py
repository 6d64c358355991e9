"""Plans and their parts as plain JSON data, and back. A secret is in it as its reference, never as its value."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from orthanc_state.kinds.effect import Effect
from orthanc_state.kinds.live import Server
from orthanc_state.kinds.operation import Operation
from orthanc_state.kinds.secret import Secret
from orthanc_state.kinds.state import Hidden
from orthanc_state.planning.change import Action, Change, PolicyChange

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.kinds.state import State, Value

    Resolve = Callable[[str], Secret]

_HIDDEN = "$hidden"
_REFERENCE = "$secret"


def server_data(server: Server) -> dict[str, str]:
    """Which server it is."""
    return {"url": server.url, "name": server.name, "aet": server.aet, "version": server.version}


def server_from(data: Mapping[str, str]) -> Server:
    """What `server_data` gave."""
    return Server(data["url"], data["name"], data["version"], data["aet"])


def state_data(state: State | None) -> Any:
    """One resource; what is hidden is in it as its salted digest."""
    return None if state is None else {name: _value_data(value) for name, value in state.items()}


def _value_data(value: Value) -> Any:
    if isinstance(value, Hidden):
        return {_HIDDEN: {"digest": value.digest, "secret": value.secret}}
    if isinstance(value, tuple):
        return [_value_data(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _value_data(item) for name, item in value.items()}
    return value


def state_from(data: Any) -> State | None:
    """What `state_data` gave."""
    return None if data is None else {name: _value_from(value) for name, value in data.items()}


def _value_from(data: Any) -> Value:
    if isinstance(data, dict):
        hidden = data.get(_HIDDEN)
        # A header may have this name too; what stands below it then is a value of its own.
        if isinstance(hidden, dict) and hidden.keys() == {"digest", "secret"}:
            digest, secret = hidden["digest"], hidden["secret"]
            if not isinstance(digest, str | None) or not isinstance(secret, bool):
                raise ValueError("what is hidden has no digest")
            return Hidden(digest, secret=secret)
        return {name: _value_from(item) for name, item in data.items()}
    if isinstance(data, list):
        return tuple(_value_from(item) for item in data)
    value: Value = data
    return value


def change_data(change: Change, reference: Callable[[Secret], str]) -> dict[str, Any]:
    """One change with the request that makes it so.

    Args:
        change: The change.
        reference: What is kept of a secret; empty where nothing is known of it.
    """
    operation = change.operation
    return {
        "action": change.action.value,
        "kind": change.kind,
        "name": change.name,
        "address": change.address,
        "before": state_data(change.before),
        "after": state_data(change.after),
        "operation": {
            "method": operation.method,
            "path": operation.path,
            "body": _body_data(operation.body, change.secrets),
            "text": operation.text,
        },
        "secrets": {path: _secret_data(change, path, secret, reference) for path, secret in change.secrets.items()},
        "depends_on": list(change.depends_on),
        "reason": change.reason,
    }


def _secret_data(change: Change, path: str, secret: Secret, reference: Callable[[Secret], str]) -> dict[str, str]:
    hidden = hidden_at(change.after, path)
    if hidden is not None and not hidden.secret:
        # The server does not return it, but it is none: the path of a file.
        return {"value": secret.reveal()}
    return {"reference": reference(secret)}


def hidden_at(state: State | None, path: str) -> Hidden | None:
    """What is hidden at a path of a state: `password`, `http_headers.X-Api-Key`."""
    name, _, key = path.partition(".")
    value: Any = (state or {}).get(name)
    value = value.get(key) if key and isinstance(value, Mapping) else value
    return value if isinstance(value, Hidden) else None


def _body_data(body: Any, secrets: Mapping[str, Secret]) -> Any:
    if isinstance(body, Secret):
        path = next(path for path, secret in secrets.items() if secret is body)
        return {_REFERENCE: path}
    if isinstance(body, Mapping):
        return {name: _body_data(item, secrets) for name, item in body.items()}
    if isinstance(body, list | tuple):
        return [_body_data(item, secrets) for item in body]
    return body


def change_from(data: Mapping[str, Any], resolve: Resolve) -> Change:
    """What `change_data` gave.

    Args:
        data: The change.
        resolve: Gives the secret behind a reference.
    """
    secrets = {
        path: Secret(item["value"]) if "value" in item else resolve(item["reference"])
        for path, item in data["secrets"].items()
    }
    operation = data["operation"]
    return Change(
        Action(data["action"]),
        data["kind"],
        data["name"],
        data["address"],
        state_from(data["before"]),
        state_from(data["after"]),
        Operation(operation["method"], operation["path"], _body_from(operation["body"], secrets), operation["text"]),
        tuple(data["depends_on"]),
        data["reason"],
        secrets,
    )


def _body_from(data: Any, secrets: Mapping[str, Secret]) -> Any:
    if isinstance(data, dict):
        path = data.get(_REFERENCE)
        if isinstance(path, str) and len(data) == 1:
            return secrets[path]
        return {name: _body_from(item, secrets) for name, item in data.items()}
    if isinstance(data, list):
        return [_body_from(item, secrets) for item in data]
    return data


def policy_change_data(change: PolicyChange) -> dict[str, Any]:
    """What a policy changes, with every identifier, 27 characters each."""
    return {
        "kind": change.kind,
        "name": change.name,
        "address": change.address,
        "level": change.level,
        "query": dict(change.query),
        "selected": change.selected,
        "effects": [effect.data for effect in change.effects],
        "templates": dict(change.templates),
    }


def policy_change_from(data: Mapping[str, Any]) -> PolicyChange:
    """What `policy_change_data` gave.

    Raises:
        ValueError: It is damaged.
    """
    return PolicyChange(
        data["kind"],
        data["name"],
        data["address"],
        data["level"],
        data["query"],
        data["selected"],
        tuple(Effect.from_data(effect) for effect in data["effects"]),
        data["templates"],
    )


def relative_reference(folder: Path) -> Callable[[Secret], str]:
    """References for a file in a folder: the paths of `!file` are relative to it, as those of a document are."""

    def reference(secret: Secret) -> str:
        if secret.file is None or not secret.reference:
            return secret.reference
        path = secret.reference.removeprefix("!file ")
        return secret.reference if os.path.isabs(path) else f"!file {os.path.relpath(secret.file, folder)}"

    return reference


def absolute_reference(secret: Secret) -> str:
    """A reference that holds wherever it is read."""
    return secret.reference if secret.file is None else f"!file {os.path.abspath(secret.file)}"
