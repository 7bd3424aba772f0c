"""The file of decisions: bounded, whole lines, and never in a request's way."""

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.emulator.decisions.log import DecisionLog, files, older


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "decisions.jsonl"


def test_a_log_begins_anew_and_appends(path: Path) -> None:
    path.write_text("of an account that is gone\n")
    older(path).write_text("of an account that is gone\n")
    log = DecisionLog(path)
    assert files(path) == []
    log.append([b"1\n", b"2\n"])
    log.append([b"3\n"])
    assert path.read_bytes() == b"1\n2\n3\n"


def test_a_full_file_becomes_the_older_one_and_the_older_one_goes(path: Path) -> None:
    log = DecisionLog(path, max_bytes=6)
    for number in range(8):
        log.append([f"{number}\n".encode()])
    assert files(path) == [older(path), path]
    assert [one.read_bytes() for one in files(path)] == [b"3\n4\n5\n", b"6\n7\n"]


def test_what_is_larger_than_a_file_is_kept_whole(path: Path) -> None:
    log = DecisionLog(path, max_bytes=3)
    log.append([b"a long line\n"])
    log.append([b"another one\n"])
    assert [one.read_bytes() for one in files(path)] == [b"a long line\n", b"another one\n"]


def test_a_deleted_file_is_made_again(path: Path) -> None:
    log = DecisionLog(path)
    log.append([b"1\n"])
    path.unlink()
    log.append([b"2\n"])
    assert path.read_bytes() == b"2\n"


def test_threads_append_whole_lines_and_lose_none(path: Path) -> None:
    log = DecisionLog(path)
    with ThreadPoolExecutor(8) as together:
        list(together.map(lambda number: log.append([b"%d\n" % number * 100]), range(100)))
    lines = path.read_text().splitlines()
    assert len(lines) == 10_000
    assert {int(line) for line in lines} == set(range(100))


def test_what_cannot_be_written_is_said_once_and_fails_nobody(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    log = DecisionLog(path)
    path.mkdir()
    with caplog.at_level(logging.WARNING):
        log.append([b"1\n"])
        log.append([b"2\n"])
    assert [record.message.split(":")[0] for record in caplog.records] == ["decisions are not logged"]
