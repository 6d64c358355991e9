"""What a document says of the server itself: what it has to be (`require`), and what is taken for true (`assume`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orthanc_state.document.explain import nearest, short
from orthanc_state.kinds.switches import ASSUMABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    Wrong = Callable[..., None]

UID = r"[0-9]+(\.[0-9]+)+"
"""What a UID looks like, roughly."""

PLUGIN = r"[A-Za-z0-9_.-]+"
"""What the name of a plugin looks like."""

_EXAMPLES = {"version": '">=1.12.0,<2"', "plugins": "[dicom-web]", "sop_classes": '["1.2.840.10008.5.1.4.1.1.2"]'}


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a server has to be; `check` looks, and nothing is made so.

    Attributes:
        version: The versions that it may have, as Python writes them: `>=1.12.0,<2`; empty for any.
        plugins: The names, as `/plugins` has them, of what it has to have loaded.
        sop_classes: The UIDs of the SOP classes that it has to accept.
    """

    version: str = ""
    plugins: tuple[str, ...] = ()
    sop_classes: tuple[str, ...] = ()


def requirements_of(value: Any, wrong: Wrong) -> Requirements:
    """The section `require`; what is wrong with it is reported, and left out.

    Args:
        value: `{version: ">=1.12.0,<2", plugins: [dicom-web], sop_classes: [UID]}`, each being optional.
        wrong: Takes the path, the message and a hint.
    """
    if not isinstance(value, Mapping):
        wrong(("require",), 'expected a mapping such as {version: ">=1.12.0", plugins: [dicom-web]}')
        return Requirements()
    for key in value:
        if key not in _EXAMPLES:
            hint = nearest(str(key), _EXAMPLES) or f"valid are {', '.join(_EXAMPLES)}"
            wrong(("require", key), f"unknown key `{short(key)}`", hint, of_key=True)
    return Requirements(
        _version(value.get("version", ""), wrong),
        _texts("plugins", value.get("plugins", []), PLUGIN, "the name of a plugin, as `GET /plugins` has it", wrong),
        _texts("sop_classes", value.get("sop_classes", []), UID, "the UID of a SOP class", wrong),
    )


def assumptions_of(value: Any, wrong: Wrong) -> dict[str, bool]:
    """The section `assume`: each switch of `orthanc.json` by its name there; what is wrong is reported.

    Args:
        value: `{modalities_in_database: true}`.
        wrong: Takes the path, the message and a hint.
    """
    if not isinstance(value, Mapping):
        wrong(("assume",), "expected a mapping such as {modalities_in_database: true}")
        return {}
    found: dict[str, bool] = {}
    for key, on in value.items():
        if key not in ASSUMABLE:
            hint = nearest(str(key), ASSUMABLE) or f"valid are {', '.join(ASSUMABLE)}"
            wrong(("assume", key), f"unknown key `{short(key)}`", hint, of_key=True)
        elif not isinstance(on, bool):
            wrong(("assume", key), "expected true or false")
        else:
            found[ASSUMABLE[key]] = on
    return found


def _version(value: Any, wrong: Wrong) -> str:
    if value == "":
        return ""
    if isinstance(value, str):
        # Takes 20 ms to import.
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        try:
            return str(SpecifierSet(value))
        except InvalidSpecifier:
            pass
    wrong(("require", "version"), "this is no range of versions", f"write it as {_EXAMPLES['version']}")
    return ""


def _texts(name: str, value: Any, pattern: str, what: str, wrong: Wrong) -> tuple[str, ...]:
    if not isinstance(value, list):
        wrong(("require", name), f"expected a list such as {_EXAMPLES[name]}")
        return ()
    good = []
    for index, item in enumerate(value):
        if isinstance(item, str) and re.fullmatch(pattern, item):
            good.append(item)
        else:
            wrong(("require", name, index), f"expected {what}")
    return tuple(good)
