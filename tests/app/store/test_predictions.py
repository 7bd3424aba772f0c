import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.exc import IntegrityError

from app.store import Claim, ClaimRefusal, Prediction, PredictionStore, State, open_database
from tests.app.doubles.clock import FakeClock
from tests.app.doubles.scene import OTHER, OWNER, Scene, in_thread

LEASE = timedelta(seconds=300)


def claimed(scene: Scene, prediction_id: UUID, message_id: str = "m") -> Claim:
    claim = scene.predictions.claim(prediction_id, message_id=message_id, lease_until=scene.clock.now() + LEASE)
    assert isinstance(claim, Claim)
    return claim


def test_a_new_prediction_waits_to_be_published(scene: Scene) -> None:
    added = scene.add()
    assert (added.state, added.attempt, added.published_at) == (State.QUEUED, 0, None)
    assert added.created_at == scene.clock.now()
    assert scene.predictions.get(added.prediction_id) == added
    assert scene.predictions.unpublished() == [added]


def test_ids_are_taken_once(scene: Scene) -> None:
    added = scene.add()
    with pytest.raises(IntegrityError):
        scene.predictions.add(
            prediction_id=added.prediction_id, user_id=OTHER, upload_id=uuid4(), s3_file_path="s3://abc/k"
        )
    assert scene.now_of(added.prediction_id) == added


def test_an_unknown_one_is_none(scene: Scene) -> None:
    assert scene.predictions.get(uuid4()) is None
    assert scene.predictions.claim(uuid4(), message_id="m", lease_until=scene.clock.now()) is ClaimRefusal.UNKNOWN


def test_publishing_is_recorded_once(scene: Scene) -> None:
    added = scene.add()
    assert scene.predictions.mark_published(added.prediction_id, "first")
    assert not scene.predictions.mark_published(added.prediction_id, "second")
    assert scene.now_of(added.prediction_id).message_id == "first"
    assert scene.predictions.unpublished() == []


def test_unpublished_ones_come_oldest_first_page_by_page(scene: Scene) -> None:
    added = []
    for number in range(7):
        added.append(scene.add())
        if number % 3 == 2:  # several of one age
            scene.clock.advance(1)
    pages: list[Prediction] = []
    last = None
    while page := scene.predictions.unpublished(limit=2, after=last):
        pages += page
        last = page[-1]
    assert sorted(pages, key=lambda each: (each.created_at, each.prediction_id)) == pages
    assert {each.prediction_id for each in pages} == {each.prediction_id for each in added}


def test_lists_by_user_and_state(scene: Scene) -> None:
    mine = scene.add()
    scene.clock.advance(1)
    others = scene.add(user_id=OTHER)
    claimed(scene, others.prediction_id)
    assert [each.user_id for each in scene.predictions.find()] == [OWNER, OTHER]
    assert scene.predictions.find(user_id=OWNER) == [mine]
    assert [each.prediction_id for each in scene.predictions.find(state=State.PROCESSING)] == [others.prediction_id]
    assert len(scene.predictions.find(limit=1)) == 1


def test_a_claim_is_completed_once(scene: Scene) -> None:
    added = scene.add()
    claim = claimed(scene, added.prediction_id)
    assert scene.now_of(added.prediction_id).state is State.PROCESSING
    assert scene.predictions.complete(claim, result_path="s3://abc/r", summary={"customers": 3, "mean": 0.5})
    done = scene.now_of(added.prediction_id)
    assert (done.state, done.result_path, done.summary) == (
        State.COMPLETED,
        "s3://abc/r",
        {"customers": 3, "mean": 0.5},
    )
    assert done.finished_at == scene.clock.now()
    assert not scene.predictions.complete(claim, result_path="s3://abc/other", summary={})
    assert not scene.predictions.fail(claim, code="c", reason="r", message_id="m")
    assert not scene.predictions.release(claim, code="c", reason="r")
    assert scene.now_of(added.prediction_id) == done


def test_a_completed_one_cannot_be_claimed(scene: Scene) -> None:
    added = scene.add()
    scene.predictions.complete(claimed(scene, added.prediction_id), result_path="r", summary={})
    scene.clock.advance(10_000)
    again = scene.predictions.claim(added.prediction_id, message_id="new", lease_until=scene.clock.now() + LEASE)
    assert again is ClaimRefusal.COMPLETED


def test_a_held_one_can_be_claimed_when_the_lease_has_run_out_and_the_stale_claim_commits_nothing(scene: Scene) -> None:
    prediction_id = scene.add().prediction_id
    stale = claimed(scene, prediction_id)
    scene.clock.advance(299)
    held = scene.predictions.claim(prediction_id, message_id="m", lease_until=scene.clock.now() + LEASE)
    assert held is ClaimRefusal.HELD
    scene.clock.advance(1)
    newer = claimed(scene, prediction_id)
    assert newer.attempt == stale.attempt + 1
    assert not scene.predictions.extend(stale, scene.clock.now() + LEASE)
    assert not scene.predictions.complete(stale, result_path="stale", summary={})
    assert not scene.predictions.fail(stale, code="c", reason="r", message_id="m")
    assert not scene.predictions.release(stale, code="c", reason="r")
    assert scene.predictions.complete(newer, result_path="newer", summary={})
    assert scene.now_of(prediction_id).result_path == "newer"


def test_an_extended_claim_is_held_for_longer(scene: Scene) -> None:
    prediction_id = scene.add().prediction_id
    claim = claimed(scene, prediction_id)
    scene.clock.advance(200)
    assert scene.predictions.extend(claim, scene.clock.now() + LEASE)
    scene.clock.advance(200)
    again = scene.predictions.claim(prediction_id, message_id="m", lease_until=scene.clock.now() + LEASE)
    assert again is ClaimRefusal.HELD


def test_a_released_one_can_be_claimed_at_once_and_says_why_it_failed(scene: Scene) -> None:
    prediction_id = scene.add().prediction_id
    assert scene.predictions.release(claimed(scene, prediction_id), code="upload-unavailable", reason="SlowDown")
    released = scene.now_of(prediction_id)
    assert (released.state, released.failure_code, released.failure_reason) == (
        State.QUEUED,
        "upload-unavailable",
        "SlowDown",
    )
    again = claimed(scene, prediction_id)
    assert again.attempt == 2
    scene.predictions.complete(again, result_path="r", summary={})
    assert scene.now_of(prediction_id).failure_code is None


def test_a_failed_one_is_taken_up_again_only_under_a_new_message(scene: Scene) -> None:
    prediction_id = scene.add().prediction_id
    claim = claimed(scene, prediction_id, "old")
    assert scene.predictions.fail(claim, code="unusable-file", reason="x" * 2000, message_id="old")
    failed = scene.now_of(prediction_id)
    assert (failed.state, failed.failure_code) == (State.FAILED, "unusable-file")
    assert len(failed.failure_reason or "") < 600
    same = scene.predictions.claim(prediction_id, message_id="old", lease_until=scene.clock.now() + LEASE)
    assert same is ClaimRefusal.FAILED
    assert claimed(scene, prediction_id, "redriven").attempt == 2
    assert scene.now_of(prediction_id).finished_at is None


def test_of_many_that_claim_at_once_one_wins(scene: Scene) -> None:
    prediction_id = scene.add().prediction_id
    together = threading.Barrier(8)
    claims: list[Claim | ClaimRefusal] = []

    def claim() -> None:
        together.wait()
        claims.append(scene.predictions.claim(prediction_id, message_id="m", lease_until=scene.clock.now() + LEASE))

    for thread in [in_thread(claim) for _ in range(8)]:
        thread.join(30)
    assert sorted(map(str, claims)) == sorted([str(Claim(prediction_id, 1))] + [str(ClaimRefusal.HELD)] * 7)


def test_of_two_that_commit_one_wins(scene: Scene) -> None:
    prediction_id = scene.add().prediction_id
    claim = claimed(scene, prediction_id)
    together = threading.Barrier(2)
    won: list[str] = []

    def commit(name: str) -> None:
        together.wait()
        if scene.predictions.complete(claim, result_path=name, summary={}):
            won.append(name)

    for thread in [in_thread(partial(commit, name)) for name in ("a", "b")]:
        thread.join(30)
    assert [scene.now_of(prediction_id).result_path] == won


class PredictionLife(RuleBasedStateMachine):
    """Claims, commits and lapses in any order: never two holders, never an undone commit."""

    claims: list[Claim]
    store: PredictionStore

    @initialize()
    def begin(self) -> None:
        self.folder = self.make_folder()
        self.clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.engine = open_database(f"sqlite:///{self.folder / f'{uuid4()}.sqlite3'}")
        self.store = PredictionStore(self.engine, self.clock)
        self.prediction_id = uuid4()
        self.store.add(prediction_id=self.prediction_id, user_id="user_a", upload_id=uuid4(), s3_file_path="s3://abc/k")
        self.claims = []
        self.holder: Claim | None = None
        self.lease_until = self.clock.now()
        self.committed: str | None = None

    make_folder: "staticmethod[[], Path]"

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()

    @rule(message=st.sampled_from(["a", "b"]))
    def claim(self, message: str) -> None:
        until = self.clock.now() + LEASE
        free = self.committed is None and (self.holder is None or self.lease_until <= self.clock.now())
        claim = self.store.claim(self.prediction_id, message_id=message, lease_until=until)
        if isinstance(claim, Claim):
            assert free
            assert claim.attempt == len(self.claims) + 1
            self.claims.append(claim)
            self.holder, self.lease_until = claim, until
        elif claim is not ClaimRefusal.FAILED:
            assert not free

    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        if self.claims:
            claim = data.draw(st.sampled_from(self.claims))
            done = self.store.complete(claim, result_path=f"attempt {claim.attempt}", summary={})
            assert done == (claim == self.holder)
            if done:
                self.committed, self.holder = f"attempt {claim.attempt}", None

    @rule(data=st.data(), permanent=st.booleans(), message=st.sampled_from(["a", "b"]))
    def give_up(self, data: st.DataObject, permanent: bool, message: str) -> None:  # noqa: FBT001 - hypothesis calls it
        if self.claims:
            claim = data.draw(st.sampled_from(self.claims))
            done = (
                self.store.fail(claim, code="c", reason="r", message_id=message)
                if permanent
                else self.store.release(claim, code="c", reason="r")
            )
            assert done == (claim == self.holder)
            if done:
                self.holder = None

    @rule(data=st.data())
    def extend(self, data: st.DataObject) -> None:
        if self.claims:
            claim = data.draw(st.sampled_from(self.claims))
            until = self.clock.now() + LEASE
            assert self.store.extend(claim, until) == (claim == self.holder)
            if claim == self.holder:
                self.lease_until = until

    @rule(seconds=st.sampled_from([1, 299, 301]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @invariant()
    def record_agrees(self) -> None:
        if not hasattr(self, "store"):
            return
        found = self.store.get(self.prediction_id)
        assert found is not None
        assert (found.state is State.COMPLETED) == (self.committed is not None)
        assert found.result_path == self.committed
        assert found.attempt == len(self.claims)
        assert (found.state is State.PROCESSING) == (self.holder is not None)


def test_no_order_of_events_gives_two_holders_or_undoes_a_commit(tmp_path: Path) -> None:
    PredictionLife.make_folder = staticmethod(lambda: tmp_path)
    run_state_machine_as_test(PredictionLife, settings=settings(max_examples=25, stateful_step_count=25, deadline=None))
