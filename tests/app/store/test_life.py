"""The store in any order of events: relays that settle, lapse and die, workers that claim, commit and are overtaken."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine, delete, select

from app.store import Claim, ClaimRefusal, NewPrediction, Outbox, OutboxLease, Postponed, PredictionStore, State
from app.store.schema import OutboxRow, PredictionRow
from tests.app.doubles.clock import FakeClock
from tests.app.doubles.scene import Scene

CLAIM = timedelta(seconds=300)
LEASE = timedelta(seconds=120)
PASSING_SECONDS = [1, 120, 300]
MOST_PREDICTIONS = 3
"""Few, so that much happens to each."""
FATES = ["sent", "postponed", "left"]
COMMITS = ["complete", "fail", "release", "extend"]


@dataclass
class Expected:
    """What must be so of one prediction."""

    created_at: datetime
    state: State = State.QUEUED
    attempts: int = 0
    claim: Claim | None = None
    claimed_until: datetime | None = None
    failed_under: str | None = None
    result: str | None = None
    message_id: str | None = None
    is_sent: bool = False


@dataclass
class ExpectedEntry:
    """What must be so of one entry of the outbox."""

    created_at: datetime
    due_at: datetime
    attempts: int = 0
    lease_id: UUID | None = None
    leased_until: datetime | None = None

    def is_free(self, now: datetime) -> bool:
        return self.leased_until is None or self.leased_until <= now


class StoreLife(RuleBasedStateMachine):
    """Two processes on one store, and a model of what it must hold."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        with self.engine.begin() as connection:
            connection.execute(delete(OutboxRow))
            connection.execute(delete(PredictionRow))
        self.predictions = PredictionStore(self.engine, self.clock)
        self.relays = [Outbox(self.engine, self.clock, lease_seconds=LEASE.total_seconds()) for _ in range(2)]
        self.expected: dict[UUID, Expected] = {}
        self.entries: dict[UUID, ExpectedEntry] = {}
        self.leases: list[OutboxLease] = []
        self.claims: list[Claim] = []
        self._numbers = count(1)

    def _next_id(self) -> UUID:
        """Ids sort the outbox, so they are the same each time that an order of events is tried."""
        return UUID(int=next(self._numbers))

    # ---- Requests

    @precondition(lambda self: len(self.expected) < MOST_PREDICTIONS)
    @rule(several=st.integers(1, MOST_PREDICTIONS))
    def record(self, several: int) -> None:
        now = self.clock.now()
        new = [NewPrediction(self._next_id(), "user_a", UUID(int=0), "s3://abc/k") for _ in range(several)]
        for each in self.predictions.add_many(new):
            self.expected[each.prediction_id] = Expected(created_at=now)
            self.entries[each.prediction_id] = ExpectedEntry(created_at=now, due_at=now)

    # ---- Relays

    @rule(relay=st.integers(0, 1), limit=st.integers(1, 5))
    def take_due(self, relay: int, limit: int) -> None:
        now = self.clock.now()
        due = [
            (entry.due_at, prediction_id)
            for prediction_id, entry in self.entries.items()
            if entry.is_free(now) and entry.due_at <= now
        ]
        expected = [prediction_id for _, prediction_id in sorted(due)[:limit]]
        self._taken(self.relays[relay].take_due(limit), expected)

    @precondition(lambda self: self.expected)
    @rule(relay=st.integers(0, 1), data=st.data())
    def take_one(self, relay: int, data: st.DataObject) -> None:
        wanted = data.draw(st.sampled_from(list(self.expected)))
        entry = self.entries.get(wanted)
        expected = [wanted] if entry and entry.is_free(self.clock.now()) else []
        self._taken(self.relays[relay].take([wanted]), expected)

    def _taken(self, lease: OutboxLease, expected: list[UUID]) -> None:
        assert [entry.prediction.prediction_id for entry in lease.entries] == expected
        for entry in lease.entries:
            held = self.entries[entry.prediction.prediction_id]
            assert entry.attempts == held.attempts
            held.lease_id, held.leased_until = lease.lease_id, self.clock.now() + LEASE
        if lease.entries:
            self.leases.append(lease)

    @precondition(lambda self: self.leases)
    @rule(relay=st.integers(0, 1), data=st.data(), wait=st.sampled_from([1, 60]))
    def settle(self, relay: int, data: st.DataObject, wait: int) -> None:
        """Also late, also a second time, also after another has taken over."""
        lease = data.draw(st.sampled_from(self.leases))
        fates = {entry.prediction.prediction_id: data.draw(st.sampled_from(FATES)) for entry in lease.entries}
        due_at = self.clock.now() + timedelta(seconds=wait)
        sent = {prediction_id: f"m-{self._next_id()}" for prediction_id, fate in fates.items() if fate == "sent"}
        postponed = [Postponed(each, "code", due_at) for each, fate in fates.items() if fate == "postponed"]
        self.relays[relay].settle(lease, sent=sent, postponed=postponed)
        for prediction_id, fate in fates.items():
            entry = self.entries.get(prediction_id)
            is_ours = entry is not None and entry.lease_id == lease.lease_id
            if fate == "sent":
                self._sent(prediction_id, sent[prediction_id], remove=is_ours)
            elif entry is not None and is_ours:
                entry.lease_id = entry.leased_until = None
                if fate == "postponed":
                    entry.due_at, entry.attempts = due_at, entry.attempts + 1

    def _sent(self, prediction_id: UUID, message_id: str, *, remove: bool) -> None:
        expected = self.expected[prediction_id]
        if not expected.is_sent:
            expected.is_sent, expected.message_id = True, message_id
        if remove:
            del self.entries[prediction_id]

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def die(self, data: st.DataObject) -> None:
        """A relay that is never heard of again."""
        self.leases.remove(data.draw(st.sampled_from(self.leases)))

    @rule()
    def hurry(self) -> None:
        self.relays[0].hurry()
        for entry in self.entries.values():
            if entry.due_at > self.clock.now():
                entry.due_at = entry.created_at

    @rule()
    def adopt(self) -> None:
        assert self.relays[1].adopt() == 0  # nobody is without an entry who should have one

    # ---- Workers

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), message=st.sampled_from(["a", "b"]))
    def claim(self, data: st.DataObject, message: str) -> None:
        prediction_id = data.draw(st.sampled_from(list(self.expected)))
        expected, now = self.expected[prediction_id], self.clock.now()
        is_open = {
            State.QUEUED: True,
            State.PROCESSING: expected.claimed_until is not None and expected.claimed_until <= now,
            State.FAILED: expected.failed_under != message,
            State.COMPLETED: False,
        }[expected.state]
        claim = self.predictions.claim(prediction_id, message_id=message, lease_until=now + CLAIM)
        if not is_open:
            assert isinstance(claim, ClaimRefusal)
            return
        expected.attempts += 1
        assert claim == Claim(prediction_id, expected.attempts)
        expected.state, expected.claim, expected.claimed_until = State.PROCESSING, claim, now + CLAIM
        self.claims.append(claim)

    @precondition(lambda self: self.claims)
    @rule(
        data=st.data(), fate=st.sampled_from(["complete", "fail", "release", "extend"]), message=st.sampled_from("ab")
    )
    def commit(self, data: st.DataObject, fate: str, message: str) -> None:
        """By whoever holds it, or by one that has been overtaken and does not know."""
        claim = data.draw(st.sampled_from(self.claims))
        expected, until = self.expected[claim.prediction_id], self.clock.now() + CLAIM
        result = f"attempt {claim.attempt}"
        done = {
            "complete": lambda: self.predictions.complete(claim, result_path=result, summary={}),
            "fail": lambda: self.predictions.fail(claim, code="c", reason="r", message_id=message),
            "release": lambda: self.predictions.release(claim, code="c", reason="r"),
            "extend": lambda: self.predictions.extend(claim, until),
        }[fate]()
        assert done == (claim == expected.claim)
        if not done:
            return
        if fate == "extend":
            expected.claimed_until = until
            return
        expected.claim = None
        expected.state = {"complete": State.COMPLETED, "fail": State.FAILED, "release": State.QUEUED}[fate]
        expected.result = result if fate == "complete" else expected.result
        expected.failed_under = message if fate == "fail" else expected.failed_under

    @rule(seconds=st.sampled_from(PASSING_SECONDS))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)

    # ---- What must hold

    @invariant()
    def records_agree(self) -> None:
        found = {each.prediction_id: each for each in self.predictions.find(limit=1000)}
        assert set(found) == set(self.expected)
        for prediction_id, expected in self.expected.items():
            record = found[prediction_id]
            assert (record.state, record.attempt, record.result_path) == (
                expected.state,
                expected.attempts,
                expected.result,
            )
            assert (record.published_at is not None, record.message_id) == (expected.is_sent, expected.message_id)

    @invariant()
    def outbox_agrees(self) -> None:
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(OutboxRow.prediction_id, OutboxRow.due_at, OutboxRow.attempts, OutboxRow.lease_id)
            ).all()
        assert {(row.prediction_id, row.due_at, row.attempts, row.lease_id) for row in rows} == {
            (prediction_id, entry.due_at, entry.attempts, entry.lease_id)
            for prediction_id, entry in self.entries.items()
        }
        assert self.relays[0].backlog().waiting == len(self.entries)

    @invariant()
    def nothing_is_lost(self) -> None:
        """Whatever happens, what has not been sent is still to be sent."""
        unsent = {prediction_id for prediction_id, each in self.expected.items() if not each.is_sent}
        assert unsent <= set(self.entries)

    def teardown(self) -> None:
        """In the end, when nobody dies any more, everything is sent."""
        self.clock.advance(LEASE.total_seconds() + 3600)
        while (lease := self.relays[0].take_due(100)).entries:
            self.relays[0].settle(lease, sent={entry.prediction.prediction_id: "m" for entry in lease.entries})
        assert self.relays[1].backlog().waiting == 0
        assert all(each.published_at for each in self.predictions.find(limit=1000))


def test_no_order_of_events_loses_a_message_or_a_commit_or_gives_two_the_same(scene: Scene) -> None:
    StoreLife.engine = scene.engine
    run_state_machine_as_test(StoreLife, settings=settings(max_examples=20, stateful_step_count=30, deadline=None))
