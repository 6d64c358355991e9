# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How the server is reached."""

    DOCUMENTATION = r"""
---
options:
  orthanc_url:
    description:
      - The base URL of the server, C(http://HOST:8042), or with a path where it is behind a proxy.
      - Where it is left out, the environment variable E(ORTHANC_URL) is taken.
    type: str
    required: true
  orthanc_username:
    description:
      - The user of HTTP basic authentication.
      - Where it is left out, the environment variable E(ORTHANC_USERNAME) is taken.
    type: str
  orthanc_password:
    description:
      - The password of that user.
      - Where it is left out, the environment variable E(ORTHANC_PASSWORD) is taken.
    type: str
  orthanc_token:
    description:
      - A bearer token, for a proxy or plugin that asks for one. It has no effect where O(orthanc_username) is given.
      - Where it is left out, the environment variable E(ORTHANC_TOKEN) is taken.
    type: str
  orthanc_ca_file:
    description:
      - PEM file of the authorities to trust instead of those of the system.
      - Where it is left out, the environment variable E(ORTHANC_CA_FILE) is taken.
    type: path
  orthanc_client_certificate:
    description:
      - PEM file of the certificate to show to the server, with its key unless O(orthanc_client_key) is given.
      - Where it is left out, the environment variable E(ORTHANC_CLIENT_CERTIFICATE) is taken.
    type: path
  orthanc_client_key:
    description:
      - PEM file of the private key of that certificate.
      - Where it is left out, the environment variable E(ORTHANC_CLIENT_KEY) is taken.
    type: path
  orthanc_client_key_password:
    description:
      - The password of that private key.
      - Where it is left out, the environment variable E(ORTHANC_CLIENT_KEY_PASSWORD) is taken.
    type: str
  orthanc_timeout:
    description:
      - Seconds to wait for an answer.
    type: float
    default: 10.0
requirements:
  - orthanc-state (the Python library, where the task runs; it needs Python 3.11 or later)
notes:
  - The server is reached over its REST API, so the task can run anywhere. With C(delegate_to=localhost) the Python
    library is needed in one place only, where Ansible itself runs.
  - The environment variables are those of the machine that the task runs on.
"""

    PLUGIN = r"""
---
options:
  orthanc_url:
    description:
      - The base URL of the server, C(http://HOST:8042), or with a path where it is behind a proxy.
    type: str
    required: true
    env:
      - name: ORTHANC_URL
    vars:
      - name: orthanc_url
  orthanc_username:
    description:
      - The user of HTTP basic authentication.
    type: str
    env:
      - name: ORTHANC_USERNAME
    vars:
      - name: orthanc_username
  orthanc_password:
    description:
      - The password of that user.
    type: str
    env:
      - name: ORTHANC_PASSWORD
    vars:
      - name: orthanc_password
  orthanc_token:
    description:
      - A bearer token, for a proxy or plugin that asks for one. It has no effect where O(orthanc_username) is given.
    type: str
    env:
      - name: ORTHANC_TOKEN
    vars:
      - name: orthanc_token
  orthanc_ca_file:
    description:
      - PEM file of the authorities to trust instead of those of the system.
    type: path
    env:
      - name: ORTHANC_CA_FILE
    vars:
      - name: orthanc_ca_file
  orthanc_client_certificate:
    description:
      - PEM file of the certificate to show to the server, with its key unless O(orthanc_client_key) is given.
    type: path
    env:
      - name: ORTHANC_CLIENT_CERTIFICATE
    vars:
      - name: orthanc_client_certificate
  orthanc_client_key:
    description:
      - PEM file of the private key of that certificate.
    type: path
    env:
      - name: ORTHANC_CLIENT_KEY
    vars:
      - name: orthanc_client_key
  orthanc_client_key_password:
    description:
      - The password of that private key.
    type: str
    env:
      - name: ORTHANC_CLIENT_KEY_PASSWORD
    vars:
      - name: orthanc_client_key_password
  orthanc_timeout:
    description:
      - Seconds to wait for an answer.
    type: float
    default: 10.0
    vars:
      - name: orthanc_timeout
requirements:
  - orthanc-state (the Python library, where Ansible runs; it needs Python 3.11 or later)
"""
