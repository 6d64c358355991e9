"""``python -m orthanc_state.testing [SUITE...]``: fetches Orthanc ahead of the tests."""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from orthanc_state.testing.distribution import find, names
from orthanc_state.testing.errors import OrthancUnavailable


def main() -> int:
    """Fetches the suites and prints a line for each; 1 where one cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m orthanc_state.testing", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE", default=names(), help="default: all")
    suites = parser.parse_args().suites
    with ThreadPoolExecutor() as pool:
        results = list(pool.map(_fetch, suites))
    return 0 if all(results) else 1


def _fetch(suite: str) -> bool:
    began = time.monotonic()
    try:
        found = find(suite)
    except OrthancUnavailable as error:
        print(f"{suite}: {error.reason}", file=sys.stderr, flush=True)
        return False
    where = found.root or found.argv[-1]
    print(f"{suite}: Orthanc {found.version} in {where} ({time.monotonic() - began:.1f} s)", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
