"""Writes what each task gave as a line of JSON to the file that RESULTS names, for tests to look at."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: results
type: notification
short_description: Writes results as JSON
description: Writes results as JSON.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Takes each result."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "results"

    def v2_runner_on_ok(self, result: Any) -> None:
        """A task that is done."""
        self._write(result, failed=False)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A task that has failed."""
        self._write(result, failed=True)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """A task that did not reach its host."""
        self._write(result, failed=True)

    def _write(self, result: Any, *, failed: bool) -> None:
        said = {**result._result, "failed": failed}
        line = {"host": result._host.get_name(), "task": result._task.get_name(), "result": said}
        with open(os.environ["RESULTS"], "a", encoding="utf-8") as file:
            file.write(json.dumps(line, default=str) + "\n")
