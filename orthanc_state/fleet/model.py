"""What an inventory file may say, as pydantic models."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, PlainValidator, model_validator
from pydantic_core import PydanticCustomError

from orthanc_state.client.errors import ConfigurationError
from orthanc_state.client.url import base_url
from orthanc_state.kinds.collection import STRICT
from orthanc_state.kinds.secret import Secret

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z")
_RESERVED = ("all", "ungrouped", "_meta")
"""Names of groups that Ansible keeps for itself."""


def _server_name(value: str) -> str:
    if not _NAME.match(value):
        raise PydanticCustomError(
            "server_name", "a server's name is made of letters, digits, `-`, `_` and `.`, at most 64"
        )
    return value


def _group_name(value: str) -> str:
    if not _WORD.match(value):
        raise PydanticCustomError(
            "group_name", "a group's name is made of letters, digits and `_`, and does not begin with a digit"
        )
    if value in _RESERVED:
        raise PydanticCustomError("group_name", "Ansible keeps this name for itself: take another one")
    return value


def _variable_name(value: str) -> str:
    if not _WORD.match(value):
        raise PydanticCustomError(
            "variable_name", "a variable's name is made of letters, digits and `_`, and does not begin with a digit"
        )
    return value


def _variable_value(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | Secret):
        return value
    raise PydanticCustomError(
        "variable_value", "expected a text, a number, true or false, or a reference such as !env NAME"
    )


def _referred(value: Any) -> Any:
    if isinstance(value, str) and not value.startswith(("!env ", "!file ")):
        raise PydanticCustomError("secret_in_clear", "a secret stands here in clear: write !env NAME or !file PATH")
    return value


def _url(value: str) -> str:
    try:
        base_url(value)
    except ConfigurationError as error:
        raise PydanticCustomError("url", "{why}", {"why": error.message}) from None
    return value.rstrip("/")


def _username(value: str) -> str:
    if ":" in value:
        raise PydanticCustomError("username", "a user name cannot hold a colon (HTTP basic authentication)")
    return value


def _path(value: str) -> str:
    if not value or "\0" in value:
        raise PydanticCustomError("path", "expected the path of a file")
    if "${" in value:
        raise PydanticCustomError("path", "variables stand in documents, not in the names of files")
    return value


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _some(value: dict[str, ServerData]) -> dict[str, ServerData]:
    if not value:
        raise PydanticCustomError("no_servers", "expected at least one server")
    return value


def _nothing_is_empty(value: Any) -> Any:
    return {} if value is None else value


Reference = Annotated[Secret, BeforeValidator(_referred)]
FileName = Annotated[str, AfterValidator(_path)]
VariablesData = dict[Annotated[str, AfterValidator(_variable_name)], Annotated[Any, PlainValidator(_variable_value)]]


class Access(BaseModel):
    """How a server is reached."""

    model_config = STRICT

    username: Annotated[str, AfterValidator(_username)] | None = Field(
        None, description="The user of HTTP basic authentication."
    )
    password: Reference | None = Field(None, description="The password of that user, as a reference.")
    token: Reference | None = Field(
        None, description="A bearer token, as a reference, for a proxy or plugin that asks for one instead."
    )
    ca_file: FileName | None = Field(None, description="PEM file of the authorities to trust instead of the system's.")
    client_certificate: FileName | None = Field(
        None, description="PEM file of the certificate to show, with its key unless `client_key` is given."
    )
    client_key: FileName | None = Field(None, description="PEM file of the private key of that certificate.")
    client_key_password: Reference | None = Field(None, description="The password of that private key, as a reference.")
    timeout: Annotated[float, Field(strict=True, ge=0.1, le=86400)] | None = Field(
        None, description="Seconds to wait for an answer; 10 where nobody says it."
    )

    @model_validator(mode="after")
    def _one_way_to_say_who_asks(self) -> Access:
        if self.token is not None and (self.username is not None or self.password is not None):
            raise PydanticCustomError("access", "a token and a user are given: a server takes one or the other")
        return self


class GroupData(Access):
    """What several servers have in common."""

    documents: tuple[FileName, ...] = Field((), description="Documents of every server of the group, in order.")
    variables: VariablesData = Field(default_factory=dict, description="Variables for the documents of these servers.")


class ServerData(GroupData):
    """One server."""

    url: Annotated[str, AfterValidator(_url)] = Field(description="The base URL: `https://pacs.example:8042`.")
    groups: Annotated[tuple[str, ...], AfterValidator(_once)] = Field(
        (), description="The groups that it is in; a later one overrides the earlier ones."
    )


class InventoryData(BaseModel):
    """A whole inventory."""

    model_config = STRICT

    version: Literal[1] = Field(description="The version of the format of inventories.")
    variables: VariablesData = Field(default_factory=dict, description="Variables for the documents of every server.")
    defaults: Access = Field(default_factory=Access, description="How servers are reached that do not say otherwise.")
    documents: tuple[FileName, ...] = Field((), description="Documents of every server, which come first.")
    groups: dict[
        Annotated[str, AfterValidator(_group_name)], Annotated[GroupData, BeforeValidator(_nothing_is_empty)]
    ] = Field(default_factory=dict, description="The groups, by name.")
    servers: Annotated[dict[Annotated[str, AfterValidator(_server_name)], ServerData], AfterValidator(_some)] = Field(
        description="The servers, by name."
    )
    network: Any = Field(None, description="The DICOM nodes and the links between them.")
