"""The document and the server that the benchmarks are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.harness import UnmeasurableError
from orthanc_state import Document, Orthanc, apply, from_data, plan
from orthanc_state.kinds.secret import Secret
from orthanc_state.testing import OrthancServer, find

SUITE = "trixie"
MODALITIES = 1000
PEERS = 200

_MANUFACTURERS = ("Generic", "Vitrea", "GE")


@dataclass(frozen=True, slots=True)
class Variant:
    """What the peers of a document have to hide, and how it is told apart.

    Attributes:
        name: How it is chosen.
        what: The same in words.
        passwords: How many different passwords the peers have.
        fingerprints: The option of the document.
    """

    name: str
    what: str
    passwords: int = 0
    fingerprints: Any = "scrypt"


VARIANTS = (
    Variant("plain", "peers without secrets"),
    Variant("shared", "one password for all (scrypt)", 1),
    Variant("distinct", f"{PEERS} passwords (scrypt)", PEERS),
    Variant("key", f"{PEERS} passwords (key)", PEERS, {"key": Secret("a key of the site", "!env KEY")}),
    Variant("off", f"{PEERS} passwords (off)", PEERS, "off"),
)


def variant(name: str) -> Variant:
    """The variant of a name."""
    return next(each for each in VARIANTS if each.name == name)


def data(chosen: Variant, modalities: int = MODALITIES, peers: int = PEERS) -> dict[str, Any]:
    """A document as plain data: what a hospital would write of each, and no more."""
    return {
        "version": 1,
        "fingerprints": chosen.fingerprints,
        "modalities": {f"modality-{number:04}": _modality(number) for number in range(modalities)},
        "peers": {f"peer-{number:03}": _peer(number, chosen) for number in range(peers)},
    }


def document(chosen: Variant, modalities: int = MODALITIES, peers: int = PEERS) -> Document:
    """The same, checked; nothing is derived of its secrets yet."""
    return from_data(data(chosen, modalities, peers))


def block_yaml() -> str:
    """The document without secrets as people write it, a field a line."""
    return "".join(_block(data(VARIANTS[0])))


def flow_yaml(*, quoted: bool) -> str:
    """The same document with an entry a line.

    Args:
        quoted: quote the URLs, without which libyaml takes none in braces.
    """
    lines = ["version: 1\n", "fingerprints: scrypt\n"]
    for section in ("modalities", "peers"):
        lines.append(f"{section}:\n")
        for name, entry in data(VARIANTS[0])[section].items():
            texts = {key: _scalar(value) for key, value in entry.items()}
            if quoted and "url" in texts:
                texts["url"] = f'"{texts["url"]}"'
            fields = ", ".join(f"{key}: {text}" for key, text in texts.items())
            lines.append(f"  {name}: {{ {fields} }}\n")
    return "".join(lines)


@contextmanager
def orthanc_server() -> Iterator[OrthancServer]:
    """A real server, empty, for one benchmark."""
    with OrthancServer(find(SUITE)) as server:
        yield server


def bring_in_sync(orthanc: Orthanc, wanted: Document) -> None:
    """Applies a document.

    Raises:
        UnmeasurableError: The server is not what the document says after that.
    """
    report = apply(orthanc, plan(orthanc, wanted))
    if not report.ok:
        raise UnmeasurableError("the document could not be applied")
    check_in_sync(orthanc, wanted)


def check_in_sync(orthanc: Orthanc, wanted: Document) -> None:
    """Makes a plan that must be empty.

    Raises:
        UnmeasurableError: It is not: another thing would be measured than the one that is promised.
    """
    if not plan(orthanc, wanted).empty:
        raise UnmeasurableError("the plan of a document that was just applied is not empty")


def _modality(number: int) -> dict[str, Any]:
    return {
        "aet": f"AET{number:04}",
        "host": f"10.0.{number // 250}.{number % 250 + 1}",
        "port": 104 + number % 10,
        "manufacturer": _MANUFACTURERS[number % len(_MANUFACTURERS)],
        "allow_transcoding": number % 2 == 0,
    }


def _peer(number: int, chosen: Variant) -> dict[str, Any]:
    entry = {"url": f"https://peer{number:03}.example:8042/", "username": f"user{number:03}", "timeout": 30}
    if not chosen.passwords:
        del entry["username"]  # a server answers for a user as if there were a password
        return entry
    name = f"PEER_{number % chosen.passwords:03}"
    return {**entry, "password": Secret(f"the password of {name}", f"!env {name}")}


def _block(value: Mapping[str, Any], indentation: str = "") -> Iterator[str]:
    for key, item in value.items():
        if isinstance(item, Mapping):
            yield f"{indentation}{key}:\n"
            yield from _block(item, indentation + "  ")
        else:
            yield f"{indentation}{key}: {_scalar(item)}\n"


def _scalar(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
