"""What policies find on a server, as it stands in a snapshot: identifiers, no patient data."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from orthanc_state.kinds.effect import Effect, Selected
from orthanc_state.kinds.identifiers import Identifiers
from orthanc_state.kinds.match import is_identifying
from orthanc_state.kinds.policy import keywords_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state.kinds.policy import Policy


def stored(policy: Policy, selected: Selected) -> dict[str, Any] | None:
    """What one policy finds; None where it tells who a patient is."""
    if is_identifying_policy(policy):
        return None
    return {
        "policy": _digest(policy),
        "query": dict(selected.query),
        "count": selected.count,
        "effects": [effect.data for effect in selected.effects],
        "resources": None if selected.resources is None else selected.resources.text,
        "values": selected.values,
    }


def restored(policy: Policy, data: Mapping[str, Any] | None) -> Selected:
    """What `stored` gave.

    Raises:
        LookupError: It is of another policy, or there is none.
        ValueError: It is damaged.
    """
    if data is None or data["policy"] != _digest(policy):
        raise LookupError(policy.name)
    resources = None if data["resources"] is None else Identifiers.from_text(data["resources"])
    effects = tuple(Effect.from_data(effect) for effect in data["effects"])
    return Selected(policy.name, data["query"], data["count"], effects, resources, data["values"])


def is_identifying_policy(policy: Policy) -> bool:
    """Whether what a policy selects by, or what it writes, may tell who a patient is."""
    keywords = {*policy.match, *(keyword for value in policy.metadata.set.values() for keyword in keywords_in(value))}
    return any(map(is_identifying, keywords))


def _digest(policy: Policy) -> str:
    data = policy.model_dump(mode="json", exclude={"name"})
    return sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
