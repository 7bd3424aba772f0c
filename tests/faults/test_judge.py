"""The judge by itself: of what is as it must be it finds nothing, and of each thing that is not, that."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.store import Prediction, Rejection, State
from tests.faults.audit import Move
from tests.faults.judge import Finding, Seen, Wrong, judge
from tests.faults.population import Asked, Forged, Kind, Population, draw, prediction_named_in

BUCKET = "retainwise-uploads"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def population() -> Population:
    return draw(40, 3, BUCKET)


def record_of(asked: Asked) -> Prediction:
    new = asked.new
    bad = asked.failure_code is not None
    return Prediction(
        prediction_id=new.prediction_id,
        user_id=new.user_id,
        upload_id=new.upload_id,
        s3_file_path=new.s3_file_path,
        priority=new.priority,
        state=State.FAILED if bad else State.COMPLETED,
        created_at=NOW,
        published_at=NOW,
        message_id="m",
        attempt=1,
        finished_at=NOW,
        result_path=None if bad else f"s3://{BUCKET}/results/{new.user_id}/{new.prediction_id}-1.csv",
        summary=None,
        failure_code=asked.failure_code,
        failure_reason="why" if bad else None,
    )


def move_of(asked: Asked) -> Move:
    record = record_of(asked)
    return Move(record.user_id, "PROCESSING", record.state.value, 1, record.result_path, record.failure_code)


def rejection_of(forged: Forged) -> Rejection:
    named = prediction_named_in(forged.body)
    return Rejection("m", forged.forgery.value, "why", None if named is None else str(named), 1, NOW, NOW)


def seen_well(population: Population) -> Seen:
    results = {str(record_of(each).result_path): each.result for each in population.asked}
    return Seen(
        predictions={each.new.prediction_id: record_of(each) for each in population.asked},
        moves={each.new.prediction_id: [move_of(each)] for each in population.asked},
        rejections=[rejection_of(each) for each in population.forged],
        dead_letters=[each.body for each in population.asked if each.failure_code]
        + [f.body for f in population.forged],
        left_in_queue=0,
        result=results.get,
    )


def one(population: Population, kind: Kind) -> Asked:
    return next(each for each in population.asked if each.kind is kind)


def changed(seen: Seen, prediction_id: UUID, **changes: object) -> Seen:
    record = replace(seen.predictions[prediction_id], **changes)  # type: ignore[arg-type]  # the tests' own names
    return replace(seen, predictions={**seen.predictions, prediction_id: record})


def test_nothing_is_found_where_all_is_as_it_must_be(population: Population) -> None:
    judgement = judge(population, seen_well(population))
    assert judgement.findings == []
    assert sum(judgement.ends.values()) == len(population.asked) + len(population.forged)
    assert judgement.ends["healthy", "COMPLETED once"] == sum(each.kind is Kind.HEALTHY for each in population.asked)


Spoil = Callable[[Seen, UUID], Seen]


def second_commit(seen: Seen, prediction_id: UUID) -> Seen:
    return replace(seen, moves={**seen.moves, prediction_id: [*seen.moves[prediction_id]] * 2})


def undone(seen: Seen, prediction_id: UUID) -> Seen:
    back = Move(seen.predictions[prediction_id].user_id, "COMPLETED", "PROCESSING", 2, None, None)
    return replace(seen, moves={**seen.moves, prediction_id: [*seen.moves[prediction_id], back]})


@pytest.mark.parametrize(
    ("kind", "spoil", "wrong"),
    [
        (Kind.HEALTHY, second_commit, Wrong.DOUBLE),
        (Kind.HEALTHY, undone, Wrong.UNDONE),
        (Kind.HEALTHY, lambda seen, of: changed(seen, of, state=State.QUEUED), Wrong.LOST),
        (Kind.HEALTHY, lambda seen, of: changed(seen, of, state=State.PROCESSING), Wrong.LOST),
        (Kind.HEALTHY, lambda seen, of: changed(seen, of, user_id="user_other"), Wrong.OWNER),
        (
            Kind.HEALTHY,
            lambda seen, of: changed(seen, of, result_path=f"s3://b/results/user_other/{of}-1.csv"),
            Wrong.OWNER,
        ),
        (Kind.HEALTHY, lambda seen, _of: replace(seen, result=lambda _path: b"other"), Wrong.RESULT),
        (Kind.HEALTHY, lambda seen, _of: replace(seen, predictions={}), Wrong.LOST),
        (
            Kind.HEALTHY,
            lambda seen, of: changed(seen, of, state=State.FAILED, failure_code="gave-up"),
            Wrong.DEAD_LETTERED,
        ),
        (Kind.POISON, lambda seen, of: changed(seen, of, state=State.COMPLETED), Wrong.SPARED),
        (Kind.POISON, lambda seen, of: changed(seen, of, state=State.QUEUED), Wrong.LOST),
        (Kind.GONE, lambda seen, of: changed(seen, of, failure_code="gave-up"), Wrong.REASON),
        (Kind.GONE, lambda seen, of: changed(seen, of, failure_reason=None), Wrong.REASON),
        (Kind.GONE, lambda seen, _of: replace(seen, dead_letters=[]), Wrong.NOT_IN_DLQ),
    ],
)
def test_each_wrong_end_is_found(population: Population, kind: Kind, spoil: Spoil, wrong: Wrong) -> None:
    asked = one(population, kind)
    prediction_id = asked.new.prediction_id
    judgement = judge(population, spoil(seen_well(population), prediction_id))
    assert (wrong, str(prediction_id)) in {(each.wrong, each.subject) for each in judgement.findings}


def test_a_healthy_one_that_waits_while_its_message_is_dead_lettered_is_given_up(population: Population) -> None:
    asked = one(population, Kind.HEALTHY)
    seen = changed(seen_well(population), asked.new.prediction_id, state=State.PROCESSING)
    judgement = judge(population, replace(seen, dead_letters=[*seen.dead_letters, asked.body]))
    assert [each.wrong for each in judgement.findings] == [Wrong.DEAD_LETTERED]


def test_a_dead_letter_of_a_completed_one_is_counted_and_no_fault(population: Population) -> None:
    seen = seen_well(population)
    judgement = judge(population, replace(seen, dead_letters=[*seen.dead_letters, one(population, Kind.SLOW).body]))
    assert (judgement.findings, judgement.stray) == ([], 1)


def test_a_forged_message_must_be_refused_with_its_reason_and_dead_lettered(population: Population) -> None:
    seen = seen_well(population)
    forged = population.forged[0].body
    unrecorded = judge(population, replace(seen, rejections=[]))
    assert len(unrecorded.findings) == len(population.forged)
    kept = [body for body in seen.dead_letters if body != forged]
    assert judge(population, replace(seen, dead_letters=kept)).findings == [
        Finding(Wrong.FORGERY, forged, "it is not in the dead-letter queue")
    ]


def test_what_is_left_in_the_queue_is_found(population: Population) -> None:
    judgement = judge(population, replace(seen_well(population), left_in_queue=2))
    assert [each.wrong for each in judgement.findings] == [Wrong.LEFT_OVER]
