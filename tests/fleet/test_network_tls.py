"""Links over DICOM TLS, between real servers that take nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state import Orthanc
from orthanc_state.client import ServerError
from orthanc_state.fleet.apply import apply_fleet
from orthanc_state.fleet.inventory import Inventory
from orthanc_state.fleet.plan import plan_fleet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orthanc_state.testing import OrthancServer


def test_a_link_with_tls_works_and_one_without_does_not(
    orthanc_server: OrthancServer,
    start_orthanc: Callable[..., OrthancServer],
    dicom_tls: dict[str, object],
    tmp_path: Path,
) -> None:
    other = start_orthanc({"DicomAet": "OTHER", **dicom_tls, "DicomAlwaysAllowEcho": False})
    one = start_orthanc({"DicomAet": "ONE", **dicom_tls, "DicomAlwaysAllowEcho": False})
    path = tmp_path / "fleet.yaml"

    def works(link: str, node: str = "") -> bool:
        path.write_text(
            f"version: 1\nservers:\n  one: {{url: '{one.url}'}}\n  other: {{url: '{other.url}'}}\nnetwork:\n  nodes:\n"
            f"    one: [ONE, 127.0.0.1, {one.dicom_port}]\n"
            f"    other: {{aet: OTHER, host: 127.0.0.1, port: {other.dicom_port}{node}}}\n  links:\n    {link}\n"
        )
        inventory = Inventory.load(path)
        assert apply_fleet(plan_fleet(inventory.select()), inventory.members).ok
        with Orthanc(one.url) as orthanc:
            try:
                orthanc.modalities["other"].echo()
            except ServerError:
                return False
        return True

    assert not works("one -> other: echo")
    assert works("one -> other: echo, tls")
    assert works("one -> other: echo", ", use_dicom_tls: true")
    assert not works("one -> other: find, tls")
