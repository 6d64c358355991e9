"""A plan and a report on a terminal, to the byte."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from orthanc_state.planning.change import Action
from orthanc_state.render.line import Line, plain
from orthanc_state.render.planned import change_view, plan_view
from orthanc_state.render.reported import report_view, result_view
from orthanc_state.render.text import change_lines, plan_lines, report_lines, result_lines, warning_line
from tests.render.samples import IN_SYNC, PLAN, REPORT, SYNTAXES, WARNING, change

if TYPE_CHECKING:
    from collections.abc import Iterable

PLAN_TEXT = """\
Orthanc ward7  1.12.7 at http://localhost:8042

  + modalities/ct1
      aet   CT1
      host  10.0.0.9
      port  104
  ~ modalities/pacs
      host               10.0.0.5 → " h "
      port               104 → 11112
      allow_transcoding  true → false
  ~ peers/backup
      password            (secret) → another secret
      http_headers.X-Key  (secret), not known to be this one → (secret)
      http_headers.X-Old  (secret) → none
  ~ logging/dicom: default → verbose
  ~ logging/http: default → trace  (set again after logging/all)
  ~ metrics: true → false
  ~ dicom/accepted_transfer_syntaxes: 3 → 2
      - ExplicitVRLittleEndian
      - 1.2.3.4
      + JPEGBaseline8Bit
  - modalities/old-workstation
  ~ policies/archive  (study: ModalitiesInStudy CT; PatientName (as in the document); 3,000 selected)
      + label archive                     1,200  00000000-00000000-00000000-00000000-00000000, 00000001-000000\
00-00000000-00000000-00000000, 00000002-00000000-00000000-00000000-00000000, …
      - label inbox                       2  00000000-00000000-00000000-00000000-00000000, 00000001-00000000-0\
0000000-00000000-00000000
      ~ metadata site: {InstitutionName}  1  00000000-00000000-00000000-00000000-00000000

Left alone, since not declared: peers/p0, peers/p1, peers/p2, peers/p3, peers/p4, peers/p5, peers/p6, peers/p7\
 and 3 more.

Plan: 1 to create, 6 to update, 1 to delete, 1,203 changes of resources by 1 policy, 2 unchanged.
Lost at the next restart, unless the configuration file says the same: logging (2), metrics, dicom.accepted_tr\
ansfer_syntaxes; kept: policies; not known: modalities (3), \
peers (say `assume: {modalities_in_database: true, peers_in_database: true}` if it is so).
"""

IN_SYNC_TEXT = """\
Orthanc ward7  1.12.7 at http://localhost:8042

In sync: nothing to change (1 unchanged).
"""

REPORT_TEXT = """\
  + modalities/ct1  created
  ~ metrics  updated
  - modalities/old-workstation  deleted
  ! modalities/pacs  failed: the server did not take all of what was sent
      port: sent 11112, found 104
      host: sent " h ", found 10.0.0.5
  ! dicom/accepted_transfer_syntaxes  failed: the server did not take all of what was sent
      JPEGBaseline8Bit was sent and is not there
      1.2.3.4 is there and was not sent
  ! modalities/pacs  not written: the server has changed since the plan; nothing was sent
      host: planned from 10.0.0.5, is 10.0.0.5, was to be " h "
      port: planned from 104, is 105, was to be 11112
      allow_transcoding: planned from true, is true, was to be false
      timeout: planned from 0, is 10, was to be 0
  ! peers/backup  not written: the server has changed since the plan; nothing was sent
      password: planned from (secret), is another secret, was to be another secret
      http_headers.X-Key: planned from (secret), is none, was to be (secret)
      http_headers.X-Old: planned from (secret), is none, was to be none
  ! dicom/accepted_transfer_syntaxes  not written: the server has changed since the plan; nothing was sent
      value: planned from 3, is 2, was to be 2
      1.2.5 has come in since the plan
      ExplicitVRLittleEndian has gone since the plan
      1.2.3.4 has gone since the plan
  ! modalities/old-workstation  not written: the server has changed since the plan; nothing was sent
      aet: planned from OLD, is PACS
      port: planned from 104, is 1
      timeout: planned from 30, is 0
  ! modalities/ct1  not written: the server has changed since the plan; nothing was sent
      it is there by now
      aet: is PACS, was to be CT1
      host: is 10.0.0.5, was to be 10.0.0.9
  ! modalities/pacs  not written: the server has changed since the plan; nothing was sent
      it is not there any more
  = logging/http  already so
  ! logging/dicom  not tried: it needs logging/all, which failed
  ~ policies/archive  1,200 done, 3 already so
  ! policies/archive  700 done, 501 failed
      500 failed: 404 Not Found  a, b, c, …
      1 failed: 409  d
  ! policies/archive  not tried: interrupted
Applied 4 of 16; 1 already so; 6 changed since the plan and left alone; 3 failed; 2 not tried. [interrupted]
What has changed needs a new plan; then a second apply takes up what is left.
Warning: site.yaml:4:7 modalities.ct1: the AE title CT1 is declared twice (name it once)
"""


def text_of(lines: Iterable[Line]) -> str:
    """What is seen where there is no colour."""
    return "".join(plain(line) + "\n" for line in lines)


def test_a_plan() -> None:
    assert text_of(plan_lines(plan_view(PLAN))) == PLAN_TEXT


def test_a_plan_of_a_server_that_is_in_sync() -> None:
    assert text_of(plan_lines(plan_view(IN_SYNC))) == IN_SYNC_TEXT


def test_a_report() -> None:
    lines = [line for result in REPORT.results for line in result_lines(result_view(result))]
    assert text_of([*lines, *report_lines(report_view(REPORT)), warning_line(WARNING)]) == REPORT_TEXT


def test_limits_and_notes_stand_at_the_end_where_they_are_seen() -> None:
    view = dataclasses.replace(plan_view(IN_SYNC), limits=("9 of 9 go",), notes=("no secret\nis known",))
    assert text_of(plan_lines(view)).splitlines()[2:] == [
        "Cannot be undone:",
        "  no secret\\nis known",
        "",
        "Needs --allow-deletes: 9 of 9 go",
        "",
        "In sync: nothing to change (1 unchanged).",
    ]


def test_half_of_a_character_in_a_list_is_shown() -> None:
    syntaxes = change(Action.UPDATE, SYNTAXES, "", {"value": ("\ud800", "\ud801", "1.2.3")}, {"value": ("1.2.3",)})
    assert text_of(change_lines(change_view(syntaxes))) == (
        "  ~ dicom/accepted_transfer_syntaxes: 3 → 1\n      - \\ud800\n      - \\ud801\n"
    )
