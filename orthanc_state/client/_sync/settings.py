# Generated from ../_async by tools/make_sync.py: change it there.
"""Settings that are read and written as a word or as a switch."""

from __future__ import annotations

from orthanc_state.client._sync.resource import Resource
from orthanc_state.client.answer import switched, word


class TextSetting(Resource):
    """A setting whose value is a word."""

    def get(self) -> str:
        """The value in force.

        Operation: `GET /tools/default-encoding`, `GET /tools/log-level`, `GET /tools/log-level-{category}`.
        """
        return word(self._path(), self._connection.request("GET", self._path()), "a word")

    def set(self, value: str) -> None:
        """Change it until the next restart.

        Operation: `PUT /tools/default-encoding`, `PUT /tools/log-level`, `PUT /tools/log-level-{category}`.

        Args:
            value: The word.

        Raises:
            BadRequestError: The server does not know this value.
        """
        self._connection.request("PUT", self._path(), content=value)


class SwitchSetting(Resource):
    """A setting that is on or off, which Orthanc writes as 1 or 0."""

    def get(self) -> bool:
        """Whether it is on.

        Operation: `GET /tools/metrics`, `GET /tools/unknown-sop-class-accepted`, `GET /patients/{id}/protected`.
        """
        return switched(self._path(), self._connection.request("GET", self._path()))

    def set(self, on: bool) -> None:
        """Switch it; what stands below `/tools` until the next restart.

        Operation: `PUT /tools/metrics`, `PUT /tools/unknown-sop-class-accepted`, `PUT /patients/{id}/protected`.

        Args:
            on: Whether it is to be on.
        """
        self._connection.request("PUT", self._path(), content="1" if on else "0")
