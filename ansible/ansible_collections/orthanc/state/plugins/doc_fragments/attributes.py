# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What the modules can do besides their work."""

    DOCUMENTATION = r"""
---
attributes:
  action_group:
    description: Takes the defaults of C(module_defaults) for C(group/orthanc.state.all).
    support: full
    membership:
      - orthanc.state.all
"""

    WRITING = r"""
---
attributes:
  check_mode:
    description: Says what would change, without changing it.
    support: full
  diff_mode:
    description: Shows what changes, field by field, without secrets.
    support: full
  idempotent:
    description: Changes nothing where everything is so already.
    support: full
"""

    READING = r"""
---
attributes:
  check_mode:
    description: Says what would change, without changing it.
    support: full
    details: It only asks, and does the same in check mode.
  diff_mode:
    description: Shows what changes, field by field, without secrets.
    support: none
    details: It changes nothing.
  idempotent:
    description: Changes nothing where everything is so already.
    support: full
    details: It changes nothing.
"""
