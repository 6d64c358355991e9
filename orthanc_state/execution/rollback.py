"""The plan that undoes an apply, made from its journal and from what the server is now."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orthanc_state.document.secrets import SecretReader
from orthanc_state.errors import Place, Problem
from orthanc_state.execution.history import JournalError
from orthanc_state.kinds.effect import Effect, Effects, Verb
from orthanc_state.kinds.fingerprint import Fingerprints
from orthanc_state.kinds.kind import Context
from orthanc_state.kinds.live import read
from orthanc_state.kinds.registry import resource_kind
from orthanc_state.kinds.secret import Secret
from orthanc_state.kinds.state import hidden_values
from orthanc_state.kinds.switches import read_switches
from orthanc_state.planning.change import Action, Change, PolicyChange
from orthanc_state.planning.durability import is_switched
from orthanc_state.planning.encoding import change_from, server_from
from orthanc_state.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthanc_state.client import Orthanc
    from orthanc_state.execution.history import Run
    from orthanc_state.kinds.kind import ResourceKind
    from orthanc_state.kinds.state import State

_INVERSE = {
    Verb.ADD_LABEL: Verb.REMOVE_LABEL,
    Verb.REMOVE_LABEL: Verb.ADD_LABEL,
    Verb.PROTECT: Verb.UNPROTECT,
    Verb.UNPROTECT: Verb.PROTECT,
}


def rollback(orthanc: Orthanc, run: Run, environment: Mapping[str, str] | None = None) -> Plan:
    """What has to be sent to a server so that what one apply wrote is as it was before.

    What has changed since is left alone, and what cannot be undone is said in the `notes` of the plan. Only questions
    are sent.

    Args:
        orthanc: The server.
        run: The apply, from its journal.
        environment: Where the secrets are that it refers to; the environment of the process if None.

    Raises:
        JournalError: The apply was one to another server, or the journal is not one that this kit wrote.
        ClientError: The server cannot be reached, or refuses.
    """
    try:
        planned = server_from(run.head["server"])
        if orthanc.url != planned.url:
            raise JournalError(f"this journal is of {planned.url}, and this server is {orthanc.url}")
        reader = _Secrets(os.environ if environment is None else environment)
        mode, key = run.head["fingerprints"]["mode"], run.head["fingerprints"]["key"]
        fingerprints = Fingerprints(mode, reader.resolve(key) if mode == "key" else None)
        # What was noted, was not sent since a request beside it was not answered, and was sent then, is noted twice.
        lines = list({line["address"]: line for line in run.sent if "operation" in line}.values())
        kinds = list({line["kind"]: resource_kind(line["kind"]) for line in lines}.values())
        live = read(orthanc, kinds)
        if (live.server.name, live.server.aet) != (planned.name, planned.aet):
            raise JournalError("this journal is of another server: its name or its AE title is another one")
        context = Context(live.server.number, fingerprints)
        undo = _Undo(live.raw, context, reader)
        for line in reversed(lines):
            undo.resource(change_from(line, reader.resolve))
        for line in reversed([line for line in run.sent if "effect" in line]):
            undo.effect(line)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise JournalError(f"this journal is not one that this kit wrote: {error!r}") from None
    return Plan(
        server=live.server,
        changes=tuple(undo.changes),
        unchanged=tuple(undo.unchanged),
        unmanaged=(),
        by_policies=tuple(undo.by_policies()),
        context=context,
        existing={kind.name: len(undo.live[kind.name]) for kind in kinds},
        notes=tuple(undo.notes),
        switches=read_switches(orthanc.read_only()) if any(is_switched(kind.name) for kind in kinds) else {},
    )


class _Secrets:
    """The secrets that a journal refers to, as far as they are there."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._reader = SecretReader(Path(), environment)

    def resolve(self, reference: str | None) -> Secret:
        """The secret behind a reference; a missing one if it is not there."""
        tag, _, where = (reference or "").partition(" ")
        read = {"!env": self._reader.env, "!file": self._reader.file}.get(tag)
        try:
            return read(where, Place("")) if read else Secret("", "a secret that stood in the document in clear")
        except ValueError:
            return Secret("", reference or "")


class _Undo:
    def __init__(self, raw: Mapping[str, Any], context: Context, secrets: _Secrets) -> None:
        self._raw = raw
        self._context = context
        self._secrets = secrets
        self.live = {name: resource_kind(name).live(raw[name], None, context) for name in raw}
        self.changes: list[Change] = []
        self.unchanged: list[str] = []
        self.notes: list[Problem] = []
        self._effects: dict[tuple[str, str], tuple[Mapping[str, Any], Effects]] = {}

    def resource(self, done: Change) -> None:
        """Undo one change of a resource."""
        kind = resource_kind(done.kind)
        now = self.live[done.kind].get(done.name)
        if now == done.before:
            self.unchanged.append(done.address)
        elif not _is_so(kind, done, now):
            self._note(done.address, "it is neither as it was before nor as it was to be, and is left as it is")
        elif done.before is None:
            operation = kind.delete(done.name)
            self.changes.append(Change(Action.DELETE, done.kind, done.name, done.address, now, None, operation))
        else:
            self._restore(kind, done, now, done.before)

    def _restore(self, kind: ResourceKind, done: Change, now: State | None, before: State) -> None:
        record = kind.record_of(done.operation.body, self._context)
        secrets: dict[str, Secret] = {}
        for path, hidden in hidden_values(before).items():
            secret = done.secrets.get(path)
            known = secret is not None and not secret.missing and record is not None and hidden.digest is not None
            digest = None
            if known and secret is not None and record is not None:
                digest = self._context.fingerprints.digest(secret, record.salt, f"{done.address}/{path}")
            if secret is None or digest is None or digest != hidden.digest:
                where = f" ({secret.reference} is not there)" if secret is not None and secret.missing else ""
                self._note(done.address, f"its {path} of before is a secret that was never known here{where}")
                return
            secrets[path] = secret
        wanted = kind.restoring(done.name, before, secrets, record)
        action = Action.CREATE if now is None else Action.UPDATE
        operation = kind.write(wanted, before, self._context)
        self.changes.append(Change(action, done.kind, done.name, done.address, now, before, operation, secrets=secrets))

    def effect(self, line: Mapping[str, Any]) -> None:
        """Undo one thing that was done to many resources."""
        effect = line["effect"]
        verb = Verb(effect["verb"])
        inverse = _INVERSE.get(verb)
        if inverse is None:
            what = "the values of metadata are in no journal, since they may tell who a patient is"
            self._note(line["address"], f"the metadata {effect['key']} of {effect['count']:,} resources: {what}")
            return
        _, effects = self._effects.setdefault((line["address"], line["level"]), (line, Effects()))
        resources = Effect.from_data({**effect, "value": ""}).resources
        effects.add(inverse, effect["key"], "", *resources)

    def by_policies(self) -> list[PolicyChange]:
        """What undoes what policies did."""
        found = []
        for line, collected in self._effects.values():
            effects = collected.frozen()
            count = len({resource for effect in effects for resource in effect.resources})
            found.append(
                PolicyChange(line["kind"], line["name"], line["address"], line["level"], {}, count, effects, {})
            )
        return found

    def _note(self, address: str, message: str) -> None:
        self.notes.append(Problem(message, field=address))


def _is_so(kind: ResourceKind, done: Change, now: State | None) -> bool:
    if now is None or done.after is None:
        return now is None and done.after is None
    return kind.fulfils(now, done.after, done.operation)
