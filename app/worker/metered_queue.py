"""The queue as its consumer sees it, measured."""

from collections.abc import Callable, Mapping, Sequence

from app.aws_failures import AWS_ERRORS, AwsFailure
from app.clock import Clock
from app.telemetry.instruments import Counter
from app.work_queue import Delivery, QueueAttributes, WorkQueue
from app.worker.metered import WorkerMetrics

_RECEIVE = "receive"
_DELETE = "delete"
_CHANGE = "change_visibility"


class MeteredQueue(WorkQueue):
    """A queue whose requests are measured, and what became of its messages.

    A poll that brings nothing has no duration to speak of: it waits as long as it was told to.

    Args:
        queue: The queue, traced or not.
        metrics: What measures.
        clock: The time.
    """

    def __init__(self, queue: WorkQueue, metrics: WorkerMetrics, clock: Clock) -> None:  # all is that queue's to do
        self._inner = queue
        self._metrics = metrics
        self._clock = clock

    def receive(self, most: int, wait_seconds: int, visibility_seconds: int) -> list[Delivery]:
        """Take messages, waiting for the first. Raises as `WorkQueue` does."""
        started = self._clock.monotonic()
        try:
            deliveries = self._inner.receive(most, wait_seconds, visibility_seconds)
        except AWS_ERRORS as error:
            self._took(started, _RECEIVE, AwsFailure.of(error).kind)
            raise
        if deliveries:
            self._took(started, _RECEIVE)
            self._metrics.consumed.add(_RECEIVE, amount=len(deliveries))
        return deliveries

    def delete_many(self, deliveries: Sequence[Delivery]) -> dict[int, AwsFailure]:
        """Delete messages whose work is done, in one request. Raises nothing."""
        return self._settled_many(_DELETE, deliveries, self._inner.delete_many)

    def give_back_many(self, deliveries: Sequence[Delivery]) -> dict[int, AwsFailure]:
        """Make messages visible to everybody at once, in one request. Raises nothing."""
        return self._settled_many(_CHANGE, deliveries, self._inner.give_back_many)

    def hide(self, delivery: Delivery, seconds: int) -> None:
        """Hide a message from others, or give it back. Raises as `WorkQueue` does."""
        started = self._clock.monotonic()
        try:
            self._inner.hide(delivery, seconds)
        except AWS_ERRORS as error:
            kind = AwsFailure.of(error).kind
            self._took(started, _CHANGE, kind)
            self._metrics.settled.add(_CHANGE, kind)
            raise
        self._took(started, _CHANGE)
        self._metrics.settled.add(_CHANGE, "")

    def hide_many(self, hidings: Sequence[tuple[Delivery, int]]) -> dict[int, AwsFailure]:
        """Hide messages from others in one request, as the heartbeat does. Raises nothing."""
        failures = self._inner.hide_many(hidings)
        _count(self._metrics.extensions, (), failures, asked=len(hidings))
        return failures

    def attributes(self) -> QueueAttributes:
        """Ask the queue for its attributes. Raises as `WorkQueue` does."""
        return self._inner.attributes()

    def _settled_many(
        self,
        operation: str,
        deliveries: Sequence[Delivery],
        settle: Callable[[Sequence[Delivery]], dict[int, AwsFailure]],
    ) -> dict[int, AwsFailure]:
        started = self._clock.monotonic()
        failures = settle(deliveries)
        kinds = {failure.kind for failure in failures.values()} if len(failures) == len(deliveries) else ()
        self._took(started, operation, next(iter(kinds), ""))
        _count(self._metrics.settled, (operation,), failures, asked=len(deliveries))
        return failures

    def _took(self, started: float, operation: str, error: str = "") -> None:
        self._metrics.operation.record(self._clock.monotonic() - started, operation, error)


def _count(counter: Counter, labels: Sequence[str], failures: Mapping[int, AwsFailure], *, asked: int) -> None:
    """Count each entry of a batch by what became of it."""
    for failure in failures.values():
        counter.add(*labels, failure.kind)
    if len(failures) < asked:
        counter.add(*labels, "", amount=asked - len(failures))
