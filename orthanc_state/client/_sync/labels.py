# Generated from ../_async by tools/make_sync.py: change it there.
"""The labels of one patient, study, series or instance."""

from __future__ import annotations

from orthanc_state.client._sync.resource import Resource
from orthanc_state.client.answer import strings
from orthanc_state.client.errors import NotFoundError


class Labels(Resource):
    """Short marks that users give; since 1.12.0. A label is made of letters, digits, `_` and `-`, at most 64."""

    def all(self) -> list[str]:
        """The labels. Operation: `GET /{level}/{id}/labels`; since 1.12.0.

        Raises:
            NotFoundError: There is no such resource, or the server is too old.
        """
        return strings(self._path(), self._connection.json("GET", self._path()))

    def has(self, label: str) -> bool:
        """Whether it has a label; also False for a resource that there is not.

        Operation: `GET /{level}/{id}/labels/{label}`; since 1.12.0.

        Args:
            label: The label.
        """
        try:
            self._connection.request("GET", self._path(label))
        except NotFoundError:
            return False
        return True

    def add(self, *labels: str) -> None:
        """Give it labels, one request each; one that it has already does no harm.

        Operation: `PUT /{level}/{id}/labels/{label}`; since 1.12.0.

        Args:
            labels: The labels.

        Raises:
            BadRequestError: A label has other characters, or too many.
            NotFoundError: There is no such resource.
        """
        for label in labels:
            self._connection.request("PUT", self._path(label))

    def remove(self, *labels: str) -> None:
        """Take labels away, one request each; one that it has not does no harm.

        Operation: `DELETE /{level}/{id}/labels/{label}`; since 1.12.0.

        Args:
            labels: The labels.

        Raises:
            NotFoundError: There is no such resource.
        """
        for label in labels:
            self._connection.request("DELETE", self._path(label))
