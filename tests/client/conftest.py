"""The servers and certificates are those of the tests of faults."""

from __future__ import annotations

from tests.faults.conftest import authority, guarded, no_proxy_variables, own, server

__all__ = ["authority", "guarded", "no_proxy_variables", "own", "server"]
