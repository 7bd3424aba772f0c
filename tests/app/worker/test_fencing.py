"""Lease and fencing in any order of events: workers that beat, are cut off from SQS, lapse, and come back."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine

from app.store import Claim, PredictionStore, State
from app.work_queue import WorkQueue
from app.worker import Heartbeat
from app.worker.lease import Lease
from tests.app.doubles.clock import FakeClock
from tests.app.doubles.scene import Scene, middle
from tests.app.doubles.sqs import QUEUE_URL, FakeSqs, aws_error
from tests.app.servers.databases import on_each_database

VISIBILITY = 30
PASSING_SECONDS = [1, 9, 10, 25, 31, 100]
THROTTLED = aws_error("RequestThrottled", "ChangeMessageVisibility")


@dataclass
class Working:
    """A worker at work on the one prediction, with a heartbeat of its own."""

    lease: Lease
    heartbeat: Heartbeat
    claim: Claim


class Fencing(RuleBasedStateMachine):
    """One prediction, one message, and as many workers as get hold of it."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.sqs = FakeSqs(self.clock, visibility_seconds=VISIBILITY, max_receive_count=None)
        self.queue = WorkQueue(self.sqs.client, QUEUE_URL, self.clock)
        self.predictions = PredictionStore(self.engine, self.clock)
        self.prediction = uuid4()
        self.predictions.add(
            prediction_id=self.prediction, user_id="user_a", upload_id=self.prediction, s3_file_path="s3://bucket/a"
        )
        self.sqs.put("body")
        self.working: list[Working] = []
        self.committed: list[int] = []

    @rule()
    def somebody_receives(self) -> None:
        for delivery in self.queue.receive(1, 0, VISIBILITY):
            lease = Lease(delivery, VISIBILITY, self.clock)
            claim = self.predictions.claim(
                self.prediction,
                message_id=delivery.message_id,
                lease_until=self.clock.now() + timedelta(seconds=lease.seconds_left),
            )
            if isinstance(claim, Claim):
                lease.claim = claim
                heartbeat = Heartbeat(self.queue, self.predictions, VISIBILITY, self.clock, middle)
                heartbeat.watch([lease])
                self.working.append(Working(lease, heartbeat, claim))

    @rule(seconds=st.sampled_from(PASSING_SECONDS), cut_off=st.sets(st.integers(0, 5)))
    def time_passes(self, seconds: int, cut_off: set[int]) -> None:
        """Everybody's heart beats each second, but for those who cannot reach SQS."""
        for _ in range(seconds):
            self.clock.advance(1)
            for number, each in enumerate(self.working):
                self.sqs.faults["ChangeMessageVisibility"] = [THROTTLED] if number in cut_off else []
                each.heartbeat.beat()
            self.sqs.faults.clear()

    @precondition(lambda self: self.working)
    @rule(number=st.integers(0, 5))
    def somebody_has_a_result(self, number: int) -> None:
        """As the handler does: look at the lease, commit, then delete."""
        each = self.working.pop(number % len(self.working))
        each.heartbeat.forget(each.lease)
        if each.lease.is_lost:
            return
        if self.predictions.complete(each.claim, result_path=str(each.claim.attempt), summary={}):
            self.committed.append(each.claim.attempt)
            self.queue.delete_many([each.lease.delivery])

    @precondition(lambda self: self.working)
    @rule(number=st.integers(0, 5))
    def somebody_commits_without_looking(self, number: int) -> None:
        """A worker that has not noticed anything: the store decides by itself."""
        each = self.working[number % len(self.working)]
        if self.predictions.complete(each.claim, result_path=str(each.claim.attempt), summary={}):
            self.committed.append(each.claim.attempt)

    @precondition(lambda self: self.working)
    @rule(number=st.integers(0, 5))
    def somebody_dies(self, number: int) -> None:
        self.working.pop(number % len(self.working))

    @invariant()
    def at_most_one_lease_holds(self) -> None:
        holding = [each for each in self.working if not each.lease.is_lost]
        assert len(holding) <= 1

    @invariant()
    def a_lease_that_holds_hides_the_message(self) -> None:
        for each in self.working:
            if not each.lease.is_lost and not self.committed:
                (message,) = self.sqs.messages
                assert message.visible_at >= self.clock.monotonic() + each.lease.seconds_left
                assert message.receipt_handle == each.lease.delivery.receipt_handle

    @invariant()
    def it_is_committed_once_by_the_newest_attempt(self) -> None:
        record = self.predictions.get(self.prediction)
        assert record is not None
        assert len(self.committed) <= 1
        assert (record.state is State.COMPLETED) == bool(self.committed)
        assert self.committed in ([], [record.attempt])

    def teardown(self) -> None:
        """Whatever has happened, the message is still there unless it is done, and somebody can finish it."""
        self.working.clear()
        self.clock.advance(10 * VISIBILITY)
        self.somebody_receives()
        if not self.committed:
            self.somebody_has_a_result(0)
        assert len(self.committed) == 1


@on_each_database
def test_no_order_of_events_lets_two_hold_it_or_commit_it(scene: Scene) -> None:
    Fencing.engine = scene.engine
    run_state_machine_as_test(Fencing, settings=settings(max_examples=40, stateful_step_count=25, deadline=None))
