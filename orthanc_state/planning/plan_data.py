"""What stands in a saved plan, as pydantic models: its format, and its JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from orthanc_state.planning.sealed import sealed_schema

FORMAT = "orthanc-state/plan"
WHAT = "plan"

Count = Annotated[int, Field(ge=0)]


class FileData(BaseModel):
    """A part of a file of the kit: nothing in it that is not known, and nothing of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, strict=True)


class ServerData(FileData):
    """Which server a plan is for; it is applied to no other."""

    url: str = Field(pattern=r"^https?://[!-~]+$")
    name: str
    aet: str = Field(description="Its AE title.")
    version: str = Field(description="The version of Orthanc that it was.")


class DocumentData(FileData):
    """The document that was planned."""

    digest: str = Field(description="SHA-256 of its files; empty when it came from no file.")
    files: list[str]


class FingerprintsData(FileData):
    """How secrets are told apart."""

    mode: Literal["scrypt", "key", "off"]
    key: str | None = Field(description="For the mode `key`, the reference of the site's key.")


class LimitsData(FileData):
    """How much may be taken away without `--allow-deletes`."""

    deletes: Count
    share: int = Field(description="Percent of the things of one kind.", ge=0, le=100)


class ProblemData(FileData):
    """A warning."""

    message: str
    file: str | None
    line: Count
    column: Count
    field: str
    hint: str


class OperationData(FileData):
    """The request that makes a change so; {"$secret": PATH} in its body stands for a secret."""

    method: Literal["PUT", "DELETE"]
    path: str = Field(pattern=r"^/[!-~]*$")
    body: Any
    text: str | None


class SecretData(FileData):
    """Where a secret comes from; `value` only for what the server does not return and is no secret."""

    reference: str | None = None
    value: str | None = None


class ChangeData(FileData):
    """One resource that is created, updated or deleted; {"$hidden": ...} is the salted digest of a secret."""

    action: Literal["create", "update", "delete"]
    kind: str
    name: str
    address: str
    before: dict[str, Any] | None = Field(description="What it was when it was planned; compared before the write.")
    after: dict[str, Any] | None = Field(description="What it will be; compared after the write.")
    operation: OperationData
    secrets: dict[str, SecretData]
    depends_on: list[str]
    reason: str


class EffectData(FileData):
    """One thing that a policy does to many resources."""

    verb: Literal["add_label", "remove_label", "set_metadata", "remove_metadata", "protect", "unprotect"]
    key: str
    value: str
    count: Count
    resources: str = Field(description="Their identifiers, 20 bytes each, in base64.")


class PolicyChangeData(FileData):
    """What one policy changes."""

    kind: Literal["policies"]
    name: str
    address: str
    level: Literal["patient", "study", "series", "instance"]
    query: dict[str, str]
    selected: Count
    effects: list[EffectData]
    templates: dict[str, str]


class PlanData(FileData):
    """A saved plan, but for what every file of the kit begins and ends with."""

    created: str
    server: ServerData
    document: DocumentData
    fingerprints: FingerprintsData
    limits: LimitsData
    existing: dict[str, Count]
    changes: list[ChangeData]
    by_policies: list[PolicyChangeData]
    policies: list[dict[str, Any]]
    unchanged: list[str]
    unmanaged: list[str]
    warnings: list[ProblemData]
    notes: list[ProblemData]
    switches: dict[str, bool] = Field(
        description="What is known of the switches of the server's configuration, by their names in orthanc.json."
    )


def plan_schema() -> dict[str, Any]:
    """The JSON Schema of a saved plan."""
    schema = PlanData.model_json_schema()
    schema["properties"] = {**sealed_schema(FORMAT), **schema["properties"]}
    schema["required"] = [*sealed_schema(FORMAT), *schema["required"]]
    schema["title"] = "A saved plan of orthanc-state"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
