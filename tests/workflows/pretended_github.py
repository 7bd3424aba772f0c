"""GitHub's REST API as far as the workflows' script uses it, on a port of this machine."""

import json
import re
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

BOT = "github-actions[bot]"


@dataclass
class Repository:
    """What people and the bot have written in a repository."""

    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    issues: list[dict[str, Any]] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    _last_id: int = 0

    def add_comment(self, number: int, body: str, login: str = BOT) -> dict[str, Any]:
        self._last_id += 1
        entry = {"id": self._last_id, "body": body, "user": {"login": login}}
        self.comments.setdefault(number, []).append(entry)
        return entry

    def add_issue(self, title: str, body: str = "", login: str = BOT, **more: object) -> dict[str, Any]:
        self._last_id += 1
        number = len(self.issues) + 1
        entry = {"id": self._last_id, "number": number, "title": title, "body": body, "state": "open", **more}
        self.issues.append({**entry, "user": {"login": login}})
        return self.issues[-1]

    def answer(self, method: str, path: str, query: dict[str, list[str]], content: dict[str, str]) -> object:
        if method != "GET":
            self.writes.append(f"{method} {path}")
        if path == "issues":
            if method == "POST":
                return self.add_issue(content["title"], content["body"])
            return _page([one for one in self.issues if one["state"] == query["state"][0]], query)
        if match := re.fullmatch(r"issues/(\d+)/comments", path):
            if method == "POST":
                return self.add_comment(int(match[1]), content["body"])
            return _page(self.comments.get(int(match[1]), []), query)
        if match := re.fullmatch(r"issues/comments/(\d+)", path):
            (found,) = [one for each in self.comments.values() for one in each if one["id"] == int(match[1])]
        elif match := re.fullmatch(r"issues/(\d+)", path):
            found = self.issues[int(match[1]) - 1]
        else:
            raise AssertionError(f"{method} {path}")
        assert method == "PATCH"
        found.update(content)
        return found


def _page(entries: list[dict[str, Any]], query: dict[str, list[str]]) -> list[dict[str, Any]]:
    size, page = int(query["per_page"][0]), int(query["page"][0])
    return entries[size * (page - 1) : size * page]


def server(repository: Repository) -> ThreadingHTTPServer:
    """A server of this one repository, `owner/queues`; the caller starts and ends it."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            repository.tokens.add(self.headers["Authorization"])
            parts = urlsplit(self.path)
            content = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
            path = parts.path.removeprefix("/repos/owner/queues/")
            answer = json.dumps(repository.answer(self.command, path, parse_qs(parts.query), content)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - the names that http.server looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own signature
            """Say nothing."""

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)
