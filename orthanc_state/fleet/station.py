"""What a network says of one server: its modalities, which its documents may add to, and what it must say of itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ruamel.yaml.error import StreamMark
from ruamel.yaml.nodes import MappingNode, ScalarNode

from orthanc_state.document.document import place
from orthanc_state.document.explain import dotted
from orthanc_state.document.load import DocumentError, built, canonical
from orthanc_state.document.source import Source
from orthanc_state.errors import Problem
from orthanc_state.fleet.derived import Said, entries_of, values_of
from orthanc_state.fleet.link import Operation
from orthanc_state.kinds.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthanc_state.document.document import Document
    from orthanc_state.errors import Place
    from orthanc_state.fleet.network import Network
    from orthanc_state.fleet.node import Node

KIND = "modalities"
MAP, TEXT = "tag:yaml.org,2002:map", "tag:yaml.org,2002:str"


@dataclass(frozen=True)
class Station:
    """One server in its network.

    Attributes:
        node: The node that it is.
        entries: The modalities that follow from the links.
        unasked: The names of those of which no link lets it ask for a C-ECHO: they may refuse it.
    """

    node: Node
    entries: Mapping[str, Mapping[str, Said]]
    unasked: frozenset[str] = frozenset()

    @classmethod
    def of(cls, network: Network, server: str) -> Station | None:
        """What a network says of a server; None where it says nothing of it."""
        node = network.node_of(server)
        if node is None:
            return None
        entries = entries_of(network, node)
        unasked = [name for name in entries if network.asks(node.name, name, Operation.ECHO) is None]
        return cls(node, entries, frozenset(unasked))

    def document(self, sources: Sequence[Source]) -> Document:
        """The document of the server: what follows from the network, and over it what its own documents say.

        Args:
            sources: Its documents as they were read; there may be none.

        Raises:
            DocumentError: They cannot be used, or contradict the network.
        """
        problems = list(self._contradictions(sources))
        if problems:
            count = "1 contradiction" if len(problems) == 1 else f"{len(problems)} contradictions"
            raise DocumentError(f"{count} between the network and the documents of {self.node.server}", problems)
        found = built([self._source(alone=not sources), *sources] if self.entries or not sources else sources)
        return replace(found, warnings=(*found.warnings, *self._warnings(found, sources)))

    def disagreements(self, system: Mapping[str, Any]) -> Iterator[Problem]:
        """What a server says of itself that is not what the network says of it.

        Args:
            system: Its answer to `GET /system`.
        """
        aet, port = system.get("DicomAet"), system.get("DicomPort")
        where = ("network", "nodes", self.node.name)
        if aet is not None and aet != self.node.entry.aet:
            message = f"the server calls itself `{aet}`, and not `{self.node.entry.aet}`"
            hint = "correct this, or DicomAet in the configuration of the server"
            yield Problem(message, self.node.given["aet"], dotted((*where, "aet")), hint)
        if port is not None and port != self.node.dicom_port:
            field = "dicom_port" if "dicom_port" in self.node.given else "port"
            message = f"the server listens on port {port}, and not on {self.node.dicom_port}"
            hint = "correct this, or DicomPort in the configuration of the server"
            if field == "port":
                hint += f"; where something maps one to the other, add `dicom_port: {port}`"
            yield Problem(message, self.node.given[field], dotted((*where, field)), hint)

    def _contradictions(self, sources: Sequence[Source]) -> Iterator[Problem]:
        for source, name, entry in self._declared(sources):
            said = self.entries.get(name)
            if said is None or not isinstance(entry, Mapping):
                continue
            if entry.get("state") == "absent":
                # A right stands where a link does.
                link = said["allow_echo"].place
                hint = "take its links away there, or this here"
                yield self._problem(source, (name, "state"), f"a link of the network needs this entry: {link}", hint)
            for field in ("aet", "host", "port"):
                given = entry.get(field)
                if given is None or isinstance(given, Secret) or str(given) == str(said[field].value):
                    continue
                message = f"this is not what the network says: `{said[field].value}` at {said[field].place}"
                yield self._problem(source, (name, field), message, "say it once: leave it out here")

    def _warnings(self, document: Document, sources: Sequence[Source]) -> Iterator[Problem]:
        section = document.sections.get(KIND, {})
        for source, name, entry in self._declared(sources):
            if name in self.entries and entry is None and name not in section:
                message = f"the network's entry of {name} is taken away here: what its links ask for will fail"
                yield self._problem(source, (name,), message)
        titles = {said["aet"].value.casefold(): name for name, said in self.entries.items()}
        for name, entry in section.items():
            aet = getattr(entry, "aet", None)
            same = titles.get(aet.casefold()) if aet is not None and name not in self.entries else None
            if same is not None:
                message = f"the AE title {aet} is that of the node {same} too: {self.entries[same]['aet'].place}"
                hint = "Orthanc takes the rights of whoever calls from one of the two"
                yield Problem(message, document.place((KIND, name, "aet")), dotted((KIND, name, "aet")), hint)

    def _declared(self, sources: Sequence[Source]) -> Iterator[tuple[Source, str, Any]]:
        for source in sources:
            section = canonical(source, []).get(KIND) if isinstance(source.data, Mapping) else None
            for name, entry in section.items() if isinstance(section, Mapping) else ():
                yield source, name, entry

    def _problem(self, source: Source, path: tuple[str, ...], message: str, hint: str = "") -> Problem:
        where = (KIND, *path)
        return Problem(message, place([source], where), dotted(where), hint)

    def _source(self, *, alone: bool) -> Source:
        """The entries as if a file had said them, with the places of the inventory."""
        values = values_of(self.entries)
        tree: dict[str, Any] = {KIND: self.entries} if self.entries else {}
        data: dict[str, Any] = {KIND: values} if self.entries else {}
        if alone:
            # Otherwise a document of its own says it.
            tree, data = {"version": Said(1, self.node.place), **tree}, {"version": 1, **data}
        file = self.node.place.file
        digest = sha256(json.dumps(data).encode()).hexdigest()
        return Source(file, data, _yaml(tree, self.node.place), digest=digest)


def _yaml(tree: Mapping[str, Any] | Said, where: Place) -> MappingNode | ScalarNode:
    if isinstance(tree, Said):
        mark = _mark(tree.place)
        return ScalarNode(TEXT, str(tree.value), mark, mark)
    pairs = []
    for key, value in tree.items():
        here = _begin(value) or where
        pairs.append((ScalarNode(TEXT, key, _mark(here), _mark(here)), _yaml(value, here)))
    return MappingNode(MAP, pairs, _mark(where), _mark(where))


def _begin(tree: Mapping[str, Any] | Said) -> Place | None:
    if isinstance(tree, Said):
        return tree.place
    return next((found for value in tree.values() if (found := _begin(value)) is not None), None)


def _mark(where: Place) -> StreamMark:
    return StreamMark(where.file, 0, where.line - 1, where.column - 1)
