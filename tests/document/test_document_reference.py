"""What `explain` tells: every section and field, found by any of its names, and what is told of it is so."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthanc_state.document.example import example_text
from orthanc_state.document.load import loads
from orthanc_state.document.reference import UnknownTopicError, find, reference
from orthanc_state.document.safety import Limits
from orthanc_state.document.starter import starter
from orthanc_state.errors import OrthancStateError
from orthanc_state.kinds.collection import Collection
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.render.line import plain
from orthanc_state.render.topic import section_lines, topic_data, topic_lines
from tests.document.test_document_schema import VALIDATOR, as_editors_see

if TYPE_CHECKING:
    from orthanc_state.document.topic import Topic

ROOT = Path(__file__).parents[2]
TOPICS = [topic for topic in reference().walk() if topic.path]
KINDS = list(all_kinds().values())
SECRETS = dict.fromkeys(re.findall(r"!env (\w+)", starter("", "")), "secret")


def test_every_section_is_there_in_the_order_of_a_document() -> None:
    names = [topic.name for topic in reference().parts]
    sections = list(dict.fromkeys(kind.path[0] for kind in KINDS))
    assert names == ["version", *sections, "prune", "protected", "limits", "fingerprints", "require", "assume"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_tells_all_of_itself(kind: Any) -> None:
    topic = find(kind.name)
    assert topic.summary == kind.summary
    assert topic.durability == kind.durability
    assert topic.requests
    assert topic.examples == (kind.example,)
    assert topic.is_section
    assert not topic.has_default
    assert find(kind.orthanc_name or kind.name) == topic
    for part in topic.parts:
        assert part.summary
        assert part.type not in ("", "any value")
        assert part.required != part.has_default


@pytest.mark.parametrize("kind", [kind for kind in KINDS if isinstance(kind, Collection)], ids=lambda kind: kind.name)
def test_a_field_tells_what_its_declaration_says(kind: Collection) -> None:
    for field in kind.fields:
        topic = find(f"{kind.name}.{field.name}")
        assert topic.summary == field.description
        assert (topic.required, topic.orthanc_name) == (field.required, field.wire.name)
        assert topic.default == field.default
        assert (topic.since, dict(topic.values_since)) == (field.wire.since, dict(field.wire.values_since))
        assert (topic.secret, topic.write_only) == (field.wire.secret, field.wire.secret or field.wire.write_only)
        assert topic.requests == (f"PUT {kind.request_path('name').replace('name', '{name}')}",)
        assert topic.durability == kind.durability


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("modalities.allow_store", "modalities.allow_store"),
        ("modalities.pacs.allow_store", "modalities.allow_store"),
        ("modalities/pacs/allow_store", "modalities.allow_store"),
        ("DicomModalities.pacs.AllowStore", "modalities.allow_store"),
        ("modalities.AllowStorageCommitment", "modalities.allow_storage_commitment"),
        ("modalities.host.port", "modalities.port"),
        ("DefaultEncoding", "dicom.default_encoding"),
        ("default_encoding", "dicom.default_encoding"),
        ("DicomWeb.Servers.cloud.HasDelete", "dicomweb_servers.has_delete"),
        ("dicom", "dicom"),
        ("logging.dicom", "logging.dicom"),
        ("policies.labels.add", "policies.labels.add"),
        ("policies.0.labels.add", "policies.labels.add"),
        ("policies.where.parent.labels.any", "policies.where.parent.labels.any"),
        ("policies.match.StudyDate.older_than", "policies.match.StudyDate.older_than"),
        ("prune.peers", "prune.peers"),
        ("fingerprints.key", "fingerprints.key"),
        (".modalities.", "modalities"),
    ],
)
def test_any_name_of_it_finds_it(given: str, found: str) -> None:
    assert find(given).name == found


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("modality", "did you mean `modalities`?"),
        ("modalities.alow_store", "did you mean `modalities.allow_store`?"),
        ("modalities.pacs.alow_store", "did you mean `modalities.allow_store`?"),
        ("DicomModalities.AlowStore", "did you mean `modalities.allow_store`?"),
        ("allow_store", "did you mean `modalities.allow_store`?"),
        ("certificate_file", "did you mean `peers.certificate_file` or `dicomweb_servers.certificate_file`?"),
        ("modalities.x.y.z.allow_echo", "did you mean `modalities.allow_echo`?"),
        ("policies.label", "did you mean `policies.labels`?"),
        ("limits.zzz", "valid are deletes, share"),
        ("metrics.zzz", "did you mean `metrics`?"),
    ],
)
def test_what_is_not_there_is_an_error_with_the_nearest_name(given: str, hint: str) -> None:
    with pytest.raises(UnknownTopicError) as caught:
        find(given)
    assert given in caught.value.message
    assert caught.value.hint == hint


@given(st.text() | st.lists(st.sampled_from([word for topic in TOPICS for word in topic.path])).map(".".join))
def test_any_path_is_found_or_is_an_error(path: str) -> None:
    try:
        topic = find(path)
    except OrthancStateError as error:
        hint = error.hint
    else:
        hint = "found"
        assert topic.path == () or topic in TOPICS
    assert hint


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_the_text_fits_and_is_complete(topic: Topic) -> None:
    for width in (40, 80):
        lines = [plain(line) for line in topic_lines(topic, width)]
        words = [word for line in lines for word in line.split()]
        # A word alone, a request or a keyword, may be wider; it is never broken.
        assert all(len(line) <= width or max(map(len, line.split())) > width - 30 for line in lines)
        assert lines[0] == topic.name
        assert set(topic.summary.split()) <= set(words)
        assert {part.path[-1] for part in topic.parts} <= set(words)
    data = topic_data(topic)
    assert (data["path"], data["secret"], len(data["parts"])) == (topic.name, topic.secret, len(topic.parts))


def test_the_sections_take_one_line_each() -> None:
    lines = [plain(line) for line in section_lines(reference(), 80)]
    assert all(len(line) <= 80 and "..." not in line for line in lines)
    for topic in reference().parts:
        assert sum(re.match(rf"  {topic.name} ", line) is not None for line in lines) == 1


def test_every_example_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "key").write_text("k")
    monkeypatch.chdir(tmp_path)
    for topic in (topic for topic in TOPICS if topic.is_section and topic.name not in ("version", "prune")):
        document = loads("version: 1\n" + example_text(topic, topic.examples[0]), environment=SECRETS)
        VALIDATOR.validate(as_editors_see(document.sources[0].data))


def test_the_document_to_begin_with_is_valid_as_it_is_and_with_all_of_its_examples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "key").write_text("k")
    monkeypatch.chdir(tmp_path)
    text = starter("site.yaml", "./x.json")
    assert text.startswith("# yaml-language-server: $schema=./x.json\n")
    assert max(map(len, text.splitlines())) <= 110
    assert loads(text).sections == {}
    # As editors take a comment away: one `#`, and the blank behind it.
    whole = re.sub(r"(?m)^# (?!yaml-language-server)", "", text)
    document = loads(whole, environment=SECRETS)
    assert list(document.sections) == list(all_kinds())
    assert document.prune == {"modalities"}
    assert document.fingerprints.mode == "key"
    assert document.limits == Limits()
    assert document.warnings == ()
    VALIDATOR.validate(as_editors_see(document.sources[0].data))
    assert re.sub(r"(?m)^#", "", text).count("\n##") == 0


def test_the_page_about_the_document_is_made_of_what_there_is() -> None:
    ran = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "make_document_page.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
