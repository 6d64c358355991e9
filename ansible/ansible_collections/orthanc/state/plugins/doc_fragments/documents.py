# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Where a document comes from, and what of it is planned."""

    DOCUMENTATION = r"""
---
options:
  files:
    description:
      - Files of a document, where the task runs. A later one overrides the earlier ones.
      - The tags C(!env) and C(!file) in them are read where the task runs.
    type: list
    elements: path
  beneath:
    description:
      - Sections that all others are laid over, such as the modalities that follow from the network of a fleet file.
    type: dict
  variables:
    description:
      - What C(${NAME}) stands for in the O(files).
    type: dict
  secret_variables:
    description:
      - The same for values that are secret.
    type: dict
  target:
    description:
      - Plan only this, and what it depends on, as C(KIND/NAME) with the wildcards C(*) and C(?).
    type: list
    elements: str
    default: []
  exclude:
    description:
      - Do not plan this, nor what depends on it, as C(KIND/NAME) with the wildcards C(*) and C(?).
    type: list
    elements: str
    default: []
  prune:
    description:
      - Kinds of which everything is deleted that is not declared, as C(prune) in the document does.
    type: list
    elements: str
    default: []
"""
