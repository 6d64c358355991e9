"""Settings that are on or off."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from orthanc_state.kinds.operation import Operation
from orthanc_state.kinds.setting import VALUE, Setting

if TYPE_CHECKING:
    from orthanc_state.client import Orthanc, SwitchSetting
    from orthanc_state.kinds.kind import Context, Wanted
    from orthanc_state.kinds.state import State, Value


class Switch(Setting):
    """A setting that Orthanc takes as `1` or `0`.

    Attributes:
        endpoint: Its path in the REST API.
    """

    type = bool
    endpoint: ClassVar[str]

    @abstractmethod
    def setting(self, orthanc: Orthanc) -> SwitchSetting:
        """The part of the API where it is."""

    def read(self, orthanc: Orthanc, section: Any = None) -> bool:
        return self.setting(orthanc).get()

    def normalised(self, raw: Any) -> Value:
        return bool(raw)

    def request_path(self, name: str = "") -> str:
        return self.endpoint

    def write(self, wanted: Wanted, state: State, context: Context) -> Operation:
        return Operation("PUT", self.request_path(), text="1" if state[VALUE] else "0")
