"""Valid documents, as data, for the laws that hold for all of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from orthanc_state.kinds import transfer_syntax
from orthanc_state.kinds.default_encoding import Encoding
from orthanc_state.kinds.dicomweb_servers import DicomWebServer
from orthanc_state.kinds.field import fields_of
from orthanc_state.kinds.log_levels import CATEGORIES
from orthanc_state.kinds.modalities import OBSOLETE_MANUFACTURERS, Modality
from orthanc_state.kinds.peers import Peer
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.kinds.version import Version
from orthanc_state.kinds.web_service import WebService

PRINTABLE = st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp"))
NAMES = st.sampled_from(["a", "b", "pacs", "CT-1", "_"])
ANY_NAMES = NAMES | st.sampled_from(["a.b", "é c", "?", "%2F", "a+b"])
AE_TITLES = st.from_regex(r"[!-\[\]-~]([ -\[\]-~]{0,14}[!-\[\]-~])?", fullmatch=True)
HOSTS = st.sampled_from(["localhost", "10.0.0.5", "pacs.hospital.example", "::1"])
SECRETS = st.text(PRINTABLE, min_size=1, max_size=12)
LEVELS = st.sampled_from(["default", "verbose", "trace"])


def documents(version: Version, certificate: str) -> st.SearchStrategy[dict[str, Any]]:
    """Documents that a server of this version can be brought to, with every secret given or said not to be there.

    The server has loaded the DICOMweb plugin.

    Args:
        version: The version of the server.
        certificate: A file that the server can open.
    """
    sections = {
        "modalities": collections(NAMES, modalities(version)),
        "peers": collections(NAMES, web_services(Peer, certificate)),
        "dicomweb_servers": collections(ANY_NAMES, web_services(DicomWebServer, certificate)),
        "dicom": st.fixed_dictionaries(
            {},
            optional={
                "accepted_transfer_syntaxes": transfer_syntaxes(version),
                "unknown_sop_class_accepted": st.booleans(),
                "default_encoding": st.sampled_from(Encoding.__args__),  # type: ignore[attr-defined]
            },
        ),
        "logging": st.fixed_dictionaries({}, optional=dict.fromkeys(("all", *CATEGORIES), LEVELS)),
        "metrics": st.booleans(),
    }
    prunes = {kind.name: st.booleans() for kind in all_kinds().values() if kind.prunable}
    return st.builds(
        _document,
        st.fixed_dictionaries({}, optional=sections),
        st.fixed_dictionaries(prunes),
    )


def _document(sections: dict[str, Any], prunes: dict[str, bool]) -> dict[str, Any]:
    prune = {name: wanted for name, wanted in prunes.items() if name in sections}
    return {"version": 1, **sections, "prune": prune}


def collections(names: st.SearchStrategy[str], entries: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A few named entries, some of which must not be there."""
    return st.dictionaries(names, entries | st.just({"state": "absent"}), max_size=4)


@st.composite
def modalities(draw: st.DrawFn, version: Version) -> Any:
    """A modality in one of the spellings that a document takes."""
    manufacturers = ["Generic", "GenericNoWildcardInDates", "GenericNoUniversalWildcard", "Vitrea", "GE"]
    manufacturers += [*OBSOLETE_MANUFACTURERS, *(["SiemensSyngoCT"] if version >= (1, 13) else [])]
    optional: dict[str, st.SearchStrategy[Any]] = {
        name: st.booleans() for name in Modality.model_fields if name.startswith(("allow_", "use_"))
    }
    optional |= {
        "manufacturer": st.sampled_from(manufacturers),
        "local_aet": st.just("") | AE_TITLES,
        "timeout": st.integers(0, 3600),
    }
    if version >= (1, 12, 6):
        optional["retrieve_method"] = st.sampled_from(["SystemDefault", "C-MOVE", "C-GET"])
    required = {"aet": AE_TITLES, "host": HOSTS, "port": st.integers(1, 65534)}
    entry = draw(st.fixed_dictionaries(required, optional=optional))
    spelling = draw(st.sampled_from(["canonical", "orthanc", "array"]))
    if spelling == "array":
        return [entry["aet"], entry["host"], str(entry["port"])]
    return _in_orthanc_spelling(Modality, entry) if spelling == "orthanc" else entry


@st.composite
def web_services(draw: st.DrawFn, model: type[WebService], certificate: str) -> Any:
    """A peer or a DICOMweb server, with every secret given or said not to be there."""
    secret = st.none() | SECRETS
    entry: dict[str, Any] = {
        "url": draw(st.sampled_from(["http://h", "https://backup.example:8443/orthanc/", "http://10.0.0.7:8042/"])),
        "http_headers": draw(st.fixed_dictionaries({"X-A": secret, "X-B": secret})),
        "timeout": draw(st.integers(0, 3600)),
        "pkcs11": draw(st.booleans()),
        "properties": draw(st.dictionaries(st.sampled_from(["Owner", "note", "été"]), st.text(PRINTABLE, max_size=9))),
        "username": draw(st.just("") | st.text(PRINTABLE, min_size=1, max_size=8)),
    }
    entry["password"] = draw(secret) if entry["username"] else None
    if draw(st.booleans()):
        entry["certificate_file"] = certificate
        entry["certificate_key_file"] = draw(st.sampled_from(["", certificate]))
        entry["certificate_key_password"] = draw(secret)
    else:
        entry |= {"certificate_key_file": "", "certificate_key_password": None}
    if model is DicomWebServer:
        switches = ["has_delete", "chunked_transfers", "has_wado_rs_universal_transfer_syntax"]
        entry |= draw(st.fixed_dictionaries({}, optional=dict.fromkeys(switches, st.booleans())))
    return _in_orthanc_spelling(model, entry) if draw(st.booleans()) else entry


def transfer_syntaxes(version: Version) -> st.SearchStrategy[list[str]]:
    """Transfer syntaxes that the server knows, by name, UID and pattern."""
    uids = sorted(transfer_syntax.known_to(version))
    words = [*uids, *(transfer_syntax.keyword_of(uid) for uid in uids)]
    patterns = ["all", "*", "1.2.840.10008.1.2.4.*", "1.2.840.10008.1.2.4.9?", "*.5?"]
    return st.lists(st.sampled_from(words) | st.sampled_from(patterns), max_size=6)


def _in_orthanc_spelling(model: type[Modality | WebService], entry: dict[str, Any]) -> dict[str, Any]:
    names = {field.name: field.wire.name or field.name for field in fields_of(model)}
    names["allow_storage_commitment"] = "AllowStorageCommitment"
    return {names[name]: value for name, value in entry.items()}
