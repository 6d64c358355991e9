"""`!include`: a file in the place of a value, with its own lines and its own relative paths, from one folder only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from orthanc_state.document.load import DocumentError, from_data, load, loads

if TYPE_CHECKING:
    from pathlib import Path

    from orthanc_state.document.document import Document


def write(folder: Path, **files: str) -> Path:
    """Files by their names without `.yaml`, `__` standing for a folder; `site` begins with its version."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"version: 1\n{text}" if name == "site" else text)
    return folder / "site.yaml"


def problems(path: Path, root: Path | None = None) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        load(path, environment={}, root=root)
    folder = str(path.parent)
    return [str(problem).replace(f"{folder}/", "").replace(folder, "FOLDER") for problem in caught.value.problems]


def sections(document: Document) -> object:
    return dict(document.sections)


def test_a_file_stands_in_the_place_of_a_value(tmp_path: Path) -> None:
    site = write(
        tmp_path,
        site="""\
modalities:
  <<: !include parts/scanners.yaml
  pacs: !include parts/pacs.yaml
dicom: {accepted_transfer_syntaxes: !include syntaxes.yaml}
""",
        parts__scanners="ct: [CT, h, 104]\nmr: !include mr.yaml\n",
        parts__mr="{aet: MR, host: h, port: 104}\n",
        parts__pacs="aet: PACS\nhost: h\nport: 104\n",
        syntaxes="[JPEG2000, RLELossless]\n",
    )
    written_out = from_data(
        {
            "version": 1,
            "modalities": {
                "ct": ["CT", "h", 104],
                "mr": {"aet": "MR", "host": "h", "port": 104},
                "pacs": {"aet": "PACS", "host": "h", "port": 104},
            },
            "dicom": {"accepted_transfer_syntaxes": ["JPEG2000", "RLELossless"]},
        }
    )
    assert sections(load(site)) == sections(written_out)


def test_each_value_keeps_its_file_and_line(tmp_path: Path) -> None:
    site = write(
        tmp_path,
        site="modalities:\n  <<: !include more.yaml\n  pacs: !include pacs.yaml\npeers: !include peers.yaml\n",
        more="ct:\n  aet: CT\n  host: h\n  port: 0\n",
        pacs="aet: PACS\nhost: h\nprt: 1\n",
        peers="- 5\n",
    )
    assert problems(site) == [
        "more.yaml:4:9 modalities.ct.port: `0`: expected 1 or more",
        "pacs.yaml:3:1 modalities.pacs.prt: unknown key `prt` (did you mean `port`?)",
        "site.yaml:4:3 modalities.pacs.port: `port` is missing",
        "site.yaml:5:8 peers: expected a mapping of names to entries",
    ]


def test_references_are_relative_to_the_file_that_has_them(tmp_path: Path) -> None:
    site = write(
        tmp_path,
        site="peers: !include peers/all.yaml\n",
        peers__all="a: {url: 'http://a', username: u, password: !file key}\n",
    )
    (tmp_path / "peers" / "key").write_text("canary\n")
    password = load(site).sections["peers"]["a"].password
    assert password.reveal() == "canary"
    assert password.file == tmp_path / "peers" / "key"


def test_variables_stand_in_included_files_too(tmp_path: Path) -> None:
    site = write(tmp_path, site="modalities: {a: !include a.yaml}\n", a='[A, "${host}", 104]\n')
    assert load(site, variables={"host": "x"}).sections["modalities"]["a"].host == "x"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("../secret.yaml", "../secret.yaml is outside of FOLDER, and only files in it are included"),
        ("/etc/passwd", "/etc/passwd is outside of FOLDER, and only files in it are included"),
        ("link.yaml", "link.yaml is outside of FOLDER, and only files in it are included"),
        ("sub/../../secret.yaml", "sub/../../secret.yaml is outside of FOLDER, and only files in it are included"),
        ("nothing.yaml", "cannot read nothing.yaml: No such file or directory"),
        ("sub", "sub is not a regular file"),
        ("pipe", "pipe is not a regular file"),
        ("loop", "cannot read loop: "),
        ("'a${b}.yaml'", "the name of an included file holds no variables"),
        ("''", "expected the path of a file"),
        ("scalar.yaml", "an included file holds a mapping or a list: write the value itself"),
        ("site.yaml", "a file that includes itself: site.yaml → site.yaml"),
        ("[a.yaml]", "an unknown tag"),
    ],
)
def test_what_cannot_be_included(tmp_path: Path, text: str, expected: str) -> None:
    folder = tmp_path / "documents"
    site = write(folder, site=f"metrics: !include {text}\n", scalar="true\n")
    (tmp_path / "secret.yaml").write_text("[canary]\n")
    (folder / "link.yaml").symlink_to("../secret.yaml")
    (folder / "loop").symlink_to("loop")
    (folder / "sub").mkdir()
    os.mkfifo(folder / "pipe")
    found = problems(site)
    assert any(problem.startswith(f"site.yaml:2:10: {expected}") for problem in found), found
    assert "canary" not in str(found)


def test_the_folder_can_be_a_wider_one(tmp_path: Path) -> None:
    site = write(tmp_path / "sites", site="modalities: !include ../common.yaml\n")
    (tmp_path / "common.yaml").write_text("a: [A, h, 104]\n")
    assert "is outside of FOLDER" in problems(site)[0]
    assert load(site, root=tmp_path).sections["modalities"]["a"].aet == "A"


def test_what_is_wrong_in_an_included_file_is_said_once(tmp_path: Path) -> None:
    site = write(tmp_path, site="modalities: {a: !include a.yaml, b: !include empty.yaml}\n", a="[A, h,\n", empty="")
    assert problems(site) == [
        "a.yaml:2:1: not YAML from here on (quote text that holds signs of YAML)",
        "empty.yaml: the file is empty",
    ]


def test_files_that_include_each_other(tmp_path: Path) -> None:
    site = write(tmp_path, site="modalities: !include a.yaml\n", a="x: !include b.yaml\n", b="y: !include a.yaml\n")
    assert "b.yaml:1:4: a file that includes itself: a.yaml → b.yaml → a.yaml" in problems(site)
    deep = {f"d{number}": f"x: !include d{number + 1}.yaml\n" for number in range(12)}
    site = write(tmp_path, site="modalities: !include d0.yaml\n", **deep, d12="{}\n")
    assert any("more than 10 files include each other in a row" in problem for problem in problems(site))


def test_a_bomb_of_includes_is_refused(tmp_path: Path) -> None:
    lines = "".join(f"  - !include b{depth}.yaml\n" for depth in (1,) for _ in range(40))
    site = write(
        tmp_path,
        site=f"modalities:\n{lines}",
        b1="".join("- !include b2.yaml\n" for _ in range(40)),
        b2="".join("- x\n" for _ in range(10)),
    )
    assert any("more than 1000 files are included" in problem for problem in problems(site))


def test_what_is_included_tells_documents_apart(tmp_path: Path) -> None:
    site = write(tmp_path, site="modalities: !include a.yaml\n", a="a: [A, h, 104]\n")
    before = load(site).digest
    write(tmp_path, a="a: [A, h, 105]\n")
    assert load(site).digest != before


def test_a_text_includes_from_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, a="[A, h, 104]\n")
    assert loads("version: 1\nmodalities: {a: !include a.yaml}\n").sections["modalities"]["a"].aet == "A"
