# Generated from ../_async by tools/make_sync.py: change it there.
"""The client of one Orthanc."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthanc_state.client._sync.changes import Changes, Exports
from orthanc_state.client._sync.connection import Connection
from orthanc_state.client._sync.instances import Instances
from orthanc_state.client._sync.jobs import Jobs
from orthanc_state.client._sync.modalities import Modalities
from orthanc_state.client._sync.patients import Patients
from orthanc_state.client._sync.peers import Peers
from orthanc_state.client._sync.plugins import Plugins
from orthanc_state.client._sync.queries import Queries
from orthanc_state.client._sync.series import AllSeries
from orthanc_state.client._sync.storage_commitment import StorageCommitments
from orthanc_state.client._sync.studies import Studies
from orthanc_state.client._sync.tools import Tools
from orthanc_state.client.answer import mapping
from orthanc_state.client.answers import Statistics
from orthanc_state.client.credentials import Credentials
from orthanc_state.client.errors import ClientError
from orthanc_state.client.source import Body
from orthanc_state.client.tls import tls_context
from orthanc_state.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from os import PathLike
    from types import TracebackType
    from typing import Self

    from orthanc_state.client.source import Source
    from orthanc_state.client.summary import Summary
    from orthanc_state.client.system import SystemInformation


GLANCE = 2.0
"""Seconds to wait for what is only shown."""


class Orthanc(Shown):
    """The REST API of one Orthanc server.

    Connections are opened when they are needed and shared by all that use the object, any number at once. It is a
    context manager; `close` does the same as leaving it.

    Args:
        url: The base URL: `http://localhost:8042`, or with a path, `https://host/orthanc`.
        username: The user of HTTP basic authentication.
        password: The password of that user.
        token: A bearer token, for a proxy or plugin that asks for one.
        headers: Further headers to send with every request.
        ca_file: PEM file of the authorities to trust instead of the system's.
        client_certificate: PEM file of the certificate to show, with its key unless `client_key` is given.
        client_key: PEM file of the private key of that certificate.
        client_key_password: The password of that private key.
        timeout: Seconds to wait for the connection, and for each part of an answer.
        retries: How often a request that is safe to repeat is sent again when the network fails.

    Raises:
        ConfigurationError: The URL or a file cannot be used.
    """

    def __init__(
        self,
        url: str,
        username: str | None = None,
        password: str | None = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        ca_file: str | PathLike[str] | None = None,
        client_certificate: str | PathLike[str] | None = None,
        client_key: str | PathLike[str] | None = None,
        client_key_password: str | None = None,
        timeout: float = 10.0,
        retries: int = 3,
    ) -> None:
        credentials = Credentials(username, password, token, dict(headers or {}), client_key_password)
        # Whatever is raised from here on shows no secret, also to those who look at the variables of its frames.
        del password, token, headers, client_key_password
        credentials.check()
        tls = None
        if ca_file is not None or client_certificate is not None or client_key is not None:
            tls = tls_context(credentials, ca_file, client_certificate, client_key)
        self._use(Connection(url, credentials, tls=tls, timeout=timeout, retries=retries))

    def _use(self, connection: Connection) -> None:
        self._connection = connection
        self.patients = Patients(connection)
        self.studies = Studies(connection)
        self.series = AllSeries(connection)
        self.instances = Instances(connection)
        self.modalities = Modalities(connection)
        self.peers = Peers(connection)
        self.queries = Queries(connection, "queries")
        self.jobs = Jobs(connection, "jobs")
        self.changes = Changes(connection, "changes")
        self.exports = Exports(connection, "exports")
        self.storage_commitment = StorageCommitments(connection, "storage-commitment")
        self.plugins = Plugins(connection, "plugins")
        self.tools = Tools(connection, "tools")

    @property
    def url(self) -> str:
        """The base URL, without a trailing slash and without credentials."""
        return self._connection.url

    def read_only(self) -> Orthanc:
        """The same server over the same connections, through a gate that lets only questions pass.

        Anything but GET, HEAD and the query endpoints (`/tools/find` and its like) raises `ReadOnlyError` before
        it leaves the process. Closing the view does not close the connections.
        """
        view = object.__new__(type(self))
        view._use(self._connection.gated())
        return view

    def system(self) -> SystemInformation:
        """Version, name and identity of the server.

        Operation: `GET /system`.

        Raises:
            UnexpectedAnswerError: What answers is not an Orthanc.
        """
        return self._connection.system(fresh=True)

    def statistics(self) -> Statistics:
        """How much is stored. Operation: `GET /statistics`."""
        answer: Statistics = mapping(Statistics, "/statistics", self._connection.json("GET", "/statistics"))
        self._connection.known["statistics"] = answer
        return answer

    def get(
        self, path: str, *, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        """GET a path that has no method of its own (a plugin's, say) and return its JSON.

        Args:
            path: The path below the base URL, its segments quoted.
            params: Parameters of the query.
            headers: Further headers.
        """
        return self._connection.json("GET", path, params=params, headers=headers)

    def post(
        self,
        path: str,
        body: object = None,
        *,
        content: Source | None = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """POST JSON, or a file, to a path and return the raw answer.

        Args:
            path: The path below the base URL, its segments quoted.
            body: What is sent as JSON.
            content: What is sent instead: bytes, the path of a file or an open one.
            params: Parameters of the query.
            headers: Further headers.
        """
        return self.request("POST", path, body=body, content=content, params=params, headers=headers)

    def put(
        self,
        path: str,
        body: object = None,
        *,
        text: str | None = None,
        content: Source | None = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """PUT JSON, a text or a file to a path and return the raw answer.

        Args:
            path: The path below the base URL, its segments quoted.
            body: What is sent as JSON.
            text: What is sent instead, as it is.
            content: What is sent instead: bytes, the path of a file or an open one.
            params: Parameters of the query.
            headers: Further headers.
        """
        return self.request("PUT", path, body=body, text=text, content=content, params=params, headers=headers)

    def delete(
        self, path: str, *, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """DELETE a path and return the raw answer.

        Args:
            path: The path below the base URL, its segments quoted.
            params: Parameters of the query.
            headers: Further headers.
        """
        return self.request("DELETE", path, params=params, headers=headers)

    def request(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        text: str | None = None,
        content: Source | None = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Send any request and return the raw answer.

        Args:
            method: The HTTP method.
            path: The path below the base URL, its segments quoted.
            body: What is sent as JSON. An object in it that has a method `reveal()` stands for what that gives, asked
                for when it is sent.
            text: What is sent instead, as it is.
            content: What is sent instead: bytes, the path of a file or an open one.
            params: Parameters of the query.
            headers: Further headers.
        """
        sent: Any = text
        if content is not None:
            source = Body(content)
            sent, headers = source.content, {**source.headers, **(headers or {})}
        return self._connection.request(method, path, body=body, content=sent, params=params, headers=headers)

    def stream(
        self, path: str, *, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[bytes]:
        """GET a path piece by piece, in constant memory; the status is checked before the first piece.

        Args:
            path: The path below the base URL, its segments quoted.
            params: Parameters of the query.
            headers: Further headers.
        """
        return self._connection.stream("GET", path, params=params, headers=headers)

    def close(self) -> None:
        """Close the connections; twice does no harm."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        """What is known of the server by now: to show it asks nothing, in a debugger or a log."""
        # Also while it is being made: a debugger shows it then.
        connection = getattr(self, "_connection", None)
        return "<Orthanc>" if connection is None else str(connection.summary())

    def _repr_html_(self) -> str:
        """A small table in a notebook, for which the server is asked."""
        return self._glance().html()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """A line in IPython, for which the server is asked."""
        printer.text(str(self._glance()))

    def _glance(self) -> Summary:
        """What the server says now; what is shown cannot wait in an event loop, nor long."""
        from orthanc_state.client._sync.connection import Connection as ConnectionOfItsOwn

        connection = ConnectionOfItsOwn(**self._connection.settings, timeout=GLANCE, retries=0)
        connection.read_only = self._connection.read_only
        try:
            connection.known["statistics"] = mapping(dict, "/statistics", connection.json("GET", "/statistics"))
            connection.system()
        except ClientError as error:
            return connection.summary(str(error))
        finally:
            connection.close()
        return connection.summary()
