"""A server at a glance: what it is and how much it holds."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_COUNTS = ("Patients", "Studies", "Series", "Instances")


@dataclass(frozen=True, slots=True)
class Summary:
    """What is known of a server; nothing in it is of a patient.

    Attributes:
        url: Its base URL.
        read_only: Whether the client only reads.
        system: What it says of itself, as far as it was asked.
        statistics: How much it holds, as far as it was asked.
        problem: Why it could not be asked.
    """

    url: str
    read_only: bool
    system: Mapping[str, Any]
    statistics: Mapping[str, Any]
    problem: str = ""

    def __str__(self) -> str:
        facts = [f"{name} {value}" for name, value in self._facts()]
        return f"<Orthanc {', '.join([self.url, *facts])}{' (read-only)' if self.read_only else ''}>"

    def html(self) -> str:
        """A small table."""
        rows = [("URL", self.url), *self._facts()]
        if self.read_only:
            rows.append(("Access", "read-only"))
        cells = "".join(
            f'<tr><th style="text-align: left">{escape(name)}</th>'
            f'<td style="text-align: left">{escape(str(value))}</td></tr>'
            for name, value in rows
        )
        return f"<table>{cells}</table>"

    def _facts(self) -> list[tuple[str, str]]:
        facts = [(name, str(self.system[name])) for name in ("Name", "Version", "DicomAet") if self.system.get(name)]
        counts = ((name, self.statistics.get(f"Count{name}")) for name in _COUNTS)
        facts += [(name, f"{count:,}") for name, count in counts if isinstance(count, int)]
        if self.problem:
            facts.append(("Problem", self.problem))
        return facts
