"""What became of every prediction and message, by what was seen from outside, and what of it is wrong."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from app.store import Prediction, Rejection, State
from tests.faults.audit import Move
from tests.faults.population import Asked, Forged, Population, prediction_named_in


class Wrong(StrEnum):
    """What may be wrong."""

    LOST = "lost"
    """It ended nowhere: no state that is an end, nor anything that would bring it to one."""
    DOUBLE = "committed more than once"
    UNDONE = "moved away from its end"
    DEAD_LETTERED = "given up though healthy"
    SPARED = "completed though bad"
    REASON = "failed for another reason"
    NOT_IN_DLQ = "failed, but its message is in no dead-letter queue"
    OWNER = "of the wrong user"
    RESULT = "with another result"
    FORGERY = "a forged message did not end as it must"
    LEFT_OVER = "messages are left in the queue"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Args:
        wrong: What.
        subject: Of what: a prediction's id, or a message's body.
        detail: In words.
    """

    wrong: Wrong
    subject: str
    detail: str


@dataclass(frozen=True)
class Seen:
    """What was seen when all had come to rest.

    Args:
        predictions: The records.
        moves: What the database's triggers saw.
        rejections: The refused messages, newest first.
        dead_letters: The bodies in the dead-letter queue.
        left_in_queue: How many messages the queue still holds.
        result: Reads a result; None where there is none.
    """

    predictions: Mapping[UUID, Prediction]
    moves: Mapping[UUID, Sequence[Move]]
    rejections: Sequence[Rejection]
    dead_letters: Sequence[str]
    left_in_queue: int
    result: Callable[[str], bytes | None]


@dataclass(frozen=True)
class Judgement:
    """What became of all.

    Args:
        ends: How many of each kind ended how.
        findings: What is wrong.
        stray: How many dead letters there are of predictions that were completed all the same; a redrive of these does
            nothing.
    """

    ends: Mapping[tuple[str, str], int]
    findings: Sequence[Finding] = field(default_factory=list)
    stray: int = 0


def judge(population: Population, seen: Seen) -> Judgement:
    """Judge what was seen against what was asked for."""
    forged_bodies = {each.body for each in population.forged}
    dead = Counter(prediction_named_in(body) for body in seen.dead_letters if body not in forged_bodies)
    ends: Counter[tuple[str, str]] = Counter()
    findings: list[Finding] = []
    stray = 0
    for asked in population.asked:
        wrong = list(_of_prediction(asked, seen, dead))
        record = seen.predictions.get(asked.new.prediction_id)
        ends[asked.kind.value, wrong[0].wrong.value if wrong else _end(record)] += 1
        findings += wrong
        if asked.failure_code is None and not wrong:
            stray += dead[asked.new.prediction_id]
    bodies = set(seen.dead_letters)
    refused = Counter((each.prediction_id, each.code) for each in seen.rejections)
    for forged in population.forged:
        wrong = list(_of_forged(forged, bodies, refused))
        ends[f"forged: {forged.forgery.value}", wrong[0].wrong.value if wrong else "refused, in the DLQ"] += 1
        findings += wrong
    if seen.left_in_queue:
        findings.append(Finding(Wrong.LEFT_OVER, "the queue", f"{seen.left_in_queue} messages"))
    return Judgement(dict(ends), findings, stray)


def _end(record: Prediction | None) -> str:
    if record is None:
        return "never recorded"
    return "COMPLETED once" if record.state is State.COMPLETED else f"FAILED ({record.failure_code}), in the DLQ"


def _of_prediction(asked: Asked, seen: Seen, dead: Mapping[UUID | None, int]) -> Iterator[Finding]:
    prediction_id = asked.new.prediction_id

    def found(wrong: Wrong, detail: str) -> Finding:
        return Finding(wrong, str(prediction_id), detail)

    record = seen.predictions.get(prediction_id)
    if record is None:
        yield found(Wrong.LOST, "there is no record of it")
        return
    moves = seen.moves.get(prediction_id, ())
    commits = [move for move in moves if move.after == State.COMPLETED]
    if len(commits) > 1:
        yield found(Wrong.DOUBLE, f"attempts {[move.attempt for move in commits]}")
    if any(move.before == State.COMPLETED and move.after != State.COMPLETED for move in moves):
        yield found(Wrong.UNDONE, f"{[(move.before, move.after) for move in moves]}")
    if {record.user_id, *(move.user_id for move in moves)} != {asked.new.user_id}:
        yield found(Wrong.OWNER, f"asked for by {asked.new.user_id}, recorded for {record.user_id}")
    if asked.failure_code is None:
        yield from _of_healthy(asked, record, seen, dead, found)
    else:
        yield from _of_bad(asked, record, dead, found)


Found = Callable[[Wrong, str], Finding]


def _of_healthy(
    asked: Asked, record: Prediction, seen: Seen, dead: Mapping[UUID | None, int], found: Found
) -> Iterator[Finding]:
    if record.state is State.FAILED:
        yield found(Wrong.DEAD_LETTERED, f"{record.failure_code}: {record.failure_reason}")
        if not dead.get(record.prediction_id):
            yield found(Wrong.NOT_IN_DLQ, f"{record.failure_code}")
        return
    if record.state is not State.COMPLETED:
        where = "its message is dead-lettered" if dead.get(record.prediction_id) else "no message of it is anywhere"
        wrong = Wrong.DEAD_LETTERED if dead.get(record.prediction_id) else Wrong.LOST
        yield found(wrong, f"{record.state.value} after {record.attempt} attempts; {where}")
        return
    path = str(record.result_path)
    if not path.partition("/results/")[2].startswith(f"{asked.new.user_id}/{asked.new.prediction_id}-"):
        yield found(Wrong.OWNER, f"its result is at {path}")
    if seen.result(path) != asked.result:
        yield found(Wrong.RESULT, f"at {path}")


def _of_bad(asked: Asked, record: Prediction, dead: Mapping[UUID | None, int], found: Found) -> Iterator[Finding]:
    if record.state is State.COMPLETED:
        yield found(Wrong.SPARED, f"its result is at {record.result_path}")
    elif record.state is not State.FAILED:
        yield found(Wrong.LOST, f"{record.state.value} after {record.attempt} attempts")
    elif record.failure_code != asked.failure_code or not record.failure_reason:
        yield found(Wrong.REASON, f"{record.failure_code}: {record.failure_reason}")
    elif not dead.get(record.prediction_id):
        yield found(Wrong.NOT_IN_DLQ, f"{record.failure_code}")


def _of_forged(forged: Forged, dead: set[str], refused: Mapping[tuple[str | None, str], int]) -> Iterator[Finding]:
    named = prediction_named_in(forged.body)
    key = (None if named is None else str(named), forged.forgery.value)
    if not refused.get(key):
        yield Finding(Wrong.FORGERY, forged.body, f"it is not recorded as refused with {forged.forgery.value}")
    if forged.body not in dead:
        yield Finding(Wrong.FORGERY, forged.body, "it is not in the dead-letter queue")
