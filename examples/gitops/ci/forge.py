"""Plans as comments and drift as issues, on GitHub and on GitLab; the variables of the pipeline say where it runs.

comment FILE      shows FILE in the request of this pipeline, in place of the comment with the same first line
approved FILE     exit code 0 if the request of this commit shows FILE; if not, it does from then on, and 1
open-issue FILE   shows FILE in an issue, in place of what the issue with the same first line says
close-issue FILE  closes the issue with the same first line
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx

MARKER = "<!-- orthanc-state "
"""How the first line begins of all Markdown that orthanc-state writes; the rest names the command and the server."""

TITLE = "Orthanc is not as its document says"


class Text(NamedTuple):
    """A comment or an issue, and where it is changed."""

    path: str
    body: str

    def is_about(self, body: str) -> bool:
        """Whether the first line is the same."""
        return self.body.partition("\n")[0].strip() == body.partition("\n")[0].strip()

    def says(self, body: str) -> bool:
        """Whether all of it is the same, but for the white space at the ends of lines, which forges change."""
        lines, others = ([line.rstrip() for line in text.strip().split("\n")] for text in (self.body, body))
        return lines == others


class Forge:
    """What both have in common. Of what they list only what this pipeline's own user wrote counts."""

    def __init__(self, url: str, **headers: str) -> None:
        self._http = httpx.Client(base_url=url, headers=headers, timeout=30)

    def get(self, path: str, **query: str) -> httpx.Response:
        """An answer that is none of an error."""
        return self._http.get(path, params=query or None).raise_for_status()

    def send(self, method: str, path: str, **data: str) -> None:
        """Change something."""
        self._http.request(method, path, json=data).raise_for_status()

    def pages(self, path: str, **query: str) -> list[Any]:
        """All of a list, which comes in pages."""
        answer = self.get(path, per_page="100", **query)
        found = list(answer.json())
        while "next" in answer.links:
            answer = self.get(answer.links["next"]["url"])
            found += answer.json()
        return found


class GitHub(Forge):
    """The API with the token of a workflow."""

    USER = "github-actions[bot]"

    def __init__(self) -> None:
        url = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}"
        super().__init__(url, Authorization=f"Bearer {os.environ['GITHUB_TOKEN']}")

    def request(self) -> str | None:
        """The pull request of this pipeline, or else the one that brought its commit."""
        ref = os.environ["GITHUB_REF"].split("/")
        if ref[1] == "pull":
            return f"/issues/{ref[2]}"
        found = self.pages(f"/commits/{os.environ['GITHUB_SHA']}/pulls")
        return next((f"/issues/{each['number']}" for each in found if each["merged_at"]), None)

    def is_last(self) -> bool:
        """Whether the commit of this pipeline is still the last one of its branch."""
        branch = self.get(f"/branches/{quote(os.environ['GITHUB_REF_NAME'], safe='')}").json()
        return bool(branch["commit"]["sha"] == os.environ["GITHUB_SHA"])

    def comments(self, request: str) -> list[Text]:
        """What was commented on a request."""
        return self._texts(self.pages(f"{request}/comments"), "/issues/comments/", "id")

    def add_comment(self, request: str, body: str) -> None:
        """Comment on a request."""
        self.send("POST", f"{request}/comments", body=body)

    def change_comment(self, comment: Text, body: str) -> None:
        """Let a comment say something else."""
        self.send("PATCH", comment.path, body=body)

    def issues(self) -> list[Text]:
        """What is open."""
        return self._texts(self.pages("/issues", state="open", creator=self.USER), "/issues/", "number")

    def add_issue(self, body: str) -> None:
        """Open an issue."""
        self.send("POST", "/issues", title=TITLE, body=body)

    def change_issue(self, issue: Text, body: str) -> None:
        """Let an issue say something else."""
        self.send("PATCH", issue.path, body=body)

    def close_issue(self, issue: Text) -> None:
        """Close an issue."""
        self.send("PATCH", issue.path, state="closed")

    def _texts(self, found: list[Any], path: str, key: str) -> list[Text]:
        return [Text(f"{path}{each[key]}", each["body"] or "") for each in found if each["user"]["login"] == self.USER]


class GitLab(Forge):
    """The API with the access token of a project: the token of a job may not comment."""

    def __init__(self) -> None:
        self._api = os.environ["CI_API_V4_URL"]
        url = f"{self._api}/projects/{os.environ['CI_PROJECT_ID']}"
        super().__init__(url, **{"Private-Token": os.environ["GITLAB_TOKEN"]})

    def request(self) -> str | None:
        """The merge request of this pipeline, or else the one that brought its commit."""
        if number := os.environ.get("CI_MERGE_REQUEST_IID"):
            return f"/merge_requests/{number}"
        found = self.pages(f"/repository/commits/{os.environ['CI_COMMIT_SHA']}/merge_requests")
        return next((f"/merge_requests/{each['iid']}" for each in found if each["state"] == "merged"), None)

    def is_last(self) -> bool:
        """Whether the commit of this pipeline is still the last one of its branch."""
        branch = self.get(f"/repository/branches/{quote(os.environ['CI_COMMIT_BRANCH'], safe='')}").json()
        return bool(branch["commit"]["id"] == os.environ["CI_COMMIT_SHA"])

    def comments(self, request: str) -> list[Text]:
        """What was commented on a request."""
        return self._texts(self.pages(f"{request}/notes"), f"{request}/notes/", "id", "body")

    def add_comment(self, request: str, body: str) -> None:
        """Comment on a request."""
        self.send("POST", f"{request}/notes", body=body)

    def change_comment(self, comment: Text, body: str) -> None:
        """Let a comment say something else."""
        self.send("PUT", comment.path, body=body)

    def issues(self) -> list[Text]:
        """What is open."""
        return self._texts(self.pages("/issues", state="opened"), "/issues/", "iid", "description")

    def add_issue(self, body: str) -> None:
        """Open an issue."""
        self.send("POST", "/issues", title=TITLE, description=body)

    def change_issue(self, issue: Text, body: str) -> None:
        """Let an issue say something else."""
        self.send("PUT", issue.path, description=body)

    def close_issue(self, issue: Text) -> None:
        """Close an issue."""
        self.send("PUT", issue.path, state_event="close")

    def _texts(self, found: list[Any], path: str, key: str, text: str) -> list[Text]:
        own = self.get(f"{self._api}/user").json()["id"]
        return [Text(f"{path}{each[key]}", each[text] or "") for each in found if each["author"]["id"] == own]


def main(command: str, file: str) -> str | None:
    """Do one thing; what is returned is why it did not succeed."""
    body = Path(file).read_text(encoding="utf-8")
    if not body.startswith(MARKER):
        return f"{file} does not begin with {MARKER}...: it is nothing that orthanc-state wrote as Markdown"
    forge = GitHub() if "GITHUB_REPOSITORY" in os.environ else GitLab()
    if command in ("open-issue", "close-issue"):
        _keep_issue(forge, body, is_open=command == "open-issue")
        return None
    if command == "approved" and not forge.is_last():
        return "the branch has moved on, and this document is not its last one any more; nothing was applied"
    request = forge.request()
    if request is None:
        return "no merged request brought this commit, so nobody has seen its plan; nothing was applied"
    shown = next((text for text in forge.comments(request) if text.is_about(body)), None)
    if shown is not None and shown.says(body):
        return None
    if shown is not None:
        forge.change_comment(shown, body)
    else:
        forge.add_comment(request, body)
    if command == "approved":
        return "the plan is not the one that the request showed, but is there now: read it, then run this job again"
    return None


def _keep_issue(forge: GitHub | GitLab, body: str, *, is_open: bool) -> None:
    found = next((text for text in forge.issues() if text.is_about(body)), None)
    if not is_open:
        if found is not None:
            forge.close_issue(found)
    elif found is None:
        forge.add_issue(body)
    elif not found.says(body):
        forge.change_issue(found, body)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("comment", "approved", "open-issue", "close-issue"):
        sys.exit(__doc__)
    try:
        sys.exit(main(*sys.argv[1:]))
    except httpx.HTTPError as error:
        sys.exit(f"the forge could not be asked: {error}")
    except KeyError as error:
        sys.exit(f"the variable {error} is missing")
