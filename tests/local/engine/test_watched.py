import os
import time
from pathlib import Path

import pytest

from local.engine.watched import run_watched


def test_lines_of_both_streams_and_the_status_come_back(tmp_path: Path) -> None:
    lines: list[str] = []
    status = run_watched(
        ["sh", "-c", "pwd; echo err >&2; exit 3"],
        folder=tmp_path,
        environment=os.environ,
        on_line=lines.append,
        on_tick=lambda: None,
    )
    assert status == 3
    assert lines == [f"{tmp_path}\n", "err\n"]


def test_a_silent_command_is_told_of_too(tmp_path: Path) -> None:
    ticks: list[int] = []
    run_watched(
        ["sleep", "0.3"],
        folder=tmp_path,
        environment=os.environ,
        on_line=lambda _: None,
        on_tick=lambda: ticks.append(1),
        tick_seconds=0.05,
    )
    assert len(ticks) >= 2


def test_an_interruption_kills_the_command(tmp_path: Path) -> None:
    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_watched(
            ["sh", "-c", "echo; exec sleep 60"],
            folder=tmp_path,
            environment=os.environ,
            on_line=interrupt,
            on_tick=lambda: None,
        )
    assert time.monotonic() - started < 30
