"""How a worker works."""

from dataclasses import dataclass


@dataclass(frozen=True)
class WorkerOptions:
    """How a worker works.

    Args:
        concurrency: How many messages at once.
        poll_seconds: How long a poll waits for a message, from 0 to 20.
        shutdown_seconds: How long it may take to stop, from a signal on: for polls that are under way and running
            handlers, but for the last fifth (5 s at most), in which what has not finished is given back.
        drain: Stop when the queue is empty; polls are then short.
        max_seconds: Stop after so long in any case; None for never.
    """

    concurrency: int = 2
    poll_seconds: int = 20
    shutdown_seconds: float = 25.0
    drain: bool = False
    max_seconds: float | None = None
