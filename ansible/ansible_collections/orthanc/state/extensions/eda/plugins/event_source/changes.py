# Copyright: (c) The orthanc-state developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens on an Orthanc server, as events for Event-Driven Ansible.

Each event holds one change of `GET /changes`: `seq`, `type` (such as `StableStudy`), `level`, `id`, `date` and the
`url` of the server. No data about patients is in it; what a rule wants to know of the resource it asks by its
identifier.

Arguments:
    url: The base URL of the server.
    username: The user of HTTP basic authentication.
    password: The password of that user.
    token: A bearer token, where a proxy or plugin asks for one.
    ca_file: PEM file of the authorities to trust instead of the system's.
    types: The types of the changes that are wanted; by default NewStudy and StableStudy.
    since: The number of the change after which it begins; by default the last one there is when it starts.
    interval: Seconds between two questions; by default 5.

Example:
    - hosts: all
      sources:
        - orthanc.state.changes:
            url: http://pacs.example:8042
            types: [StableStudy]
      rules:
        - name: A study is complete
          condition: event.type == "StableStudy"
          action:
            run_playbook:
              name: archive.yml
"""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from orthanc_state import AsyncOrthanc

TYPES = ("NewStudy", "StableStudy")

ACCESS = ("url", "username", "password", "token", "ca_file")

LOGGER = logging.getLogger(__name__)


class Queue(Protocol):
    """Where events go: what of `asyncio.Queue` is used."""

    async def put(self, event: dict[str, Any], /) -> None:
        """Take an event, when there is room for it."""


async def main(queue: Queue, args: dict[str, Any]) -> None:
    """Put an event in the queue for each change, for ever.

    Args:
        queue: Where the events go.
        args: The arguments of the source.
    """
    try:
        from orthanc_state import AsyncOrthanc
    except ImportError as error:
        raise ImportError(f"the Python library is missing: {sys.executable} -m pip install orthanc-state") from error
    unknown = sorted(set(args) - {*ACCESS, "types", "since", "interval"})
    if unknown or "url" not in args:
        raise ValueError(f"no such argument: {', '.join(unknown)}" if unknown else "the argument `url` is missing")
    async with AsyncOrthanc(**{name: args[name] for name in ACCESS if args.get(name)}) as orthanc:
        async for event in events(orthanc, args):
            await queue.put(event)


async def events(orthanc: AsyncOrthanc, args: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """The changes as events. A server that does not answer is asked again.

    Args:
        orthanc: The server.
        args: The arguments of the source.
    """
    from orthanc_state.client import ConnectionFailedError, ServerError

    wanted = frozenset(args.get("types") or TYPES)
    interval = float(args.get("interval", 5))
    number = args.get("since")
    lost = False
    while True:
        try:
            if number is None:
                number = await orthanc.changes.last()
            # What an older server cannot narrow is narrowed here, so that all versions do the same.
            async for change in orthanc.changes.since(number):
                number = change["Seq"]
                if change.get("ChangeType") in wanted:
                    yield event_of(orthanc.url, change)
            lost = False
        except (ConnectionFailedError, ServerError) as error:
            if not lost:
                LOGGER.warning("%s; it is asked again every %g s", error, interval)
            lost = True
        await asyncio.sleep(interval)


def event_of(url: str, change: Any) -> dict[str, Any]:
    """One change as an event.

    Args:
        url: The server.
        change: What it answered.
    """
    return {
        "url": url,
        "seq": change["Seq"],
        "type": change["ChangeType"],
        "level": change.get("ResourceType"),
        "id": change.get("ID"),
        "date": change.get("Date"),
    }


if __name__ == "__main__":
    import json

    class Printing:
        """A queue that prints what is put in it, for a look by hand: python changes.py URL [TYPE...]."""

        async def put(self, event: dict[str, Any], /) -> None:
            """Print an event as a line of JSON.

            Args:
                event: The event.
            """
            sys.stdout.write(f"{json.dumps(event)}\n")
            sys.stdout.flush()

    asyncio.run(main(Printing(), {"url": sys.argv[1], "types": sys.argv[2:], "since": 0}))
