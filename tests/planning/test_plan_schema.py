"""The published JSON Schema of saved plans is that of the plans that are written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from orthanc_state import loads, plan
from orthanc_state.planning.plan_data import plan_schema
from orthanc_state.planning.plan_file import save
from tests.policies.studies import METADATA, store

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthanc_state import Orthanc
    from orthanc_state.testing import OrthancServer

SCHEMA = Path(__file__).parents[2] / "docs" / "plan.schema.json"

DOCUMENT = """\
version: 1
modalities: {old: {state: absent}, pacs: [PACS, 10.0.0.5, 104]}
peers: {backup: {url: "http://backup/", username: sync, password: !env PASSWORD}}
dicom: {accepted_transfer_syntaxes: [RLELossless]}
logging: {dicom: verbose}
policies: [{name: all, level: study, labels: {add: [seen]}, metadata: {set: {site: "{InstitutionName}"}}}]
"""


def test_the_published_schema_is_that_of_the_code() -> None:
    """It is what `plan_schema` gives, as JSON with an indent of 2."""
    assert json.loads(SCHEMA.read_text()) == plan_schema()
    jsonschema.Draft202012Validator.check_schema(plan_schema())


@pytest.mark.orthanc(suites=["trixie"])
def test_a_saved_plan_is_valid(start_orthanc: Callable[..., OrthancServer], tmp_path: Path) -> None:
    from orthanc_state import Orthanc

    with Orthanc(start_orthanc(METADATA).url) as orthanc:
        store(orthanc, "P1")
        _old(orthanc)
        save(plan(orthanc, loads(DOCUMENT, environment={"PASSWORD": "hunter2"})), tmp_path / "plan.json")
    text = (tmp_path / "plan.json").read_text()
    assert "hunter2" not in text
    jsonschema.validate(json.loads(text), plan_schema())
    broken = {**json.loads(text), "changes": [{}]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, plan_schema())


def _old(orthanc: Orthanc) -> None:
    orthanc.modalities["old"].put({"AET": "OLD", "Host": "h", "Port": 104})
