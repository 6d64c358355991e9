"""What is there before the examples of a page are run: files that it speaks of, and servers as it shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import trustme

from orthanc_state import Orthanc, apply, from_data, plan
from tests.api.dicom_files import basic, ct, encoded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orthanc_state.testing import OrthancServer
    from tests.docs.sandbox import Sandbox

HERE = "http://localhost:8042"
CT = "1.2.840.10008.5.1.4.1.1.2"


def site(sandbox: Sandbox, start: Any) -> None:
    """A document that is in sync, and the server."""
    _server(sandbox, start)
    sandbox.write("site.yaml", "version: 1\nmetrics: true\n")


def tutorial(sandbox: Sandbox, start: Any) -> None:
    """An empty server."""
    _server(sandbox, start)


def readme(sandbox: Sandbox, start: Any) -> None:
    """The server of the first plan; a PACS that takes what is sent; files; a fleet."""
    pacs = start()
    server = _server(sandbox, start, {"Name": "ward7", "DicomAet": "WARD7"}, plugins=["dicomweb"])
    sandbox.environment |= {"BACKUP_PASSWORD": "before", "ORTHANC_URL": server.url}
    with Orthanc(server.url) as orthanc:
        orthanc.modalities["pacs"].put({"AET": "PACS", "Host": "10.0.0.5", "Port": 104})
        orthanc.modalities["old-workstation"].put({"AET": "OLD", "Host": "10.0.0.7", "Port": 104})
        orthanc.peers["archive"].put({"Url": "http://archive.example/"})
        backup = {"url": "https://backup.example/", "username": "sync", "password": "older"}
        apply(orthanc, plan(orthanc, from_data({"version": 1, "peers": {"backup": backup}})))
    _files(sandbox)
    sandbox.names["before"] = (
        "import atexit\nfrom orthanc_state import Orthanc\n"
        f'orthanc = Orthanc("{HERE}")\natexit.register(orthanc.close)\n'
        f'orthanc.modalities["pacs"].put({{"AET": "ORTHANC", "Host": "127.0.0.1", "Port": {pacs.dicom_port}}})\n'
    )
    _fleet(sandbox, start)


def secrets(sandbox: Sandbox, start: Any) -> None:
    """The files of the secrets."""
    _server(sandbox, start)
    sandbox.write("secrets/api-key", "a key\n")


def policies(sandbox: Sandbox, start: Any) -> None:
    """A study that is old."""
    server = _server(sandbox, start)
    with Orthanc(server.url) as orthanc:
        orthanc.instances.upload(
            encoded(basic(CT, "P1", 1, Modality="CT", StudyDate="20100101", InstitutionName="HOSPITAL"))
        )


def connecting(sandbox: Sandbox, start: Any) -> None:
    """A server with a user."""
    _server(sandbox, start, {"AuthenticationEnabled": True, "RegisteredUsers": {"admin": "correct horse"}})
    sandbox.write("site.yaml", "version: 1\nmetrics: true\n")
    sandbox.write("secrets/orthanc", "correct horse\n")


def python(sandbox: Sandbox, start: Any) -> None:
    """Files to be uploaded."""
    site(sandbox, start)
    _files(sandbox)


def pipelines(sandbox: Sandbox, start: Any) -> None:
    """A second document, of which something is pending."""
    site(sandbox, start)
    sandbox.write("other.yaml", "version: 1\nmetrics: false\n")


def plans(sandbox: Sandbox, start: Any) -> None:
    """A server that the environment names."""
    site(sandbox, start)
    sandbox.write("site.yaml", "version: 1\nmodalities: {pacs: [PACS, h, 104]}\nmetrics: false\n")
    sandbox.environment["ORTHANC_URL"] = sandbox.servers[HERE]


def fleet(sandbox: Sandbox, start: Any) -> None:
    """The servers of the inventory that the page begins with, and its documents."""
    _fleet(sandbox, start)


def network(sandbox: Sandbox, start: Any) -> None:
    """The document of the one server."""
    sandbox.write("pacs.yaml", "version: 1\n")


def checks(sandbox: Sandbox, start: Any) -> None:
    """A document, a fleet, and what a server is started with."""
    plans(sandbox, start)
    _fleet(sandbox, start)
    sandbox.write("orthanc.d/orthanc.json", "{}")


def configuration_files(sandbox: Sandbox, start: Any) -> None:
    """The configuration of a server."""
    sandbox.write(
        "etc/orthanc/orthanc.json",
        "{\n"
        '  // of the server\n  "Name": "ward7",\n\n\n\n\n\n\n\n'
        '  "DicomModalities": {\n    "pacs": ["PACS", "10.0.0.5", 104],\n\n'
        '      "ct1": {"AET": "AN_AE_TITLE_THAT_IS_LONG", "Host": "h", "Port": 104}\n  }\n}\n',
    )
    sandbox.servers["/etc/orthanc"] = "etc/orthanc"
    sandbox.write("orthanc.env", "")


def _server(sandbox: Sandbox, start: Any, configuration: dict[str, Any] | None = None, **more: Any) -> OrthancServer:
    server: OrthancServer = start(configuration, **more)
    sandbox.servers[HERE] = server.url
    return server


def _files(sandbox: Sandbox) -> None:
    folder = sandbox.folder / "incoming"
    folder.mkdir()
    (folder / "a.dcm").write_bytes(encoded(ct()))


def _fleet(sandbox: Sandbox, start: Any) -> None:
    """The inventory of the page on fleets: three servers, of which one may be down."""
    for theirs, suite in (("https://pacs.example:8042", "trixie"), ("https://viewer.example/orthanc", "forky")):
        sandbox.servers[theirs] = start(suite=suite).url
    trustme.CA().cert_pem.write_to_path(_made(sandbox.folder / "certs" / "ca.pem"))
    sandbox.write("secrets/viewer", "a token\n")
    sandbox.environment |= {"ORTHANC_PASSWORD": "x", "PACS_PASSWORD": "y"}
    sandbox.write("base.yaml", "version: 1\nmodalities:\n  <<: !include scanners.yaml\n")
    sandbox.write("scanners.yaml", "# scanners\npacs: {aet: P, host: h, port: 104}\n")
    sandbox.write("ct.yaml", "version: 1\nlogging: {all: default}\n")
    sandbox.write("pacs.yaml", "version: 1\nmodalities:\n  pacs: {host: h,\n    port: 104}\n")
    sandbox.write(
        "fleet.yaml",
        "version: 1\ndocuments: [base.yaml]\n"
        "groups: {ct: {}, archive: {}}\n"
        "servers:\n"
        '  pacs: {url: "https://pacs.example:8042", groups: [ct, archive]}\n'
        '  viewer: {url: "https://viewer.example/orthanc", groups: [ct]}\n',
    )


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


SCENES: dict[str, Callable[[Sandbox, Any], None]] = {
    "README.md": readme,
    "docs/checks.md": checks,
    "docs/configuration-files.md": configuration_files,
    "docs/connecting.md": connecting,
    "docs/errors.md": site,
    "docs/fleet.md": fleet,
    "docs/network.md": network,
    "docs/notebooks.md": plans,
    "docs/pipelines.md": pipelines,
    "docs/plans.md": plans,
    "docs/policies.md": policies,
    "docs/python.md": python,
    "docs/secrets.md": secrets,
    "docs/tutorial.md": tutorial,
    "docs/upgrading.md": site,
}
"""For each page that needs something what prepares it."""
