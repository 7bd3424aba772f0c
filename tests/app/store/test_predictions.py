import threading
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from app.store import Backlog, Claim, ClaimRefusal, Grouped, NewPrediction, PredictionStore, State
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
    assert scene.outbox.backlog() == Backlog(1, added.created_at)


def test_many_are_recorded_in_one_go_or_not_at_all(scene: Scene) -> None:
    new = [NewPrediction(uuid4(), OWNER, uuid4(), f"s3://abc/{number}", "low") for number in range(30)]
    added = scene.predictions.add_many(new)
    assert [each.prediction_id for each in added] == [each.prediction_id for each in new]
    assert scene.predictions.get_many([each.prediction_id for each in new] + [uuid4()]) == {
        each.prediction_id: each for each in added
    }
    assert {entry.prediction.prediction_id for entry in scene.outbox.take_due(100).entries} == {
        each.prediction_id for each in new
    }
    with pytest.raises(IntegrityError):
        scene.predictions.add_many([NewPrediction(uuid4(), OWNER, uuid4(), "s3://abc/k"), new[7]])
    assert len(scene.predictions.find()) == 30
    assert scene.outbox.backlog().waiting == 30
    assert scene.predictions.add_many([]) == []


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


def test_many_are_claimed_at_once_those_that_are_not_plainly_free_left_out(scene: Scene) -> None:
    queued, held, lapsed, completed, failed = [scene.add().prediction_id for _ in range(5)]
    claimed(scene, lapsed)
    scene.clock.advance(300)
    claimed(scene, held)
    scene.predictions.complete(claimed(scene, completed), result_path="r", summary={})
    scene.predictions.fail(claimed(scene, failed), code="c", reason="r", message_id="m")
    before = {each: scene.now_of(each) for each in (held, completed, failed)}
    until = scene.clock.now() + LEASE
    asked = [queued, held, lapsed, completed, failed, uuid4(), queued]
    claims = scene.predictions.claim_many(asked, lease_until=until)
    assert claims == {queued: Claim(queued, 1), lapsed: Claim(lapsed, 2)}
    assert [claims[each].failures for each in (queued, lapsed)] == [0, 1]
    assert {each: scene.now_of(each) for each in before} == before
    assert scene.predictions.claim_many(asked, lease_until=until) == {}
    assert scene.predictions.claim_many([], lease_until=until) == {}
    assert all(scene.predictions.complete(each, result_path="r", summary={}) for each in claims.values())


def test_of_many_that_claim_the_same_batch_in_any_order_each_prediction_has_one_winner(scene: Scene) -> None:
    wanted = [each.prediction_id for each in scene.predictions.add_many(new_ones(30))]
    together = threading.Barrier(6)
    won: list[UUID] = []

    def claim(number: int) -> None:
        mine = wanted[number:] + wanted[:number] if number % 2 else wanted[::-1]
        together.wait()
        won.extend(scene.predictions.claim_many(mine, lease_until=scene.clock.now() + LEASE))

    for thread in [in_thread(partial(claim, number)) for number in range(6)]:
        thread.join(60)
    left_out = set(wanted) - set(won)
    assert len(won) == len(set(won))
    assert all(claimed(scene, each).attempt == 1 for each in left_out)


def test_many_are_committed_together_and_each_learns_whether_its_claim_was_good(scene: Scene) -> None:
    """A stale claim among good ones, in one group; see `Grouped`."""
    store = PredictionStore(scene.engine, scene.clock, Grouped(scene.engine))
    wanted = [each.prediction_id for each in store.add_many(new_ones(8))]
    stale = claimed(scene, wanted[3])
    scene.clock.advance(300)
    claims = store.claim_many(wanted, lease_until=scene.clock.now() + LEASE)
    together = threading.Barrier(9)
    good: list[Claim] = []

    def commit(claim: Claim) -> None:
        together.wait()
        if store.complete(claim, result_path=f"s3://abc/{claim.attempt}", summary={"attempt": claim.attempt}):
            good.append(claim)

    for thread in [in_thread(partial(commit, claim)) for claim in [stale, *claims.values()]]:
        thread.join(60)
    assert {each.prediction_id for each in good} == set(wanted)
    assert stale not in good
    found = store.get_many(wanted)
    assert all(each.state is State.COMPLETED for each in found.values())
    assert all(each.summary == {"attempt": each.attempt} for each in found.values())


def new_ones(count: int) -> list[NewPrediction]:
    return [NewPrediction(uuid4(), OWNER, uuid4(), f"s3://abc/{number}") for number in range(count)]


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
