"""Whether the server collects metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthanc_state.kinds.switch import Switch

if TYPE_CHECKING:
    from orthanc_state.client import Orthanc, SwitchSetting


class Metrics(Switch):
    """`metrics:` in a document, `MetricsEnabled` in `orthanc.json`."""

    name = "metrics"
    rank = 50
    orthanc_name = "MetricsEnabled"
    summary = "Whether the server collects metrics. It gives them under /tools/metrics-prometheus."
    example = True
    endpoint = "/tools/metrics"

    def setting(self, orthanc: Orthanc) -> SwitchSetting:
        return orthanc.tools.metrics


KIND = Metrics()
