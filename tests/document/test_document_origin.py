"""Where a value came from, through overlays, included files and variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orthanc_state.document.load import load
from orthanc_state.document.origin import OriginError, origin_of
from orthanc_state.document.variables import Variable
from orthanc_state.errors import Place
from orthanc_state.render.line import plain
from orthanc_state.render.origin import origin_data, origin_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = {
    "base.yaml": """\
version: 1
modalities:
  pacs: {aet: PACS, host: h, port: 104}
  ct: [CT, h, 104]
peers:
  backup: {url: "http://b", username: u, password: hunter2}
logging: {all: default}
prune: {modalities: true}
policies:
  - {name: one, level: study, labels: {add: [a]}}
""",
    "ct.yaml": """\
modalities:
  pacs: !include pacs.yaml
  ct: {port: 105}
peers:
  backup: {password: !env SET, properties: {a.b: c}}
logging: null
""",
    "pacs.yaml": 'port: "${port}"\nhost: h.${site}\n',
    "site.yaml": "DicomModalities: {pacs: {Port: 106}}\nlogging: {dicom: trace}\n",
}


@pytest.fixture
def told(tmp_path: Path) -> Callable[[str], str]:
    """Tells where a value came from, as lines of text."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    variables = {"port": Variable(11112, Place("fleet.yaml", 7, 8)), "site": "x"}
    names = ("base.yaml", "ct.yaml", "site.yaml")
    document = load(*(tmp_path / name for name in names), variables=variables, environment={"SET": "hunter2"})

    def tell(path: str) -> str:
        found = origin_of(document, path)
        text = "\n".join(map(plain, origin_lines(found))) + "\n"
        assert "hunter2" not in text + str(origin_data(found))
        return text.replace(f"{tmp_path}/", "")

    return tell


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            "modalities.pacs.port",
            """\
modalities.pacs.port: 106
  site.yaml:1:32
  overrides 11112 of pacs.yaml:1:7, included at ct.yaml:2:9, from the variable port (fleet.yaml:7:8)
  overrides 104 of base.yaml:3:36
""",
        ),
        (
            "modalities/pacs/host",
            """\
modalities.pacs.host: h.x
  pacs.yaml:2:7, included at ct.yaml:2:9, from the variable site
  overrides h of base.yaml:3:27
""",
        ),
        ("modalities.ct.port", "modalities.ct.port: 105\n  ct.yaml:3:14\n  overrides 104 of base.yaml:4:15\n"),
        ("modalities.ct.timeout", "modalities.ct.timeout: 0\n  Orthanc's default: no file says it\n"),
        (
            "peers.backup.password",
            """\
peers.backup.password: !env SET
  ct.yaml:5:22
  overrides (secret) of base.yaml:6:52
""",
        ),
        ("peers.backup.properties.a.b", "peers.backup.properties.a.b: c\n  ct.yaml:5:50\n"),
        (
            "logging.all",
            "logging.all: taken away\n  ct.yaml:6:10\n  overrides default of base.yaml:7:16\n",
        ),
        ("policies.one.labels.add", "policies.0.labels.add: [a]\n  base.yaml:10:40\n"),
        ("policies.0.level", "policies.0.level: study\n  base.yaml:10:24\n"),
        ("prune.modalities", "prune.modalities: true\n  base.yaml:8:21\n"),
        (
            "modalities.pacs",
            """\
modalities.pacs: {aet, host, port}
  site.yaml:1:19
  overrides {port, host} of ct.yaml:2:9
  overrides {aet, host, port} of base.yaml:3:3
""",
        ),
    ],
)
def test_where_a_value_came_from(told: Callable[[str], str], path: str, expected: str) -> None:
    assert told(path) == expected


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        ("modalities.pasc.port", "modalities has no `pasc`", "Did you mean `pacs`?"),
        ("modalities.pacs.prt", "modalities.pacs has no `prt`", "Did you mean `port`?"),
        ("modalites", "the document has no `modalites`", "Did you mean `modalities`?"),
        ("policies.9", "policies has no `9`", ""),
        ("", "the document has no ``", "The document has version,"),
    ],
)
def test_what_is_not_there(told: Callable[[str], str], path: str, message: str, hint: str) -> None:
    with pytest.raises(OriginError) as caught:
        told(path)
    assert caught.value.message == message
    assert caught.value.hint.startswith(hint)
