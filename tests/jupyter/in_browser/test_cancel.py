"""An apply that somebody stops in a browser."""

from __future__ import annotations

import time
from threading import Event
from typing import TYPE_CHECKING

from orthanc_state import Orthanc
from tests.faults.fault_proxy import FaultProxy, delay, on
from tests.policies.studies import store

if TYPE_CHECKING:
    from orthanc_state.testing import OrthancServers
    from tests.faults.fault_proxy import Exchange
    from tests.jupyter.visitor import Notebooks, Visitor

STUDIES, LABELS = 200, 10

POLICY = f"""\
version: 1
policies:
  - name: many
    level: study
    labels: {{add: [{", ".join(f"l{number}" for number in range(LABELS))}]}}
"""


def test_an_apply_of_2000_labels_stops_within_a_second(
    orthanc_servers: OrthancServers, lab: Notebooks, visitor: Visitor
) -> None:
    begun = Event()

    def label(exchange: Exchange) -> None:
        begun.set()
        delay(0.01)(exchange)

    server = orthanc_servers.start("trixie")
    with Orthanc(server.url) as orthanc, FaultProxy(server.url, on("PUT", "", label)) as slow:
        store(orthanc, *(f"P{number}" for number in range(STUDIES)))
        (lab.folder / "many.yaml").write_text(POLICY)
        notebook = lab.write(
            "cancel.ipynb",
            "from orthanc_state import Orthanc, jupyter",
            f"jupyter.plan(Orthanc({slow.url!r}), 'many.yaml')",
        )
        visitor.open_lab(lab, notebook)
        plan = visitor.panel("plan")
        plan.get_by_role("button", name="Plan", exact=True).click()
        plan.get_by_role("button", name="Apply 1 change").click()
        plan.get_by_role("progressbar").wait_for()
        plan.get_by_text(f"of {STUDIES * LABELS + 1:,}").wait_for()
        visitor.picture("progress", plan)
        # Before the first label the server is asked other things, for which a fast browser does not wait.
        assert begun.wait(60)

        plan.get_by_role("button", name="Cancel").click()
        cancelled = time.monotonic()
        plan.get_by_text("not tried").first.wait_for()
        visitor.picture("cancelled", plan)

        done = sum(orthanc.studies.count(labels=[label]) for label in orthanc.tools.labels())
        assert 0 < done < STUDIES * LABELS
        assert f"{done:,} done, {STUDIES * LABELS - done:,} not tried" in plan.inner_text()
        assert max(each.at for each in slow.seen if each.method == "PUT") - cancelled < 1
        # Nothing goes on behind the report.
        time.sleep(0.2)
        assert done == sum(orthanc.studies.count(labels=[label]) for label in orthanc.tools.labels())
    orthanc_servers.stop(server)
