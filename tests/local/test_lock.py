import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from local.lock import LockedError, held
from local.paths import PROJECT

HOLD = """
import subprocess, sys
from pathlib import Path
from local.lock import held
with held(Path(sys.argv[1]), purpose="make demo", wait_seconds=0, report=print) as lock:
    if sys.argv[2] == "with-child":
        command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
        subprocess.Popen(command, stdin=int(sys.argv[3]), pass_fds=[lock.descriptor])
    print("held", flush=True)
    sys.stdin.read()
"""


def silent(_line: str) -> None:
    """Where nothing that is said matters."""


class Clock:
    """Time that goes by only while somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.at: dict[float, ExitStack] = {}

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        for due in [due for due in self.at if due <= self.seconds]:
            self.at.pop(due).close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "run" / "lock"


@contextmanager
def holder(file: Path, *arguments: str, fds: tuple[int, ...] = ()) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", HOLD, str(file), *arguments]
    with subprocess.Popen(
        command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=fds
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def hold_at_once(file: Path, told: list[str] | None = None) -> None:
    with held(file, purpose="make up", wait_seconds=0, report=(told if told is not None else []).append):
        pass


def test_a_free_lock_is_taken_without_a_word_and_let_go(file: Path) -> None:
    told: list[str] = []
    for _ in range(2):
        hold_at_once(file, told)
    assert told == []


def test_a_failing_block_lets_go_too(file: Path) -> None:
    def fail() -> None:
        with held(file, purpose="make up", wait_seconds=0, report=silent):
            raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        fail()
    hold_at_once(file)


def test_waiting_is_told_once_and_names_the_holder(file: Path, clock: Clock) -> None:
    told: list[str] = []
    with ExitStack() as first:
        first.enter_context(held(file, purpose="make demo", wait_seconds=0, report=silent))
        clock.at[5.0] = first.pop_all()
        with held(file, purpose="make up", wait_seconds=60, report=told.append, now=clock.now, sleep=clock.sleep):
            assert 5.0 <= clock.seconds < 6.0
    (line,) = told
    assert f"`make demo` (process {os.getpid()}, since " in line
    assert "at most 60 s" in line


def test_waiting_ends_at_its_bound_with_words(file: Path, clock: Clock) -> None:
    with (
        held(file, purpose="make demo", wait_seconds=0, report=silent),
        pytest.raises(LockedError, match=r"`make demo` \(process \d+, since .*\) is still at work after 60 s; wait"),
        held(file, purpose="make up", wait_seconds=60, report=silent, now=clock.now, sleep=clock.sleep),
    ):
        pytest.fail("two hold it")
    assert clock.seconds == pytest.approx(60, abs=1)


def test_a_file_that_was_removed_while_waiting_locks_nothing(file: Path, clock: Clock) -> None:
    with ExitStack() as first:
        first.enter_context(held(file, purpose="make clean", wait_seconds=0, report=silent))
        first.callback(file.unlink)
        clock.at[5.0] = first.pop_all()
        with (
            held(file, purpose="make up", wait_seconds=60, report=silent, now=clock.now, sleep=clock.sleep),
            pytest.raises(LockedError, match="make up"),
        ):
            hold_at_once(file)


def test_a_holder_that_has_not_signed_yet_is_another_run(file: Path) -> None:
    with held(file, purpose="make demo", wait_seconds=0, report=silent):
        file.write_text("")
        with pytest.raises(LockedError, match="another run is still at work"):
            hold_at_once(file)


def test_the_lock_dies_with_its_process(file: Path) -> None:
    with holder(file, "alone") as process:
        with pytest.raises(LockedError, match=f"process {process.pid}"):
            hold_at_once(file)
        process.send_signal(signal.SIGKILL)
        process.wait()
        hold_at_once(file)


def test_a_child_that_inherits_it_holds_on_when_its_parent_is_killed(file: Path) -> None:
    reading, writing = os.pipe()
    try:
        with holder(file, "with-child", str(reading), fds=(reading,)) as process:
            process.send_signal(signal.SIGKILL)
            process.wait()
            with pytest.raises(LockedError, match=r"what `make demo` has started .* was killed and left it running"):
                hold_at_once(file)
    finally:
        os.close(writing)  # the child reads to the end and ends
        os.close(reading)
    with held(file, purpose="make up", wait_seconds=10, report=silent):
        pass
