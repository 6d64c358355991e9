"""One policy, as a document has it: what it selects, and what it wants of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import InitErrorDetails, PydanticCustomError

from orthanc_state.kinds.field import Wire
from orthanc_state.kinds.hierarchy import can_match, home, parent_of
from orthanc_state.kinds.json_schema import AlsoAccepts, LooksLike, any_case, text
from orthanc_state.kinds.keyword_schema import match_schema
from orthanc_state.kinds.match import (
    LONGEST_NUMBER,
    MatchError,
    check_keyword,
    is_unicode,
    normalised,
    value_representation,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

STRICT = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

LABELS_SINCE = "1.12.0"

LABEL = r"[A-Za-z0-9_-]{1,64}"
NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
_LABEL, _NAME = re.compile(rf"{LABEL}\Z"), re.compile(rf"{NAME}\Z")
_FIELD = re.compile(r"\{([A-Za-z0-9]*)\}|\{\{|\}\}|[{}]")
_SYSTEM_METADATA = frozenset(
    {
        *("IndexInSeries", "ReceptionDate", "RemoteAET", "ExpectedNumberOfInstances", "ModifiedFrom", "AnonymizedFrom"),
        *("LastUpdate", "Origin", "TransferSyntax", "SopClassUid", "RemoteIP", "CalledAET", "HttpUsername", "HttpHost"),
        *("PixelDataOffset", "MainDicomTagsSignature", "MainDicomSequences", "PixelDataVR"),
    }
)
"""Metadata that Orthanc keeps for itself: 403 to whoever writes one."""


def _label(value: str) -> str:
    if not _LABEL.match(value):
        raise PydanticCustomError(
            "label", "a label is made of letters, digits, `-` and `_`, at most 64 (Orthanc refuses any other)"
        )
    return value


def _policy_name(value: str) -> str:
    if not _NAME.match(value):
        raise PydanticCustomError(
            "policy_name", "a policy's name is made of letters, digits, `-`, `_` and `.`, at most 64, no blank"
        )
    return value


def _metadata_name(value: str) -> str:
    if value in _SYSTEM_METADATA:
        raise PydanticCustomError("metadata_name", "this is one of Orthanc's own metadata, which nobody else writes")
    if value.isascii() and value.isdigit():
        if not (len(value) <= 5 and 1024 <= int(value) <= 65535):
            raise PydanticCustomError("metadata_name", "the numbers of user metadata are 1024 to 65535")
    elif not value or any(character in "/\\?#%" or not character.isprintable() for character in value):
        raise PydanticCustomError("metadata_name", "this cannot be the name of a metadata")
    return value


def _number_as_text(value: Any) -> Any:
    is_number = isinstance(value, int) and not isinstance(value, bool) and abs(value) < LONGEST_NUMBER
    return str(value) if is_number else value


def _plain_value(value: str) -> str:
    if not is_unicode(value):
        raise PydanticCustomError("metadata_value", "half of a character (a lone surrogate)")
    return value


def _metadata_value(value: str) -> str:
    _plain_value(value)
    for match in _FIELD.finditer(value):
        if match.group() in "{}":
            raise PydanticCustomError("metadata_value", "a brace alone: write `{{` or `}}` for the character itself")
        keyword = match.group(1)
        if keyword is not None and value_representation(keyword) is None:
            raise PydanticCustomError(
                "metadata_value", "`{name}` is no DICOM keyword (PS3.6)", {"name": "{" + keyword + "}"}
            )
    return value


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


_OR_NUMBER = AlsoAccepts({"type": "integer"})
_NAMED = LooksLike(lambda: {"type": "string", "pattern": r"^[^/\\?#%]+$", "not": {"enum": sorted(_SYSTEM_METADATA)}})

Label = Annotated[
    str,
    BeforeValidator(_number_as_text),
    AfterValidator(_label),
    text(LABEL, "A label is made of letters, digits, `-` and `_`, at most 64."),
    _OR_NUMBER,
]
Labels = Annotated[tuple[Label, ...], AfterValidator(_once)]
MetadataName = Annotated[str, BeforeValidator(_number_as_text), AfterValidator(_metadata_name), _NAMED, _OR_NUMBER]
MetadataValue = Annotated[str, BeforeValidator(_number_as_text), AfterValidator(_metadata_value), _OR_NUMBER]
PlainValue = Annotated[str, BeforeValidator(_number_as_text), AfterValidator(_plain_value), _OR_NUMBER]


class LabelsWhere(BaseModel):
    """Which labels a resource has before anything changes."""

    model_config = STRICT

    all: Labels = Field((), description="Labels that it has, each of them.")
    any: Labels = Field((), description="Labels of which it has one or more.")
    none: Labels = Field((), description="Labels that it has none of.")

    def holds(self, labels: frozenset[str]) -> bool:
        """Whether labels are as wanted."""
        return (
            labels.issuperset(self.all)
            and (not self.any or not labels.isdisjoint(self.any))
            and labels.isdisjoint(self.none)
        )

    @property
    def names(self) -> frozenset[str]:
        """Every label that it looks at."""
        return frozenset((*self.all, *self.any, *self.none))


class ParentWhere(BaseModel):
    """What the resource above is like."""

    model_config = STRICT

    labels: Annotated[LabelsWhere, Wire("", since=LABELS_SINCE)] = Field(
        description="Which labels the resource above has."
    )


class Where(BaseModel):
    """What a resource has besides its tags."""

    model_config = STRICT

    labels: Annotated[LabelsWhere, Wire("", since=LABELS_SINCE)] = Field(
        LabelsWhere(), description="Which labels it has before anything changes."
    )
    metadata: dict[MetadataName, PlainValue] = Field(
        {}, description="Metadata that it has, each with exactly this value.", examples=[{"site": "Lausanne"}]
    )
    parent: ParentWhere | None = Field(None, description="What the resource above is like: of a series, its study.")


class LabelEffects(BaseModel):
    """What becomes of the labels."""

    model_config = STRICT

    add: Labels = Field((), description="Labels that what is selected gets.", examples=[["archive"]])
    remove: Labels = Field((), description="Labels that are taken from what is selected.", examples=[["inbox"]])
    exclusive: Labels = Field(
        (), description="Labels that what is selected gets, and that are taken from everything else of the level."
    )

    @property
    def given(self) -> tuple[str, ...]:
        """The labels that every selected resource gets."""
        return _once((*self.add, *self.exclusive))

    @property
    def names(self) -> frozenset[str]:
        """Every label that it changes."""
        return frozenset((*self.add, *self.remove, *self.exclusive))


class MetadataEffects(BaseModel):
    """What becomes of the metadata."""

    model_config = STRICT

    set: dict[MetadataName, MetadataValue] = Field(
        {},
        description="Metadata that what is selected gets. `{InstitutionName}` in a value stands for that tag's value, "
        "`{{` and `}}` for braces. A name is one of UserMetadata of the server's configuration, or a number from 1024.",
        examples=[{"hospital": "{InstitutionName}"}],
    )
    remove: Annotated[tuple[MetadataName, ...], AfterValidator(_once)] = Field(
        (), description="Metadata that are taken from what is selected."
    )


class Policy(BaseModel):
    """One policy."""

    model_config = STRICT

    name: Annotated[
        str,
        AfterValidator(_policy_name),
        text(NAME, "A policy's name is made of letters, digits, `-`, `_` and `.`, at most 64."),
    ] = Field(description="What the policy is called in plans and reports; no two have the same.")
    level: Annotated[
        Literal["patient", "study", "series", "instance"],
        AlsoAccepts(any_case("patient", "study", "series", "instance")),
    ] = Field(description="What it selects.")
    match: Annotated[dict[str, Any], LooksLike(match_schema)] = Field(
        {},
        description="DICOM keywords with the values that are selected: texts with the wildcards `*` and `?`, lists of "
        "which one matches, ranges of dates; {older_than: 5y} and {newer_than: 30d} too. Without it, everything.",
        examples=[{"ModalitiesInStudy": "CT", "StudyDate": {"older_than": "5y"}}],
    )
    where: Where = Field(Where(), description="What is selected has to be like this too, besides its tags.")
    labels: Annotated[LabelEffects, Wire("", since=LABELS_SINCE)] = Field(
        LabelEffects(), description="What becomes of the labels."
    )
    metadata: MetadataEffects = Field(MetadataEffects(), description="What becomes of the metadata.")
    protected: bool | None = Field(
        None, description="Whether the patients are protected from recycling; only at the level `patient`."
    )

    @property
    def template_keywords(self) -> list[str]:
        """The DICOM keywords that its metadata are made of."""
        return sorted({keyword for value in self.metadata.set.values() for keyword in keywords_in(value)})

    @property
    def fields(self) -> dict[str, Any]:
        """What it matches, normalised."""
        return {keyword: normalised(keyword, value) for keyword, value in self.match.items()}


def keywords_in(template: str) -> list[str]:
    """The DICOM keywords that a metadata's value is made of."""
    return [match.group(1) for match in _FIELD.finditer(template) if match.group(1)]


def filled(template: str, tags: dict[str, Any]) -> str:
    """A metadata's value for one resource; a tag that it has not is an empty text."""

    def fill(match: re.Match[str]) -> str:
        if match.group() in ("{{", "}}"):
            return match.group()[0]
        return str(tags.get(match.group(1)) or "").rstrip("\0 ")

    return _FIELD.sub(fill, template)


def problems(index: int, policy: Policy) -> Iterator[InitErrorDetails]:
    """What is wrong with a policy beyond the shape of its fields."""
    yield from _match_problems(index, policy)
    yield from _level_problems(index, policy)
    labels, metadata = policy.labels, policy.metadata
    for label in labels.remove:
        if label in labels.given:
            yield wrong((index, "labels", "remove"), f"`{label}` is to be both given and removed")
    for name in metadata.remove:
        if name in metadata.set:
            yield wrong((index, "metadata", "remove"), f"`{name}` is to be both set and removed")
    if labels.exclusive:
        # What it selects would change by what it does, and with that who keeps the label.
        changed = {*metadata.set, *metadata.remove}
        for name in sorted((policy.where.labels.names & labels.names) | (policy.where.metadata.keys() & changed)):
            message = f"`{name}` stands in `where` too: who has the label would depend on who had `{name}` before"
            yield wrong((index, "labels", "exclusive"), message)
    if not (labels.names or metadata.set or metadata.remove or policy.protected is not None):
        yield wrong((index,), f"policy `{policy.name}` wants nothing: give `labels`, `metadata` or `protected`")


def _match_problems(index: int, policy: Policy) -> Iterator[InitErrorDetails]:
    for keyword, value in policy.match.items():
        try:
            check_keyword(keyword, policy.level)
            normalised(keyword, value)
        except MatchError as error:
            yield wrong((index, "match", keyword, *error.path), f"`{keyword}`: {error.message}", error.expected)


def _level_problems(index: int, policy: Policy) -> Iterator[InitErrorDetails]:
    for name, template in policy.metadata.set.items():
        for keyword in keywords_in(template):
            if not can_match(keyword, policy.level):
                message = f"`{{{keyword}}}` belongs to the {home(keyword)}, which is not a {policy.level}'s to tell"
                yield wrong((index, "metadata", "set", name), message)
    if policy.protected is not None and policy.level != "patient":
        message = "only patients can be protected from recycling: this needs `level: patient`"
        yield wrong((index, "protected"), message)
    if policy.where.parent is not None and parent_of(policy.level) is None:
        yield wrong((index, "where", "parent"), "a patient has no resource above")


def wrong(path: tuple[str | int, ...], message: str, expected: tuple[str, ...] = ()) -> InitErrorDetails:
    """A problem at a place in the section, with words of which the nearest one may be meant."""
    context = {"given": path[-1], "expected": expected} if expected else {}
    return InitErrorDetails(type=PydanticCustomError("policy", message, context), loc=path, input=None)
