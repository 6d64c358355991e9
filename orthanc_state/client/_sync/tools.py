# Generated from ../_async by tools/make_sync.py: change it there.
"""What stands below `/tools`: settings of the running server. None of them survives its restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.client._sync.resource import Resource
from orthanc_state.client.answer import strings, unexpected, word

if TYPE_CHECKING:
    from collections.abc import Sequence


LEVELS = ("default", "verbose", "trace")
"""The levels of the log."""


class TextSetting(Resource):
    """A setting whose value is a word."""

    def get(self) -> str:
        """The value in force. Operation: `GET /tools/{setting}`."""
        return word(self._path(), self._connection.request("GET", self._path()), "a word")

    def set(self, value: str) -> None:
        """Change it until the next restart. Operation: `PUT /tools/{setting}`.

        Raises:
            BadRequestError: The server does not know this value.
        """
        self._connection.request("PUT", self._path(), content=value)


class SwitchSetting(Resource):
    """A setting that is on or off, which Orthanc writes as 1 or 0."""

    def get(self) -> bool:
        """Whether it is on. Operation: `GET /tools/{setting}`."""
        content = self._connection.request("GET", self._path())
        if content not in (b"0", b"1"):
            raise unexpected("GET", self._path(), "0 or 1", content)
        return content == b"1"

    def set(self, on: bool) -> None:
        """Switch it until the next restart. Operation: `PUT /tools/{setting}`."""
        self._connection.request("PUT", self._path(), content="1" if on else "0")


class AcceptedTransferSyntaxes(Resource):
    """The transfer syntaxes that the C-STORE SCP accepts."""

    def get(self) -> list[str]:
        """Their UIDs. Operation: `GET /tools/accepted-transfer-syntaxes`; since 1.9.0."""
        return strings(self._path(), self._connection.json("GET", self._path()))

    def set(self, uids: Sequence[str]) -> list[str]:
        """Accept these and no others, until the next restart.

        Operation: `PUT /tools/accepted-transfer-syntaxes`; since 1.9.0.

        Args:
            uids: UIDs, or patterns with `*` and `?`. What the server does not know it drops without a word.

        Returns:
            The UIDs that are accepted now.
        """
        return strings(self._path(), self._connection.json("PUT", self._path(), body=list(uids)))


class LogLevel(Resource):
    """How much the server logs: `default`, `verbose` or `trace`, as a whole or by category."""

    def get(self, *, category: str | None = None) -> str:
        """The level of one category (since 1.8.1), or the highest of all.

        Operation: `GET /tools/log-level`, `GET /tools/log-level-{category}`.
        """
        setting = self._setting(category)
        level = setting.get()
        if level not in LEVELS:
            raise unexpected("GET", setting._path(), f"one of {', '.join(LEVELS)}")
        return level

    def set(self, level: str, *, category: str | None = None) -> None:
        """Set one category, or every category at once, until the next restart.

        Operation: `PUT /tools/log-level`, `PUT /tools/log-level-{category}`.

        Raises:
            BadRequestError: There is no such level.
            NotFoundError: There is no such category.
        """
        self._setting(category).set(level)

    def _setting(self, category: str | None) -> TextSetting:
        return TextSetting(self._connection, "tools", f"log-level-{category}" if category else "log-level")


class Tools(Resource):
    """The settings below `/tools`, by name."""

    @property
    def accepted_transfer_syntaxes(self) -> AcceptedTransferSyntaxes:
        """`/tools/accepted-transfer-syntaxes`"""
        return AcceptedTransferSyntaxes(self._connection, "tools", "accepted-transfer-syntaxes")

    @property
    def unknown_sop_class_accepted(self) -> SwitchSetting:
        """`/tools/unknown-sop-class-accepted`: whether C-STORE accepts SOP classes that Orthanc does not know."""
        return SwitchSetting(self._connection, "tools", "unknown-sop-class-accepted")

    @property
    def default_encoding(self) -> TextSetting:
        """`/tools/default-encoding`: the encoding of DICOM files that do not name theirs (0008,0005)."""
        return TextSetting(self._connection, "tools", "default-encoding")

    @property
    def log_level(self) -> LogLevel:
        """`/tools/log-level` and `/tools/log-level-{category}`"""
        return LogLevel(self._connection, "tools", "log-level")

    @property
    def metrics(self) -> SwitchSetting:
        """`/tools/metrics`: whether the server collects metrics."""
        return SwitchSetting(self._connection, "tools", "metrics")
