"""Plans and reports to be shown: one of each that holds every sort of thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthanc_state.errors import Place, Problem
from orthanc_state.execution.report import Outcome, Report, Result
from orthanc_state.execution.tally import Tally
from orthanc_state.kinds.effect import Effect, Verb
from orthanc_state.kinds.identifiers import Identifiers
from orthanc_state.kinds.live import Server
from orthanc_state.kinds.operation import Operation
from orthanc_state.kinds.state import Hidden
from orthanc_state.planning.change import Action, Change, PolicyChange
from orthanc_state.planning.fields import FieldChange
from orthanc_state.planning.plan import Plan

if TYPE_CHECKING:
    from orthanc_state.kinds.state import State

SERVER = Server("http://localhost:8042", "ward7", "1.12.7")
STUDIES = Identifiers.of(f"{number:08x}-00000000-00000000-00000000-00000000" for number in range(1200))
PACS: dict[str, Any] = {"aet": "PACS", "host": "10.0.0.5", "port": 104, "allow_transcoding": True, "timeout": 0}
SYNTAXES = "dicom.accepted_transfer_syntaxes"


def change(action: Action, kind: str, name: str, before: State | None, after: State | None, **more: Any) -> Change:
    """A change that nobody sends."""
    address = "/".join([*kind.split("."), *([name] if name else [])])
    return Change(action, kind, name, address, before, after, Operation("PUT", "/"), **more)


CHANGES = (
    change(Action.CREATE, "modalities", "ct1", None, {**PACS, "aet": "CT1", "host": "10.0.0.9"}),
    change(
        Action.UPDATE, "modalities", "pacs", PACS, {**PACS, "port": 11112, "allow_transcoding": False, "host": " h "}
    ),
    change(
        Action.UPDATE,
        "peers",
        "backup",
        {"url": "http://b/", "password": Hidden("a"), "http_headers": {"X-Key": Hidden(None), "X-Old": Hidden("b")}},
        {"url": "http://b/", "password": Hidden("b"), "http_headers": {"X-Key": Hidden("a")}},
    ),
    change(Action.UPDATE, "logging", "dicom", {"level": "default"}, {"level": "verbose"}),
    change(
        Action.UPDATE, "logging", "http", {"level": "default"}, {"level": "trace"}, reason="set again after logging/all"
    ),
    change(Action.UPDATE, "metrics", "", {"value": True}, {"value": False}),
    change(
        Action.UPDATE,
        SYNTAXES,
        "",
        {"value": ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.3.4")},
        {"value": ("1.2.840.10008.1.2", "1.2.840.10008.1.2.4.50")},
    ),
    change(Action.DELETE, "modalities", "old-workstation", {**PACS, "aet": "OLD", "timeout": 30}, None),
)

POLICY = PolicyChange(
    "policies",
    "archive",
    "policies/archive",
    "study",
    {"ModalitiesInStudy": "CT", "PatientName": "A*"},
    3000,
    (
        Effect(Verb.ADD_LABEL, "archive", "", STUDIES),
        Effect(Verb.REMOVE_LABEL, "inbox", "", Identifiers.of(list(STUDIES)[:2])),
        Effect(Verb.SET_METADATA, "site", "x", Identifiers.of(list(STUDIES)[:1])),
    ),
    {"site": "{InstitutionName}"},
)

WARNING = Problem("the AE title CT1 is declared twice", Place("site.yaml", 4, 7), "modalities.ct1", "name it once")
UNMANAGED = tuple(f"peers/p{number}" for number in range(11))

PLAN = Plan(SERVER, CHANGES, ("peers/same", "logging/all"), UNMANAGED, (POLICY,), (WARNING,))
IN_SYNC = Plan(SERVER, (), ("peers/same",), ())

MOVED = "the server has changed since the plan; nothing was sent"

REPORT = Report(
    SERVER,
    (
        *(Result(each, Outcome.APPLIED) for each in (CHANGES[0], CHANGES[5], CHANGES[7])),
        Result(
            CHANGES[1],
            Outcome.FAILED,
            "the server did not take all of what was sent",
            differences=(FieldChange("port", 104, 11112), FieldChange("host", "10.0.0.5", " h ")),
        ),
        Result(
            CHANGES[6],
            Outcome.FAILED,
            "the server did not take all of what was sent",
            differences=(FieldChange("value", (), (), ("1.2.840.10008.1.2.4.50",), ("1.2.3.4",)),),
        ),
        Result(
            CHANGES[1],
            Outcome.MOVED,
            MOVED,
            {**PACS, "port": 105, "timeout": 10},
        ),
        Result(
            CHANGES[2],
            Outcome.MOVED,
            MOVED,
            {"url": "http://b/", "password": Hidden("c")},
        ),
        Result(
            CHANGES[6],
            Outcome.MOVED,
            MOVED,
            {"value": ("1.2.840.10008.1.2", "1.2.5")},
        ),
        Result(CHANGES[7], Outcome.MOVED, MOVED, {**PACS, "port": 1}),
        Result(CHANGES[0], Outcome.MOVED, MOVED, PACS),
        Result(CHANGES[1], Outcome.MOVED, MOVED, None),
        Result(CHANGES[4], Outcome.ALREADY, "somebody else made it so already"),
        Result(CHANGES[3], Outcome.NOT_TRIED, "it needs logging/all, which failed"),
        Result(POLICY, Outcome.APPLIED, tally=Tally(done=1200, already=3)),
        Result(
            POLICY,
            Outcome.FAILED,
            "700 done, 501 failed",
            tally=Tally(done=700, failures={"404 Not Found": (500, ["a", "b", "c"]), "409": (1, ["d"])}),
        ),
        Result(POLICY, Outcome.NOT_TRIED, "interrupted"),
    ),
    interrupted=True,
)
