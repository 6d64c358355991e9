"""Documents from the command line, with the variables that it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.document.explain import nearest
from orthanc_state.document.load import load
from orthanc_state.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from orthanc_state.cli.fleet_options import VariableOptions
    from orthanc_state.document.document import Document


def document_of(files: Sequence[Path], variables: VariableOptions, *, secrets: bool = True) -> Document:
    """The document that some files are.

    Raises:
        DocumentError: It cannot be used.
        UsageError: A variable of the command line is none, or is in no file.
    """
    values = variables.values
    document = load(*files, variables=values, secrets=secrets)
    check_taken(values, document.variables)
    return document


def check_taken(given: Iterable[str], taken: Iterable[str]) -> None:
    """Refuse a variable of the command line that nothing takes: it is a typing error.

    Raises:
        UsageError: There is one.
    """
    taken = set(taken)
    for name in given:
        if name not in taken:
            known = ", ".join(sorted(taken)) or "none"
            hint = nearest(name, taken) or f"the variables of the documents are {known}"
            raise UsageError(f"--var: no document takes the variable {name}", hint=hint[0].upper() + hint[1:])
