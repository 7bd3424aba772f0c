"""A long command, watched: its lines as they come, and a word at regular times even when it prints nothing."""

import queue
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

TICK_SECONDS = 10.0


def run_watched(  # noqa: PLR0913 - what a process needs, all by keyword
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    on_line: Callable[[str], None],
    on_tick: Callable[[], None],
    tick_seconds: float = TICK_SECONDS,
    inherited_fds: Sequence[int] = (),
) -> int:
    """Run a command to its end; it is killed when the caller is interrupted.

    Args:
        command: The command.
        folder: Its working directory.
        environment: Its environment.
        on_line: Told each line that it prints, on either stream, with its newline.
        on_tick: Called each time so many seconds have gone by.
        tick_seconds: How many.
        inherited_fds: Descriptors that it keeps open.

    Returns:
        Its exit status.
    """
    lines: queue.Queue[str | None] = queue.Queue()
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        pass_fds=inherited_fds,
    ) as process:
        reader = threading.Thread(target=_pump, args=(process, lines))
        reader.start()
        try:
            _watch(lines, on_line, on_tick, tick_seconds)
        except BaseException:
            process.kill()
            raise
        finally:
            reader.join()
    return process.returncode


def _pump(process: "subprocess.Popen[str]", lines: "queue.Queue[str | None]") -> None:
    for line in process.stdout or ():
        lines.put(line)
    lines.put(None)


def _watch(
    lines: "queue.Queue[str | None]", on_line: Callable[[str], None], on_tick: Callable[[], None], tick_seconds: float
) -> None:
    next_tick = time.monotonic() + tick_seconds
    while True:
        try:
            line = lines.get(timeout=max(0.0, next_tick - time.monotonic()))
        except queue.Empty:
            on_tick()
            next_tick += tick_seconds
            continue
        if line is None:
            return
        on_line(line)
