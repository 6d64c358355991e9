"""One plan in a process of its own, for its memory: `python -m benchmarks.once URL VARIANT`."""

from __future__ import annotations

import sys

from benchmarks.sample import check_in_sync, document, variant
from orthanc_state import Orthanc


def main() -> None:
    """Plan once against a server that is in sync."""
    url, name = sys.argv[1:]
    with Orthanc(url) as orthanc:
        check_in_sync(orthanc, document(variant(name)))


if __name__ == "__main__":
    main()
