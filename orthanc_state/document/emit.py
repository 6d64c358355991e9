"""Data as YAML, with secrets as the references that they are read from."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from orthanc_state.kinds.secret import Secret

if TYPE_CHECKING:
    from ruamel.yaml.nodes import ScalarNode
    from ruamel.yaml.representer import RoundTripRepresenter

WIDTH = 110
"""Columns from which on a text is folded."""


def yaml_text(data: Any) -> str:
    """Data in block style; a `Secret` as its reference, with the tag (`!env NAME`).

    Raises:
        ValueError: A secret has no reference, and is not to be written.
    """
    from ruamel.yaml import YAML

    class Representer(YAML().Representer):  # type: ignore[misc]
        """Writes references with their tag."""

    def represent(representer: RoundTripRepresenter, secret: Secret) -> ScalarNode:
        tag, _, name = secret.reference.partition(" ")
        if not name:
            raise ValueError("a secret without a reference is not written")
        return representer.represent_scalar(tag, name)

    yaml = YAML()
    yaml.Representer = Representer
    yaml.representer.add_representer(Secret, represent)
    yaml.default_flow_style = False
    yaml.width = WIDTH
    out = io.StringIO()
    yaml.dump(data, out)
    # A text alone is a document, of which ruamel.yaml marks the end.
    return out.getvalue().removesuffix("...\n")
