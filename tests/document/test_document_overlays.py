"""Several files as one document: a later one overrides by key, takes away with null, and is blamed for what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ruamel.yaml import YAML

from orthanc_state.document.load import DocumentError, from_data, load, loads

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.document.document import Document

BASE = """\
version: 1
modalities:
  pacs: {aet: PACS, host: 10.0.0.5, port: 104, timeout: 5}
  ct1: [CT1, 10.0.0.9, 104, GE]
peers:
  backup:
    url: http://backup
    username: sync
    password: s3cret
    http_headers: {X-One: one, X-Two: two}
    properties: {site: north, floor: first}
dicom: {default_encoding: Utf8, accepted_transfer_syntaxes: [ImplicitVRLittleEndian, JPEG2000]}
logging: {all: default, dicom: trace}
metrics: true
prune: {modalities: true}
"""


def overlaid(folder: Path, *texts: str) -> Document:
    return load(*files(folder, *texts))


def files(folder: Path, *texts: str) -> list[Path]:
    """Each text as a file: `0.yaml`, `1.yaml`."""
    paths = [folder / f"{number}.yaml" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return paths


def places(folder: Path, *texts: str) -> list[tuple[str, int, int, str]]:
    """What is wrong with files: where (file, line, column), and which field."""
    with pytest.raises(DocumentError) as caught:
        overlaid(folder, *texts)
    found = [(problem.place, problem.field) for problem in caught.value.problems]
    return [(place.file.rpartition("/")[2], place.line, place.column, field) for place, field in found if place]


MERGED = [
    ("modalities: {pacs: {port: 105}}", "modalities: {pacs: {aet: PACS, host: 10.0.0.5, port: 105, timeout: 5}}"),
    ("DicomModalities: {pacs: {Port: 105}}", "modalities: {pacs: {aet: PACS, host: 10.0.0.5, port: 105, timeout: 5}}"),
    # A field that is taken away has Orthanc's default again
    ("modalities: {pacs: {timeout: null}}", "modalities: {pacs: {aet: PACS, host: 10.0.0.5, port: 104}}"),
    ("modalities: {ct1: {port: 105}}", "modalities: {ct1: [CT1, 10.0.0.9, 105, GE]}"),
    ("modalities: {ct1: [CT2, 10.0.0.9, 104]}", "modalities: {ct1: [CT2, 10.0.0.9, 104, GE]}"),
    ("modalities: {mr1: [MR1, 10.0.0.8, 104]}", "modalities: {mr1: [MR1, 10.0.0.8, 104]}"),
    ("modalities: {pacs: null}", "modalities: {pacs: null}"),
    ("modalities: null\nprune: null", "modalities: null\nprune: null"),
    ("logging: {dicom: null}", "logging: {all: default}"),
    ("logging: {dicom: verbose}", "logging: {all: default, dicom: verbose}"),
    ("metrics: false", "metrics: false"),
    ("metrics: null", "metrics: null"),
    ("MetricsEnabled: false", "metrics: false"),
    ("dicom: {accepted_transfer_syntaxes: [RLELossless]}", "dicom: {accepted_transfer_syntaxes: [RLELossless]}"),
    ("AcceptedTransferSyntaxes: [RLELossless]", "dicom: {accepted_transfer_syntaxes: [RLELossless]}"),
    ("AcceptedTransferSyntaxes: null", "dicom: {accepted_transfer_syntaxes: null}"),
    ("peers: {backup: {http_headers: {X-One: 'new'}}}", "peers: {backup: {http_headers: {X-One: 'new', X-Two: two}}}"),
    ("peers: {backup: {http_headers: null}}", "peers: {backup: {http_headers: null}}"),
    ("peers: {backup: {properties: {site: null}}}", "peers: {backup: {properties: {floor: first}}}"),
    ("peers: {backup: {properties: null}}", "peers: {backup: {properties: null}}"),
]
"""What is laid over `BASE`, and the same with every entry and section that it touches written out; null is left out."""


def replaced(base: dict[str, object], parts: dict[str, object]) -> dict[str, object]:
    """`base` with the sections, entries and fields of `parts`, without those that are null there."""
    result = dict(base)
    for key, value in parts.items():
        if value is None:
            result.pop(key, None)
        elif (
            isinstance(value, dict)
            and isinstance(result.get(key), dict)
            and key in {"modalities", "peers", "dicom", "backup"}
        ):
            inner = result[key]
            assert isinstance(inner, dict)
            result[key] = replaced(inner, value)
        else:
            result[key] = value
    return result


@pytest.mark.parametrize(("overlay", "meant"), MERGED)
def test_a_later_file_overrides_by_key(tmp_path: Path, overlay: str, meant: str) -> None:
    yaml = YAML(typ="safe")
    expected = from_data(replaced(yaml.load(BASE), yaml.load(meant)))
    document = overlaid(tmp_path, BASE, overlay)
    assert document.sections == expected.sections
    assert document.prune == expected.prune


def test_null_says_of_a_secret_that_there_must_be_none(tmp_path: Path) -> None:
    document = overlaid(
        tmp_path, BASE, "peers: {backup: {username: null, password: null, http_headers: {X-One: null}}}"
    )
    backup = document.sections["peers"]["backup"]
    assert (backup.username, backup.password) == ("", None)
    assert "password" in backup.model_fields_set, "what is said is not what is left out"
    assert backup.http_headers["X-One"] is None
    assert backup.http_headers["X-Two"] is not None


def test_null_takes_an_entry_away_but_does_not_declare_it_absent(tmp_path: Path) -> None:
    document = overlaid(tmp_path, BASE, "modalities: {ct1: null}")
    assert list(document.sections["modalities"]) == ["pacs"]


def test_null_for_what_no_earlier_file_has_is_a_mistake(tmp_path: Path) -> None:
    assert places(tmp_path, BASE, "modalities: {ct9: null}") == [("1.yaml", 1, 19, "modalities.ct9")]


def test_three_files_override_in_their_order(tmp_path: Path) -> None:
    document = overlaid(
        tmp_path,
        BASE,
        "modalities: {pacs: {port: 1, timeout: 6}, ct1: null}\nmetrics: false",
        "modalities: {pacs: {port: 2}, ct1: [CT1, h, 1]}",
    )
    modalities = document.sections["modalities"]
    assert (modalities["pacs"].port, modalities["pacs"].timeout) == (2, 6)
    assert (modalities["ct1"].host, modalities["ct1"].manufacturer) == ("h", "Generic")
    assert document.sections["metrics"] is False
    assert [source.name.rpartition("/")[2] for source in document.sources] == ["0.yaml", "1.yaml", "2.yaml"]


def test_the_same_files_in_another_order_are_another_document(tmp_path: Path) -> None:
    low, high = files(tmp_path, "version: 1\nmetrics: true", "version: 1\nmetrics: false")
    assert load(low, high).sections == {"metrics": False}
    assert load(high, low).sections == {"metrics": True}


def test_one_file_given_twice_is_that_file(tmp_path: Path) -> None:
    (path,) = files(tmp_path, BASE)
    assert load(path, path).sections == load(str(path)).sections == loads(BASE).sections


@pytest.mark.parametrize(
    ("overlay", "expected"),
    [
        ("modalities: {pacs: {port: 0}}", [("1.yaml", 1, 27, "modalities.pacs.port")]),
        ("\nDicomModalities:\n  pacs: {Port: 0}", [("1.yaml", 3, 16, "modalities.pacs.port")]),
        ("modalities: {ct1: [CT1, h, 0]}", [("1.yaml", 1, 28, "modalities.ct1.port")]),
        ("modalities: {pacs: {host: null}}", [("1.yaml", 1, 27, "modalities.pacs.host")]),
        ("modalities: {PACS: {aet: PACS, host: h}}", [("1.yaml", 1, 14, "modalities.PACS.port")]),
        ("logging: {all: loud}", [("1.yaml", 1, 16, "logging.all")]),
        ("colour: red", [("1.yaml", 1, 1, "colour")]),
        ("version: 2", [("1.yaml", 1, 10, "version")]),
        ("modalities: null", [("0.yaml", 15, 21, "prune.modalities")]),
    ],
)
def test_the_file_that_says_it_is_blamed(
    tmp_path: Path, overlay: str, expected: list[tuple[str, int, int, str]]
) -> None:
    assert places(tmp_path, BASE, overlay) == expected


def test_what_an_earlier_file_says_wrong_is_no_problem_when_it_is_overridden(tmp_path: Path) -> None:
    wrong = BASE.replace("port: 104", "port: 0")
    assert places(tmp_path, wrong, "metrics: false") == [("0.yaml", 3, 43, "modalities.pacs.port")]
    assert overlaid(tmp_path, wrong, "modalities: {pacs: {port: 104}}").sections == loads(BASE).sections


def test_the_problems_of_all_files_are_told_together(tmp_path: Path) -> None:
    found = places(
        tmp_path,
        "version: 1\nmetrics: perhaps\nmodalities: {a: [A, h, 0]}\n",
        "logging: {all: loud}\nmodalities:\n  b: [B, h, 0]\n",
        "metrics: !env UNSET_FOR_SURE\nlogging: {lua: loud}\n",
    )
    assert [(file, line) for file, line, _, _ in found] == [
        ("0.yaml", 3),
        ("1.yaml", 1),
        ("1.yaml", 3),
        ("2.yaml", 1),
        ("2.yaml", 2),
    ]


def test_a_file_that_cannot_be_read_hides_nothing_of_the_yaml_of_the_others(tmp_path: Path) -> None:
    broken, _ = files(tmp_path, "version: 1\nversion: 1\n", "")
    with pytest.raises(DocumentError) as caught:
        load(broken, tmp_path / "1.yaml", tmp_path / "missing.yaml", tmp_path)
    told = [str(problem).removeprefix(str(tmp_path)) for problem in caught.value.problems]
    (twice,) = [line for line in told if line.startswith("/0.yaml:2:1: ") and "given twice" in line]
    assert told == [
        ": cannot be read: Is a directory",
        twice,
        "/1.yaml: the file is empty (A document begins with `version: 1`.)",
        "/missing.yaml: cannot be read: No such file or directory",
    ]


def test_a_missing_file_does_not_make_what_it_declares_look_missing(tmp_path: Path) -> None:
    # A section that is taken for absent because its file is would be one step from being deleted.
    (overlay,) = files(tmp_path, "modalities: {pacs: {port: 105}}")
    with pytest.raises(DocumentError) as caught:
        load(tmp_path / "missing.yaml", overlay)
    assert len(caught.value.problems) == 1


def test_secret_files_are_looked_for_beside_the_file_that_names_them(tmp_path: Path) -> None:
    for name in ("base", "site"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "key").write_text(f"key of {name}\n")
    base, site = tmp_path / "base" / "a.yaml", tmp_path / "site" / "a.yaml"
    base.write_text("version: 1\npeers: {a: {url: http://a, username: u, password: !file key}}\n")
    site.write_text("peers: {b: {url: http://b, username: u, password: !file key}}\n")
    peers = load(base, site).sections["peers"]
    assert {name: peer.password.reveal() for name, peer in peers.items()} == {"a": "key of base", "b": "key of site"}


def test_no_file_at_all_is_no_document() -> None:
    with pytest.raises(DocumentError, match="no document was given"):
        load()


def test_a_value_is_found_in_the_file_that_gives_it_last(tmp_path: Path) -> None:
    document = overlaid(
        tmp_path, BASE, "modalities: {pacs: {port: 105}}\n", "AcceptedTransferSyntaxes: [RLELossless]\n"
    )

    def where(*path: str | int) -> tuple[str, int, int] | None:
        place = document.place(path)
        return None if place is None else (place.file.rpartition("/")[2], place.line, place.column)

    assert where("modalities", "pacs", "port") == ("1.yaml", 1, 27)
    assert where("modalities", "pacs", "aet") == ("0.yaml", 3, 15)
    assert where("modalities", "ct1", "manufacturer") == ("0.yaml", 4, 29)
    assert where("dicom", "accepted_transfer_syntaxes", 0) == ("2.yaml", 1, 28)
    assert where("peers", "backup", "http_headers", "X-Two") == ("0.yaml", 10, 39)
    # What stands nowhere is where it would stand.
    assert where("modalities", "ct1", "timeout") == ("0.yaml", 4, 3)
    assert loads("version: 1").place(("metrics",)) is not None


def test_data_has_no_places() -> None:
    assert from_data({"version": 1, "metrics": True}).place(("metrics",)) is None
