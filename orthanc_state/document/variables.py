"""The variables of a document: named values, where each was given, and how they are put into texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orthanc_state.document.explain import nearest, short
from orthanc_state.document.secrets import UnreadSecret
from orthanc_state.errors import Place
from orthanc_state.kinds.secret import Secret

if TYPE_CHECKING:
    Value = str | int | float | bool | Secret

MAX_DEPTH = 10
"""How many variables may stand in each other."""

MAX_LENGTH = 100_000
"""Characters to which a text may come when its variables are put in."""

BEGIN = "${"
COMMAND_LINE = Place("--var")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z")
_USE = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]{0,63})\}|\$\{")
_WHOLE_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\Z")


class VariableError(ValueError):
    """A text cannot be made; it says why.

    Attributes:
        hint: What to do about it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable.

    Attributes:
        value: Its value; a secret that is missing stands for itself.
        place: Where it was given; None where that is no file.
        reason: Why its value is missing.
    """

    value: Value = field(repr=False)
    place: Place | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A variable that a value was made of."""

    name: str
    variable: Variable


class Variables:
    """The variables of one document.

    Args:
        values: Each by its name, as a `Variable` or as its value alone.
        secrets: Whether one that is a secret has to be there.

    Raises:
        VariableError: A name is none, or a value is something else than text, a number, true, false or a secret.
    """

    def __init__(self, values: Mapping[str, Any], *, secrets: bool = True) -> None:
        self._secrets = secrets
        self._variables: dict[str, Variable] = {}
        self._made: dict[str, tuple[Value, dict[str, Taken]]] = {}
        for name, value in values.items():
            if not _NAME.match(name):
                raise VariableError(f"`{short(name)}` is no name of a variable: letters, digits and `_`")
            variable = value if isinstance(value, Variable) else Variable(value)
            if not isinstance(variable.value, str | int | float | Secret):
                raise VariableError(f"the variable `{name}` is neither a text, a number, true, false nor a secret")
            self._variables[name] = variable

    def put_into(self, text: str) -> tuple[Value, tuple[Taken, ...]]:
        """A text with its variables in it, and those that it took.

        A text that is one variable and nothing else becomes its value, whatever that is. `$${` stands for `${`.

        Raises:
            VariableError: There is no such variable, its secret is missing or stands within a longer text, or it is
                made of itself.
        """
        taken: dict[str, Taken] = {}
        return self._put_into(text, taken, ()), tuple(taken.values())

    def _put_into(self, text: str, taken: dict[str, Taken], within: tuple[str, ...]) -> Value:
        alone = _USE.fullmatch(text)
        if alone is not None and alone[1]:
            return self._value(alone[1], taken, within)
        parts: list[str] = []
        end = length = 0
        for use in _USE.finditer(text):
            part = self._part(use, taken, within)
            parts += [text[end : use.start()], part]
            end = use.end()
            length += len(part)
            if length > MAX_LENGTH:
                raise VariableError("the variables in this text come to too many characters")
        return "".join([*parts, text[end:]])

    def _part(self, use: re.Match[str], taken: dict[str, Taken], within: tuple[str, ...]) -> str:
        if use.group() == f"${BEGIN}":
            return BEGIN
        if not use[1]:
            raise VariableError(
                "`${` begins a variable, and this is none", "write ${NAME}, or `$${` for the characters themselves"
            )
        value = self._value(use[1], taken, within)
        if isinstance(value, Secret):
            message = f"the variable `{use[1]}` is a secret, and cannot be a part of a text"
            raise VariableError(message, "let it be the whole value")
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value)

    def _value(self, name: str, taken: dict[str, Taken], within: tuple[str, ...]) -> Value:
        variable = self._variables.get(name)
        if variable is None:
            hint = nearest(name, self._variables)
            if not hint:
                known = ", ".join(self._variables)
                hint = f"known are {known}" if known else "--var NAME=VALUE gives one, and so does an inventory"
            raise VariableError(f"there is no variable `{name}`", hint)
        if name in within:
            raise VariableError(f"the variable `{name}` is made of itself: {' → '.join([*within, name])}")
        if len(within) == MAX_DEPTH:
            raise VariableError(f"more than {MAX_DEPTH} variables stand in each other: {' → '.join([*within, name])}")
        value = variable.value
        if isinstance(value, Secret) and value.missing and not self._secrets:
            value = UnreadSecret(value.reference)
        elif isinstance(value, Secret) and value.missing:
            raise VariableError(f"the variable `{name}`: {variable.reason or 'its secret is missing'}")
        if name not in self._made:
            # Made once, however often it is used: texts of texts of texts would take for ever.
            others: dict[str, Taken] = {}
            if isinstance(value, str) and BEGIN in value:
                value = self._put_into(value, others, (*within, name))
            self._made[name] = value, {name: Taken(name, variable), **others}
        value, all_taken = self._made[name]
        taken.update(all_taken)
        return value


def from_assignment(text: str) -> tuple[str, Variable]:
    """A variable from the command line, `NAME=VALUE`; a value that looks like a number, true or false is one.

    Raises:
        VariableError: It is no such thing.
    """
    name, sign, value = text.partition("=")
    if not sign or not _NAME.match(name):
        raise VariableError("expected NAME=VALUE, with a name of letters, digits and `_`")
    if value in ("true", "false"):
        return name, Variable(value == "true", COMMAND_LINE)
    return name, Variable(int(value) if _WHOLE_NUMBER.match(value) else value, COMMAND_LINE)


def digestible(taken: Mapping[str, Variable]) -> dict[str, Any]:
    """Variables as JSON has them, to tell documents apart; of a secret, its reference."""
    return {
        name: variable.value.reference if isinstance(variable.value, Secret) else variable.value
        for name, variable in sorted(taken.items())
    }
