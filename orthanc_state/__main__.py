"""`python -m orthanc_state` is `orthanc-state`."""

from orthanc_state.cli import main

main()
