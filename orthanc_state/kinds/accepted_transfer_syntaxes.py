"""The transfer syntaxes that the C-STORE SCP accepts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from orthanc_state.kinds import transfer_syntax
from orthanc_state.kinds.json_schema import LooksLike
from orthanc_state.kinds.kind import Context, Wanted
from orthanc_state.kinds.operation import Operation
from orthanc_state.kinds.setting import VALUE, Setting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

    from orthanc_state.client import Orthanc
    from orthanc_state.kinds.fingerprint import Record
    from orthanc_state.kinds.kind import Unknown
    from orthanc_state.kinds.secret import Secret
    from orthanc_state.kinds.state import State, Value


def _pattern(text: str) -> str:
    """One item of the list as what Orthanc takes: a UID, or a pattern of UIDs."""
    if text == transfer_syntax.ALL:
        return "*"
    if transfer_syntax.is_pattern(text):
        known = transfer_syntax.KNOWN_TO_ORTHANC
        if transfer_syntax.matching([text], known) or transfer_syntax.matching([text], transfer_syntax.all_uids()):
            return text
        raise PydanticCustomError("transfer_syntax", "this pattern matches no transfer syntax of DICOM")
    uid = transfer_syntax.uid_of(text)
    if uid is None:
        raise PydanticCustomError(
            "transfer_syntax",
            "`{given}` is no transfer syntax of DICOM: expected a name, a UID, a pattern of UIDs, or `all`",
            {"given": text, "expected": transfer_syntax.names()},
        )
    return uid


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _words() -> dict[str, Any]:
    """What an item of the list looks like; editors offer the keywords of what Orthanc knows."""
    offered = [transfer_syntax.ALL, *transfer_syntax.KNOWN_TO_ORTHANC.values()]
    others = sorted({*transfer_syntax.all_uids(), *transfer_syntax.names()} - set(offered))
    return {
        "description": "names, UIDs, or patterns of UIDs",
        "anyOf": [
            {"type": "string", "enum": offered},
            {"enum": others, "doNotSuggest": True},
            {"description": "A pattern of UIDs.", "type": "string", "pattern": "[*?]"},
        ],
    }


class _OneForAList:
    """Says that one item alone is read as a list of it."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """A list, or an item of it."""
        listed = handler(schema)
        return {"anyOf": [listed, listed["items"]]}


class AcceptedTransferSyntaxes(Setting):
    """`dicom.accepted_transfer_syntaxes` in a document, `AcceptedTransferSyntaxes` in `orthanc.json`.

    A document gives names, UIDs and patterns; what is compared are the UIDs that they come to on this server. What the
    server does not know it drops without a word, so that only reading back tells.
    """

    name = "dicom.accepted_transfer_syntaxes"
    rank = 30
    orthanc_name = "AcceptedTransferSyntaxes"
    summary = "The transfer syntaxes that C-STORE accepts: names, UIDs, patterns of UIDs, or `all`."
    example: ClassVar[Any] = ["ImplicitVRLittleEndian", "ExplicitVRLittleEndian", "1.2.840.10008.1.2.4.*"]
    type = Annotated[
        tuple[Annotated[str, AfterValidator(_pattern), LooksLike(_words)], ...],
        BeforeValidator(_listed),
        _OneForAList(),
    ]

    def warnings(self, section: tuple[str, ...]) -> Iterable[tuple[tuple[str, ...], str]]:
        if not section:
            yield (), "an empty list: the server would accept nothing that is sent to it"

    def read(self, orthanc: Orthanc, section: Any = None) -> list[str]:
        return orthanc.tools.accepted_transfer_syntaxes.get()

    def normalised(self, raw: Any) -> Value:
        return tuple(sorted(raw, key=_numbers))

    def wanted(
        self, section: tuple[str, ...], raw: Any, live: Mapping[str, State], context: Context
    ) -> Iterable[Wanted]:
        plain = {item for item in section if not transfer_syntax.is_pattern(item)}
        candidates = transfer_syntax.known_to(context.version).union(raw)
        uids = plain | transfer_syntax.matching(section, candidates)
        yield Wanted("", {VALUE: self.normalised(uids)}, private=tuple(dict.fromkeys(section)))

    def request_path(self, name: str = "") -> str:
        return "/tools/accepted-transfer-syntaxes"

    def imported(self, value: Any) -> tuple[Any, list[Unknown]]:
        items = _listed(value)
        if not isinstance(items, list):
            return items, []
        known = [isinstance(item, str) and _is_uid(item) for item in items]
        unknown: list[Unknown] = [
            ((index,), "Orthanc knows no such transfer syntax, and ignores it")
            for index, is_known in enumerate(known)
            if not is_known
        ]
        return [item for item, is_known in zip(items, known, strict=True) if is_known], unknown

    def configured(
        self, section: tuple[str, ...], context: Context, previous: Any = None
    ) -> dict[tuple[str, ...], Any]:
        return {self.orthanc_path: list(dict.fromkeys(section))}

    def declared(self, section: tuple[str, ...], context: Context) -> list[str]:
        return [transfer_syntax.ALL if item == "*" else transfer_syntax.keyword_of(item) for item in section]

    def write(self, wanted: Wanted, state: State, context: Context) -> Operation:
        # The patterns themselves are sent: a newer server may know more than this kit does.
        return Operation("PUT", self.request_path(), list(wanted.private))

    def restoring(self, name: str, state: State, secrets: Mapping[str, Secret], record: Record | None) -> Wanted:
        return Wanted(name, state, private=state[VALUE])

    def makes_so(
        self, name: str, state: State | None, operation: Operation, secrets: Mapping[str, Secret], context: Context
    ) -> bool:
        sent = operation.body
        if state is None or not isinstance(sent, list) or not all(isinstance(item, str) for item in sent):
            return False
        uids = _uids(state)
        plain = {item for item in sent if not transfer_syntax.is_pattern(item)}
        matched = transfer_syntax.matching(sent, transfer_syntax.known_to(context.version) | uids)
        return uids == plain | matched and operation == Operation("PUT", self.request_path(name), sent)

    def label(self, value: str) -> str:
        return transfer_syntax.keyword_of(value)

    def fulfils(self, found: State, after: State, operation: Operation) -> bool:
        now, planned = _uids(found), _uids(after)
        return planned <= now and now - planned <= transfer_syntax.matching(operation.body, now)

    def dump(self, live: Mapping[str, State], context: Context) -> list[str]:
        uids = _uids(live[""])
        if uids >= transfer_syntax.known_to(context.version):
            return [transfer_syntax.ALL]
        return [transfer_syntax.keyword_of(uid) for uid in sorted(uids, key=_numbers)]


def _is_uid(text: str) -> bool:
    """Whether Orthanc would take it: it reads neither names nor `all`, and ignores what it does not know."""
    if not re.fullmatch(r"[0-9.*?]+", text):
        return False
    try:
        _pattern(text)
    except PydanticCustomError:
        return False
    return True


def _uids(state: State) -> set[str]:
    value = state[VALUE]
    return {str(uid) for uid in value} if isinstance(value, tuple) else set()


def _numbers(uid: str) -> list[int]:
    return [int(part) for part in uid.split(".") if part.isascii() and part.isdigit() and len(part) < 64]


KIND = AcceptedTransferSyntaxes()
