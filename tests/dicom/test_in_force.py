"""What was applied is in force: a foreign DICOM implementation (pynetdicom) tries it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE

from orthanc_state import Orthanc, apply, from_data, plan

if TYPE_CHECKING:
    from typing import Any

    from orthanc_state.testing import OrthancServer

SUCCESS = 0x0000
Verification = "1.2.840.10008.1.1"
CTImageStorage = "1.2.840.10008.5.1.4.1.1.2"


def bring(orthanc: Orthanc, **sections: Any) -> None:
    """Make a document so."""
    report = apply(orthanc, plan(orthanc, from_data({"version": 1, **sections})))
    assert report.ok, report


def stores(server: OrthancServer, syntax: str) -> bool:
    """Whether the server takes a CT image by C-STORE in a transfer syntax."""
    path = get_testdata_file("CT_small.dcm")
    assert isinstance(path, str)
    image = pydicom.dcmread(path)
    image.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    converted = io.BytesIO()
    pydicom.dcmwrite(converted, image, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=True)
    image = pydicom.dcmread(io.BytesIO(converted.getvalue()))
    entity = AE("CT1")
    entity.add_requested_context(CTImageStorage, [syntax])
    association = entity.associate("127.0.0.1", server.dicom_port)
    if not association.is_established:
        return False
    try:
        return bool(association.send_c_store(image).Status == SUCCESS)
    finally:
        association.release()


def echoes(server: OrthancServer, aet: str) -> bool:
    """Whether the server answers the C-ECHO of an application entity."""
    entity = AE(aet)
    entity.add_requested_context(Verification)
    association = entity.associate("127.0.0.1", server.dicom_port)
    if not association.is_established:
        return False
    try:
        return "Status" in (status := association.send_c_echo()) and status.Status == SUCCESS
    finally:
        association.release()


def test_a_transfer_syntax_that_was_taken_away_is_rejected_and_one_that_was_added_is_accepted(
    orthanc: Orthanc, orthanc_server: OrthancServer
) -> None:
    bring(orthanc, dicom={"accepted_transfer_syntaxes": ["ExplicitVRLittleEndian"]})
    assert stores(orthanc_server, ExplicitVRLittleEndian)
    assert not stores(orthanc_server, ImplicitVRLittleEndian)
    bring(orthanc, dicom={"accepted_transfer_syntaxes": ["ImplicitVRLittleEndian"]})
    assert not stores(orthanc_server, ExplicitVRLittleEndian)
    assert stores(orthanc_server, ImplicitVRLittleEndian)


@pytest.mark.orthanc(configuration={"DicomAlwaysAllowEcho": False, "DicomCheckModalityHost": False})
def test_a_c_echo_of_a_modality_that_may_not_is_refused_where_the_server_checks_it(
    orthanc: Orthanc, orthanc_server: OrthancServer
) -> None:
    modality = {"aet": "CT1", "host": "127.0.0.1", "port": 104}
    bring(orthanc, modalities={"ct1": {**modality, "allow_echo": True}})
    assert echoes(orthanc_server, "CT1")
    bring(orthanc, modalities={"ct1": {**modality, "allow_echo": False}})
    assert not echoes(orthanc_server, "CT1")


def test_what_was_applied_sends_images_where_it_says(
    orthanc: Orthanc, orthanc_server: OrthancServer, orthanc_servers: Any
) -> None:
    """Two real servers: the one that is declared as a modality answers the C-ECHO of the other."""
    other = orthanc_servers.start(orthanc_server.name, {"DicomAet": "OTHER"})
    try:
        bring(orthanc, modalities={"other": {"aet": "OTHER", "host": "127.0.0.1", "port": other.dicom_port}})
        orthanc.post("/modalities/other/echo", {})
    finally:
        orthanc_servers.stop(other)
