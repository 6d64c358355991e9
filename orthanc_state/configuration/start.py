"""What a server starts with, as far as its configuration files tell, beside what a document wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orthanc_state.configuration.importing import sections_of, value_at
from orthanc_state.kinds.fingerprint import Fingerprints
from orthanc_state.kinds.kind import Context

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orthanc_state.configuration.files import Configuration
    from orthanc_state.kinds.kind import ResourceKind
    from orthanc_state.kinds.version import Version


@dataclass(frozen=True, slots=True)
class Start:
    """What the configuration files of a server make of it when it starts.

    Attributes:
        data: The whole configuration. Secrets may stand in it, so it is never shown.
        sections: What of it a document could say, validated, by the name of the kind.
    """

    data: Mapping[str, Any]
    sections: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"<Start {', '.join(self.sections)}>"

    def switches(self, names: Iterable[str]) -> dict[str, bool]:
        """Some switches of the configuration, by their names; one that is not mentioned is off, as in Orthanc."""
        return {name: value_at(self.data, name.split(".")) is True for name in names}

    def lost(self, kind: ResourceKind, section: Any, raw: Any, version: Version) -> list[str]:
        """The names of what the section of a document wants and the server does not start with; empty for a setting.

        Of secrets it is compared whether they are there: which value a variable will have nobody knows yet.

        Args:
            kind: The kind.
            section: The section of the document, validated.
            raw: What `kind.read` gave: what the server knows decides what patterns mean.
            version: The version of the server.
        """
        context = Context(version, Fingerprints("off"))
        live = kind.live(raw, section, context)
        begun = self.sections.get(kind.name)
        found = {} if begun is None else {each.name: each.state for each in kind.wanted(begun, {}, live, context)}
        return [
            wanted.name
            for wanted in kind.wanted(section, {}, live, context)
            if _compared(wanted.state, wanted.ignore) != _compared(found.get(wanted.name), wanted.ignore)
        ]


def start_of(configuration: Configuration) -> Start:
    """What a server that is started with a configuration begins with.

    Raises:
        ConfigurationError: It refers to environment variables of which the value is needed and not known.
    """
    return Start(configuration.data, sections_of(configuration))


def _compared(state: Mapping[str, Any] | None, ignored: Iterable[str]) -> dict[str, Any] | None:
    return None if state is None else {name: value for name, value in state.items() if name not in set(ignored)}
