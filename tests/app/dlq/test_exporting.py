import json
import resource
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.dlq.exporting import writing
from app.dlq.letter import DeadLetter
from app.dlq.records import Explanation
from app.errors import OperationFailedError, UserMistakeError

_MOST_BYTES = 1_000_000


def letter(body: str = "body") -> DeadLetter:
    return DeadLetter(
        message_id="m",
        receipt_handle="r",
        body=body,
        receive_count=3,
        sent_at=None,
        source_arn=None,
        group_id=None,
        trace_header=None,
        attributes={},
        prediction_id=None,
        user_id=None,
    )


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes: as near as a test comes to a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_each_letter_is_a_line_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "letters.jsonl"
    with writing(file) as write:
        write(letter("one\nü"), Explanation())
        write(letter("two"), Explanation("code", "reason"))
        assert not file.exists()
    assert [json.loads(line)["body"] for line in file.read_text().splitlines()] == ["one\nü", "two"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_what_fails_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    def fail(write: Callable[[DeadLetter, Explanation], None]) -> None:
        write(letter(), Explanation())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), writing(tmp_path / "letters.jsonl") as write:
        fail(write)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("bytes_each", [10, _MOST_BYTES], ids=["found out at the end", "found out at once"])
def test_a_full_disk_is_told_in_one_line_and_leaves_nothing(tmp_path: Path, bytes_each: int) -> None:
    file = tmp_path / "letters.jsonl"
    room = 100 if bytes_each == 10 else _MOST_BYTES // 2
    with pytest.raises(OperationFailedError, match=r"letters\.jsonl cannot be written to its end: File too large"):
        export_with(room, file, bytes_each)
    assert list(tmp_path.iterdir()) == []


def export_with(room: int, file: Path, bytes_each: int) -> None:
    with room_for(room), writing(file) as write:
        write(letter("x" * bytes_each), Explanation())


def test_no_file_is_replaced_even_if_it_comes_meanwhile(tmp_path: Path) -> None:
    file = tmp_path / "letters.jsonl"
    with pytest.raises(UserMistakeError, match="exists already"), writing(file):
        file.write_text("somebody's")
    assert file.read_text() == "somebody's"
    with pytest.raises(UserMistakeError, match="exists already"), writing(file):
        pytest.fail("it was opened")
    assert list(tmp_path.iterdir()) == [file]


def test_where_there_are_no_links_it_is_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    file = tmp_path / ("l" * 250)
    with writing(file) as write:
        write(letter(), Explanation())
    assert list(tmp_path.iterdir()) == [file]


def test_a_place_that_is_none_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserMistakeError, match="cannot be written: No such file"), writing(tmp_path / "no" / "file"):
        pytest.fail("it was opened")
