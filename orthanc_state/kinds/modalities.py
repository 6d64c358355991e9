"""The DICOM servers that an Orthanc knows: whom it sends to and queries, and who may do what with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, model_validator

from orthanc_state.kinds.collection import Absent, Collection, Entry
from orthanc_state.kinds.constraints import AETitle, Host, OptionalAETitle, Port, Seconds
from orthanc_state.kinds.field import Wire
from orthanc_state.kinds.json_schema import AlsoAccepts

if TYPE_CHECKING:
    from orthanc_state.client import Orthanc

Manufacturer = Literal[
    "Generic",
    "GenericNoWildcardInDates",
    "GenericNoUniversalWildcard",
    "Vitrea",
    "GE",
    "SiemensSyngoCT",
]

OBSOLETE_MANUFACTURERS = {
    "ClearCanvas": "Generic",
    "Dcm4Chee": "Generic",
    "MedInria": "Generic",
    "EFilm2": "Generic",
    "SyngoVia": "GenericNoWildcardInDates",
    "AgfaImpax": "GenericNoWildcardInDates",
}
"""Names that Orthanc still takes but answers by another: kept as they are, they would differ for ever."""


def _current_manufacturer(value: Any) -> Any:
    return OBSOLETE_MANUFACTURERS.get(value, value) if isinstance(value, str) else value


_BOOL = TypeAdapter(bool)


class Modality(Entry):
    """One DICOM server, by what it is called, where it is, and what it may do."""

    aet: Annotated[AETitle, Wire("AET")] = Field(
        description="AE title of the modality, 1 to 16 characters.", examples=["PACS"]
    )
    host: Annotated[Host, Wire("Host")] = Field(
        description="Host name or IP address of the modality.", examples=["10.0.0.5", "pacs.hospital.example"]
    )
    port: Annotated[Port, Wire("Port")] = Field(
        description="TCP port on which the modality accepts DICOM.", examples=[104, 11112]
    )
    manufacturer: Annotated[
        Manufacturer,
        BeforeValidator(_current_manufacturer),
        AlsoAccepts({"enum": list(OBSOLETE_MANUFACTURERS), "deprecated": True, "doNotSuggest": True}),
        Wire("Manufacturer", values_since={"SiemensSyngoCT": "1.13.0"}),
    ] = Field("Generic", description="Works round what products of this maker do differently.")
    allow_echo: Annotated[bool, Wire("AllowEcho")] = Field(
        True, description="Answer its C-ECHO. No effect while the server has DicomAlwaysAllowEcho."
    )
    allow_find: Annotated[bool, Wire("AllowFind")] = Field(
        True, description="Answer its C-FIND. No effect while the server has DicomAlwaysAllowFind."
    )
    allow_find_worklist: Annotated[bool, Wire("AllowFindWorklist")] = Field(
        True,
        description="Answer its C-FIND for worklists. No effect while the server has DicomAlwaysAllowFindWorklist.",
    )
    allow_get: Annotated[bool, Wire("AllowGet")] = Field(
        True, description="Answer its C-GET. No effect while the server has DicomAlwaysAllowGet."
    )
    allow_move: Annotated[bool, Wire("AllowMove")] = Field(
        True, description="Answer its C-MOVE. No effect while the server has DicomAlwaysAllowMove."
    )
    allow_store: Annotated[bool, Wire("AllowStore")] = Field(
        True, description="Accept its C-STORE. No effect while the server has DicomAlwaysAllowStore."
    )
    allow_n_action: Annotated[bool, Wire("AllowNAction")] = Field(
        True, description="Accept its N-ACTION, with which it asks for a storage commitment."
    )
    allow_event_report: Annotated[bool, Wire("AllowEventReport")] = Field(
        True, description="Accept its N-EVENT-REPORT, with which it answers a storage commitment."
    )
    allow_transcoding: Annotated[bool, Wire("AllowTranscoding")] = Field(
        True, description="Transcode what is sent to it when it does not accept the transfer syntax."
    )
    use_dicom_tls: Annotated[bool, Wire("UseDicomTls")] = Field(False, description="Connect to it with DICOM TLS.")
    local_aet: Annotated[OptionalAETitle, Wire("LocalAet")] = Field(
        "", description="AE title under which Orthanc calls it; empty for the server's own (DicomAet)."
    )
    timeout: Annotated[Seconds, Wire("Timeout")] = Field(
        0, description="Seconds to wait for it; 0 for the server's own (DicomScuTimeout)."
    )
    retrieve_method: Annotated[Literal["SystemDefault", "C-MOVE", "C-GET"], Wire("RetrieveMethod", since="1.12.6")] = (
        Field("SystemDefault", description="How resources are fetched from it after a query.")
    )

    allow_storage_commitment: bool | None = Field(
        None,
        description="Both rights of storage commitment at once: allow_n_action and allow_event_report.",
        json_schema_extra={"title": "AllowStorageCommitment", "x-orthanc": {"name": "AllowStorageCommitment"}},
    )

    @model_validator(mode="before")
    @classmethod
    def _both_rights(cls, data: Any) -> Any:
        """A server takes one switch for the two rights of storage commitment, but answers with the two."""
        if not isinstance(data, Mapping) or data.get("allow_storage_commitment") is None:
            return data
        try:
            both = _BOOL.validate_python(data["allow_storage_commitment"])
        except ValidationError:
            # It is no truth value: that is said of the field itself.
            return data
        rest = {key: value for key, value in data.items() if key != "allow_storage_commitment"}
        return {"allow_n_action": both, "allow_event_report": both, **rest}


class Modalities(Collection):
    """`modalities:` in a document, `DicomModalities` in `orthanc.json`."""

    name = "modalities"
    rank = 10
    orthanc_name = "DicomModalities"
    summary = "The DICOM servers that it knows, and what each may do."
    durability = "DicomModalitiesInDatabase"
    example: ClassVar[Any] = {
        "pacs": {
            "aet": "PACS",
            "host": "10.0.0.5",
            "port": 11112,
            "allow_transcoding": False,
        },
        "ct1": ["CT1", "10.0.0.9", 104],
        "old-workstation": {"state": "absent"},
    }
    array_form = ("aet", "host", "port", "manufacturer")
    identity = ("aet", "host", "port")
    parallel = True
    model = Modality

    def configurations(self, orthanc: Orthanc) -> dict[str, dict[str, Any]]:
        return orthanc.modalities.configurations()

    def configuration(self, orthanc: Orthanc, name: str) -> dict[str, Any]:
        return orthanc.modalities[name].configuration()

    @cached_property
    def _aliases(self) -> dict[str, str]:
        return {**super()._aliases, "AllowStorageCommitment": "allow_storage_commitment"}

    def valid_keys(self, path: Sequence[str | int]) -> Sequence[str]:
        return [*super().valid_keys(path), "allow_storage_commitment"] if len(path) == 2 else ()

    def warnings(self, section: dict[str, Any]) -> Iterable[tuple[tuple[str, ...], str]]:
        names: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for name, entry in section.items():
            if not isinstance(entry, Absent):
                names[entry.aet, entry.host].append(name)
        for (aet, host), same in names.items():
            for name in same[1:]:
                yield (name, "aet"), f"the AE title {aet} on the host {host} is declared as {same[0]!r} already"


KIND = Modalities()
