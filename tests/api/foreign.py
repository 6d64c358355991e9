"""A DICOM node that is no Orthanc: pynetdicom as a modality, which remembers what it was asked."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage
from pynetdicom import AE, build_context, build_role, evt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

    from orthanc_state.testing import OrthancServer

Verification = "1.2.840.10008.1.1"
WorklistFind = "1.2.840.10008.5.1.4.31"
StudyRootFind = "1.2.840.10008.5.1.4.1.2.2.1"
StudyRootMove = "1.2.840.10008.5.1.4.1.2.2.2"
StudyRootGet = "1.2.840.10008.5.1.4.1.2.2.3"
StorageCommitment = "1.2.840.10008.1.20.1"

SUCCESS, PENDING, OUT_OF_RESOURCES = 0x0000, 0xFF00, 0xA700
ALL_KEPT, SOME_FAILED = 1, 2
NO_SUCH_INSTANCE = 0x0112

PATIENCE = 20.0
"""Seconds after which a test that waits for the other side gives up."""


class Foreign:
    """A modality at a free port of this machine, as long as it is entered.

    Attributes:
        aet: Its AE title.
        files: What it gives by C-MOVE and C-GET.
        answers: What it answers to each C-FIND.
        stored: What it was sent by C-STORE.
        asked: Each request in order, with the AE titles of who called and of who was called.
        status: What it answers to a C-STORE.
        open: Cleared, it keeps a C-STORE waiting until it is set again.
        busy: Set when a C-STORE has arrived.
    """

    def __init__(self, aet: str = "FOREIGN") -> None:
        self.aet = aet
        self.forget()

    def forget(self) -> None:
        """Be as new."""
        self.files: list[Dataset] = []
        self.answers: list[Dataset] = []
        self.stored: list[Dataset] = []
        self.asked: list[Asked] = []
        self.status = SUCCESS
        self.open = threading.Event()
        self.open.set()
        self.busy = threading.Event()
        self._peers: dict[str, int] = {}

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    @property
    def modality(self) -> dict[str, Any]:
        """Its configuration as a modality of an Orthanc."""
        return {"AET": self.aet, "Host": "127.0.0.1", "Port": self.port}

    def knows(self, server: OrthancServer) -> None:
        """Tell it where an Orthanc is, so that a C-MOVE may name it."""
        self._peers[server.aet] = server.dicom_port

    def questions(self, operation: str) -> list[Dataset]:
        """The identifiers of all requests of one kind."""
        return [asked.identifier for asked in self.asked if asked.operation == operation]

    def commit(self, server: OrthancServer, request: Dataset, failed: list[Dataset]) -> None:
        """Tell an Orthanc what is kept of what it has asked for by N-ACTION (PS3.4 J.3.3)."""
        report = Dataset()
        report.TransactionUID = request.TransactionUID
        uids = {item.ReferencedSOPInstanceUID for item in failed}
        kept = [item for item in request.ReferencedSOPSequence if item.ReferencedSOPInstanceUID not in uids]
        report.ReferencedSOPSequence = kept
        if failed:
            for item in failed:
                item.FailureReason = NO_SUCH_INSTANCE
            report.FailedSOPSequence = failed
        entity = AE(self.aet)
        entity.add_requested_context(StorageCommitment)
        role = build_role(StorageCommitment, scp_role=True)
        association = entity.associate("127.0.0.1", server.dicom_port, ae_title=server.aet, ext_neg=[role])
        assert association.is_established
        try:
            status, _ = association.send_n_event_report(
                report,
                SOME_FAILED if failed else ALL_KEPT,
                StorageCommitment,
                "1.2.840.10008.1.20.1.1",  # the one instance of this class (PS3.4 J.3.5)
            )
            assert status.Status == SUCCESS
        finally:
            association.release()

    def __enter__(self) -> Self:
        entity = AE(self.aet)
        # Those of a server that was killed are counted until it is noticed.
        entity.maximum_associations = 100
        entity.add_supported_context(Verification)
        entity.add_supported_context(CTImageStorage, scu_role=True, scp_role=True)
        for information_model in (
            WorklistFind,
            StudyRootFind,
            StudyRootGet,
            StudyRootMove,
            StorageCommitment,
        ):
            entity.add_supported_context(information_model)
        handlers: list[Any] = [
            (evt.EVT_C_ECHO, self._echo),
            (evt.EVT_C_STORE, self._store),
            (evt.EVT_C_FIND, self._find),
            (evt.EVT_C_MOVE, self._move),
            (evt.EVT_C_GET, self._get),
            (evt.EVT_N_ACTION, self._action),
        ]
        self._entity = entity
        server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
        assert server is not None
        self._port = int(server.server_address[1])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.open.set()
        self._entity.shutdown()

    def _echo(self, event: Any) -> int:
        self.asked.append(Asked("C-ECHO", event))
        return SUCCESS

    def _store(self, event: Any) -> int:
        dataset: Dataset = event.dataset
        dataset.file_meta = event.file_meta
        self.asked.append(Asked("C-STORE", event, dataset))
        self.busy.set()
        if not self.open.wait(PATIENCE):
            return OUT_OF_RESOURCES
        if self.status == SUCCESS:
            self.stored.append(dataset)
        return self.status

    def _find(self, event: Any) -> Iterator[tuple[int, Dataset | None]]:
        self.asked.append(Asked("C-FIND", event, event.identifier))
        for answer in self.answers:
            yield PENDING, answer

    def _move(self, event: Any) -> Iterator[Any]:
        asked = Asked("C-MOVE", event, event.identifier)
        self.asked.append(asked)
        port = self._peers.get(asked.destination)
        yield ("127.0.0.1", port, {"contexts": [build_context(CTImageStorage)]}) if port else (None, None)
        yield len(self.files)
        for file in self.files:
            yield PENDING, file

    def _get(self, event: Any) -> Iterator[Any]:
        self.asked.append(Asked("C-GET", event, event.identifier))
        yield len(self.files)
        for file in self.files:
            yield PENDING, file

    def _action(self, event: Any) -> tuple[int, None]:
        self.asked.append(Asked("N-ACTION", event, event.action_information))
        return SUCCESS, None


class Asked:
    """One request.

    Attributes:
        operation: Its name in DICOM.
        identifier: The data that came with it.
        calling: The AE title of who called.
        called: The AE title that was called.
        destination: Where a C-MOVE goes.
        originator: Whom a C-STORE names as the origin of a C-MOVE, and the identifier of that message.
    """

    def __init__(self, operation: str, event: Any, identifier: Dataset | None = None) -> None:
        association = event.assoc.requestor.primitive
        self.operation = operation
        self.identifier = Dataset() if identifier is None else identifier
        self.calling = str(association.calling_ae_title).strip()
        self.called = str(association.called_ae_title).strip()
        self.destination = str(getattr(event.request, "MoveDestination", None) or "").strip()
        self.originator = (
            getattr(event.request, "MoveOriginatorApplicationEntityTitle", None),
            getattr(event.request, "MoveOriginatorMessageID", None),
        )
