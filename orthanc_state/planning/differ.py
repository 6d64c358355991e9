"""Compares a document with the state of a server. Pure: no network, no printing."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from orthanc_state.document.explain import dotted
from orthanc_state.errors import Problem, ProblemsError
from orthanc_state.kinds.kind import Context, ResourceKind
from orthanc_state.kinds.policies import Policies
from orthanc_state.kinds.state import hidden_values
from orthanc_state.planning.change import Action, Change, PolicyChange
from orthanc_state.planning.plan import Plan
from orthanc_state.planning.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orthanc_state.document.document import Document
    from orthanc_state.kinds.kind import Kind, Requirement, Wanted
    from orthanc_state.kinds.live import Live
    from orthanc_state.kinds.policies import Raw
    from orthanc_state.kinds.policy import Policy
    from orthanc_state.kinds.state import State, Value


EVERYTHING = Scope()


class PlanError(ProblemsError):
    """The document cannot be brought about on this server; nothing was written."""

    code = "plan-impossible"
    remedy = (
        "Nothing was written. Each problem says what is in the way: a version that is too old, a plugin that is "
        "missing, a secret that would be erased, something protected."
    )


def diff(document: Document, live: Live, scope: Scope = EVERYTHING) -> Plan:
    """Everything that has to change on a server so that it is what a document says.

    Args:
        document: The document.
        live: What the server says of the kinds that the document declares.
        scope: Which part of it is planned.

    Raises:
        PlanError: The server is too old for something, a write would erase a secret that the document does not
            give, or something protected would be deleted; with all such problems.
        ScopeError: A part is named that there is not.
    """
    context = Context(live.server.number, document.fingerprints)
    differ = _Differ(document, context, scope)
    for kind in document.kinds:
        section, raw = document.sections[kind.name], live.raw[kind.name]
        if isinstance(kind, ResourceKind):
            differ.compare(kind, section, raw)
        elif isinstance(kind, Policies):
            differ.compare_policies(kind, section, raw)
    scope.check(differ.addresses)
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
        limits=document.limits,
        existing=differ.existing,
        document=document.digest,
        files=document.files,
    )


class _Differ:
    def __init__(self, document: Document, context: Context, scope: Scope) -> None:
        self._document = document
        self._context = context
        self._scope = scope
        self.addresses: set[str] = set()
        self.existing: dict[str, int] = {}
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
            self.addresses.add(address)
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
                    last_change=raw.last_change,
                )
            )

    def compare(self, kind: ResourceKind, section: Any, raw: Any) -> None:
        live = kind.live(raw, section, self._context)
        declared = {wanted.name: wanted for wanted in kind.wanted(section, raw, live, self._context)}
        self.existing[kind.name] = len(live)
        pruned = kind.name in self._document.prune
        replaced = _replaced(kind, declared, live, pruned=pruned)
        addresses = {kind.address(name) for name in declared.keys() | live.keys()}
        self.addresses |= addresses
        chosen = self._scope.of({address: replaced.get(address, ()) for address in addresses})
        lack = kind.lack(raw)
        if lack is not None:
            if chosen:
                self._problem(kind.path, lack.message, lack.hint)
            return
        # What is deleted comes last, since it may wait for what replaces it.
        for wanted in sorted(declared.values(), key=lambda wanted: wanted.state is None):
            if kind.address(wanted.name) not in chosen:
                continue
            for requirement in wanted.requirements:
                self._require(kind, requirement)
            self._compare_one(kind, wanted, live.get(wanted.name), replaced)
        for name in sorted(live.keys() - declared.keys()):
            if kind.address(name) not in chosen:
                continue
            if pruned:
                self._delete(kind, name, live[name], replaced)
            else:
                self.unmanaged.append(kind.address(name))

    def _require(self, kind: Kind, requirement: Requirement) -> None:
        path = (*kind.path, *requirement.path)
        version = ".".join(map(str, self._context.version))
        message = f"`{requirement.what}` needs Orthanc {requirement.since}, and this server is {version}"
        self._problem(path, message, "leave it out for this server")

    def _compare_one(
        self, kind: ResourceKind, wanted: Wanted, live: State | None, replaced: Mapping[str, tuple[str, ...]]
    ) -> None:
        address = kind.address(wanted.name)
        if wanted.state is None:
            if live is None:
                self.unchanged.append(address)
            else:
                self._delete(kind, wanted.name, live, replaced)
            return
        after = wanted.state
        if live is not None:
            if wanted.ignore:
                after = {name: live.get(name) if name in wanted.ignore else value for name, value in after.items()}
            if after == live:
                self.unchanged.append(address)
                return
            after = self._with_secrets(kind, wanted, live, after)
        action = Action.CREATE if live is None else Action.UPDATE
        operation = kind.write(wanted, after, self._context)
        self.changes.append(
            Change(action, kind.name, wanted.name, address, live, after, operation, secrets=wanted.secrets)
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

    def _delete(self, kind: ResourceKind, name: str, live: State, replaced: Mapping[str, tuple[str, ...]]) -> None:
        address = kind.address(name)
        for pattern, path in self._document.protected:
            if fnmatchcase(address, pattern):
                message = f"{address} is protected, and would be deleted"
                self._problem(path, message, "declare it, or take its protection away first")
                return
        depends_on = tuple(
            each for each in replaced.get(address, ()) if any(change.address == each for change in self.changes)
        )
        reason = f"replaced by {', '.join(depends_on)}" if depends_on else ""
        self.changes.append(
            Change(Action.DELETE, kind.name, name, address, live, None, kind.delete(name), depends_on, reason)
        )

    def _problem(self, path: Iterable[str | int], message: str, hint: str) -> None:
        path = tuple(path)
        self.problems.append(Problem(message, self._document.place(path), dotted(path), hint))


def _replaced(
    kind: ResourceKind, declared: Mapping[str, Wanted], live: Mapping[str, State], *, pruned: bool
) -> dict[str, tuple[str, ...]]:
    """Each resource that is to be deleted and comes back under another name, with the addresses that replace it.

    Deleted before its replacement is there, or where that fails, it would be missed: images would stop arriving.
    """
    coming: dict[str, list[str]] = {}
    for name, wanted in declared.items():
        if kind.identity and wanted.state is not None:
            identity = _identity(kind, wanted.state)
            if name not in live or _identity(kind, live[name]) != identity:
                coming.setdefault(identity, []).append(kind.address(name))
    deleted = [name for name in live if (declared[name].state is None if name in declared else pruned)]
    found = {kind.address(name): tuple(coming.get(_identity(kind, live[name]), ())) for name in deleted if coming}
    return {address: by for address, by in found.items() if by}


def _identity(kind: ResourceKind, state: State) -> str:
    # As text: a server that answers nonsense may give what cannot be looked up.
    return repr([state[name] for name in kind.identity])


def _holds_hidden(value: Value) -> bool:
    return bool(hidden_values({"": value}))
