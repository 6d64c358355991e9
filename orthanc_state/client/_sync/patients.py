# Generated from ../_async by tools/make_sync.py: change it there.
"""The patients of a server."""

from __future__ import annotations

from orthanc_state.client._sync.level import Children, Level, ParentResource
from orthanc_state.client._sync.settings import SwitchSetting


class Patient(ParentResource):
    """One patient, by Orthanc's identifier."""

    segment = "patients"

    @property
    def studies(self) -> Children:
        """`/patients/{id}/studies`"""
        return Children(self._connection, *self._segments, "studies")

    @property
    def series(self) -> Children:
        """`/patients/{id}/series`"""
        return Children(self._connection, *self._segments, "series")

    @property
    def protected(self) -> SwitchSetting:
        """`/patients/{id}/protected`: whether it stays when the server makes room for new ones."""
        return SwitchSetting(self._connection, *self._segments, "protected")


class Patients(Level[Patient]):
    """All patients."""

    name = "Patient"
    resource = Patient
