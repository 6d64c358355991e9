"""The settings of the running server: what was set is in force, and not only said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydicom.uid import (
    CTImageStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    SecondaryCaptureImageStorage,
)
from pynetdicom import AE

from orthanc_state.client import BadRequestError, NotFoundError
from tests.api.dicom_files import ct, encoded
from tests.api.stored import EXTENDED

if TYPE_CHECKING:
    from orthanc_state import Orthanc
    from orthanc_state.testing import OrthancServer

CATEGORIES = ("generic", "plugins", "http", "dicom", "sqlite", "jobs", "lua")
UNKNOWN_SOP_CLASS = "1.2.826.0.1.3680043.8.498.1"


def accepts(server: OrthancServer, sop_class: str, syntax: str = ExplicitVRLittleEndian) -> bool:
    """Whether the server takes files of a SOP class in a transfer syntax."""
    entity = AE("SENDER")
    entity.add_requested_context(sop_class, [syntax])
    association = entity.associate("127.0.0.1", server.dicom_port)
    accepted = bool(association.is_established)
    if accepted:
        association.release()
    return accepted


def test_the_log(orthanc: Orthanc, orthanc_server: OrthancServer) -> None:
    level = orthanc.tools.log_level

    def levels() -> dict[str, str]:
        return {category: level.get(category=category) for category in CATEGORIES}

    assert level.get() == "default"
    assert levels() == dict.fromkeys(CATEGORIES, "default")
    for category in CATEGORIES:
        level.set("verbose", category=category)
        assert levels() == {**dict.fromkeys(CATEGORIES, "default"), category: "verbose"}
        assert level.get() == "verbose"
        level.set("default", category=category)
    began = orthanc_server.log_size()
    orthanc.statistics()
    assert "GET /statistics" not in orthanc_server.read_log(began)
    level.set("trace")
    assert (level.get(), levels()) == ("trace", dict.fromkeys(CATEGORIES, "trace"))
    orthanc.statistics()
    assert "(http) GET /statistics" in orthanc_server.read_log(began)
    with pytest.raises(BadRequestError, match="loud"):
        level.set("loud")


def test_metrics(orthanc: Orthanc) -> None:
    assert orthanc.tools.metrics.get() is True
    orthanc.tools.metrics.set(False)
    assert orthanc.tools.metrics.get() is False
    assert orthanc.tools.metrics_prometheus() == ""
    orthanc.tools.metrics.set(True)
    assert "orthanc_count_studies 0" in orthanc.tools.metrics_prometheus()


def test_the_encoding_of_files_that_do_not_name_theirs(orthanc: Orthanc) -> None:
    assert orthanc.tools.default_encoding.get() == "Latin1"
    file = ct(PatientName="NAME")
    del file.SpecificCharacterSet
    (uploaded,) = orthanc.instances.upload(encoded(file).replace(b"NAME", "éé".encode()))
    instance = orthanc.instances[uploaded["ID"]]
    for encoding, name in {"Utf8": "éé", "Latin1": "Ã©Ã©"}.items():
        orthanc.tools.default_encoding.set(encoding)
        assert orthanc.tools.default_encoding.get() == encoding
        assert instance.simplified_tags()["PatientName"] == name
    with pytest.raises(BadRequestError):
        orthanc.tools.default_encoding.set("Klingon")


def test_sop_classes_that_orthanc_does_not_know(orthanc: Orthanc, orthanc_server: OrthancServer) -> None:
    assert orthanc.tools.unknown_sop_class_accepted.get() is False
    assert not accepts(orthanc_server, UNKNOWN_SOP_CLASS)
    orthanc.tools.unknown_sop_class_accepted.set(True)
    assert orthanc.tools.unknown_sop_class_accepted.get() is True
    assert accepts(orthanc_server, UNKNOWN_SOP_CLASS)
    orthanc.tools.unknown_sop_class_accepted.set(False)
    assert not accepts(orthanc_server, UNKNOWN_SOP_CLASS)


def test_transfer_syntaxes(orthanc: Orthanc, orthanc_server: OrthancServer) -> None:
    syntaxes = orthanc.tools.accepted_transfer_syntaxes
    assert {ImplicitVRLittleEndian, ExplicitVRLittleEndian, JPEGBaseline8Bit} <= set(syntaxes.get())
    assert accepts(orthanc_server, CTImageStorage, JPEGBaseline8Bit)
    # Of patterns it makes UIDs; what it does not know is dropped.
    assert set(syntaxes.set(["1.2.840.10008.1.?", "1.2.840.10008.1.2.1", "1.2.3"])) == {
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
    }
    assert set(syntaxes.get()) == {ImplicitVRLittleEndian, ExplicitVRLittleEndian}
    assert not accepts(orthanc_server, CTImageStorage, JPEGBaseline8Bit)
    assert accepts(orthanc_server, CTImageStorage)
    assert JPEGBaseline8Bit in syntaxes.set(["1.2.840.10008.1.2.4.*"])
    assert not accepts(orthanc_server, CTImageStorage)


@pytest.mark.orthanc(suites=EXTENDED, configuration={"AcceptedSopClasses": [CTImageStorage]})  # since 1.12.6
def test_sop_classes(orthanc: Orthanc, orthanc_server: OrthancServer) -> None:
    assert orthanc.tools.accepted_sop_classes() == [CTImageStorage]
    assert accepts(orthanc_server, CTImageStorage)
    assert not accepts(orthanc_server, SecondaryCaptureImageStorage)


@pytest.mark.orthanc(suites=["bookworm"])
def test_an_old_server_does_not_tell_its_sop_classes(orthanc: Orthanc) -> None:
    with pytest.raises(NotFoundError):
        orthanc.tools.accepted_sop_classes()
