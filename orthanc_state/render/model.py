"""What a plan and a report show, for whichever medium: every text ready, secrets masked, nothing escaped yet.

Texts may hold anything that a server says. Whoever renders one escapes it for its medium.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orthanc_state.kinds.live import Server
    from orthanc_state.render.role import Role


LIMITS = "Needs --allow-deletes"
"""What the limits of a plan are called."""

NOTES = "Cannot be undone"
"""What the notes of a plan are called."""


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field that changes.

    Attributes:
        path: Its name, with dots inside of mappings.
        before: What it is; empty where the whole resource is new.
        after: What it will be; empty where the whole resource goes.
        removed: Of a list, what goes out.
        added: Of a list, what comes in.
    """

    path: str
    before: str
    after: str
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Both sides on one line."""
        return " → ".join(side for side in (self.before, self.after) if side)


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One resource that changes.

    Attributes:
        role: What is done to it.
        address: What it is called.
        reason: Why, where the fields do not say it.
        fields: What changes. Of what is created or deleted, the fields that are not as Orthanc has them by itself.
        single: Whether the resource is one value, which needs no name.
    """

    role: Role
    address: str
    reason: str
    fields: tuple[FieldView, ...]
    single: bool = False


@dataclass(frozen=True, slots=True)
class EffectView:
    """One thing that a policy does to many resources.

    Attributes:
        role: Whether it brings, changes or takes away.
        text: What is done, in words.
        count: How many resources it is done to.
        examples: Orthanc's identifiers of a few of them.
    """

    role: Role
    text: str
    count: int
    examples: tuple[str, ...]

    @property
    def examples_text(self) -> str:
        """The examples on one line."""
        return listed(self.examples, self.count)


@dataclass(frozen=True, slots=True)
class PolicyView:
    """What one policy changes.

    Attributes:
        address: What it is called.
        query: What it selects, in words.
        selected: How many resources it selects.
        effects: What it does to them.
        role: It is an update.
    """

    address: str
    query: str
    selected: int
    effects: tuple[EffectView, ...]
    role: Role


@dataclass(frozen=True, slots=True)
class Count:
    """How much there is of one sort: `3 to update`."""

    role: Role
    count: int
    text: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """What an apply would do to one server.

    Attributes:
        server: The server.
        changes: Resources that change, in the order in which they will.
        policies: Policies that change what is stored; they come after the changes.
        counts: What all of that adds up to; sorts of which there are none are left out.
        unchanged: The addresses of what is declared and is so already.
        unmanaged: The addresses of what is left alone, since it is not declared.
        warnings: What the author of the document should know.
        limits: What it takes away beyond its limits, which an apply refuses unless it is allowed to.
        notes: What a rollback cannot undo, and why.
        restart: What becomes of it when the server starts again, in a sentence; empty where nothing changes.
    """

    server: Server
    changes: tuple[ChangeView, ...]
    policies: tuple[PolicyView, ...]
    counts: tuple[Count, ...]
    unchanged: tuple[str, ...]
    unmanaged: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    restart: str = ""

    @property
    def in_sync(self) -> bool:
        """Whether there is nothing to do."""
        return not self.changes and not self.policies

    @property
    def headline(self) -> str:
        """What it comes to, without a capital: `1 to create, 3 to update`, or that the server is in sync."""
        return "in sync: nothing to change" if self.in_sync else ", ".join(count.text for count in self.counts)

    @property
    def unchanged_text(self) -> str:
        """How much is as it should be."""
        return f"{len(self.unchanged)} unchanged"


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """One field that is not what it was to be, with what it is from several points of view.

    Attributes:
        path: Its name, with dots inside of mappings.
        readings: Words, such as `sent` and `found`, each with the value that goes with it.
        remarks: Of a list, what has come in and what has gone, in words.
    """

    path: str
    readings: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """All of it in words, one line each."""
        readings = ", ".join(f"{word} {value}" for word, value in self.readings)
        return (*([f"{self.path}: {readings}"] if readings else []), *self.remarks)


@dataclass(frozen=True, slots=True)
class FailureView:
    """Why some of the many changes of one policy failed.

    Attributes:
        reason: Why.
        count: How many.
        examples: Orthanc's identifiers of a few of them.
    """

    reason: str
    count: int
    examples: tuple[str, ...]

    @property
    def text(self) -> str:
        """How many failed, and why."""
        return f"{self.count:,} failed: {self.reason}"

    @property
    def examples_text(self) -> str:
        """The examples on one line."""
        return listed(self.examples, self.count)


@dataclass(frozen=True, slots=True)
class ResultView:
    """What became of one change.

    Attributes:
        role: What was done; that of an error where it was not.
        address: What was changed.
        text: What became of it, and why if it was not applied.
        ok: Whether it is as it was to be.
        comparisons: What is not as it was to be, field by field.
        failures: Why single changes of a policy failed.
    """

    role: Role
    address: str
    text: str
    ok: bool
    comparisons: tuple[ComparisonView, ...] = ()
    failures: tuple[FailureView, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportView:
    """What an apply did to one server.

    Attributes:
        server: The server.
        results: What became of each change, in the order of the plan.
        headline: How much was applied, and how much was not; without a capital.
        ok: Whether everything is as it was to be.
        advice: What to do next; empty when there is nothing.
        code: The name of how it ended; empty when everything is as it was to be.
    """

    server: Server
    results: tuple[ResultView, ...]
    headline: str
    ok: bool
    advice: str
    code: str = ""


def listed(names: tuple[str, ...], total: int) -> str:
    """Names on one line, with a sign that there are more."""
    return ", ".join(names) + (", …" if total > len(names) else "")
