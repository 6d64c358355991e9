"""Calls of a DICOM node to another one under any AE title, as pynetdicom makes them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage
from pynetdicom import AE, build_role, evt

from tests.api.foreign import PENDING, SUCCESS, StudyRootFind, StudyRootGet, StudyRootMove, Verification

PATIENCE = 5.0
"""Seconds to wait for an answer."""

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pynetdicom.association import Association


class Caller:
    """Somebody who calls under an AE title.

    Args:
        aet: That AE title.

    Attributes:
        received: What came by C-GET.
    """

    def __init__(self, aet: str) -> None:
        self._aet = aet
        self.received: list[Dataset] = []

    def echo(self, port: int, aet: str) -> bool:
        """Whether a C-ECHO is answered."""
        with self._association(port, aet, Verification) as association:
            return association is not None and _ok(association.send_c_echo())

    def store(self, port: int, aet: str, dataset: Dataset) -> bool:
        """Whether a C-STORE is accepted."""
        with self._association(port, aet, CTImageStorage) as association:
            return association is not None and _ok(association.send_c_store(dataset))

    def find(self, port: int, aet: str) -> bool:
        """Whether a C-FIND for all studies finds any."""
        query = _study()
        query.PatientName = ""
        with self._association(port, aet, StudyRootFind) as association:
            if association is None:
                return False
            answers = [status for status, _ in association.send_c_find(query, StudyRootFind)]
            return any(_status(answer) == PENDING for answer in answers)

    def move(self, port: int, aet: str, dataset: Dataset, destination: str) -> bool:
        """Whether a C-MOVE of a study says that all of it was sent."""
        with self._association(port, aet, StudyRootMove) as association:
            if association is None:
                return False
            answers = list(association.send_c_move(_study(dataset), destination, StudyRootMove))
            return bool(answers) and _ok(answers[-1][0])

    def get(self, port: int, aet: str, dataset: Dataset) -> bool:
        """Whether a C-GET of a study brings some of it."""
        before = len(self.received)
        with self._association(port, aet, StudyRootGet, CTImageStorage) as association:
            if association is not None:
                list(association.send_c_get(_study(dataset), StudyRootGet))
        return len(self.received) > before

    @contextmanager
    def _association(self, port: int, aet: str, *contexts: str) -> Iterator[Association | None]:
        entity = AE(self._aet)
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = PATIENCE
        for context in contexts:
            entity.add_requested_context(context)
        roles: list[Any] = [build_role(CTImageStorage, scp_role=True, scu_role=True)] if len(contexts) > 1 else []
        handlers: list[Any] = [(evt.EVT_C_STORE, self._store)]
        association = entity.associate("127.0.0.1", port, ae_title=aet, ext_neg=roles, evt_handlers=handlers)
        if not association.is_established:
            yield None
            return
        try:
            yield association if association.accepted_contexts else None
        finally:
            if association.is_established:
                association.release()

    def _store(self, event: Any) -> int:
        self.received.append(event.dataset)
        return SUCCESS


def _study(dataset: Dataset | None = None) -> Dataset:
    query = Dataset()
    query.QueryRetrieveLevel = "STUDY"
    query.StudyInstanceUID = dataset.StudyInstanceUID if dataset is not None else ""
    return query


def _status(answer: Dataset) -> int | None:
    return answer.Status if "Status" in answer else None


def _ok(answer: Dataset) -> bool:
    return _status(answer) == SUCCESS
