"""Kinds that are one value of the running server."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import ConfigDict, TypeAdapter

from orthanc_state.kinds.durability import NEVER
from orthanc_state.kinds.kind import Context, ResourceKind, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from orthanc_state.client import Orthanc
    from orthanc_state.kinds.state import State, Value

VALUE = "value"
"""The name of the only field of a setting."""


class Setting(ResourceKind):
    """A kind of which a server has exactly one, with one value.

    Attributes:
        type: The type of the value in a document, with its constraints, as pydantic understands it.
    """

    type: ClassVar[Any]
    durability = NEVER

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.type, config=ConfigDict(hide_input_in_errors=True))

    def requests(self, path: Sequence[str]) -> tuple[str, ...]:
        return (f"PUT {self.request_path('')}",)

    @abstractmethod
    def normalised(self, raw: Any) -> Value:
        """The value that the server gave, as it is compared and shown."""

    def live(self, raw: Any, section: Any, context: Context) -> dict[str, State]:
        return {"": {VALUE: self.normalised(raw)}}

    def wanted(self, section: Any, raw: Any, live: Mapping[str, State], context: Context) -> Iterable[Wanted]:
        yield Wanted("", {VALUE: section})

    def declared(self, section: Any, context: Context) -> Any:
        return section

    def configured(self, section: Any, context: Context, previous: Any = None) -> dict[tuple[str, ...], Any]:
        return {self.orthanc_path: section}

    def read_back(self, orthanc: Orthanc, name: str, context: Context) -> State | None:
        return {VALUE: self.normalised(self.read(orthanc))}

    def dump(self, live: Mapping[str, State], context: Context) -> Any:
        return live[""][VALUE]
