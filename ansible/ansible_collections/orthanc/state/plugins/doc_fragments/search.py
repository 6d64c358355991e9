# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What is looked for among what a server stores."""

    DOCUMENTATION = r"""
---
options:
  level:
    description:
      - What is looked for.
    type: str
    choices:
      - patient
      - study
      - series
      - instance
    default: study
  query:
    description:
      - DICOM tags with the values that they must have, with the wildcards, ranges and lists of C-FIND. Without it,
        everything.
    type: dict
    default: {}
  labels:
    description:
      - Labels that it must have. Takes Orthanc 1.12.0.
    type: list
    elements: str
    default: []
  labels_constraint:
    description:
      - Whether it must have V(all) of the O(labels), V(any) or V(none).
    type: str
    choices:
      - all
      - any
      - none
    default: all
  metadata:
    description:
      - Metadata with the values that they must have, with wildcards. Takes Orthanc 1.12.5.
    type: dict
    default: {}
"""
