import ast
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

import app.logs
from app.logs import configure_logs
from app.models import UnusableFileError

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
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="log"), attr="log"),
                    args=[_, ast.Constant(value=str(event)), *_],
                ):
                    yield event


def test_every_event_is_listed_and_every_listed_one_exists() -> None:
    listed = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", app.logs.__doc__ or ""))
    assert set(events_in_the_code()) == listed


def test_lines_are_json_and_other_peoples_text_is_bounded() -> None:
    out = io.StringIO()
    configure_logs(out)
    log = structlog.get_logger()
    log.info("an.event", detail="x\x1b[2J\n" + "y" * 5000, count=3)
    first = json.loads(out.getvalue())
    assert (first["event"], first["level"], first["count"]) == ("an.event", "info", 3)
    assert first["detail"].startswith("x\\x1b[2J\\nyyy")
    assert len(first["detail"]) < 600
    assert "timestamp" in first


WORDS = "alice@example.com"


def crash(depth: int) -> None:
    if depth:
        crash_again(depth)
    raise KeyError(WORDS)


def crash_again(depth: int) -> None:
    crash(depth - 1)


@pytest.mark.parametrize("depth", [0, 400])
def test_an_exception_is_told_by_its_class_and_where_it_was_raised_and_not_by_what_it_says(depth: int) -> None:
    out = io.StringIO()
    configure_logs(out)
    try:
        try:
            crash(depth)
        except KeyError as error:
            raise UnusableFileError(WORDS) from error
    except UnusableFileError:
        structlog.get_logger().exception("a.crash")
    told = json.loads(out.getvalue())["exception"]
    assert "in crash\n" in told
    assert len(told) <= 8000
    assert "\nKeyError\n" in told
    assert told.endswith("\napp.models.predictor.UnusableFileError")
    assert WORDS not in out.getvalue()


def test_an_exception_that_brings_about_itself_is_told_once() -> None:
    out = io.StringIO()
    configure_logs(out)
    error = ValueError(WORDS)
    error.__context__ = KeyError(WORDS)
    error.__context__.__context__ = error
    structlog.get_logger().error("a.crash", exc_info=error)
    assert json.loads(out.getvalue())["exception"].splitlines() == ["KeyError", "ValueError"]


def test_what_json_does_not_know_is_written_as_python_would_show_it() -> None:
    out = io.StringIO()
    configure_logs(out)
    structlog.get_logger().info("an.event", path=Path("a") / "b", names=frozenset({"c"}))
    line = json.loads(out.getvalue())
    assert line["path"] == repr(Path("a/b"))
    assert line["names"] == "frozenset({'c'})"
