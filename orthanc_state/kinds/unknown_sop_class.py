"""Whether C-STORE accepts SOP classes that Orthanc does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.kinds.switch import Switch

if TYPE_CHECKING:
    from orthanc_state.client import Orthanc, SwitchSetting


class UnknownSopClass(Switch):
    """`dicom.unknown_sop_class_accepted` in a document, `UnknownSopClassAccepted` in `orthanc.json`."""

    name = "dicom.unknown_sop_class_accepted"
    rank = 31
    orthanc_name = "UnknownSopClassAccepted"
    summary = "Whether C-STORE accepts SOP classes that Orthanc does not know."
    example = False
    endpoint = "/tools/unknown-sop-class-accepted"

    def setting(self, orthanc: Orthanc) -> SwitchSetting:
        return orthanc.tools.unknown_sop_class_accepted


KIND = UnknownSopClass()
