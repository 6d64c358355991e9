"""Servers to be checked: one, or those of an inventory."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from orthanc_state.checks.result import Result, Status
from orthanc_state.checks.run import ANSWERS
from orthanc_state.checks.subject import SERVER, Settings, Subject
from orthanc_state.client import Orthanc
from orthanc_state.errors import OrthancStateError, ProblemsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from orthanc_state.document.document import Document
    from orthanc_state.fleet.member import Member


def anonymous(url: str, ca_file: Path | None, timeout: float) -> Callable[[], Orthanc]:
    """What gives a client that shows neither password nor certificate."""
    return partial(Orthanc, url, ca_file=ca_file, timeout=timeout, retries=0)


@contextmanager
def fleet_subjects(
    members: Sequence[Member],
    chosen: Sequence[Member],
    documents: Callable[[Member], Document] | None = None,
    settings: Settings | None = None,
) -> Iterator[tuple[list[Subject], list[Result]]]:
    """The servers of an inventory, each with a client, which is closed at the end.

    Args:
        members: All servers of the inventory: each knows of all, since links have two ends.
        chosen: Those that are checked.
        documents: Gives the document of each; None where they are not needed.
        settings: How checks are made.

    Returns:
        Those that are checked, and a failed result for each of which that cannot be: what the inventory or its
        document has wrong.
    """
    names = {member.name for member in chosen}
    subjects: list[Subject] = []
    wrong: list[Result] = []
    with ExitStack() as clients:
        for member in members:
            try:
                subject = _subject(member, clients, documents if member.name in names else None, settings)
            except OrthancStateError as error:
                if member.name in names:
                    wrong.append(_wrong(member, error))
                continue
            subjects.append(subject)
        for subject in subjects:
            subject.others = subjects
        yield [subject for subject in subjects if subject.name in names], wrong


def _subject(
    member: Member, clients: ExitStack, documents: Callable[[Member], Document] | None, settings: Settings | None
) -> Subject:
    access = member.access
    ca_file = member.folder / access.ca_file if access.ca_file is not None else None
    document = documents(member) if documents is not None and (member.documents or member.station) else None
    return Subject(
        member.name,
        clients.enter_context(member.connect()),
        document,
        anonymous=anonymous(member.url, ca_file, access.timeout if access.timeout is not None else 10.0),
        ca_file=ca_file,
        password_in_clear=member.url.startswith("http:") and bool(access.password or access.token),
        settings=settings,
    )


def _wrong(member: Member, error: OrthancStateError) -> Result:
    problems = error.problems if isinstance(error, ProblemsError) else ()
    message = "; ".join([error.message, *(problem.message for problem in problems)])
    place = problems[0].place if problems else None
    return Result(ANSWERS, member.name, SERVER, Status.FAILED, message, error.hint, place)
