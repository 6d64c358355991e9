# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How a plan is applied."""

    DOCUMENTATION = r"""
---
options:
  allow_deletes:
    description:
      - Take away more than the limits of the document allow. By default these are ten things of one kind, or 30 % of
        them.
      - Without it such a task fails before anything is written, in check mode too.
    type: bool
    default: false
  journal:
    description:
      - The file that what is sent is appended to; C(orthanc-state rollback FILE) undoes it. No secret is in it.
      - Where it is left out, the environment variable E(ORTHANC_STATE_JOURNAL) is taken, and otherwise a file of its
        own in C(~/.local/state/orthanc-state), where the task runs.
    type: path
  keep_journal:
    description:
      - Whether a journal is kept.
    type: bool
    default: true
  verify:
    description:
      - See which modalities and peers answer the server before something is written, and after it.
      - The task fails when one no longer does that did before, unless it was deleted; what was written stays, and the
        message says what undoes it.
    type: bool
    default: false
notes:
  - Each value is compared with the server again just before it is written, and read back after. What had changed
    since the plan is left alone, and the task fails.
  - A second run takes up what a failed one has left.
"""

    SCRIPTS = r"""
---
options:
  lua:
    description:
      - Whether policies may be applied by scripts, which is much faster, on a server that allows them.
    type: bool
    default: true
"""

    ASSUME = r"""
---
options:
  assume:
    description:
      - >-
        What is taken for true of switches of the configuration of the server, which a server tells only where it allows
        scripts, such as C({modalities_in_database: true}).
      - It decides what the plan says of the next restart.
    type: dict
"""

    LIMITS = r"""
---
options:
  prune:
    description:
      - Delete what the server has besides the O(entries).
    type: bool
    default: false
  limits:
    description:
      - How much the task may delete without O(allow_deletes).
    type: dict
    suboptions:
      deletes:
        description:
          - How many things.
          - Where it is left out, it is V(10).
        type: int
      share:
        description:
          - Which part of them, as a percentage. It does not stop a single deletion.
          - Where it is left out, it is V(30%).
        type: str
"""

    FINGERPRINTS = r"""
---
options:
  fingerprints:
    description:
      - How a rotated secret is told from an unchanged one, since Orthanc never returns secrets. Salted slow hashes are
        kept beside the entry on the server (V(scrypt)), or fast ones with a key of the site's own (V(key)), or none
        (V(off)).
    type: str
    choices:
      - scrypt
      - key
      - 'off'
    default: scrypt
  fingerprint_key:
    description:
      - That key, for O(fingerprints=key).
      - Where it is left out, the environment variable E(ORTHANC_STATE_KEY) is taken.
    type: str
"""
