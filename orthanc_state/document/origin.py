"""Where a value of a document came from: which file says it, what that overrides, and which variables it took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orthanc_state.document.document import array_fields, spellings
from orthanc_state.document.explain import dotted, nearest, short
from orthanc_state.document.load import canonical, keeps_null
from orthanc_state.document.merge import merged
from orthanc_state.document.source import place_of
from orthanc_state.errors import OrthancStateError, Place
from orthanc_state.kinds.registry import all_kinds
from orthanc_state.kinds.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orthanc_state.document.document import Document
    from orthanc_state.document.source import Source
    from orthanc_state.document.variables import Taken
    from orthanc_state.kinds.kind import Kind

SECRET = "(secret)"  # noqa: S105
_NOTHING = object()


class OriginError(OrthancStateError):
    """A path leads to nothing in a document."""

    code = "path-unknown"
    remedy = "A path is as in the document, with dots: `modalities.pacs.port`."


@dataclass(frozen=True, slots=True)
class Saying:
    """What one file says of a value.

    Attributes:
        place: Where.
        value: What it says, as it is shown: a secret as its reference, of a mapping its keys.
        takes_away: Whether it says that there is nothing: `null`.
        included_at: The places that include the file, if one does, and those that include that.
        variables: The variables that the value took.
    """

    place: Place
    value: str
    takes_away: bool = False
    included_at: tuple[Place, ...] = ()
    variables: tuple[Taken, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from.

    Attributes:
        path: The value, dotted.
        value: What it is, as it is shown; empty where there is nothing.
        said: What each file says of it that says something, the last word first; empty where none does.
        default: Whether it is Orthanc's default, since no file says it.
    """

    path: str
    value: str
    said: tuple[Saying, ...]
    default: bool = False


def origin_of(document: Document, path: str) -> Origin:
    """Where a value came from.

    Args:
        document: A document that was read from files.
        path: Keys with dots between, `modalities.pacs.port`; an entry of a list is its number, from 0, or its `name`.
            The address that a plan shows will do too: `modalities/pacs`.

    Raises:
        OriginError: The document has nothing there.
    """
    layers = [(source, canonical(source, [])) for source in document.sources]
    whole: dict[str, Any] = {}
    for _, layer in layers:
        whole = merged(whole, layer, keeps_null)
    parts = path.split("/" if "/" in path and "." not in path else ".")
    trees = [whole, *(layer for _, layer in reversed(layers))]
    keys = next((found for tree in trees if (found := _keys(parts, tree)) is not None), None)
    if keys is None:
        return _default(parts, whole)
    said = tuple(_said(layers, keys))
    value = _walk(whole, keys)
    return Origin(dotted(keys), "" if value is _NOTHING else _shown(keys, value), said)


def _said(layers: Sequence[tuple[Source, Mapping[str, Any]]], keys: tuple[str | int, ...]) -> Iterator[Saying]:
    for source, layer in reversed(layers):
        value, depth = _NOTHING, 0
        for depth in range(len(keys), 0, -1):
            value = _walk(layer, keys[:depth])
            if value is not _NOTHING:
                break
        # What is said of something that it is a part of counts only when that is taken away.
        if value is _NOTHING or (depth < len(keys) and value is not None):
            continue
        owner, place = _located(source, keys[:depth])
        if place is not None:
            taken = source.taken.get(place, ())
            yield Saying(place, _shown(keys, value), value is None, owner.included_at, taken)


def _located(source: Source, keys: tuple[str | int, ...]) -> tuple[Source, Place | None]:
    for spelling in spellings(keys):
        depth, owner, node = source.locate(spelling, array_fields)
        if depth == len(spelling) and node is not None:
            return owner, place_of(owner.name, node)
    return source, None


def _keys(parts: Sequence[str], tree: Any) -> tuple[str | int, ...] | None:
    """The keys of a path, some of which may hold dots themselves; None where it leads nowhere."""
    if not parts:
        return ()
    if isinstance(tree, list | tuple):
        names = [item.get("name") if isinstance(item, Mapping) else None for item in tree]
        index = int(parts[0]) if parts[0].isdecimal() else names.index(parts[0]) if parts[0] in names else len(tree)
        rest = _keys(parts[1:], tree[index]) if index < len(tree) else None
        return None if rest is None else (index, *rest)
    if not isinstance(tree, Mapping):
        return None
    for count in range(1, len(parts) + 1):
        key = ".".join(parts[:count])
        if key in tree and (rest := _keys(parts[count:], tree[key])) is not None:
            return (key, *rest)
    return None


def _walk(tree: Any, keys: Sequence[str | int]) -> Any:
    for key in keys:
        if isinstance(tree, Mapping):
            there = key in tree
        else:
            there = isinstance(tree, list | tuple) and isinstance(key, int) and key < len(tree)
        if not there:
            return _NOTHING
        tree = tree[key]
    return tree


def _default(parts: Sequence[str], whole: Mapping[str, Any]) -> Origin:
    """What nobody says: Orthanc's default of a field of an entry, or nothing at all."""
    kind = _kind(parts)
    defaults = kind.defaults() if kind is not None else {}
    entry = _keys(parts[:-1], whole)
    if kind is not None and entry is not None and len(entry) == len(kind.path) + 1 and parts[-1] in defaults:
        return Origin(dotted((*entry, parts[-1])), _shown((*entry, parts[-1]), defaults[parts[-1]]), (), default=True)
    known = next(keys for count in range(len(parts), -1, -1) if (keys := _keys(parts[:count], whole)) is not None)
    tree = _walk(whole, known)
    names = list(map(str, tree)) if isinstance(tree, Mapping) else []
    if kind is not None and len(known) == len(kind.path) + 1:
        names = [*names, *defaults]
    missing = parts[len(known)] if len(known) < len(parts) else parts[-1]
    hint = nearest(missing, names)
    where = f"{dotted(known)} has" if known else "the document has"
    if not hint and names:
        hint = f"{where} {', '.join(map(short, names))}"
    raise OriginError(f"{where} no `{short(missing)}`", hint=hint[:1].upper() + hint[1:])


def _kind(keys: Sequence[str | int]) -> Kind | None:
    return next((kind for kind in all_kinds().values() if tuple(keys[: len(kind.path)]) == kind.path), None)


def _shown(keys: tuple[str | int, ...], value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, Secret):
        return value.reference or SECRET
    if isinstance(value, Mapping):
        return f"{{{', '.join(map(short, value))}}}"
    kind = _kind(keys)
    if kind is not None and len(keys) > len(kind.path) and kind.is_secret(keys[len(kind.path) :]):
        return SECRET
    if isinstance(value, list | tuple):
        return f"[{', '.join(_shown((*keys, index), item) for index, item in enumerate(value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return short(value)
