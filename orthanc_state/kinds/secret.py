"""Secrets of a document: known by where they come from, never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from pydantic_core import PydanticCustomError, core_schema

from orthanc_state.kinds.json_schema import definition

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue


class Secret:
    """A secret value with the reference that it was read from.

    It prints as its reference, cannot be pickled or copied into JSON, and gives its value only to `reveal`.

    Attributes:
        reference: How the document names it: `!env BACKUP_PASSWORD`, `!file secrets/key`, or empty when the document
            holds the secret itself.
        file: Where the file of a `!file` is; None for the others.
    """

    __slots__ = ("_value", "file", "reference")

    def __init__(self, value: str, reference: str = "", file: Path | None = None) -> None:
        self._value = value
        self.reference = reference
        self.file = file

    def reveal(self) -> str:
        """The value itself. To be called where it is sent or hashed, and nowhere else."""
        return self._value

    @property
    def missing(self) -> bool:
        """Whether what it refers to is not there."""
        return not self._value and bool(self.reference)

    def __repr__(self) -> str:
        return f"<Secret {self.reference}>" if self.reference else "<Secret>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not to be stored")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validate, serialization=core_schema.plain_serializer_function_ser_schema(repr)
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """A text: what stands behind a tag is one, and the tag itself is nothing that a schema sees."""
        return definition(
            "Secret",
            description="A secret, best as !env NAME or !file PATH. A schema does not see the tag.",
            type="string",
            format="password",
            pattern="^(?!!(env|file) )",
            patternErrorMessage="A reference in quotes is only text: take the quotes away.",
        )

    @classmethod
    def _validate(cls, value: object) -> Secret:
        if isinstance(value, Secret):
            return value
        if isinstance(value, str) and value.startswith(("!env ", "!file ")):
            raise PydanticCustomError("secret_quoted", "a reference in quotes is only text: take the quotes away")
        if isinstance(value, str):
            return cls(value)
        # The input is not part of the message: it may be the secret.
        raise PydanticCustomError("secret_type", "expected text, or a reference such as !env NAME or !file PATH")
