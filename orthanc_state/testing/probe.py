"""Whether a port is free, and whether the server behind one is there yet."""

import contextlib
import http.client
import socket

_TIMEOUT = 1.0
_PORT_TAKEN = "already in use"  # Orthanc's words from 1.10 to 1.13, of HTTP and of DICOM
_STARTED = "Orthanc has started"
_ANSWERS = {http.HTTPStatus.OK, http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN}


def free_port() -> int:
    """A TCP port that nothing on the loopback listens on at this moment."""
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])


def says_port_taken(log: str) -> bool:
    """Whether a server's log says that it ended because another program has its port."""
    return _PORT_TAKEN in log


def says_started(log: str) -> bool:
    """Whether a server's log says that it is up.

    An answer alone does not prove it. It may be another server's, which took the port first; and
    Orthanc answers a moment before it heeds SIGTERM.
    """
    return _STARTED in log


def answers(port: int) -> bool:
    """Whether `GET /system` is answered, if only with a refusal.

    Not with httpx: making its client takes as long as Orthanc's start.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
        connection.request("GET", "/system")
        with connection.getresponse() as response:
            return response.status in _ANSWERS
    return False
