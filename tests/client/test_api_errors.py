"""Errors of a real Orthanc as a tree of exceptions that carry what it said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from orthanc_state import Orthanc, OrthancStateError
from orthanc_state.client import (
    ApiError,
    BadRequestError,
    ClientError,
    ConfigurationError,
    ConflictError,
    ConnectionFailedError,
    ForbiddenError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
    ServerError,
    TimedOutError,
    UnauthorizedError,
    UnexpectedAnswerError,
)
from orthanc_state.testing.distribution import names
from tests.faults.fault_proxy import FaultProxy, replace

if TYPE_CHECKING:
    from orthanc_state.testing import OrthancServer, OrthancServers

API_ERRORS = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    405: NotAllowedError,
    409: ConflictError,
    500: ServerError,
}


@pytest.fixture(params=names())
def each(request: pytest.FixtureRequest, orthanc_servers: OrthancServers) -> Iterator[Orthanc]:
    """A client of every version of Orthanc in turn; nothing is changed there, since all that is tried is refused."""
    with Orthanc(orthanc_servers.shared(request.param).url) as client:
        yield client


def test_the_tree_has_one_root_and_says_what_belongs_together() -> None:
    assert issubclass(ClientError, OrthancStateError)
    direct = (ConfigurationError, ReadOnlyError, ConnectionFailedError, UnexpectedAnswerError, ApiError)
    assert all(cls.__mro__[1] is ClientError for cls in direct)
    assert all(issubclass(cls, ApiError) for cls in API_ERRORS.values())
    assert issubclass(TimedOutError, ConnectionFailedError)


def test_a_value_that_is_refused_carries_what_orthanc_said(each: Orthanc) -> None:
    with pytest.raises(BadRequestError) as raised:
        each.modalities["a"].put({"AET": "A", "Host": "h", "Port": 70000})
    error = raised.value
    assert (error.method, error.path, error.status) == ("PUT", "/modalities/a", 400)
    assert isinstance(error.orthanc_status, int)
    assert error.error
    assert "70000" in error.details
    assert error.details in str(error)
    assert "PUT /modalities/a answered 400" in str(error)


def test_a_name_that_is_unknown_is_not_found(each: Orthanc) -> None:
    calls: list[Callable[[], Any]] = [each.modalities["no"].delete, each.peers["no"].delete]
    for call in calls:
        with pytest.raises(NotFoundError) as raised:
            call()
        assert raised.value.status == 404
        assert raised.value.orthanc_status
        assert raised.value.error


def test_the_path_of_an_error_is_readable(each: Orthanc) -> None:
    with pytest.raises(NotFoundError) as raised:
        each.modalities["a b ü"].configuration()
    assert raised.value.path == "/modalities/a b ü/configuration"


def test_a_route_that_this_version_does_not_know_is_not_found(each: Orthanc) -> None:
    with pytest.raises(NotFoundError) as raised:
        each.get("/tools/none-such")
    assert raised.value.error == "Unknown resource"
    assert raised.value.orthanc_status == 17
    assert raised.value.details == ""


def test_what_the_server_does_not_allow_is_forbidden(each: Orthanc) -> None:
    with pytest.raises(ForbiddenError) as raised:
        each.post("/tools/execute-script", "print(1)")
    assert raised.value.status == 403
    # 403 comes with nothing in it, so that the class has to say what it means.
    assert "does not allow" in str(raised.value)
    assert raised.value.hint


@pytest.mark.orthanc(configuration={"CheckRevisions": True})
def test_another_revision_is_a_conflict(orthanc: Orthanc) -> None:
    series = json.loads(orthanc.post("/tools/create-dicom", {"Tags": {"PatientID": "1"}}))["ParentSeries"]
    orthanc.put(f"/series/{series}/metadata/1024", text="one")
    with pytest.raises(ConflictError) as raised:
        orthanc.put(f"/series/{series}/metadata/1024", text="two")
    assert raised.value.status == 409
    assert raised.value.orthanc_status


def test_a_question_that_it_cannot_answer_is_an_error_of_the_server(each: Orthanc) -> None:
    with pytest.raises(ServerError) as raised:
        each.post("/tools/find", {"Level": "Study", "Query": {"NoSuchTag": "x"}})
    assert raised.value.status == 500
    assert raised.value.orthanc_status
    assert raised.value.error == "Unknown DICOM tag"


def test_every_setting_is_refused_where_orthanc_refuses_it(each: Orthanc) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: each.tools.log_level.set("loud"),
        lambda: each.tools.default_encoding.set("Klingon"),
        lambda: each.peers["a"].put({"Url": "gopher://x"}),
        lambda: each.modalities["a.b"].put({"AET": "A", "Host": "h", "Port": 1}),
    ]
    for call in calls:
        with pytest.raises(BadRequestError) as raised:
            call()
        assert raised.value.error


@pytest.mark.parametrize("status", [*API_ERRORS, 402, 405, 410, 418, 429, 501, 502, 503, 504, 599])
def test_every_status_has_its_class(server: OrthancServer, status: int) -> None:
    expected = API_ERRORS.get(status, ServerError if status >= 500 else ApiError)
    with (
        FaultProxy(server.url, replace("<html>", status, "text/html")) as proxy,
        Orthanc(proxy.url, retries=0) as orthanc,
        pytest.raises(ApiError) as raised,
    ):
        orthanc.system()
    assert type(raised.value) is expected
    assert raised.value.status == status
    assert (raised.value.orthanc_status, raised.value.error, raised.value.details) == (None, "", "")
    assert "<html>" not in str(raised.value)


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        '"text"',
        "null",
        "{}",
        '{"OrthancStatus": "x", "Message": [], "Details": {}}',
        '{"OrthancStatus": null, "Message": null, "Details": null}',
        '{"OrthancStatus": 1e400, "Message": 1}',
        "[" * 100_000,
        b"\xff",
    ],
    ids=lambda body: repr(body)[:30],
)
def test_an_error_with_a_strange_body_is_an_error_all_the_same(server: OrthancServer, body: str | bytes) -> None:
    with (
        FaultProxy(server.url, replace(body, 400)) as proxy,
        Orthanc(proxy.url) as orthanc,
        pytest.raises(BadRequestError) as raised,
    ):
        orthanc.system()
    assert raised.value.orthanc_status is None
    assert isinstance(raised.value.error, str)
    assert isinstance(raised.value.details, str)
