"""What a journal gives back, whatever cut its writing short."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.emulator.durable.journal import Journal, JournalError, read, replace

RECORDS = (b"first", b"", b"\x00" * 5000, b"last")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "account.journal"


def test_a_journal_that_is_not_there_is_empty(path: Path) -> None:
    assert list(read(path)) == []


def test_what_is_appended_stands_behind_what_was_there(path: Path) -> None:
    journal = Journal(path)
    journal.begin(RECORDS[:2])
    for record in RECORDS[2:]:
        journal.append(record)
    assert tuple(read(path)) == RECORDS
    journal.close()


def test_a_record_cut_short_anywhere_is_not_there(path: Path) -> None:
    replace(path, RECORDS[:3])
    before = path.stat().st_size
    replace(path, RECORDS)
    whole = path.read_bytes()
    for length in range(before, len(whole)):
        path.write_bytes(whole[:length])
        assert tuple(read(path)) == RECORDS[:3], f"cut at {length - before}"


def test_a_damaged_record_ends_the_journal(path: Path) -> None:
    replace(path, RECORDS)
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.write_bytes(damaged)
    assert tuple(read(path)) == RECORDS[:3]


def test_a_journal_is_replaced_whole_or_not_at_all(path: Path) -> None:
    replace(path, RECORDS)

    def killed() -> object:
        yield b"half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace(path, killed())  # type: ignore[arg-type]  # a generator function without its long type
    assert tuple(read(path)) == RECORDS


def test_after_a_failed_write_nothing_more_is_written(path: Path) -> None:
    journal = Journal(path)
    journal.begin([])
    with pytest.raises(JournalError, match="is not open"):
        _closed(journal).append(b"more")
    assert list(read(path)) == []


def _closed(journal: Journal) -> Journal:
    journal.close()
    return journal


def test_a_full_disk_is_an_error_and_the_last_one(tmp_path: Path) -> None:
    """A file that may grow no further takes a part of a record, as a full disk does."""
    script = f"""
import resource, signal
from pathlib import Path
from local.emulator.durable.journal import Journal, JournalError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
journal = Journal(Path({str(tmp_path)!r}) / "account.journal")
journal.begin([b"kept"])
for record in (b"x" * 200, b"small"):
    try:
        journal.append(record)
    except JournalError as error:
        print(str(error).split(": ")[-1])
"""
    said = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert said.splitlines()[0] == "only 88 of 208 bytes were taken"
    assert said.splitlines()[1].endswith("is not open")
    assert list(read(tmp_path / "account.journal")) == [b"kept"]


def test_a_second_writer_waits_for_the_first_to_end(path: Path) -> None:
    script = f"""
from pathlib import Path
from local.emulator.durable.journal import Journal
Journal(Path({str(path)!r})).begin([b"the second's"])
"""
    first = Journal(path)
    first.begin([b"the first's"])
    with subprocess.Popen([sys.executable, "-c", script]) as second:
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(0.5)
        first.append(b"still the first's")
        first.close()
        assert second.wait(10) == 0
    assert list(read(path)) == [b"the second's"]
