"""The encoding of DICOM files that do not name theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import BeforeValidator

from orthanc_state.client import UnexpectedAnswerError
from orthanc_state.kinds.json_schema import AlsoAccepts, any_case
from orthanc_state.kinds.operation import Operation
from orthanc_state.kinds.setting import VALUE, Setting

if TYPE_CHECKING:
    from orthanc_state.client import Orthanc
    from orthanc_state.kinds.kind import Context, Wanted
    from orthanc_state.kinds.state import State, Value

Encoding = Literal[
    "Ascii",
    "Utf8",
    "Latin1",
    "Latin2",
    "Latin3",
    "Latin4",
    "Latin5",
    "Cyrillic",
    "Windows1251",
    "Arabic",
    "Greek",
    "Hebrew",
    "Thai",
    "Japanese",
    "Chinese",
    "JapaneseKanji",
    "Korean",
    "SimplifiedChinese",
]

_SPELLINGS = {encoding.lower(): encoding for encoding in get_args(Encoding)}


def _orthanc_spelling(value: Any) -> Any:
    # Orthanc reads the name in any case, and answers in its own.
    return _SPELLINGS.get(value.lower(), value) if isinstance(value, str) else value


class DefaultEncoding(Setting):
    """`dicom.default_encoding` in a document, `DefaultEncoding` in `orthanc.json` (DICOM PS3.3, 0008,0005)."""

    name = "dicom.default_encoding"
    rank = 32
    orthanc_name = "DefaultEncoding"
    summary = "The encoding of DICOM files that do not name theirs, and of answers to C-FIND."
    example = "Utf8"
    type = Annotated[Encoding, BeforeValidator(_orthanc_spelling), AlsoAccepts(any_case(*get_args(Encoding)))]

    def read(self, orthanc: Orthanc, section: Any = None) -> str:
        answer = orthanc.tools.default_encoding.get()
        if answer not in _SPELLINGS.values():
            # It is a bare text, of which a half may come and look whole.
            message = f"GET {self.request_path()} should answer the name of an encoding, and did not"
            raise UnexpectedAnswerError(message, hint="Is this an Orthanc, and is all of its answer let through?")
        return answer

    def normalised(self, raw: Any) -> Value:
        return str(raw)

    def request_path(self, name: str = "") -> str:
        return "/tools/default-encoding"

    def write(self, wanted: Wanted, state: State, context: Context) -> Operation:
        return Operation("PUT", self.request_path(), text=str(state[VALUE]))


KIND = DefaultEncoding()
