"""What the policies of a document match, and what they would change."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from orthanc_state.engine import plan
from orthanc_state.errors import OrthancStateError
from orthanc_state.jupyter.controllers.observable import Observable
from orthanc_state.jupyter.controllers.overview import studies_by_label
from orthanc_state.kinds.effect import Verb
from orthanc_state.kinds.hierarchy import segment
from orthanc_state.kinds.live import read
from orthanc_state.kinds.policies import KIND
from orthanc_state.render.planned import policy_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state.client import Orthanc
    from orthanc_state.jupyter.controllers.document import DocumentController
    from orthanc_state.jupyter.controllers.session import Session
    from orthanc_state.planning.change import PolicyChange
    from orthanc_state.render.model import PolicyView

SAMPLE = 5
"""How many resources a sample has."""

TAGS = ("StudyDescription", "SeriesDescription", "Modality", "ModalitiesInStudy")
"""What a sample tells: nothing that says who a patient is."""


@dataclass(frozen=True, slots=True)
class Matched:
    """One policy beside a server.

    Attributes:
        name: Its name.
        level: What it selects.
        count: How many it selects.
        change: What it would change, as it is shown; None where everything is as it says.
    """

    name: str
    level: str
    count: int
    change: PolicyView | None


@dataclass(frozen=True, slots=True)
class Bar:
    """The studies that have a label: how many do, how many will come, and how many will go.

    Attributes:
        label: The label.
        before: How many have it.
        added: How many get it.
        removed: How many lose it.
    """

    label: str
    before: int
    added: int
    removed: int

    @property
    def after(self) -> int:
        """How many will have it."""
        return self.before + self.added - self.removed


class PoliciesController(Observable):
    """The policies of a document beside a server. Only questions are sent.

    Args:
        session: The server.
        document: The document.

    Attributes:
        matched: Each policy; None before the server was asked.
        bars: Each label that is in use, or that the policies speak of.
        samples: The samples that were asked for, by the names of their policies.
    """

    def __init__(self, session: Session, document: DocumentController) -> None:
        super().__init__()
        self.session = session
        self.document = document
        self.matched: tuple[Matched, ...] | None = None
        self.bars: tuple[Bar, ...] = ()
        self.samples: dict[str, tuple[Mapping[str, str], ...]] = {}
        self._changes: dict[str, PolicyChange] = {}
        session.watch(self._moved)
        document.watch(self._moved)

    @property
    def declared(self) -> list[Any]:
        """The policies of the document."""
        document = self.document.document
        return list(document.sections.get("policies", ())) if document is not None else []

    def refresh(self) -> None:
        """Ask the server what each policy matches.

        Raises:
            OrthancStateError: There is no server or no valid document, or policies contradict each other.
        """
        orthanc = self.session.server().read_only()
        document = self.document.document
        if document is None:
            raise OrthancStateError("the document is not valid", hint="Mend it first.")
        if not self.declared:
            raise OrthancStateError("the document has no policies", hint="Add one to the document first.")
        found = plan(orthanc, document, targets=["policies/*"])
        self._changes = {change.name: change for change in found.by_policies}
        self.matched = tuple(self._matched(orthanc))
        self.bars = tuple(self._bars(orthanc))
        self.samples = {}
        self.changed()

    def sample(self, name: str) -> None:
        """Look at a few resources that a policy changes.

        Raises:
            OrthancStateError: The server cannot be asked.
        """
        change = self._changes.get(name)
        if change is None:
            return
        resources = list(dict.fromkeys(each for effect in change.effects for each in islice(effect.resources, SAMPLE)))
        orthanc = self.session.server().read_only()
        # What comes besides is thrown away here: it may tell who a patient is.
        self.samples[name] = tuple(
            _told(orthanc.get(f"/{segment(change.level)}/{each}")) for each in resources[:SAMPLE]
        )
        self.changed()

    def _matched(self, orthanc: Orthanc) -> list[Matched]:
        quiet = [policy for policy in self.declared if policy.name not in self._changes]
        selected = read(orthanc, [KIND], {"policies": quiet}).raw["policies"].selected if quiet else {}
        rows = []
        for policy in self.declared:
            change = self._changes.get(policy.name)
            if change is not None:
                rows.append(Matched(policy.name, policy.level, change.selected, policy_view(change)))
            elif policy.name in selected:
                rows.append(Matched(policy.name, policy.level, selected[policy.name].count, None))
        return rows

    def _bars(self, orthanc: Orthanc) -> list[Bar]:
        added: dict[str, int] = {}
        removed: dict[str, int] = {}
        for change in self._changes.values():
            for effect in change.effects if change.level == "study" else ():
                counts = {Verb.ADD_LABEL: added, Verb.REMOVE_LABEL: removed}.get(effect.verb)
                if counts is not None:
                    counts[effect.key] = counts.get(effect.key, 0) + len(effect.resources)
        counted = studies_by_label(orthanc, [*added, *removed])
        return [
            Bar(label, count, added.get(label, 0), removed.get(label, 0))
            for label, count in counted.items()
            if count is not None
        ]

    def _moved(self) -> None:
        self.matched, self.bars, self.samples = None, (), {}
        self.changed()


def _told(details: Mapping[str, Any]) -> dict[str, str]:
    tags = details.get("MainDicomTags", {})
    return {"ID": str(details.get("ID", "")), **{tag: str(tags[tag]) for tag in TAGS if tag in tags}}
