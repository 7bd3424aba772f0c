import os
import time
from pathlib import Path

import pytest

from local.engine import bounded
from local.engine.bounded import output_within


def test_what_a_command_prints_is_returned(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = ["sh", "-c", 'echo "$WORD"; echo oh >&2']
    assert output_within(command, seconds=10, environment={**os.environ, "WORD": "hello"}, log=log) == "hello\n"
    assert log.read_text() == "oh\n"


@pytest.mark.parametrize("command", [["sh", "-c", "echo out; exit 3"], ["/nowhere/program"]])
def test_a_failure_is_none(command: list[str]) -> None:
    assert output_within(command, seconds=10) is None


def test_a_command_that_hangs_is_killed_with_what_it_started(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    started = time.monotonic()
    command = ["sh", "-c", f"sleep 60 & echo $! > '{file}.new'; mv '{file}.new' '{file}'; wait"]
    assert output_within(command, seconds=0.5) is None
    assert time.monotonic() - started < 30
    assert _ends(int(file.read_text()))


def test_a_long_one_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "TICK_SECONDS", 0.05)
    ticks: list[float] = []
    assert output_within(["sleep", "0.3"], seconds=30, tick=ticks.append) == ""
    assert ticks
    assert ticks == sorted(ticks)


def _ends(pid: int) -> bool:
    """Whether a process is gone, or a zombie that nobody has reaped yet, within a few seconds."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        stat = Path(f"/proc/{pid}/stat")
        try:
            os.kill(pid, 0)
            if stat.exists() and stat.read_text().split()[2] == "Z":
                return True
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False
