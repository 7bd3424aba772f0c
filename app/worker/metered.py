"""What is measured of a worker. Where nothing is measured, there is none of this."""

from datetime import datetime

from app.reasons import Reason
from app.telemetry.instruments import Description, Kind
from app.telemetry.names import CAUSE, ERROR, OPERATION, OPERATION_DURATION, OUTCOME, REASON
from app.telemetry.registry import Registry
from app.worker.lease import Lease
from app.worker.outcome import Outcome

CONSUMED = Description(
    "messaging.client.consumed.messages",
    Kind.COUNTER,
    "{message}",
    "Messages received, each as often as it came",
    (OPERATION,),
)
SETTLED = Description(
    "retainwise.settled.messages",
    Kind.COUNTER,
    "{message}",
    "Messages deleted, hidden for later or given back, or not",
    (OPERATION, ERROR),
)
EXTENSIONS = Description(
    "retainwise.lease.extensions", Kind.COUNTER, "{extension}", "Heartbeats of messages that are worked on", (ERROR,)
)
PROCESS_DURATION = Description(
    "messaging.process.duration", Kind.HISTOGRAM, "s", "How long deliveries were worked on", (OPERATION, ERROR)
)
QUEUE_DURATION = Description(
    "retainwise.queue.duration", Kind.HISTOGRAM, "s", "From when a message was sent to when work on it began"
)
PREDICTION_DURATION = Description(
    "retainwise.prediction.duration", Kind.HISTOGRAM, "s", "From when a prediction was asked for to when it was there"
)
OUTCOMES = Description(
    "retainwise.deliveries",
    Kind.COUNTER,
    "{delivery}",
    "What became of deliveries, by the worker's outcomes",
    (OUTCOME,),
)
DEAD_LETTERS = Description(
    "retainwise.dead_letters",
    Kind.COUNTER,
    "{message}",
    "Messages that go to the dead-letter queue, by why",
    (REASON,),
)
BURNT = Description(
    "retainwise.receives.burnt",
    Kind.COUNTER,
    "{delivery}",
    "Receives that SQS counts towards the dead-letter queue though nothing failed, by what spent them",
    (CAUSE,),
)
BUSY_SLOTS = Description("retainwise.slots.busy", Kind.GAUGE, "{slot}", "Deliveries that are worked on now")
SLOTS = Description("retainwise.slots", Kind.GAUGE, "{slot}", "Deliveries that may be worked on at once")
STORE_DOWN = Description(
    "retainwise.store.down", Kind.GAUGE, "1", "1 while the store does not answer the worker, else 0"
)
MODELS_REPLACED = Description(
    "retainwise.model.processes.replaced", Kind.COUNTER, "{process}", "Processes of the model ended, by why", (CAUSE,)
)
SWEPT = Description(
    "retainwise.swept.predictions",
    Kind.COUNTER,
    "{prediction}",
    "Predictions that no message would have come for, by what became of them",
    (OUTCOME,),
)

_ERRORS = frozenset({Outcome.REJECTED, Outcome.FAILED, Outcome.RETRY, Outcome.STORE_DOWN, Outcome.LEASE_LOST})
_DONE = frozenset({Outcome.COMPLETED, Outcome.DUPLICATE, Outcome.RENEWED})
_BURNT = frozenset({Outcome.STORE_DOWN, Outcome.BUSY, Outcome.LEASE_LOST})
_PROCESS = "process"
_UNSTARTED = "unstarted"
_UNFINISHED = "unfinished"


class WorkerMetrics:
    """Measures deliveries. Safe to use from several threads.

    Args:
        registry: Where the numbers are asked for.
    """

    def __init__(self, registry: Registry) -> None:
        self._process = registry.histogram(PROCESS_DURATION)
        self._queue = registry.histogram(QUEUE_DURATION)
        self._prediction = registry.histogram(PREDICTION_DURATION)
        self._dead = registry.counter(DEAD_LETTERS)
        self._burnt = registry.counter(BURNT)
        self._dead.from_zero(*((reason.value,) for reason in Reason))
        self._burnt.from_zero(*((cause,) for cause in (_UNSTARTED, _UNFINISHED, *_BURNT)))
        self.consumed = registry.counter(CONSUMED)
        self.settled = registry.counter(SETTLED)
        self.extensions = registry.counter(EXTENSIONS)
        self.operation = registry.histogram(OPERATION_DURATION)

    def processed(self, lease: Lease, outcome: Outcome, *, is_last: bool, now: datetime, seconds: float) -> None:
        """A delivery has been worked on.

        Args:
            lease: Its lease.
            outcome: What came of it.
            is_last: Whether SQS dead-letters the message, unless it is deleted.
            now: The time.
            seconds: How long that took.
        """
        self._process.record(seconds, _PROCESS, outcome.value if outcome in _ERRORS else "")
        prediction = lease.prediction
        if prediction is not None:
            if prediction.published_at is not None:
                self._queue.record((now - prediction.published_at).total_seconds() - seconds)
            if outcome is Outcome.COMPLETED:
                self._prediction.record((now - prediction.created_at).total_seconds())
        if outcome is Outcome.LEASE_LOST and lease.lost_for is Reason.SHUTDOWN:
            return  # that is `given_back`, and counted there
        if is_last and outcome not in _DONE:
            self._dead.add(_why(lease, outcome))
        if outcome in _BURNT:
            self._burnt.add(outcome.value)

    def given_back(self, *, begun: bool) -> None:
        """A delivery went back because the worker stops.

        Args:
            begun: Whether work on it had begun.
        """
        self._burnt.add(_UNFINISHED if begun else _UNSTARTED)


def _why(lease: Lease, outcome: Outcome) -> str:
    """The reason's code; the outcome's name where no reason was found, as when the store is down."""
    if lease.refused_for is not None:
        return lease.refused_for.value
    if outcome is Outcome.FAILED and lease.prediction is not None and lease.prediction.failure_code:
        return lease.prediction.failure_code  # it has failed under this message before
    return outcome.value
