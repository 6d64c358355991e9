"""Which part of a document is planned: `--target` and `--exclude`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from orthanc_state.document.safety import matches
from orthanc_state.errors import OrthancStateError
from orthanc_state.kinds.registry import all_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orthanc_state.document.document import Document
    from orthanc_state.kinds.kind import Kind

_WILDCARDS = "*?["


class ScopeError(OrthancStateError):
    """A target that nothing has the name of."""

    code = "scope-empty"
    remedy = "Nothing was planned. A target is KIND/NAME, as a plan shows it, with wildcards, or the name of a kind."


@dataclass(frozen=True, slots=True)
class Scope:
    """What is planned, by addresses with wildcards: `modalities/pacs`, `modalities/ct*`, `peers`, `policies/archive`.

    Attributes:
        targets: Only these, and what they depend on; empty for everything.
        excludes: Not these, nor what depends on them.
    """

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()

    def __contains__(self, address: str) -> bool:
        return self._targeted(address) and not self.excluded(address)

    def _targeted(self, address: str) -> bool:
        return not self.targets or any(matches(address, pattern) for pattern in self.targets)

    def excluded(self, address: str) -> bool:
        """Whether it is named as what is left out."""
        return any(matches(address, pattern) for pattern in self.excludes)

    def of(self, dependencies: Mapping[str, tuple[str, ...]]) -> set[str]:
        """The addresses that are planned.

        Args:
            dependencies: Each address with those that must be written before it.
        """
        chosen = {address for address in dependencies if address in self}
        needed = list(chosen)
        while needed:
            more = [each for each in dependencies[needed.pop()] if each in dependencies and each not in chosen]
            chosen.update(more)
            needed += more
        dropped = {address for address in chosen if self.excluded(address)}
        while dropped:
            chosen -= dropped
            dropped = {
                address
                for address in chosen
                if any(each in dependencies and each not in chosen for each in dependencies[address])
            }
        return chosen

    def narrowed(self, document: Document) -> Document:
        """A document without the sections of which nothing is planned: the server is not even asked for them."""
        if not self.targets and not self.excludes:
            return document
        sections = {kind.name: document.sections[kind.name] for kind in document.kinds if self._concerns(kind)}
        if "policies" in sections:
            policies = [policy for policy in sections["policies"] if f"policies/{policy.name}" in self]
            sections["policies"] = policies
        return replace(document, sections=sections)

    def _concerns(self, kind: Kind) -> bool:
        root = kind.address("")
        if self.excluded(root):
            return False
        heads = (pattern[: _first_wildcard(pattern)] for pattern in self.targets)
        return not self.targets or any(f"{root}/".startswith(head) or head.startswith(f"{root}/") for head in heads)

    def check(self, addresses: Iterable[str]) -> None:
        """Refuse a target that means nothing: it is a typing error.

        Args:
            addresses: Everything that the document declares or the server has.

        Raises:
            ScopeError: So it is.
        """
        # A kind that is left out as a whole was not even asked for.
        known = [*addresses, *(kind.address("") for kind in all_kinds().values())]
        for pattern in (*self.targets, *self.excludes):
            if any(matches(address, pattern) for address in known):
                continue
            near = get_close_matches(pattern, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else "An address is KIND/NAME, such as modalities/pacs."
            raise ScopeError(f"neither the document nor the server has anything called {pattern}", hint=hint)


def _first_wildcard(pattern: str) -> int:
    return min((pattern.index(sign) for sign in _WILDCARDS if sign in pattern), default=len(pattern))
