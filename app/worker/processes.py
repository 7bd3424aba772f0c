"""A model in processes of its own: they use all processors, and what runs in one can really be ended.

Threads do not add throughput to a model that computes, since they share one interpreter, and nothing can end a thread.
So each call hands its file to a process over a pipe, and waits there; when the result is not wanted any more, the
process is killed. A process is replaced after so many files, or when it has grown too large, as models that leak do.
"""

import queue
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import structlog
from structlog.typing import FilteringBoundLogger

from app.models import Predictor, Scores, StoppedError, UnusableFileError
from app.worker.model_process import ModelError, ModelProcess

log: FilteringBoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ProcessLimits:
    """When a process is replaced.

    Args:
        jobs: After how many files.
        megabytes: Above how many MiB of memory, as the machine counts them after a file.
    """

    jobs: int
    megabytes: int


class ProcessPredictor:
    """Runs a model in processes; a `Predictor` itself. Safe to use from several threads.

    Use it as a context: at its end, all processes are ended.

    Args:
        model: The model; it is sent to each process.
        most: How many processes there are at most. They are started when they are first needed.
        limits: When a process is replaced.
    """

    def __init__(self, model: Predictor, most: int, limits: ProcessLimits) -> None:
        self._model = model
        self._limits = limits
        self._idle: queue.LifoQueue[ModelProcess | None] = queue.LifoQueue()
        for _ in range(most):
            self._idle.put(None)
        self._lock = threading.Lock()
        self._running: set[ModelProcess] = set()
        self.replaced: Counter[str] = Counter()
        """How many processes have been ended before the worker, by why: `limit`, `stopped` or `died`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._lock:
            for process in self._running:
                process.process.kill()

    def predict(self, content: bytes, should_stop: Callable[[], bool]) -> Scores:
        """Score a file, as the model does.

        Raises:
            UnusableFileError: The file cannot be predicted from.
            StoppedError: `should_stop` said so; the process that was at it has been killed.
            ModelDiedError: The process ended by itself.
            ModelError: The model raised something else; the message is the error's name.
        """
        process = self._idle.get() or self._start()
        keep = False
        why = "limit"
        try:
            scores = process.predict(content, should_stop)
            keep = self._is_good(process)
        except (UnusableFileError, ModelError):
            keep = self._is_good(process)
            raise
        except BaseException as error:
            why = "stopped" if isinstance(error, StoppedError) else "died"
            raise
        finally:
            try:
                if not keep:
                    self._end(process, why)
            finally:  # whatever comes of it: a slot that is not put back is missing for good
                self._idle.put(process if keep else None)
        return scores

    def _start(self) -> ModelProcess:
        try:
            process = ModelProcess(self._model)
        except BaseException:
            self._idle.put(None)
            raise
        with self._lock:
            self._running.add(process)
        return process

    def _end(self, process: ModelProcess, why: str) -> None:
        with self._lock:
            self._running.discard(process)
            self.replaced[why] += 1
        process.end()

    def _is_good(self, process: ModelProcess) -> bool:
        good = process.jobs < self._limits.jobs and process.megabytes <= self._limits.megabytes
        if not good:
            log.info("worker.process_replaced", jobs=process.jobs, megabytes=process.megabytes)
        return good
