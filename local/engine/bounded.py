"""Commands that end: each has a time after which it and all it started are killed."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def output_within(
    command: Sequence[str], *, seconds: float, environment: Mapping[str, str] | None = None, log: Path | None = None
) -> str | None:
    """What a command prints, if it succeeds in time.

    Args:
        command: The command; it runs in a process group of its own.
        seconds: After which it is killed, with whatever it started.
        environment: Its environment; the caller's by default.
        log: Where its stderr goes; nowhere by default.

    Returns:
        Its standard output; None when it fails, cannot be started or takes too long.
    """
    errors = log.open("w") if log else None
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors or subprocess.DEVNULL,
            env=environment,
            text=True,
            start_new_session=True,
        )
    except OSError:
        return None
    finally:
        if errors:
            errors.close()
    with process:
        try:
            output, _ = process.communicate(timeout=seconds)
        except BaseException as reason:
            os.killpg(process.pid, signal.SIGKILL)
            if isinstance(reason, subprocess.TimeoutExpired):
                return None
            raise
    return output if process.returncode == 0 else None
