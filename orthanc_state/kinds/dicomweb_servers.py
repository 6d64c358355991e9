"""The DICOMweb servers that an Orthanc knows. They are a matter of a plugin, and gone when it restarts."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from orthanc_state.client import NotFoundError, UnexpectedAnswerError
from orthanc_state.client.answer import configuration, unexpected
from orthanc_state.client.path import join
from orthanc_state.kinds.constraints import AnyName, HttpUrl
from orthanc_state.kinds.field import Wire
from orthanc_state.kinds.kind import Lack
from orthanc_state.kinds.secret import Secret
from orthanc_state.kinds.web_service import WebService, WebServices

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orthanc_state.client import Orthanc
    from orthanc_state.kinds.kind import Context, Wanted
    from orthanc_state.kinds.state import State

PLUGIN = "dicom-web"
"""What the plugin is called in `/plugins`."""

ENDPOINT = "/dicom-web/servers"
"""Where the servers are, as long as `Root` in the configuration of the plugin is what it is by default."""

CLIENT = "app/client/index.html"
"""Where, below the root of its API, the plugin has its web page; its root is told in no other way."""

READINGS = 20
"""How often the list is read until nothing goes away meanwhile."""

TEXTS = ("HasDelete", "ChunkedTransfers", "HasWadoRsUniversalTransferSyntax")
"""The fields that the plugin keeps as custom properties, which are text."""

_TRUTH = {"1": True, "true": True, "0": False, "false": False}
"""The words for true and false in a custom property, as the plugin reads them."""


class DicomWebServer(WebService):
    """One server that speaks DICOMweb."""

    url: Annotated[HttpUrl, Wire("Url")] = Field(description="Base URL of its DICOMweb API, http:// or https://.")
    has_delete: Annotated[bool, Wire("HasDelete")] = Field(
        False, description="It lets studies, series and instances be deleted over DICOMweb."
    )
    chunked_transfers: Annotated[bool, Wire("ChunkedTransfers")] = Field(
        True, description="Send to it in chunks, without holding in memory what is sent."
    )
    has_wado_rs_universal_transfer_syntax: Annotated[bool, Wire("HasWadoRsUniversalTransferSyntax")] = Field(
        True, description="It understands `transfer-syntax=*`; false for Orthanc with version 1.0 of the plugin."
    )


class DicomWebServers(WebServices):
    """`dicomweb_servers:` in a document, `Servers` of `DicomWeb` in `orthanc.json`.

    The plugin answers as Orthanc does for peers, and leaves out those of `TEXTS` that were not given.
    """

    name = "dicomweb_servers"
    rank = 25
    orthanc_name = "DicomWeb.Servers"
    summary = "The DICOMweb servers that it sends to and queries. Takes the DICOMweb plugin."
    durability = "DicomWeb.ServersInDatabase"
    example: ClassVar[Any] = {
        "cloud": {
            "url": "https://cloud.example/dicom-web/",
            "username": "sync",
            "password": Secret("", "!env CLOUD_PASSWORD"),
            "has_delete": True,
        },
    }
    model = DicomWebServer
    names = AnyName

    def configurations(self, orthanc: Orthanc) -> dict[str, dict[str, Any]]:
        endpoint = _endpoint(orthanc)
        return _servers(orthanc, endpoint) if endpoint else {}

    def configuration(self, orthanc: Orthanc, name: str) -> dict[str, Any] | None:
        # The plugin tells of one only together with all others.
        return self.configurations(orthanc).get(name)

    def read(self, orthanc: Orthanc, section: Any = None) -> dict[str, Any]:
        try:
            endpoint = _endpoint(orthanc)
        except NotFoundError:
            return {"loaded": False, "endpoint": None, "servers": {}}
        servers = _servers(orthanc, endpoint) if endpoint else {}
        return {"loaded": True, "endpoint": endpoint, "servers": servers}

    def lack(self, raw: Any) -> Lack | None:
        if not raw["loaded"]:
            return Lack(
                "DICOMweb servers need the DICOMweb plugin, and this server has not loaded it",
                "install it (Debian: orthanc-dicomweb), name it in Plugins, or leave this section out",
            )
        if raw["endpoint"] is None:
            return Lack(
                "DICOMweb servers need the DICOMweb plugin, and on this server it is disabled",
                "set Enable to true in DicomWeb of its configuration",
            )
        return None

    def live(self, raw: Any, section: Any, context: Context) -> dict[str, State]:
        return super().live(raw["servers"], section, context)

    def live_state(self, raw: Mapping[str, Any], context: Context) -> State:
        switches = {field: _TRUTH.get(raw[field], raw[field]) for field in TEXTS if field in raw}
        return super().live_state({**raw, **switches}, context)

    def snapshot(self, raw: Any, section: Any) -> Any:
        return {**raw, "servers": super().snapshot(raw["servers"], section)}

    def from_snapshot(self, data: Any, section: Any) -> Any:
        if not isinstance(data, dict) or data.keys() != {"loaded", "endpoint", "servers"}:
            raise ValueError(self.name)
        return data

    def wanted(
        self, section: dict[str, Any], raw: Any, live: Mapping[str, State], context: Context
    ) -> Iterable[Wanted]:
        return super().wanted(section, raw.get("servers", {}), live, context)

    def as_read(self, entries: Any) -> dict[str, Any]:
        return {"servers": super().as_read(entries)}

    def elsewhere(self, section: dict[str, Any]) -> Iterable[tuple[tuple[str | int, ...], str]]:
        yield from super().elsewhere(section)
        # Debian's package brings a file that has the section already.
        yield (), "Orthanc takes a section from one file only: what `DicomWeb` has elsewhere has to be put beside it"

    def request_path(self, name: str) -> str:
        return ENDPOINT + join(name)

    def path_on(self, orthanc: Orthanc, path: str) -> str:
        return (_endpoint(orthanc) or ENDPOINT) + path.removeprefix(ENDPOINT)


def _endpoint(orthanc: Orthanc) -> str | None:
    """The path of the list of servers, which depends on `Root` in the configuration; None if it is disabled.

    Raises:
        NotFoundError: The server has not loaded the plugin.
    """
    page = orthanc.plugins[PLUGIN].information().get("RootUri")
    if not page:
        return None
    root = str(page).removeprefix("..").removesuffix(CLIENT)
    return join(*filter(None, root.split("/")), "servers")


def _servers(orthanc: Orthanc, endpoint: str) -> dict[str, dict[str, Any]]:
    """Each name with its configuration.

    The plugin collects the names and then looks for each of them: where one is deleted meanwhile, by whomever, it
    answers 404 for the list. That says nothing of any other entry, so the list is read once more.
    """
    for _ in range(READINGS):
        with suppress(NotFoundError):
            answer = orthanc.get(endpoint, params={"expand": ""})
            break
    else:
        raise UnexpectedAnswerError(
            f"GET {endpoint} was refused {READINGS} times, as it is while servers are deleted from its list",
            hint="Wait until nobody else changes it.",
        )
    if not isinstance(answer, dict):
        raise unexpected("GET", endpoint, "a mapping of names to configurations")
    return {name: configuration(endpoint, entry) for name, entry in answer.items()}


KIND = DicomWebServers()
