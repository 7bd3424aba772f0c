"""One process of the model: it takes a file over a pipe, and gives the scores back; or it is killed.

A large file is sent beside the call, so that a process that takes nothing can be given up, too.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess  # noqa: TC003 - beside its siblings
from pathlib import Path

from app.models import Predictor, Scores, StoppedError, UnusableFileError

_LOOK_SECONDS = 0.2
"""How often a call that waits looks whether its result is still wanted."""
_AT_ONCE_BYTES = 64 * 1024
"""What a pipe takes without anybody at its other end: Linux gives it three times that."""
_MEGABYTE = 1024 * 1024
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

# A fork would copy locks that other threads hold at that moment.
_context = multiprocessing.get_context("spawn")


class ModelDiedError(Exception):
    """The process of the model ended by itself: out of memory, perhaps, or a fault in native code."""


class ModelError(Exception):
    """The model raised what is none of a `Predictor`'s own errors."""


@dataclass(frozen=True)
class _Answer:
    """What a process says of a file.

    Args:
        result: The scores; why the file is unusable; or the name of what the model raised.
        megabytes: How large the process is now.
    """

    result: "Scores | UnusableFileError | str"
    megabytes: int


class ModelProcess:
    """One process, which one call at a time talks to.

    Args:
        model: The model; it is sent to the process.
    """

    def __init__(self, model: Predictor) -> None:
        self._pipe, theirs = _context.Pipe()
        self.process: SpawnProcess = _context.Process(target=_serve, args=(model, theirs), name="model", daemon=True)
        self.process.start()
        theirs.close()
        self._sending: threading.Thread | None = None
        self.jobs = 0
        """How many files it has answered."""
        self.megabytes = 0
        """How large it was after the last, in MiB; 0 before the first, and where that is not known."""

    def predict(self, content: bytes, should_stop: Callable[[], bool]) -> Scores:
        """Score a file, as the model does.

        Raises:
            UnusableFileError: The file cannot be predicted from.
            StoppedError: `should_stop` said so; the process is at it still, and good for nothing else.
            ModelDiedError: The process has ended.
            ModelError: The model raised something else.
        """
        try:
            self._send(content)
            while not self._pipe.poll(_LOOK_SECONDS):
                if should_stop():
                    raise StoppedError
            answer: _Answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            self.process.join(_LOOK_SECONDS)
            raise ModelDiedError(f"the model's process ended with {self.process.exitcode}") from error
        self.jobs += 1
        self.megabytes = answer.megabytes
        if isinstance(answer.result, Scores):
            return answer.result
        raise answer.result if isinstance(answer.result, UnusableFileError) else ModelError(answer.result)

    def _send(self, content: bytes) -> None:
        """Send a file; a large one beside the call, which would hang with it where the process does not take it."""
        if len(content) <= _AT_ONCE_BYTES:
            self._pipe.send_bytes(content)
            return
        self._sending = threading.Thread(target=self._send_whole, args=(content,), name="model-sending", daemon=True)
        self._sending.start()

    def _send_whole(self, content: bytes) -> None:
        with suppress(OSError):  # the process has ended: its answer is missed too
            self._pipe.send_bytes(content)

    def end(self) -> None:
        """Kill it, whatever it is at, and bury it."""
        self.process.kill()
        self.process.join()
        if self._sending is not None:
            self._sending.join()  # what it is stuck in has just broken
        with suppress(ValueError):  # somebody else has buried it, so that nobody here knows that it has ended
            self.process.close()
        self._pipe.close()


def _serve(model: Predictor, pipe: Connection) -> None:
    """What a process does: one file after the other, until nobody is at the other end."""
    for number in (signal.SIGINT, signal.SIGTERM):  # the terminal's and the container's; the worker decides
        signal.signal(number, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    while True:
        try:
            content = pipe.recv_bytes()
        except EOFError:
            return
        result: Scores | UnusableFileError | str
        try:
            result = model.predict(content, lambda: False)
        except UnusableFileError as error:
            result = UnusableFileError(str(error))
        except Exception as error:  # noqa: BLE001 - a model is other people's code
            result = type(error).__name__
        pipe.send(_Answer(result, _megabytes()))


def _end_with(sentinel: int) -> None:
    """End at once when the worker ends, however it does."""
    wait([sentinel])
    os._exit(1)


def _megabytes() -> int:
    """How large this process is now: the resident pages, as Linux counts them; 0 elsewhere."""
    try:
        resident = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(resident) * _PAGE_BYTES // _MEGABYTE
