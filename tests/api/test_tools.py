"""What belongs to no resource: identifiers, clocks, searches, the making of files, scripts and the index as a whole."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydicom.uid import UID, CTImageStorage, EncapsulatedPDFStorage, ImplicitVRLittleEndian, JPEGBaseline8Bit

from orthanc_state import Orthanc
from orthanc_state.client import BadRequestError, ForbiddenError, NotFoundError, ServerError
from tests.api.dicom_files import PDF, ct, decoded, encoded, ids_of, orthanc_id, rgb
from tests.api.foreign import Foreign
from tests.api.stored import EXTENDED, FILES, FIRST, store

if TYPE_CHECKING:
    from orthanc_state.testing import OrthancServer

GREYS = ((0, 50, 100), (150, 200, 250))
"""An image of two rows and three columns."""


def data_uri(kind: str, content: bytes) -> str:
    """Content as it is written into a text (RFC 2397)."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def png() -> str:
    """`GREYS` as a PNG of 8 bits."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", len(GREYS[0]), len(GREYS), 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + bytes(row) for row in GREYS))
    return data_uri(
        "image/png", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def test_what_can_be_done(orthanc: Orthanc) -> None:
    operations = orthanc.tools.operations()
    assert {"create-dicom", "find", "generate-uid", "lookup", "now", "reset"} <= set(operations)


def test_new_identifiers(orthanc: Orthanc) -> None:
    made = [orthanc.tools.generate_uid(level) for level in ("Patient", "Study", "Series", "Instance") for _ in range(2)]
    assert len(set(made)) == 8
    assert all(UID(uid).is_valid for uid in made[2:])
    with pytest.raises(NotFoundError):
        orthanc.tools.generate_uid("Room")  # type: ignore[arg-type]


def test_the_clocks(orthanc: Orthanc) -> None:
    now, local = orthanc.tools.now(), orthanc.tools.now_local()
    # It runs on this machine; its second may begin a little later than ours.
    assert abs(datetime.now(UTC) - now) <= timedelta(seconds=10)
    assert local.tzinfo is None
    # In whatever zone this machine may be.
    assert abs(local.astimezone(UTC) - now) <= timedelta(seconds=1)


def test_the_texts_about_the_server(orthanc: Orthanc) -> None:
    store(orthanc, *FILES)
    statement = orthanc.tools.dicom_conformance()
    assert "DICOM Conformance Statement of Orthanc" in statement
    assert CTImageStorage in statement
    metrics = {line.split()[0]: line.split()[1] for line in orthanc.tools.metrics_prometheus().splitlines()}
    assert float(metrics["orthanc_count_instances"]) == len(FILES)
    assert float(metrics["orthanc_count_patients"]) == 2


def test_dicom_identifiers_are_looked_up(orthanc: Orthanc) -> None:
    store(orthanc, *FILES, ct("PÄT"))
    studies, series = ids_of(FIRST)["studies"], ids_of(FIRST)["series"]
    assert orthanc.tools.lookup(FIRST.StudyInstanceUID) == [
        {"ID": studies, "Path": f"/studies/{studies}", "Type": "Study"}
    ]
    assert [found["ID"] for found in orthanc.tools.lookup(FIRST.SeriesInstanceUID)] == [series]
    assert [found["Type"] for found in orthanc.tools.lookup(FIRST.SOPInstanceUID)] == ["Instance"]
    assert [found["ID"] for found in orthanc.tools.lookup("PAT2")] == [ids_of(FILES[4])["patients"]]
    assert orthanc.tools.lookup("ACC1") == orthanc.tools.lookup("nobody") == []


@pytest.mark.orthanc(suites=EXTENDED)  # since 1.12.0
def test_the_labels_of_all(orthanc: Orthanc) -> None:
    store(orthanc, *FILES)
    assert orthanc.tools.labels() == []
    orthanc.studies[ids_of(FIRST)["studies"]].labels.add("b", "a")
    orthanc.patients[ids_of(FIRST)["patients"]].labels.add("b", "c")
    assert sorted(orthanc.tools.labels()) == ["a", "b", "c"]


def test_the_index_is_built_anew(orthanc: Orthanc) -> None:
    """A name without its encoding was read in a wrong one: what is in the index is right when it is made again."""
    file = ct(PatientName="NAME")
    del file.SpecificCharacterSet
    (uploaded,) = orthanc.instances.upload(encoded(file).replace(b"NAME", "éé".encode()))
    patient = orthanc.patients[uploaded["ParentPatient"]]
    orthanc.tools.default_encoding.set("Utf8")
    orthanc.tools.invalidate_tags()
    assert orthanc.instances[uploaded["ID"]].simplified_tags()["PatientName"] == "éé"
    assert patient.details()["MainDicomTags"]["PatientName"] == "Ã©Ã©"
    orthanc.tools.reconstruct()
    assert patient.details()["MainDicomTags"]["PatientName"] == "éé"


@pytest.mark.orthanc(suites=EXTENDED)  # since 1.11.0
def test_the_files_are_written_anew(
    orthanc: Orthanc, orthanc_server: OrthancServer, start_orthanc: Callable[..., OrthancServer]
) -> None:
    """As the configuration says now. 1.12.7 never answers if it has read one of the files before."""
    store(orthanc, *FILES)
    folders = {name: orthanc_server.configuration[name] for name in ("StorageDirectory", "IndexDirectory")}
    orthanc_server.kill()
    with Orthanc(start_orthanc({**folders, "IngestTranscoding": ImplicitVRLittleEndian}).url) as again:
        again.tools.reconstruct(reconstruct_files=True)
        for file in FILES:
            instance = again.instances[ids_of(file)["instances"]]
            assert instance.metadata.all()["TransferSyntax"] == ImplicitVRLittleEndian
            assert decoded(instance.file().read()).file_meta.TransferSyntaxUID == ImplicitVRLittleEndian


def test_an_image_is_made_into_a_file(orthanc: Orthanc) -> None:
    made = orthanc.tools.create_dicom({"PatientID": "MADE", "PatientName": "Mädchen^Anna"}, content=png())
    assert (made["Status"], made["ParentPatient"]) == ("Success", orthanc_id("MADE"))
    file = decoded(orthanc.instances[made["ID"]].file().read())
    assert (file.PatientID, str(file.PatientName)) == ("MADE", "Mädchen^Anna")
    assert (file.Rows, file.Columns, file.BitsAllocated) == (2, 3, 8)
    assert file.PixelData == bytes(GREYS[0] + GREYS[1])
    # With a parent it is added to what is there.
    added = orthanc.tools.create_dicom({"SeriesDescription": "Added"}, content=png(), parent=made["ParentStudy"])
    assert added["ParentStudy"] == made["ParentStudy"]
    assert decoded(orthanc.instances[added["ID"]].file().read()).PatientID == "MADE"


def test_many_images_are_made_into_a_series(orthanc: Orthanc) -> None:
    content = [{"Content": png(), "Tags": {"ImageComments": comment}} for comment in ("first", "second")]
    made = orthanc.tools.create_dicom({"PatientID": "MADE", "SeriesDescription": "Both"}, content=content)
    assert made["Path"] == f"/series/{made['ID']}"
    series = orthanc.series[made["ID"]]
    assert series.details()["MainDicomTags"]["SeriesDescription"] == "Both"
    assert {tags["ImageComments"] for tags in series.instances_tags(simplify=True).values()} == {"first", "second"}


def test_a_pdf_is_made_into_a_file(orthanc: Orthanc) -> None:
    made = orthanc.tools.create_dicom({"PatientID": "MADE"}, content=data_uri("application/pdf", PDF))
    instance = orthanc.instances[made["ID"]]
    assert instance.pdf().read().rstrip(b"\0") == PDF
    assert decoded(instance.file().read()).SOPClassUID == EncapsulatedPDFStorage


@pytest.mark.orthanc(configuration={"Dictionary": {"0009,1001": ["LO", "Mine", 1, 1, "orthanc-state"]}})
def test_tags_are_made_into_a_file(orthanc: Orthanc) -> None:
    comments = data_uri("application/octet-stream", b"decoded")
    tags: dict[str, Any] = {"PatientID": "MADE", "PatientComments": comments}

    def read(**options: Any) -> Any:
        return decoded(orthanc.instances[orthanc.tools.create_dicom(tags, **options)["ID"]].file().read())

    assert read().PatientComments == "decoded"
    assert read(interpret_binary_tags=False).PatientComments == comments
    tags |= {"0009,0010": "orthanc-state", "0009,1001": "mine"}
    # The creator tells what kind of value a private tag has.
    assert read()[0x0009, 0x1001].value == b"mine"
    assert read(private_creator="orthanc-state")[0x0009, 0x1001].value == "mine"
    tags["StudyInstanceUID"] = FIRST.StudyInstanceUID
    with pytest.raises(BadRequestError, match="StudyInstanceUID"):
        read()
    assert read(force=True).StudyInstanceUID == FIRST.StudyInstanceUID
    with pytest.raises(ServerError, match=r"NoSuchTag|Unknown DICOM tag"):
        orthanc.tools.create_dicom({"NoSuchTag": "1"})
    with pytest.raises(TypeError, match="no such option: contents"):
        orthanc.tools.create_dicom({}, contents=png())  # type: ignore[call-arg]


@pytest.mark.orthanc(suites=EXTENDED)  # since 1.12.7
def test_a_jpeg_stays_as_it_is(orthanc: Orthanc) -> None:
    store(orthanc, rgb())
    jpeg = orthanc.instances[ids_of(rgb())["instances"]].preview(accept="image/jpeg").read()
    made = orthanc.tools.create_dicom({"PatientID": "MADE"}, content=data_uri("image/jpeg", jpeg), encapsulate=True)
    file = decoded(orthanc.instances[made["ID"]].file().read())
    assert file.file_meta.TransferSyntaxUID == JPEGBaseline8Bit
    assert jpeg in file.PixelData
    plain = orthanc.tools.create_dicom({"PatientID": "MADE"}, content=data_uri("image/jpeg", jpeg))
    assert decoded(orthanc.instances[plain["ID"]].file().read()).file_meta.TransferSyntaxUID != JPEGBaseline8Bit


def test_an_echo_to_a_modality_that_is_not_registered(
    orthanc: Orthanc, orthanc_server: OrthancServer, foreign: Foreign
) -> None:
    orthanc.modalities["foreign"].delete()
    orthanc.tools.dicom_echo("CALLED", "127.0.0.1", foreign.port, timeout=5)
    orthanc.tools.dicom_echo("CALLED", "127.0.0.1", foreign.port, local_aet="LOCAL", manufacturer="GE", check_find=True)
    # 1.13.0 forgets it in an echo.
    local = "ORTHANC" if orthanc_server.version == "1.13.0" else "LOCAL"
    assert [(asked.operation, asked.calling, asked.called) for asked in foreign.asked] == [
        ("C-ECHO", "ORTHANC", "CALLED"),
        ("C-ECHO", local, "CALLED"),
        ("C-FIND", local, "CALLED"),
    ]
    with pytest.raises(ServerError, match='connecting to AET "CALLED"') as raised:
        orthanc.tools.dicom_echo("CALLED", "127.0.0.1", 1)
    assert raised.value.error == "Error in the network protocol"
    with pytest.raises(ServerError, match="TLS"):
        orthanc.tools.dicom_echo("CALLED", "127.0.0.1", foreign.port, use_dicom_tls=True)
    with pytest.raises(TypeError, match="no such option: remote_aet"):
        orthanc.tools.dicom_echo("CALLED", "127.0.0.1", 1, remote_aet="X")  # type: ignore[call-arg]


@pytest.mark.orthanc(configuration={"ExecuteLuaEnabled": True})
def test_a_script_is_run(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    assert orthanc.tools.execute_script("print(6 * 7)\nprint('é')") == "42\né\n"
    assert orthanc.tools.execute_script("print(#ParseJson(RestApiGet('/patients')))") == "1\n"
    with pytest.raises(ServerError, match="no reason"):
        orthanc.tools.execute_script("error('no reason')")


def test_a_script_is_not_run_where_it_is_not_wanted(orthanc: Orthanc) -> None:
    with pytest.raises(ForbiddenError):
        orthanc.tools.execute_script("print(6 * 7)")
