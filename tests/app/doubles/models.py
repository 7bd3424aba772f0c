"""Models that misbehave in a process of their own: each file says how."""

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass

from app.models import Scores, UnusableFileError

_kept: list[bytes] = []


@dataclass(frozen=True)
class Obedient:
    """Does what the file says, and tells its process's id."""

    def predict(self, content: bytes, should_stop: Callable[[], bool]) -> Scores:
        del should_stop
        match content:
            case b"unusable":
                raise UnusableFileError("line 2 is no line")
            case b"crash":
                raise ZeroDivisionError("somebody's data")
            case b"die":
                os.kill(os.getpid(), signal.SIGKILL)
            case b"hang":
                threading.Event().wait()
            case b"compute":
                while True:
                    pass
            case b"leak":
                _kept.append(b"x" * 200 * 1024 * 1024)
            case _:
                pass
        return Scores(str(os.getpid()).encode(), {"bytes": len(content)})
