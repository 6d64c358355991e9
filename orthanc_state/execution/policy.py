"""Applies what one policy changes to many resources, several at a time or many in one script."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from orthanc_state.client import ApiError, BadRequestError, ConflictError, NotFoundError
from orthanc_state.client.concurrency import Workers
from orthanc_state.execution.script import Script
from orthanc_state.execution.tally import Tally
from orthanc_state.kinds.effect import Effect, Verb
from orthanc_state.kinds.hierarchy import is_stored, segment
from orthanc_state.kinds.policies import KIND
from orthanc_state.kinds.selection import is_simple, last_change_of, looks_at, metadata_names, metadata_of, used_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from threading import Event

    from orthanc_state.client import Orthanc
    from orthanc_state.execution.journal import Record
    from orthanc_state.kinds.policy import Policy
    from orthanc_state.kinds.selection import Sought
    from orthanc_state.planning.change import PolicyChange

Task = tuple[Effect, str]
"""Something to do, and the resource that it is done to."""

WORKERS = 4
"""How many resources are changed at once."""

NOTED = 2_000
"""How many single changes are one line of the journal."""

MANY_TIMES = 4
"""How many times as many resources may have a label as are planned to get or to lose it, for all to be asked for."""

DESCRIBED = 500
"""How many resources are looked at in one request."""


class PolicyRun:
    """One policy being applied.

    What was planned is compared with what the server says now: only what is still selected and still lacks something is
    written, and afterwards the server is asked again whether anything is missing.

    Args:
        orthanc: The server.
        change: What was planned.
        policy: The policy; None where the resources are known once and for all, as those of a rollback are.
        tally: Counts what becomes of it.
        record: Where it is noted what is sent, before it is.
        script: How many are changed at once, where the server allows scripts.
        stop: When it is set, what is in hand is finished and the rest is not tried.
        on_progress: Called with the number of single changes that are settled.
    """

    def __init__(
        self,
        orthanc: Orthanc,
        change: PolicyChange,
        policy: Policy | None,
        tally: Tally,
        *,
        record: Record,
        script: Script | None,
        stop: Event | None,
        on_progress: Callable[[int], None],
    ) -> None:
        self._orthanc = orthanc
        self._change = change
        self._policy = policy
        self._record = record
        self._script = script
        self._stop = stop
        self._on_progress = on_progress
        self._segment = segment(change.level)
        system = orthanc.system()
        self._checks_revisions = bool(system.get("CheckRevisions"))
        self._metadata_names = {} if policy is None else used_names(policy, metadata_names(system))
        self._failed: set[str] = set()
        self.tally = tally

    def run(self) -> None:
        """Do all of it, and count in `tally`.

        Raises:
            ConnectionFailedError: The server is gone.
            ClientError: It cannot be asked what is to be done.
        """
        lacking = self._still_lacking()
        for tasks in self._steps():
            now = [resource in lacking.get(effect.what, ()) for effect, resource in tasks]
            self._classify([task for task, is_lacking in zip(tasks, now, strict=True) if not is_lacking])
            wanted = [task for task, is_lacking in zip(tasks, now, strict=True) if is_lacking]
            if self._policy is not None and any(looks_at(self._policy, effect) for effect, _ in wanted[:1]):
                # With it the resource might not be selected any more, and nobody would see what else it lacks.
                kept = [task for task in wanted if task[1] not in self._failed]
                self.tally.skip(len(wanted) - len(kept))
                wanted = kept
            self._verify(self._write(wanted))

    def _steps(self) -> Iterator[list[Task]]:
        """What is done by one kind of request: one metadata of many resources, whatever their values are."""
        steps: dict[tuple[Verb, str], list[Effect]] = {}
        for effect in self._change.effects:
            steps.setdefault((effect.verb, effect.key), []).append(effect)
        for effects in steps.values():
            yield [(effect, resource) for effect in effects for resource in effect.resources]

    def _still_lacking(self) -> Mapping[tuple[Verb, str, str], set[str]]:
        """The resources of each effect that are still selected and still lack it."""
        if self._are_selected_as_planned():
            lacking: dict[tuple[Verb, str, str], set[str]] = {}
            for effect in self._change.effects:
                labelled = self._labelled(effect)
                if labelled is None:
                    break
                planned = set(effect.resources)
                lacking[effect.what] = planned - labelled if effect.verb is Verb.ADD_LABEL else planned & labelled
            else:
                return lacking
        return self._lacking({effect.what: effect.resources for effect in self._change.effects})

    def _are_selected_as_planned(self) -> bool:
        """Whether what matched when it was planned does so now, as far as it is there, so that only labels can differ.

        A server notes what arrives and what is overwritten. It does not note what is deleted, which changes what it
        computes of the rest, nor that it reads the same files again (`reconstruct`).
        """
        return (
            self._policy is not None
            and is_simple(self._policy)
            and all(map(is_stored, self._change.query))
            and self._change.last_change != 0
            and last_change_of(self._orthanc) == self._change.last_change
        )

    def _labelled(self, effect: Effect) -> set[str] | None:
        """Everything that has the label of an effect; None where that is so much that it is better not asked for.

        To ask for a label alone takes a server a tenth of the time of a query.
        """
        level = getattr(self._orthanc, self._segment)
        count = level.count(labels=[effect.key])
        if count > MANY_TIMES * len(effect.resources):
            return None
        return set(level.find_ids(labels=[effect.key])) if count else set()

    def _lacking(self, sought: Sought) -> Mapping[tuple[Verb, str, str], set[str]]:
        if self._policy is None:
            return {effect.what: self._not_so(effect) for effect in self._change.effects if effect.what in sought}
        raw = KIND.select(
            self._orthanc.read_only(), [self._policy], query=self._change.query, counted=False, sought=sought
        )
        return {effect.what: set(effect.resources) for effect in raw.selected[self._policy.name].effects}

    def _not_so(self, effect: Effect) -> set[str]:
        """The resources of an effect of which it is not true."""
        found: set[str] = set()
        for batch in _batches([(effect, resource) for resource in effect.resources], DESCRIBED):
            for resource, details in self._described(batch).items():
                with suppress(*_MAYBE_GONE):
                    if not self._is_so(effect, resource, details):
                        found.add(resource)
        return found

    def _described(self, tasks: Sequence[Task]) -> dict[str, Any]:
        asked = [resource for _, resource in tasks]
        return {item["ID"]: item for item in self._orthanc.tools.bulk_content(asked)}

    def _write(self, tasks: Sequence[Task]) -> list[Task]:
        """Write one step; what of it the server said that it did."""
        written: list[Task] = []
        revised = self._checks_revisions and any(effect.verb in _REVISED for effect, _ in tasks[:1])
        if self._script is not None and not revised:
            left: list[Task] = []
            for batch in _batches(tasks, self._script.BATCH):
                if self._stopped:
                    self.tally.skip(len(batch))
                    continue
                self._note(batch)
                done = self._script.run(self._segment, batch)
                written += (task for task, is_done in zip(batch, done, strict=True) if is_done)
                # What a script could not do is tried alone, which tells why.
                left += [task for task, is_done in zip(batch, done, strict=True) if not is_done]
                self._on_progress(sum(done))
            tasks = left
        writer = _Writer(self._orthanc, self._segment, checks_revisions=self._checks_revisions)

        def write(task: Task) -> None:
            if self._stopped:
                self.tally.skip()
                return
            effect, resource = task
            try:
                writer.write(effect, resource)
                written.append(task)
            except ApiError as error:
                if isinstance(error, _MAYBE_GONE) and not self._exists(resource):
                    self.tally.lose()
                else:
                    self._fail(resource, _reason(error))
            self._on_progress(1)

        for batch in _batches(tasks, NOTED):
            if not self._stopped:
                self._note(batch)
            Workers(WORKERS).run(write, batch)
        return written

    def _note(self, tasks: Sequence[Task]) -> None:
        effect, _ = tasks[0]
        self._record.sending_many(self._change, effect.verb, effect.key, (resource for _, resource in tasks))

    def _verify(self, written: Sequence[Task]) -> None:
        if not written:
            return
        # None of it should be found any more, so the server is asked how many first.
        missing = self._lacking({effect.what: None for effect, _ in written})
        if not any(missing.values()):
            self.tally.done += len(written)
            return
        for effect, resource in written:
            if resource in missing.get(effect.what, ()):
                self._fail(resource, "it was sent, but is not on the server")
            else:
                self.tally.done += 1

    def _fail(self, resource: str, reason: str) -> None:
        self._failed.add(resource)
        self.tally.fail(resource, reason)

    def _classify(self, tasks: Sequence[Task]) -> None:
        """What is not to be written any more: is it gone, has somebody done it, or is it not selected any more?"""
        for batch in _batches(tasks, DESCRIBED):
            described = self._described(batch)
            for effect, resource in batch:
                try:
                    is_so = resource in described and self._is_so(effect, resource, described[resource])
                except _MAYBE_GONE:
                    described.pop(resource)
                    is_so = False
                if resource not in described:
                    self.tally.gone += 1
                elif is_so:
                    self.tally.already += 1
                else:
                    self.tally.moved += 1
            self._on_progress(len(batch))

    def _is_so(self, effect: Effect, resource: str, details: Any) -> bool:
        labels, metadata = details.get("Labels", ()), metadata_of(details, self._metadata_names)
        match effect.verb:
            case Verb.ADD_LABEL:
                return effect.key in labels
            case Verb.REMOVE_LABEL:
                return effect.key not in labels
            case Verb.SET_METADATA:
                return bool(metadata.get(effect.key) == effect.value)
            case Verb.REMOVE_METADATA:
                return effect.key not in metadata
            case _:
                protected = self._orthanc.patients[resource].protected.get()
                return bool(protected is (effect.verb is Verb.PROTECT))

    def _exists(self, resource: str) -> bool:
        try:
            getattr(self._orthanc, self._segment)[resource].metadata.names()
        except NotFoundError:
            return False
        return True

    @property
    def _stopped(self) -> bool:
        return self._stop is not None and self._stop.is_set()


_MAYBE_GONE = (BadRequestError, NotFoundError)
"""What a server says of a resource that does not exist: 400 where it is about protection, 404 elsewhere."""

_REVISED = (Verb.SET_METADATA, Verb.REMOVE_METADATA)


class _Writer:
    """Sends one effect for one resource."""

    def __init__(self, orthanc: Orthanc, segment: str, *, checks_revisions: bool) -> None:
        self._level = getattr(orthanc, segment)
        self._checks_revisions = checks_revisions

    def write(self, effect: Effect, identifier: str) -> None:
        resource = self._level[identifier]
        match effect.verb:
            case Verb.ADD_LABEL:
                resource.labels.add(effect.key)
            case Verb.REMOVE_LABEL:
                resource.labels.remove(effect.key)
            case Verb.SET_METADATA:
                resource.metadata[effect.key].set(effect.value, revision=self._revision(resource, effect.key))
            case Verb.REMOVE_METADATA:
                resource.metadata[effect.key].delete(revision=self._revision(resource, effect.key))
            case _:
                resource.protected.set(effect.verb is Verb.PROTECT)

    def _revision(self, resource: Any, key: str) -> str | None:
        """The revision that is replaced, on a server that wants it; None where there is nothing to replace."""
        if not self._checks_revisions:
            return None
        try:
            current = resource.metadata[key].read()
        except NotFoundError:
            return None
        return None if current is None else current.revision


def _batches(tasks: Sequence[Task], size: int) -> Iterator[Sequence[Task]]:
    for start in range(0, len(tasks), size):
        yield tasks[start : start + size]


def _reason(error: ApiError) -> str:
    """Why, without the resource: so that the same reason is counted once."""
    if isinstance(error, ConflictError):
        return "somebody else changed it at the same moment"
    return f"the server answered {error.status}: {error.details or error.error or error.meaning}"
