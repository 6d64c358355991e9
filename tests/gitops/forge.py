"""A GitHub and a GitLab of one's own on the loopback: comments, issues, and which request brought a commit."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

PAGE = 2
"""How many things stand on a page; few, so that everything comes in several."""

TOKEN = "canary-t0ken-of-the-f0rge"


@dataclass(slots=True)
class Text:
    """A comment or an issue."""

    number: int
    author: str
    body: str
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Dialect:
    """Where the two differ.

    Attributes:
        me: As whom the token of a pipeline writes.
        comments: The path of the comments of request 7.
        comment: The path of one of them.
        commit: The path of the requests that brought a commit.
        change: The method that changes.
        number: The key of an issue's number.
        text: The key of an issue's text.
        branch: The path of the branch `main`.
        sha: The key of a commit's name.
        merged: A request that is merged.
        unmerged: One that is not.
        closing: What closes an issue.
        token: The header with the token, as it has to be.
    """

    me: str
    comments: str
    comment: str
    commit: str
    change: str
    number: str
    text: str
    branch: str
    sha: str
    merged: dict[str, Any]
    unmerged: dict[str, Any]
    closing: dict[str, str]
    token: tuple[str, str]


GITHUB = Dialect(
    me="github-actions[bot]",
    comments="/repos/site/orthanc/issues/7/comments",
    comment="/repos/site/orthanc/issues/comments/([0-9]+)",
    commit="/repos/site/orthanc/commits/([0-9a-f]{40})/pulls",
    change="PATCH",
    number="number",
    text="body",
    branch="/repos/site/orthanc/branches/main",
    sha="sha",
    merged={"number": 7, "merged_at": "2026-01-01T00:00:00Z"},
    unmerged={"number": 8, "merged_at": None},
    closing={"state": "closed"},
    token=("Authorization", f"Bearer {TOKEN}"),
)
GITLAB = Dialect(
    me="project_5_bot",
    comments="/projects/5/merge_requests/7/notes",
    comment="/projects/5/merge_requests/7/notes/([0-9]+)",
    commit="/projects/5/repository/commits/([0-9a-f]{40})/merge_requests",
    change="PUT",
    number="iid",
    text="description",
    branch="/projects/5/repository/branches/main",
    sha="id",
    merged={"iid": 7, "state": "merged"},
    unmerged={"iid": 8, "state": "opened"},
    closing={"state_event": "close"},
    token=("Private-Token", TOKEN),
)


@dataclass
class Forge:
    """One of the two. Request 7 exists; somebody else has written in it, and opened issues.

    Attributes:
        dialect: Which one it is.
        comments: What stands in request 7.
        issues: All issues.
        merged: The commits that request 7 brought.
        head: The last commit of `main`.
        refuses: Whether it refuses to be changed.
        received: Every body that it was sent.
    """

    dialect: Dialect
    comments: list[Text] = field(default_factory=lambda: [Text(n, "somebody", f"comment {n}") for n in (1, 2, 3)])
    issues: list[Text] = field(default_factory=lambda: [Text(n, "somebody", f"issue {n}") for n in (1, 2, 3)])
    merged: set[str] = field(default_factory=set)
    head: str = ""
    refuses: bool = False
    received: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        forge = self

        class Handler(BaseHTTPRequestHandler):
            def __getattr__(self, name: str) -> Any:
                # The server looks for a method of its own for each of HTTP.
                if name.startswith("do_"):
                    return self._answer
                raise AttributeError(name)

            def _answer(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                sent = self.rfile.read(size).decode()
                forge.received += [sent] * bool(sent)
                name, wanted = forge.dialect.token
                allowed = self.headers.get(name) == wanted
                url = urlsplit(self.path)
                status, data = forge.answer(self.command, url.path, json.loads(sent or "{}")) if allowed else (401, {})
                self.send_response(status)
                if isinstance(data, list):
                    page = int(parse_qs(url.query).get("page", ["1"])[0])
                    if len(data) > page * PAGE:
                        self.send_header("Link", f'<{forge.url}{url.path}?page={page + 1}>; rel="next"')
                    data = data[(page - 1) * PAGE : page * PAGE]
                content = json.dumps(data).encode()
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: what matters is recorded."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The root of its API."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def own_comments(self) -> list[Text]:
        """Those that pipelines wrote."""
        return [text for text in self.comments if text.author == self.dialect.me]

    @property
    def own_issues(self) -> list[Text]:
        """Those that pipelines opened."""
        return [text for text in self.issues if text.author == self.dialect.me]

    def answer(self, method: str, path: str, data: dict[str, str]) -> tuple[int, Any]:
        """The status and the body of an answer."""
        dialect = self.dialect
        if method != "GET" and self.refuses:
            return 403, {"message": "Resource not accessible by integration"}
        if path == "/user":
            return 200, {"id": dialect.me}
        if path == dialect.branch:
            return 200, {"commit": {dialect.sha: self.head}}
        if found := re.fullmatch(dialect.commit, path):
            return 200, [dialect.unmerged, *[dialect.merged] * (found[1] in self.merged)]
        for where, one, texts, number, body in (
            (dialect.comments, dialect.comment, self.comments, "id", "body"),
            (_issues(dialect), f"{_issues(dialect)}/([0-9]+)", self.issues, dialect.number, dialect.text),
        ):
            if path == where and method == "GET":
                return 200, [_shown(text, number, body) for text in texts if text.is_open]
            if path == where and method == "POST":
                texts.append(Text(len(texts) + 1, dialect.me, data[body]))
                return 201, {}
            found = re.fullmatch(one, path)
            if found and method == dialect.change:
                text = texts[int(found[1]) - 1]
                text.body = data.get(body, text.body)
                text.is_open = dialect.closing.items() & data.items() == set()
                return 200, {}
        return 404, {}


def _issues(dialect: Dialect) -> str:
    return re.sub("/(issues|merge_requests)/7.*", "/issues", dialect.comments)


def _shown(text: Text, number: str, body: str) -> dict[str, Any]:
    user = {"login": text.author, "id": text.author}
    return {number: text.number, "user": user, "author": user, body: text.body}
