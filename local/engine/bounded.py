"""Commands that end: each has a time after which it and all it started are killed."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

TICK_SECONDS = 10.0


def output_within(  # noqa: PLR0913 - what a process needs, all by keyword
    command: Sequence[str],
    *,
    seconds: float,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
    tick: Callable[[float], None] | None = None,
    inherited_fds: Sequence[int] = (),
) -> str | None:
    """What a command prints, if it succeeds in time.

    Args:
        command: The command; it runs in a process group of its own.
        seconds: After which it is killed, with whatever it started.
        environment: Its environment; the caller's by default.
        log: Where its stderr goes; nowhere by default.
        tick: Told the seconds gone by, every ten.
        inherited_fds: Descriptors that it keeps open.

    Returns:
        Its standard output; None when it fails, cannot be started or takes too long.
    """
    errors = log.open("w", encoding="utf-8") if log else None
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors or subprocess.DEVNULL,
            env=environment,
            text=True,
            start_new_session=True,
            pass_fds=inherited_fds,
        )
    except OSError:
        return None
    finally:
        if errors:
            errors.close()
    with process:
        try:
            output = _communicate(process, seconds, tick)
        except BaseException as reason:
            os.killpg(process.pid, signal.SIGKILL)
            if isinstance(reason, subprocess.TimeoutExpired):
                return None
            raise
    return output if process.returncode == 0 else None


def _communicate(process: "subprocess.Popen[str]", seconds: float, tick: Callable[[float], None] | None) -> str:
    started = time.monotonic()
    while True:
        left = started + seconds - time.monotonic()
        try:
            return process.communicate(timeout=max(0.0, min(TICK_SECONDS, left)))[0]
        except subprocess.TimeoutExpired:
            if left <= TICK_SECONDS:
                raise
            if tick:
                tick(time.monotonic() - started)
