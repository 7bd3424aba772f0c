"""The worker's loop: ask for as much as there are free slots, hand it out, stop well."""

import math
import threading

import structlog
from structlog.typing import FilteringBoundLogger

from app.aws_failures import AwsFailure, FailureKind
from app.backoff import Random, backoff_seconds
from app.clock import Clock
from app.shutdown import Shutdown
from app.work_queue import MAX_BATCH, Delivery, WorkQueue
from app.worker.beside import Beside, join_within
from app.worker.drain import DrainWatch
from app.worker.health import Health
from app.worker.options import WorkerOptions
from app.worker.process import Processor
from app.worker.report import StoppedBy, WorkReport
from app.worker.slots import Slots
from app.worker.time_to_stop import TimeToStop

log: FilteringBoundLogger = structlog.get_logger(__name__)

_DRAIN_POLL_SECONDS = 1
_SHORT_POLL_PAUSE_SECONDS = 0.2
"""Between polls that do not wait: an idle worker must not ask without end, each request costs."""
_FIRST_PAUSE_SECONDS = 1.0
_MOST_PAUSE_SECONDS = 30.0
_PATIENCE_SECONDS = 0.5
_HOPELESS = frozenset({FailureKind.REFUSED, FailureKind.NO_QUEUE})
_HOPELESS_LIMIT = 3
"""How often in a row AWS must refuse a receive before the worker gives up: a new role's rights take a moment to be."""


class Worker:
    """Consumes a queue until it is told to stop.

    One loop polls, beside the thread that runs it, so that a signal is obeyed in time whatever the poll does. Where
    there are more slots than one request can fill, others help it while the queue is full.

    Args:
        queue: The queue.
        processor: What is done with each delivery.
        slots: Where it is done; its work is the processor's.
        shutdown: Whether to stop.
        clock: The time.
        random: Where chance comes from.
        options: How to work.
        health: What is told how the loop is doing.
    """

    def __init__(  # noqa: PLR0913 - the parts of a worker, put together in one place
        self,
        *,
        queue: WorkQueue,
        processor: Processor,
        slots: Slots,
        shutdown: Shutdown,
        clock: Clock,
        random: Random,
        options: WorkerOptions,
        health: Health | None = None,
    ) -> None:
        self._queue = queue
        self._processor = processor
        self._slots = slots
        self._shutdown = shutdown
        self._clock = clock
        self._random = random
        self._options = options
        self._time = TimeToStop(shutdown, clock, options.shutdown_seconds)
        self._health = health or Health(clock)
        self._drain = DrainWatch(queue)
        self._helpers = [
            threading.Thread(target=self._help, name=f"poller-{number}", daemon=True)
            for number in range(2, -(-options.concurrency // MAX_BATCH) + 1)
        ]
        self._lock = threading.Lock()
        self._busy_queue = threading.Event()
        self._stopping = threading.Event()
        self._received = 0
        self._given_back = 0
        self._failures = 0
        self._hopeless = 0
        self._store_failures = 0
        self._refusal: AwsFailure | None = None

    def run(self) -> WorkReport:
        """Work until there is a reason to stop, then let what is running finish.

        Running handlers keep their heartbeats while they finish. Those that do not within the time lose their right to
        commit, and their messages go back at once.
        """
        started = self._clock.monotonic()
        ends = None if self._options.max_seconds is None else started + self._options.max_seconds
        log.info("worker.started", drain=self._options.drain, poll_seconds=self._options.poll_seconds)
        for helper in self._helpers:
            helper.start()
        poller = Beside(lambda: self._poll_until_stopped(ends), "poller-1")
        poller.start()
        # A poll that is under way may bring messages, so it is not cut off. But where SQS hangs, it takes too long.
        has_ended = join_within(poller, lambda: self._time.to_finish() if self._shutdown.is_requested else math.inf)
        stopped_by = poller.result() if has_ended else StoppedBy.SIGNAL
        self._stopping.set()
        self._health.stopping()
        log.info("worker.stopping", by=stopped_by.value)
        for helper in self._helpers:
            join_within(helper, self._time.to_finish)
        idle = self._slots.wait_until_idle(self._time.to_finish())
        unfinished = 0 if idle else self._processor.give_back_running(self._time.to_give_back())
        self._processor.acknowledger.finish(self._time.to_give_back())
        if not join_within(poller, self._time.to_stop):
            log.warning("worker.poll_left", told="what it brings comes again when its visibility timeout has passed")
        report = WorkReport(
            stopped_by=stopped_by,
            received=self._received,
            outcomes=self._processor.tally.by_name(),
            given_back=self._given_back + unfinished,
            unfinished=unfinished,
            seconds=self._clock.monotonic() - started,
            failure=self._refusal or self._processor.acknowledger.refusal,
        )
        log.info("worker.stopped", by=stopped_by.value, received=report.received, **report.outcomes)
        return report

    def _poll_until_stopped(self, ends: float | None) -> StoppedBy:
        while True:
            self._health.turned()
            stopped_by = self._reason_to_stop(ends)
            if stopped_by:
                return stopped_by
            if not self._store_answers():
                continue
            reserved = self._slots.reserve(MAX_BATCH, _PATIENCE_SECONDS)
            if not reserved or self._reason_to_stop(ends):  # it may have waited for a slot
                self._slots.cancel(reserved)
                continue
            deliveries = self._receive(reserved, self._wait_seconds(ends))
            self._health.received(well=deliveries is not None)
            if deliveries is None:
                self._pause_after_failure()
            elif not deliveries and self._options.drain and self._is_drained():
                return StoppedBy.DRAINED

    def _help(self) -> None:
        """Poll beside the loop, without waiting, as long as polls bring as many messages as were asked for."""
        while not self._must_stop:
            if not self._busy_queue.wait(_PATIENCE_SECONDS) or self._processor.store_is_down:
                continue
            reserved = self._slots.reserve(MAX_BATCH, _PATIENCE_SECONDS)
            if not reserved or self._must_stop:
                self._slots.cancel(reserved)
            elif not self._receive(reserved, 0):
                self._busy_queue.clear()

    def _reason_to_stop(self, ends: float | None) -> StoppedBy | None:
        if self._refusal or self._processor.acknowledger.refusal:
            return StoppedBy.REFUSED
        if self._must_stop:
            return StoppedBy.SIGNAL
        if ends is not None and self._clock.monotonic() >= ends:
            return StoppedBy.TIME
        return None

    def _store_answers(self) -> bool:
        """Whether to go on receiving: while the store is down, each receive would be one of its message's few."""
        if self._processor.look_at_store():
            self._store_failures = 0
            return True
        self._store_failures += 1
        self._health.received(well=False)
        self._pause(self._store_failures)
        return False

    def _is_drained(self) -> bool:
        self._processor.acknowledger.flush()
        return self._drain.look()

    def _receive(self, reserved: int, wait: int) -> list[Delivery] | None:
        """Poll once, for as many as slots are reserved, and hand out what comes. None if that failed."""
        deliveries: list[Delivery] | None = None
        try:
            deliveries = self._queue.receive(reserved, wait, self._processor.visibility_seconds)
        except Exception as error:  # noqa: BLE001 - a torn answer may raise anything, and must not end the worker
            self._receive_failed(AwsFailure.of(error))
        self._slots.cancel(reserved - len(deliveries or ()))
        if deliveries is None:
            return None
        self._failures = self._hopeless = 0
        if deliveries:
            self._hand_out(deliveries)
        elif wait == 0:
            self._shutdown.pause(_SHORT_POLL_PAUSE_SECONDS)
        if len(deliveries) == MAX_BATCH:
            self._busy_queue.set()
        return deliveries

    def _hand_out(self, deliveries: list[Delivery]) -> None:
        """Start to work on what has been received; give it back if a signal came while the poll waited."""
        self._drain.saw_messages()
        with self._lock:
            self._received += len(deliveries)
        if self._must_stop:
            given_back = self._processor.give_back(deliveries, self._time.to_give_back())
        else:
            leases = self._processor.take_up(deliveries)
            if not self._must_stop:
                self._slots.start(leases)
                return
            given_back = self._processor.give_back_unstarted(leases, self._time.to_give_back())
        self._slots.cancel(len(deliveries))
        with self._lock:
            self._given_back += given_back

    @property
    def _must_stop(self) -> bool:
        return self._shutdown.is_requested or self._stopping.is_set()

    def _wait_seconds(self, ends: float | None) -> int:
        wait = self._options.poll_seconds
        if self._options.drain:
            wait = min(wait, _DRAIN_POLL_SECONDS)
        if ends is not None:
            wait = min(wait, max(0, int(ends - self._clock.monotonic())))
        return wait

    def _receive_failed(self, failure: AwsFailure) -> None:
        self._failures += 1
        self._hopeless = self._hopeless + 1 if failure.kind in _HOPELESS else 0
        log.warning("worker.receive_failed", in_a_row=self._failures, **failure.fields)
        if self._hopeless >= _HOPELESS_LIMIT:
            self._refusal = failure

    def _pause_after_failure(self) -> None:
        if not self._refusal:
            self._pause(self._failures)

    def _pause(self, failures: int) -> None:
        self._shutdown.pause(
            backoff_seconds(failures, first=_FIRST_PAUSE_SECONDS, most=_MOST_PAUSE_SECONDS, random=self._random)
        )
