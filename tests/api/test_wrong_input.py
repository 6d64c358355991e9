"""Options that there are not, and resources that there are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc
from orthanc_state.client import BadRequestError, NotFoundError, PathError
from tests.api.stored import GROUPS, LEVELS, NOBODY, level_of

if TYPE_CHECKING:
    from orthanc_state.testing import OrthancServer

CHANGES = ["anonymize", "submit_anonymize", "modify", "submit_modify"]
ARCHIVES = ["archive", "submit_archive", "media", "submit_media"]
IMAGES = ["image_int16", "image_uint16", "image_uint8", "preview", "rendered"]


def refused(orthanc: Orthanc, level: str) -> dict[str, str]:
    """Each method of a level that takes options by their names, and one that it has."""
    one = level_of(orthanc, level)[NOBODY]
    methods = ["reconstruct", *CHANGES, *ARCHIVES, "merge", "submit_merge", "split", "submit_split", *IMAGES]
    examples = {
        "reconstruct": "reconstruct_files",
        **dict.fromkeys(CHANGES, "keep_source"),
        **dict.fromkeys(ARCHIVES, "lossy_quality"),
        **dict.fromkeys(("merge", "submit_merge", "split", "submit_split"), "keep_source"),
        **dict.fromkeys(IMAGES, "return_unsupported_image"),
    }
    return {method: examples[method] for method in methods if hasattr(one, method)}


@pytest.mark.parametrize("level", LEVELS)
def test_an_option_that_there_is_not_is_named_with_those_that_there_are(level: str) -> None:
    with Orthanc("http://127.0.0.1:9") as orthanc:  # nothing is sent
        one = level_of(orthanc, level)[NOBODY]
        methods = refused(orthanc, level)
        assert methods
        for method, known in methods.items():
            arguments: list[Any] = [[]] if method.endswith("merge") else []
            with pytest.raises(TypeError, match=rf"no such option: kep; there are .*\b{known}\b"):
                getattr(one, method)(*arguments, kep=["PatientName"])
        with pytest.raises(TypeError, match=r"no such option: labl; there are case_sensitive, .*labels"):
            level_of(orthanc, level).count(labl=["a"])  # type: ignore[call-arg]


def test_options_of_another_form_of_the_operation_are_refused() -> None:
    with Orthanc("http://127.0.0.1:9") as orthanc:
        study = orthanc.studies[NOBODY]
        instance = orthanc.instances[NOBODY]
        calls: list[Any] = [
            lambda: study.archive(priority=1),  # type: ignore[call-arg]
            lambda: study.archive(extended=True),  # type: ignore[call-arg]
            lambda: study.submit_archive(extended=True),  # type: ignore[call-arg]
            lambda: study.modify(keep_private_tags=True),  # type: ignore[call-arg]
            lambda: study.anonymize(remove_private_tags=True),  # type: ignore[call-arg]
            lambda: instance.modify(permissive=True),  # type: ignore[call-arg]
            lambda: instance.preview(width=1),  # type: ignore[call-arg]
            lambda: study.merge([], series=[]),  # type: ignore[call-arg]
        ]
        for call in calls:
            with pytest.raises(TypeError, match="no such option"):
                call()


def test_media_that_are_downloaded_take_no_options_of_jobs() -> None:
    with Orthanc("http://127.0.0.1:9") as orthanc, pytest.raises(TypeError, match="no such option: priority"):
        orthanc.studies[NOBODY].media(priority=1)  # type: ignore[call-arg]


@pytest.mark.parametrize("level", LEVELS)
def test_an_identifier_that_leads_elsewhere_is_refused(level: str) -> None:
    with Orthanc("http://127.0.0.1:9") as orthanc:
        for identifier in ("", "..", "a/b", "a\\b"):
            with pytest.raises(PathError):
                level_of(orthanc, level)[identifier].details()


@pytest.mark.parametrize("level", LEVELS)
def test_what_does_not_exist_is_not_found(orthanc: Orthanc, orthanc_server: OrthancServer, level: str) -> None:
    one: Any = level_of(orthanc, level)[NOBODY]
    attachment, metadata = one.attachments["2000"], one.metadata["2000"]
    asked: dict[str, Any] = {
        "details": one.details,
        "delete": one.delete,
        "module": one.module,
        "reconstruct": one.reconstruct,
        "metadata names": one.metadata.names,
        "metadata all": one.metadata.all,
        "metadata get": metadata.get,
        "metadata read": metadata.read,
        "metadata set": lambda: metadata.set("a"),
        "metadata delete": metadata.delete,
        "attachment names": one.attachments.names,
        "attachment numbers": one.attachments.numbers,
        "attachment operations": attachment.operations,
        "attachment revision": attachment.revision,
        "attachment read": attachment.read,
        "attachment data": attachment.data().read,
        "attachment size": attachment.size,
        "attachment md5": attachment.md5,
        "attachment is compressed": attachment.is_compressed,
        "attachment information": attachment.information,
        "attachment compress": attachment.compress,
        "attachment uncompress": attachment.uncompress,
        "attachment verify": attachment.verify_md5,
        "attachment delete": attachment.delete,
    }
    if level in GROUPS:
        asked |= {
            "shared tags": one.shared_tags,
            "instances' tags": one.instances_tags,
            "instances": one.instances.ids,
            "details of instances": one.instances.details,
            "archive": one.archive().read,
            "media": one.media().read,
            "job for archive": one.submit_archive,
            "job for media": one.submit_media,
        }
    else:
        asked |= {
            "file": one.file().read,
            "tags": one.tags,
            "simplified tags": one.simplified_tags,
            "header": one.header,
            "content": one.content("0010-0010").read,
            "pdf": one.pdf().read,
            "anonymize": one.anonymize().read,
            "modify": one.modify().read,
            "frames": one.frames.indexes,
            "raw": one.frames[0].raw().read,
            "preview": one.preview().read,
            "numpy": one.numpy,
            "matlab": one.matlab().read,
        }
    if level != "patients":
        asked["patient"] = one.patient.details
    if level == "series":
        asked |= {"slices": one.ordered_slices, "numpy": one.numpy, "study": one.study.details}
    if level == "studies":
        asked["module of the patient"] = one.module_patient
    # Not asked: 1.13.0 counts nothing in what does not exist, and refuses to copy it as a bad request.
    if orthanc_server.version < "1.13":
        asked["statistics"] = one.statistics
        if level in GROUPS:
            asked |= {"anonymize": one.anonymize, "modify": one.modify, "job for copy": one.submit_modify}
    found = []
    for name, ask in asked.items():
        try:
            ask()
        except NotFoundError:
            continue
        found.append(name)
    assert found == []


def test_a_patient_that_does_not_exist_cannot_be_protected(orthanc: Orthanc) -> None:
    protected = orthanc.patients[NOBODY].protected
    with pytest.raises(BadRequestError):
        protected.get()
    with pytest.raises(BadRequestError):
        protected.set(True)
