"""What a policy changes on many resources, with their identifiers held compactly."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from orthanc_state.kinds.identifiers import Identifiers

if TYPE_CHECKING:
    from collections.abc import Mapping


class Verb(StrEnum):
    """What is done to each resource."""

    ADD_LABEL = "add_label"
    REMOVE_LABEL = "remove_label"
    SET_METADATA = "set_metadata"
    REMOVE_METADATA = "remove_metadata"
    PROTECT = "protect"
    UNPROTECT = "unprotect"

    @property
    def takes_away(self) -> bool:
        """Whether something is lost by it."""
        return self in (Verb.REMOVE_LABEL, Verb.REMOVE_METADATA, Verb.UNPROTECT)


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that is done to many resources.

    Attributes:
        verb: What is done.
        key: The label, or the name of the metadata.
        value: The new value of the metadata.
        resources: Orthanc's identifiers of the resources that it is done to.
    """

    verb: Verb
    key: str
    value: str
    resources: Identifiers

    @property
    def what(self) -> tuple[Verb, str, str]:
        """What is done, without the resources."""
        return self.verb, self.key, self.value

    @property
    def data(self) -> dict[str, Any]:
        """It as JSON has it."""
        return {
            "verb": self.verb.value,
            "key": self.key,
            "value": self.value,
            "count": len(self.resources),
            "resources": self.resources.text,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Effect:
        """What `data` gave.

        Raises:
            ValueError: It is damaged.
        """
        resources = Identifiers.from_text(data["resources"])
        if len(resources) != data["count"]:
            raise ValueError("the number of identifiers is not what it says")
        return cls(Verb(data["verb"]), data["key"], data["value"], resources)


class Effects:
    """Collects, resource by resource, what is to be done."""

    def __init__(self) -> None:
        self._found: dict[tuple[Verb, str, str], set[str]] = {}

    def add(self, verb: Verb, key: str, value: str, *identifiers: str) -> None:
        """Something is to be done to some resources."""
        self._found.setdefault((verb, key, value), set()).update(identifiers)

    def frozen(self) -> tuple[Effect, ...]:
        """All of it, in the order in which it was found."""
        return tuple(Effect(*what, Identifiers.of(found)) for what, found in self._found.items() if found)


@dataclass(frozen=True, slots=True)
class Selected:
    """What one policy finds on a server.

    Attributes:
        policy: Its name.
        query: What `/tools/find` was asked for, with relative dates worked out.
        count: How many resources it selects.
        effects: What has to be done so that they are as the policy wants.
        resources: All that it selects, where another policy may want the opposite; None where none does.
        values: The values of metadata that another policy sets too, by name and resource.
    """

    policy: str
    query: Mapping[str, str]
    count: int
    effects: tuple[Effect, ...]
    resources: Identifiers | None = None
    values: dict[str, dict[str, str]] | None = None
