"""Compares a document with the state of a server. Pure: no network, no printing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthanc_state.document.explain import dotted
from orthanc_state.errors import Problem, ProblemsError
from orthanc_state.kinds.kind import Context, ResourceKind
from orthanc_state.kinds.policies import Policies
from orthanc_state.kinds.state import hidden_values
from orthanc_state.planning.change import Action, Change, PolicyChange
from orthanc_state.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orthanc_state.document.document import Document
    from orthanc_state.kinds.kind import Kind, Requirement, Wanted
    from orthanc_state.kinds.live import Live
    from orthanc_state.kinds.policies import Raw
    from orthanc_state.kinds.policy import Policy
    from orthanc_state.kinds.state import State, Value


class PlanError(ProblemsError):
    """The document cannot be brought about on this server; nothing was written."""


def diff(document: Document, live: Live) -> Plan:
    """Everything that has to change on a server so that it is what a document says.

    Raises:
        PlanError: The server is too old for something, or a write would erase a secret that the document does not
            give; with all such problems.
    """
    context = Context(live.server.number, document.fingerprints)
    differ = _Differ(document, context)
    for kind in document.kinds:
        section, raw = document.sections[kind.name], live.raw[kind.name]
        if isinstance(kind, ResourceKind):
            differ.compare(kind, section, raw)
        elif isinstance(kind, Policies):
            differ.compare_policies(kind, section, raw)
    if differ.problems:
        count = len(differ.problems)
        what = "1 problem stands" if count == 1 else f"{count} problems stand"
        raise PlanError(f"{what} in the way; nothing was written", differ.problems)
    deletions = [change for change in differ.changes if change.action is Action.DELETE]
    others = [change for change in differ.changes if change.action is not Action.DELETE]
    return Plan(
        server=live.server,
        changes=(*others, *deletions),
        by_policies=tuple(differ.by_policies),
        unchanged=tuple(differ.unchanged),
        unmanaged=tuple(differ.unmanaged),
        warnings=document.warnings,
        context=context,
        policies=tuple(document.sections.get("policies", ())),
    )


class _Differ:
    def __init__(self, document: Document, context: Context) -> None:
        self._document = document
        self._context = context
        self.changes: list[Change] = []
        self.by_policies: list[PolicyChange] = []
        self.unchanged: list[str] = []
        self.unmanaged: list[str] = []
        self.problems: list[Problem] = []

    def compare_policies(self, kind: Policies, section: list[Policy], raw: Raw) -> None:
        """What the policies change; their conflicts are found only here, since they are about single resources."""
        for requirement in kind.requirements(section, raw):
            self._require(kind, requirement)
        for path, name in kind.undeclared(section, raw):
            message = f"the server knows no metadata `{name}`"
            self._problem((*kind.path, *path), message, "declare it in UserMetadata of its configuration")
        for conflict in kind.conflicts(section, raw):
            count = f"{conflict.count} resources" if conflict.count > 1 else "a resource"
            message = (
                f"policies `{conflict.first}` and `{conflict.second}` want opposite things of the {conflict.what} of "
                f"{count} (level {conflict.level}), such as {conflict.example}"
            )
            index = next(index for index, policy in enumerate(section) if policy.name == conflict.second)
            self._problem((*kind.path, index), message, "narrow one of them by `match`")
        for policy in section:
            selected = raw.selected.get(policy.name)
            address = kind.address(policy.name)
            if selected is None:
                continue
            if not selected.effects:
                self.unchanged.append(address)
                continue
            self.by_policies.append(
                PolicyChange(
                    kind.name,
                    policy.name,
                    address,
                    policy.level,
                    selected.query,
                    selected.count,
                    selected.effects,
                    policy.metadata.set,
                )
            )

    def compare(self, kind: ResourceKind, section: Any, raw: Any) -> None:
        live = kind.live(raw, section, self._context)
        declared = set()
        for wanted in kind.wanted(section, raw, live, self._context):
            declared.add(wanted.name)
            for requirement in wanted.requirements:
                self._require(kind, requirement)
            self._compare_one(kind, wanted, live.get(wanted.name))
        for name in sorted(live.keys() - declared):
            if kind.name in self._document.prune:
                self._delete(kind, name, live[name])
            else:
                self.unmanaged.append(kind.address(name))

    def _require(self, kind: Kind, requirement: Requirement) -> None:
        path = (*kind.path, *requirement.path)
        version = ".".join(map(str, self._context.version))
        message = f"`{requirement.what}` needs Orthanc {requirement.since}, and this server is {version}"
        self._problem(path, message, "leave it out for this server")

    def _compare_one(self, kind: ResourceKind, wanted: Wanted, live: State | None) -> None:
        address = kind.address(wanted.name)
        if wanted.state is None:
            if live is None:
                self.unchanged.append(address)
            else:
                self._delete(kind, wanted.name, live)
            return
        before = wanted.before or live
        after = wanted.state
        if before is not None:
            if wanted.ignore:
                after = {name: before.get(name) if name in wanted.ignore else value for name, value in after.items()}
            if after == before:
                self.unchanged.append(address)
                return
            after = self._with_secrets(kind, wanted, before, after)
        action = Action.CREATE if before is None else Action.UPDATE
        depends_on = tuple(kind.address(name) for name in wanted.depends_on)
        operation = kind.write(wanted, after, self._context)
        self.changes.append(
            Change(action, kind.name, wanted.name, address, before, after, operation, depends_on, wanted.reason)
        )

    def _with_secrets(self, kind: ResourceKind, wanted: Wanted, before: State, after: State) -> State:
        """The state to be written, with nothing in it that the document cannot give.

        A write replaces a whole entry. What the server never returns has to be given with it, or is erased: the
        document gives it, or says that it must not be there, or the write is refused.
        """
        ignored = {name: wanted.state[name] for name in wanted.ignore if wanted.state and _holds_hidden(after[name])}
        given = {name: value for name, value in ignored.items() if _holds_hidden(value)}
        after = {**after, **given}
        needed = hidden_values(before).keys() | hidden_values(after).keys()
        for path in sorted(needed - wanted.secrets.keys()):
            field = path.partition(".")[0]
            if path not in wanted.erase and field not in wanted.erase:
                where = (*kind.path, wanted.name, *path.split(".", 1))
                self._problem(
                    where,
                    f"the server has a {path} that the document does not give, and never returns it: "
                    "writing this entry would erase it",
                    f"give it with !env or !file, or say `{path.rpartition('.')[2]}: null` if there must be none",
                )
        return after

    def _delete(self, kind: ResourceKind, name: str, live: State) -> None:
        self.changes.append(Change(Action.DELETE, kind.name, name, kind.address(name), live, None, kind.delete(name)))

    def _problem(self, path: Iterable[str | int], message: str, hint: str) -> None:
        path = tuple(path)
        self.problems.append(Problem(message, self._document.place(path), dotted(path), hint))


def _holds_hidden(value: Value) -> bool:
    return bool(hidden_values({"": value}))
