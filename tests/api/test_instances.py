"""Single instances: how they are stored, their files, their tags, and what is in them."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGLosslessSV1

from orthanc_state import Orthanc
from orthanc_state.client import BadRequestError, ForbiddenError, NotFoundError, ServerError
from tests.api.dicom_files import PDF, ct, decoded, encoded, ids_of, pdf, rgb, with_sequences
from tests.api.stored import EXTENDED, FILES, FIRST, store

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.client._sync.instances import Instance

REQUESTS = "0040-0275"
LONG = "long " * 100


def instance(orthanc: Orthanc, dataset: Dataset = FIRST) -> Instance:
    """An instance that was stored."""
    return orthanc.instances[ids_of(dataset)["instances"]]


def test_a_file_is_stored_once(orthanc: Orthanc) -> None:
    (uploaded,) = orthanc.instances.upload(encoded(FIRST))
    ids = ids_of(FIRST)
    assert uploaded == {
        "ID": ids["instances"],
        "ParentPatient": ids["patients"],
        "ParentStudy": ids["studies"],
        "ParentSeries": ids["series"],
        "Path": f"/instances/{ids['instances']}",
        "Status": "Success",
    }
    (again,) = orthanc.instances.upload(encoded(FIRST))
    assert again == {**uploaded, "Status": "AlreadyStored"}
    with pytest.raises(BadRequestError):
        orthanc.instances.upload(b"no DICOM file")
    assert orthanc.instances.ids() == [ids["instances"]]


def test_an_archive_of_files_is_stored(orthanc: Orthanc) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        for number, dataset in enumerate(FILES):
            opened.writestr(f"folder/{number}", encoded(dataset))
        opened.writestr("readme.txt", "no DICOM file")
    uploaded = orthanc.instances.upload(archive.getvalue())
    assert {each["ID"] for each in uploaded} == {ids_of(dataset)["instances"] for dataset in FILES}
    assert len(orthanc.instances.ids()) == len(FILES)


def test_the_file_is_the_one_that_was_stored(orthanc: Orthanc, tmp_path: Path) -> None:
    for dataset in FILES:
        store(orthanc, dataset)
        assert instance(orthanc, dataset).file().read() == encoded(dataset)
    instance(orthanc).file(filename="first.dcm").save(tmp_path / "a.dcm")
    assert (tmp_path / "a.dcm").read_bytes() == encoded(FIRST)


@pytest.mark.orthanc(suites=EXTENDED)  # since 1.12.2; 1.10.1 gives the file as it is
def test_the_file_in_another_transfer_syntax(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    one = instance(orthanc)
    for syntax in (ImplicitVRLittleEndian, JPEGLosslessSV1):
        transcoded = decoded(one.file(transcode=syntax).read())
        assert transcoded.file_meta.TransferSyntaxUID == syntax
        assert transcoded.SOPInstanceUID == FIRST.SOPInstanceUID
        if syntax == ImplicitVRLittleEndian:
            assert (transcoded.pixel_array == FIRST.pixel_array).all()
    assert decoded(one.file().read()).file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    with pytest.raises(BadRequestError, match="transfer syntax"):
        one.file(transcode="1.2.3").read()


@pytest.mark.orthanc(suites=EXTENDED)
def test_a_lossy_file_is_as_large_as_its_quality(orthanc: Orthanc) -> None:
    image = rgb()
    store(orthanc, image)
    jpeg = "1.2.840.10008.1.2.4.50"
    sizes = [len(instance(orthanc, image).file(transcode=jpeg, lossy_quality=each).read()) for each in (1, 100)]
    assert sizes[0] < sizes[1]


def test_the_tags_in_the_form_of_dicomweb(orthanc: Orthanc) -> None:
    file = with_sequences()
    store(orthanc, file)
    tags = json.loads(instance(orthanc, file).file(accept="application/dicom+json").read())
    read = Dataset.from_json({tag: value for tag, value in tags.items() if "BulkDataURI" not in value})
    assert (read.PatientID, str(read.PatientName)) == ("PAT1", "Test^PAT1")
    assert read.RequestAttributesSequence[1].ReasonForRequestedProcedureCodeSequence[0].CodeValue == "113724"
    root = ElementTree.fromstring(instance(orthanc, file).file(accept="application/dicom+xml").read())  # noqa: S314
    assert root.tag.endswith("NativeDicomModel")
    names = {each.get("keyword"): each for each in root}
    assert "".join(names["PatientID"].itertext()).strip() == "PAT1"


def test_tags_by_number_and_by_name(orthanc: Orthanc) -> None:
    file = with_sequences(ImageComments=LONG)
    store(orthanc, file)
    one = instance(orthanc, file)
    tags = one.tags(simplify=True)
    assert tags == one.simplified_tags()
    assert (tags["PatientName"], tags["Rows"], tags["ImageComments"]) == ("Test^PAT1", "16", None)
    first, second = tags["RequestAttributesSequence"]
    assert first == {"RequestedProcedureID": "REQ1"}
    assert second["ReasonForRequestedProcedureCodeSequence"][0]["CodeMeaning"] == "For professional reasons"
    short = one.tags(short=True)
    assert short["0010,0010"] == "Test^PAT1"
    assert short["0040,0275"][0] == {"0040,1001": "REQ1"}
    assert one.tags()["0010,0010"] == {"Name": "PatientName", "Type": "String", "Value": "Test^PAT1"}
    for whole in (
        one.tags(simplify=True, ignore_length=["ImageComments"]),
        one.simplified_tags(ignore_length=["0020-4000"]),
    ):
        assert whole == {**tags, "ImageComments": whole["ImageComments"]}
        assert whole["ImageComments"].strip() == LONG.strip()


@pytest.mark.orthanc(suites=EXTENDED)  # since 1.12.4
def test_tags_behind_the_pixels(orthanc: Orthanc) -> None:
    file = ct()
    file.DataSetTrailingPadding = b"behind"
    store(orthanc, file)
    one = instance(orthanc, file)
    assert "fffc,fffc" not in one.tags()
    assert "fffc,fffc" in one.tags(whole=True)
    assert "DataSetTrailingPadding" not in one.simplified_tags()
    assert "DataSetTrailingPadding" in one.simplified_tags(whole=True)


def test_the_meta_header(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    one = instance(orthanc)
    assert one.header(simplify=True)["TransferSyntaxUID"] == ExplicitVRLittleEndian
    assert one.header(short=True)["0002,0003"] == FIRST.SOPInstanceUID
    assert one.header()["0002,0010"]["Name"] == "TransferSyntaxUID"
    assert all(tag.startswith("0002,") for tag in one.header())


def test_the_content_of_a_tag_and_of_a_tag_in_a_sequence(orthanc: Orthanc) -> None:
    file = with_sequences()
    store(orthanc, file)
    one = instance(orthanc, file)
    tags: list[Any] = json.loads(one.content().read())
    assert {"0010-0010", REQUESTS, "7fe0-0010"} <= set(tags)
    assert one.content("0010-0010").read() == b"Test^PAT1 "
    assert one.content("PatientID").read() == b"PAT1"
    assert json.loads(one.content(REQUESTS).read()) == ["0", "1"]
    assert json.loads(one.content(REQUESTS, 1).read()) == ["0040-1001", "0040-100a"]
    assert one.content(REQUESTS, 1, "0040-1001").read() == b"REQ2"
    assert one.content(REQUESTS, 1, "0040-100a", 0, "0008-0100").read() == b"113724"
    for path in ((REQUESTS, 2), ("0040-9999",), (REQUESTS, 0, "0008-0100")):
        with pytest.raises(NotFoundError):
            one.content(*path).read()


def test_the_pixels_are_a_content_that_lists_its_frames(orthanc: Orthanc) -> None:
    store(orthanc, FIRST)
    one = instance(orthanc)
    assert json.loads(one.content("7fe0-0010").read()) == ["0"]
    assert one.content("7fe0-0010", 0).read() == FIRST.PixelData


def test_a_pdf_comes_out_as_it_went_in(orthanc: Orthanc, tmp_path: Path) -> None:
    document = pdf(study=3)
    store(orthanc, document, FIRST)
    assert instance(orthanc, document).pdf().save(tmp_path / "a.pdf") == len(PDF)
    assert (tmp_path / "a.pdf").read_bytes() == PDF
    with pytest.raises(NotFoundError):
        instance(orthanc).pdf().save(tmp_path / "b.pdf")
    assert [each.name for each in tmp_path.iterdir()] == ["a.pdf"]


@pytest.mark.orthanc(configuration={"RestApiWriteToFileSystemEnabled": True})
def test_the_server_writes_the_file_where_it_is_told(orthanc: Orthanc, tmp_path: Path) -> None:
    store(orthanc, FIRST)
    target = tmp_path / "ein Bild ü.dcm"
    instance(orthanc).export(str(target))
    assert target.read_bytes() == encoded(FIRST)
    with pytest.raises(ServerError, match="write"):
        instance(orthanc).export(str(tmp_path / "no" / "folder.dcm"))


@pytest.mark.orthanc(suites=EXTENDED)  # 1.10.1 writes wherever it is told
def test_the_server_writes_nothing_unless_it_is_allowed(orthanc: Orthanc, tmp_path: Path) -> None:
    store(orthanc, FIRST)
    with pytest.raises(ForbiddenError):
        instance(orthanc).export(str(tmp_path / "a.dcm"))
    assert list(tmp_path.iterdir()) == []
