"""What can go wrong when a real Orthanc is asked for."""


class OrthancUnavailable(Exception):
    """An Orthanc of the wanted version cannot be had on this machine.

    Args:
        reason: one sentence for whoever reads why a test was skipped.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OrthancDied(Exception):
    """The server process ended, or never answered, when it was expected to run.

    Args:
        reason: what was being waited for.
        log: the end of the server's log.
    """

    def __init__(self, reason: str, log: str = "") -> None:
        super().__init__(f"{reason}\n{log}".rstrip())
        self.reason = reason
        self.log = log
