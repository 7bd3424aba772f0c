import ast
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import structlog

import app.logs
from app.logs import configure_logs

APP = Path(app.logs.__file__).parent
METHODS = {"debug", "info", "warning", "error", "exception", "critical"}


def events_in_the_code() -> Iterator[str]:
    for file in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="log") | ast.Attribute(attr="_log"), attr=method),
                    args=[ast.Constant(value=str(event)), *_],
                ) if method in METHODS:
                    yield event


def test_every_event_is_listed_and_every_listed_one_exists() -> None:
    listed = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", app.logs.__doc__ or ""))
    assert set(events_in_the_code()) == listed


def test_lines_are_json_and_other_peoples_text_is_bounded() -> None:
    out = io.StringIO()
    configure_logs(out)
    log = structlog.get_logger()
    log.info("an.event", detail="x\x1b[2J\n" + "y" * 5000, count=3)
    log.error("a.crash", exc_info=ValueError("z" * 100_000))
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["event"], first["level"], first["count"]) == ("an.event", "info", 3)
    assert first["detail"].startswith("x\\x1b[2J\\nyyy")
    assert len(first["detail"]) < 600
    assert "timestamp" in first
    assert len(second["exception"]) <= 8000
    assert second["exception"].endswith("zzz")


def test_what_json_does_not_know_is_written_as_python_would_show_it() -> None:
    out = io.StringIO()
    configure_logs(out)
    structlog.get_logger().info("an.event", path=Path("a") / "b", names=frozenset({"c"}))
    line = json.loads(out.getvalue())
    assert line["path"] == repr(Path("a/b"))
    assert line["names"] == "frozenset({'c'})"
