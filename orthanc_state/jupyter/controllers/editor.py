"""A document as text of which single values are changed: all else stays as somebody wrote it, comments too."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq, TaggedScalar
from ruamel.yaml.error import YAMLError
from ruamel.yaml.util import load_yaml_guess_indent

from orthanc_state.document.reference import find
from orthanc_state.errors import OrthancStateError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orthanc_state.kinds.kind import Kind

_REFERENCE = re.compile(r"(!env|!file)\s+(\S.*)")
_VARIABLE = re.compile(r"\$\{[^{}]+\}")

WIDTH = 4096
"""No text is folded anew."""


class EditError(OrthancStateError):
    """The text of a document cannot be changed value by value as the forms of a notebook do it."""

    code = "document-not-editable"
    remedy = "Mend the text as YAML first, or write the value there; a secret is written as a reference."


class Editor:
    """One document.

    Args:
        text: The document.

    Raises:
        EditError: It is not YAML, or no mapping of sections.
    """

    def __init__(self, text: str) -> None:
        self._yaml = _round_trip(text)
        try:
            data = self._yaml.load(text)
        except (YAMLError, ValueError, RecursionError):
            raise EditError("the text is not YAML", hint="Mend it as YAML first.") from None
        if data is None:
            data = CommentedMap()
        if not isinstance(data, CommentedMap):
            raise EditError("the document is no mapping of sections", hint="Mend it as YAML first.")
        self._data = data

    @property
    def text(self) -> str:
        """The document as it is now."""
        out = io.StringIO()
        self._yaml.dump(self._data, out)
        return out.getvalue()

    def section(self, kind: Kind) -> Any:
        """What the document says of a kind, as it is written; None where it says nothing."""
        for path in (kind.path, kind.orthanc_path):
            found = self._at(path)
            if path and found is not None:
                return found
        return None

    def declares(self, kind: Kind) -> bool:
        """Whether the document has a section of a kind, if only an empty one."""
        return any(path and self._has(path) for path in (kind.path, kind.orthanc_path))

    def entries(self, kind: Kind) -> list[str]:
        """The names of the entries of a section; of a list of them their numbers."""
        section = self.section(kind)
        if isinstance(section, CommentedMap):
            return [str(name) for name in section]
        return [str(number) for number in range(len(section))] if isinstance(section, CommentedSeq) else []

    def value(self, kind: Kind, entry: str, field: str) -> Any:
        """One value as it is written; None where there is none.

        Args:
            kind: The kind.
            entry: The name or the number of the entry; empty in a section that has none.
            field: The canonical name of the field; empty for a section that is one value.
        """
        holder = self._holder(kind, entry)
        if not field:
            return holder
        if isinstance(holder, CommentedSeq):
            place = _position(kind, field)
            return holder[place] if place is not None and place < len(holder) else None
        if isinstance(holder, CommentedMap):
            return next((holder[name] for name in _spellings(kind, field) if name in holder), None)
        return None

    def set(self, kind: Kind, entry: str, field: str, value: Any) -> None:
        """Change one value; arguments as for `value`."""
        if not field:
            self._set_section(kind, value)
            return
        holder = self._holder(kind, entry)
        if isinstance(holder, CommentedSeq) and (entry or kind.array_form):
            place = _position(kind, field)
            if place is not None and place < len(holder):
                holder[place] = value
                return
            holder = self._as_mapping(kind, entry, holder)
        if not isinstance(holder, CommentedMap):
            holder = self._new_holder(kind, entry)
        name = next((name for name in _spellings(kind, field) if name in holder), field)
        holder[name] = value

    def add(self, kind: Kind, name: str) -> str:
        """Add an entry that says nothing yet; of a list of them one that is called so.

        Returns:
            The entry: its name, or its number.
        """
        numbered = not kind.prunable
        if numbered and not isinstance(self.section(kind), CommentedSeq):
            self._set_section(kind, CommentedSeq())
        entry = str(len(self.entries(kind))) if numbered else name
        made = self._new_holder(kind, entry)
        if numbered:
            made["name"] = name
        return entry

    def remove(self, kind: Kind, entry: str, field: str = "") -> None:
        """Take away a value, or with no field a whole entry, or with neither a section; nothing where it is not there.

        What of an entry that is written as a list comes after the value goes with it into a mapping.
        """
        if not entry and not field:
            self._remove_section(kind)
            return
        section = self.section(kind)
        if not field:
            _delete(section, entry)
            return
        holder = self._holder(kind, entry)
        if isinstance(holder, CommentedSeq) and _position(kind, field) is not None:
            holder = self._as_mapping(kind, entry, holder)
        if isinstance(holder, CommentedMap):
            for name in _spellings(kind, field):
                holder.pop(name, None)
            if not holder and not entry:
                self._remove_section(kind)

    def prunes(self, kind: Kind) -> bool:
        """Whether what is not declared of a kind is to be removed."""
        prune = self._data.get("prune")
        return isinstance(prune, CommentedMap) and prune.get(kind.name) is True

    def set_prune(self, kind: Kind, *, on: bool) -> None:
        """Say whether it is."""
        prune = self._data.get("prune")
        if not isinstance(prune, CommentedMap):
            if not on:
                return
            prune = self._data["prune"] = CommentedMap()
        if on:
            prune[kind.name] = True
        else:
            prune.pop(kind.name, None)
            if not prune:
                del self._data["prune"]

    def clear_secrets(self, kind: Kind) -> Iterator[tuple[str, str, str]]:
        """The secrets that stand in the text itself: the entry, the field, and the name within the field, if any."""
        secrets = [part.path[-1] for part in find(kind.name).parts if part.secret]
        for entry in self.entries(kind) if secrets else []:
            for field in secrets:
                value = self.value(kind, entry, field)
                if isinstance(value, CommentedMap):
                    yield from ((entry, field, str(name)) for name in value if _is_clear(value[name]))
                elif _is_clear(value):
                    yield entry, field, ""

    def replace_secret(self, kind: Kind, entry: str, field: str, name: str, reference: str) -> None:
        """Put a reference in the place of a secret."""
        if name:
            self.value(kind, entry, field)[name] = tagged(reference)
        else:
            self.set(kind, entry, field, tagged(reference))

    def _at(self, path: Sequence[str]) -> Any:
        value: Any = self._data
        for key in path:
            if not isinstance(value, CommentedMap) or key not in value:
                return None
            value = value[key]
        return value

    def _has(self, path: Sequence[str]) -> bool:
        holder = self._at(path[:-1])
        return isinstance(holder, CommentedMap) and path[-1] in holder

    def _holder(self, kind: Kind, entry: str) -> Any:
        """What holds the fields: the section, or one entry of it."""
        section = self.section(kind)
        if not entry:
            return section
        if isinstance(section, CommentedSeq):
            return section[int(entry)] if entry.isdigit() and int(entry) < len(section) else None
        return section.get(entry) if isinstance(section, CommentedMap) else None

    def _group(self, kind: Kind) -> tuple[CommentedMap, str]:
        """The mapping in which a section stands, or is to stand, and its key there."""
        path = kind.path
        if not self._has(path) and kind.orthanc_path and self._has(kind.orthanc_path):
            path = kind.orthanc_path
        holder = self._data
        for key in path[:-1]:
            if not isinstance(holder.get(key), CommentedMap):
                holder[key] = CommentedMap()
            holder = holder[key]
        return holder, path[-1]

    def _set_section(self, kind: Kind, value: Any) -> None:
        holder, key = self._group(kind)
        holder[key] = value

    def _remove_section(self, kind: Kind) -> None:
        holder, key = self._group(kind)
        holder.pop(key, None)
        if not holder and len(kind.path) > 1:
            self._data.pop(kind.path[0], None)

    def _new_holder(self, kind: Kind, entry: str) -> CommentedMap:
        group, key = self._group(kind)
        made = CommentedMap()
        if not entry:
            group[key] = made
            return made
        section = group.get(key)
        if not isinstance(section, CommentedMap | CommentedSeq):
            section = group[key] = CommentedMap()
        if isinstance(section, CommentedSeq):
            section.append(made)
        else:
            section[entry] = made
        return made

    def _as_mapping(self, kind: Kind, entry: str, holder: CommentedSeq) -> CommentedMap:
        """An entry that is written as a list, as a mapping in its place."""
        made = CommentedMap(zip(kind.array_form, holder, strict=False))
        made.fa.set_flow_style()
        self.section(kind)[entry] = made
        return made


def tagged(reference: str) -> Any:
    """A reference to a secret, as it stands in a document: `!env NAME`."""
    found = _REFERENCE.fullmatch(reference.strip())
    if found is None:
        raise EditError("a secret is not written into a document", hint="Write `!env NAME` or `!file PATH`.")
    return TaggedScalar(value=found[2], style=None, tag=found[1])


def written(value: Any) -> str:
    """A value as it is written, for a field of a form."""
    if value is None:
        return ""
    if isinstance(value, TaggedScalar):
        return f"{value.tag.value} {value.value}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, CommentedSeq) and not any(isinstance(item, CommentedMap | CommentedSeq) for item in value):
        return ", ".join(map(written, value))
    if isinstance(value, CommentedMap | CommentedSeq):
        out = io.StringIO()
        _round_trip("").dump(value, out)
        return out.getvalue().strip()
    return str(value)


def fragment(text: str) -> Any:
    """What a piece of YAML says.

    Raises:
        EditError: It is none.
    """
    try:
        return _round_trip(text).load(text)
    except (YAMLError, ValueError, RecursionError):
        raise EditError("this is not YAML", hint="Write it as it would stand in the document.") from None


def _round_trip(text: str) -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = WIDTH
    try:
        _, indent, offset = load_yaml_guess_indent(text)
    except (YAMLError, ValueError, RecursionError):
        return yaml
    if indent is not None:
        yaml.indent(mapping=2 if offset is not None else indent, sequence=indent, offset=offset or 0)
    return yaml


def _spellings(kind: Kind, field: str) -> list[str]:
    """A field as a document may have it: canonical, and as Orthanc does."""
    topic = next((part for part in find(kind.name).parts if part.path[-1] == field), None)
    return [field, *([topic.orthanc_name] if topic is not None and topic.orthanc_name else [])]


def _position(kind: Kind, field: str) -> int | None:
    """Where a field stands in an entry that is written as a list."""
    return kind.array_form.index(field) if field in kind.array_form else None


def _delete(section: Any, entry: str) -> None:
    if isinstance(section, CommentedMap):
        section.pop(entry, None)
    elif isinstance(section, CommentedSeq) and entry.isdigit() and int(entry) < len(section):
        del section[int(entry)]


def _is_clear(value: Any) -> bool:
    return isinstance(value, str) and value != "" and _VARIABLE.fullmatch(value) is None
