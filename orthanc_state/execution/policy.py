"""Applies what one policy changes to many resources, several at a time or many in one script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthanc_state.client import ApiError, ConflictError, NotFoundError
from orthanc_state.client.concurrency import Workers
from orthanc_state.execution.script import Script
from orthanc_state.execution.tally import Tally
from orthanc_state.kinds.effect import Effect, Verb
from orthanc_state.kinds.hierarchy import segment
from orthanc_state.kinds.policies import KIND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from threading import Event

    from orthanc_state.client import Orthanc
    from orthanc_state.kinds.policy import Policy
    from orthanc_state.planning.change import PolicyChange

WORKERS = 4
"""How many resources are changed at once."""

DESCRIBED = 500
"""How many resources are looked at in one request."""


class PolicyRun:
    """One policy being applied.

    What was planned is compared with what the server says now: only what is still selected and still lacks something is
    written, and afterwards the server is asked again whether anything is missing.

    Args:
        orthanc: The server.
        change: What was planned.
        policy: The policy.
        script: How many are changed at once, where the server allows scripts.
        stop: When it is set, what is in hand is finished and the rest is not tried.
        on_progress: Called with the number of single changes that are settled.
    """

    def __init__(
        self,
        orthanc: Orthanc,
        change: PolicyChange,
        policy: Policy,
        *,
        script: Script | None,
        stop: Event | None,
        on_progress: Callable[[int], None],
    ) -> None:
        self._orthanc = orthanc
        self._change = change
        self._policy = policy
        self._script = script
        self._stop = stop
        self._on_progress = on_progress
        self._segment = segment(change.level)
        self._checks_revisions = bool(orthanc.system().get("CheckRevisions"))
        self.tally = Tally()

    def run(self) -> Tally:
        """Do all of it.

        Raises:
            ConnectionFailedError: The server is gone.
            ClientError: It cannot be asked what is to be done.
        """
        lacking = self._lacking()
        for effect in self._change.effects:
            now = lacking.get(effect.what, set())
            self._classify(effect, [resource for resource in effect.resources if resource not in now])
            written = self._write(effect, [resource for resource in effect.resources if resource in now])
            self._verify(effect, written)
        return self.tally

    def _lacking(self) -> Mapping[tuple[Verb, str, str], set[str]]:
        raw = KIND.select(self._orthanc.read_only(), [self._policy], query=self._change.query, counted=False)
        return {effect.what: set(effect.resources) for effect in raw.selected[self._policy.name].effects}

    def _write(self, effect: Effect, resources: Sequence[str]) -> list[str]:
        """Write one effect; the resources for which the server said that it did."""
        written: list[str] = []
        if self._script is not None and not (self._checks_revisions and effect.verb in _REVISED):
            left = []
            for batch in _batches(resources, self._script.BATCH):
                if self._stopped:
                    self.tally.not_tried += len(batch)
                    continue
                done = self._script.run(self._segment, effect, batch)
                written += (resource for resource, is_done in zip(batch, done, strict=True) if is_done)
                # What a script could not do is tried alone, which tells why.
                left += [resource for resource, is_done in zip(batch, done, strict=True) if not is_done]
                self._on_progress(sum(done))
            resources = left
        request = _Writer(self._orthanc, self._segment, effect, checks_revisions=self._checks_revisions)

        def write(resource: str) -> None:
            if self._stopped:
                self.tally.not_tried += 1
                return
            try:
                request.write(resource)
                written.append(resource)
            except NotFoundError as error:
                if effect.verb in _LABELS or not self._exists(resource):
                    self.tally.gone += 1
                else:
                    self.tally.fail(resource, _reason(error))
            except ApiError as error:
                self.tally.fail(resource, _reason(error))
            self._on_progress(1)

        Workers(WORKERS).run(write, resources)
        return written

    def _verify(self, effect: Effect, written: Sequence[str]) -> None:
        if not written:
            return
        missing = self._lacking().get(effect.what, set())
        for resource in written:
            if resource in missing:
                self.tally.fail(resource, "it was sent, but is not on the server")
            else:
                self.tally.done += 1

    def _classify(self, effect: Effect, resources: Sequence[str]) -> None:
        """What is not to be written any more: is it gone, has somebody done it, or is it not selected any more?"""
        for batch in _batches(resources, DESCRIBED):
            described = {item["ID"]: item for item in self._orthanc.tools.bulk_content(batch)}
            for resource in batch:
                if resource not in described:
                    self.tally.gone += 1
                elif self._is_so(effect, resource, described[resource]):
                    self.tally.already += 1
                else:
                    self.tally.moved += 1
            self._on_progress(len(batch))

    def _is_so(self, effect: Effect, resource: str, details: Any) -> bool:
        labels, metadata = details.get("Labels", ()), details.get("Metadata", {})
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
                try:
                    protected = self._orthanc.patients[resource].protected.get()
                except NotFoundError:
                    return False
                return protected is (effect.verb is Verb.PROTECT)

    def _exists(self, resource: str) -> bool:
        try:
            getattr(self._orthanc, self._segment)[resource].metadata.names()
        except NotFoundError:
            return False
        return True

    @property
    def _stopped(self) -> bool:
        return self._stop is not None and self._stop.is_set()


_LABELS = (Verb.ADD_LABEL, Verb.REMOVE_LABEL)
_REVISED = (Verb.SET_METADATA, Verb.REMOVE_METADATA)


class _Writer:
    """Sends one effect for one resource."""

    def __init__(self, orthanc: Orthanc, segment: str, effect: Effect, *, checks_revisions: bool) -> None:
        self._level = getattr(orthanc, segment)
        self._effect = effect
        self._checks_revisions = checks_revisions

    def write(self, identifier: str) -> None:
        resource, effect = self._level[identifier], self._effect
        match effect.verb:
            case Verb.ADD_LABEL:
                resource.labels.add(effect.key)
            case Verb.REMOVE_LABEL:
                resource.labels.remove(effect.key)
            case Verb.SET_METADATA:
                resource.metadata[effect.key].set(effect.value, revision=self._revision(resource))
            case Verb.REMOVE_METADATA:
                resource.metadata[effect.key].delete(revision=self._revision(resource))
            case _:
                resource.protected.set(effect.verb is Verb.PROTECT)

    def _revision(self, resource: Any) -> str | None:
        """The revision that is replaced, on a server that wants it; None where there is nothing to replace."""
        if not self._checks_revisions:
            return None
        try:
            current = resource.metadata[self._effect.key].read()
        except NotFoundError:
            return None
        return None if current is None else current.revision


def _batches(resources: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(resources), size):
        yield resources[start : start + size]


def _reason(error: ApiError) -> str:
    """Why, without the resource: so that the same reason is counted once."""
    if isinstance(error, ConflictError):
        return "somebody else changed it at the same moment"
    return f"the server answered {error.status}: {error.details or error.error or error.meaning}"


def total(changes: Iterable[PolicyChange]) -> int:
    """How many single changes they are."""
    return sum(change.count for change in changes)
