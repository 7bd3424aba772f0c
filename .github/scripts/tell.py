"""Tells people on GitHub what a run has found: one comment on a pull request, one issue for each stack that drifted.

    python3 .github/scripts/tell.py comment NUMBER FOLDER STACK…
    python3 .github/scripts/tell.py issues FOLDER STACK…

FOLDER holds what the jobs before have left, `access-<stack>.md` or `drift-<stack>.md`. A comment or issue that an
earlier run made is changed, never repeated. Standard library only, so that the one job that may write installs nothing.
It reads GH_TOKEN, and of what GitHub sets: GITHUB_API_URL, GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID.
"""

import json
import os
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypedDict, cast

AUTHOR = "github-actions[bot]"
"""Whom GITHUB_TOKEN writes as. What others have written is left alone, whatever it looks like."""
MARK = "<!-- who may do what -->"
LONGEST = 60_000
"""GitHub takes 65,536 characters."""
FOLDED = "<details>"
"""What follows is left out where there is no room for all: what differs comes before it."""
PAGE = 100
TIMEOUT_SECONDS = 30.0


class Author(TypedDict):
    """Who wrote something."""

    login: str


class Entry(TypedDict, total=False):
    """A comment, or an issue, as far as it is read here."""

    id: int
    number: int
    title: str
    body: str | None
    user: Author
    pull_request: object


class GitHub:
    """GitHub's REST API, for one repository.

    Args:
        environment: The variables that GitHub sets, and GH_TOKEN.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._repository = f"{environment['GITHUB_API_URL']}/repos/{environment['GITHUB_REPOSITORY']}"
        self._token = environment["GH_TOKEN"]
        self.run_url = (
            f"{environment['GITHUB_SERVER_URL']}/{environment['GITHUB_REPOSITORY']}"
            f"/actions/runs/{environment['GITHUB_RUN_ID']}"
        )

    def own(self, path: str) -> Iterator[Entry]:
        """What this author has written, of everything that a path lists."""
        page = 1
        while True:
            separator = "&" if "?" in path else "?"
            entries = cast("list[Entry]", self.send("GET", f"{path}{separator}per_page={PAGE}&page={page}"))
            yield from (entry for entry in entries if entry["user"]["login"] == AUTHOR)
            if len(entries) < PAGE:
                return
            page += 1

    def send(self, method: str, path: str, content: Mapping[str, str] | None = None) -> object:
        """Send one request.

        Args:
            method: GET, POST or PATCH.
            path: Below the repository's own.
            content: What is sent, as JSON.

        Returns:
            What is answered.
        """
        request = urllib.request.Request(  # noqa: S310 - the address is the one that GitHub gives its runs
            f"{self._repository}/{path}",
            data=json.dumps(content).encode() if content else None,
            method=method,
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
            return cast("object", json.load(answer))


def comment(github: GitHub, number: int, found: Path, stacks: Sequence[str]) -> None:
    """Say on a pull request who could do what after it, stack by stack."""
    parts = [
        _left(found / f"access-{stack}.md") or f"## Access: stack {stack}\n\n{_not_found_out(github)}"
        for stack in stacks
    ]
    if sum(map(len, parts)) > LONGEST:
        parts = [
            f"{part.partition(FOLDED)[0].rstrip()}\n\n[The run]({github.run_url}) has all of it." for part in parts
        ]
    body = _within("\n\n".join([MARK, *parts]), github)
    comments = github.own(f"issues/{number}/comments")
    earlier = next((one for one in comments if (one["body"] or "").startswith(MARK)), None)
    if earlier:
        github.send("PATCH", f"issues/comments/{earlier['id']}", {"body": body})
    else:
        github.send("POST", f"issues/{number}/comments", {"body": body})


def issues(github: GitHub, found: Path, stacks: Sequence[str]) -> None:
    """Open, change or close the issue of each stack. One whose report is missing could not be looked at."""
    own = [one for one in github.own("issues?state=open") if "pull_request" not in one]
    for stack in stacks:
        title = f"Drift in {stack}"
        earlier = next((one for one in own if one["title"] == title), None)
        found_here = _left(found / f"drift-{stack}.md")
        report = _not_found_out(github) if found_here is None else found_here
        body = _within(f"As of [the last look]({github.run_url}):\n\n{report}", github)
        if earlier is None:
            if report:
                github.send("POST", "issues", {"title": title, "body": body})
        elif report:
            github.send("PATCH", f"issues/{earlier['number']}", {"body": body})
        else:
            gone = f"There is none any more, says [this run]({github.run_url})."
            github.send("POST", f"issues/{earlier['number']}/comments", {"body": gone})
            github.send("PATCH", f"issues/{earlier['number']}", {"state": "closed"})


def _left(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None


def _not_found_out(github: GitHub) -> str:
    return f"This could not be found out; [the run]({github.run_url}) says why."


def _within(body: str, github: GitHub) -> str:
    if len(body) <= LONGEST:
        return body
    return f"{body[:LONGEST]}\n\n… and more than fits here; [the run]({github.run_url}) has all of it."


def main(arguments: Sequence[str]) -> int:
    """Say it; 2 for a wrong call."""
    match arguments:
        case ["comment", number, folder, *stacks] if number.isdecimal() and stacks:
            comment(GitHub(os.environ), int(number), Path(folder), stacks)
        case ["issues", folder, *stacks] if stacks:
            issues(GitHub(os.environ), Path(folder), stacks)
        case _:
            sys.stderr.write("usage: tell.py comment NUMBER FOLDER STACK… | tell.py issues FOLDER STACK…\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
