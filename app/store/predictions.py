"""The predictions: every move is one conditional UPDATE, so that of two that try, one wins and the other is told."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, Row, Update, select, update
from sqlalchemy.orm import Session

from app.bounded import bounded
from app.clock import Clock
from app.store import prediction_statements as statements
from app.store.outbox_statements import ADD_ENTRY
from app.store.reading import prediction_of
from app.store.records import Claim, ClaimRefusal, NewPrediction, Prediction, State
from app.store.renewal import ask_for_message
from app.store.schema import CODE_LENGTH, REASON_LENGTH, PredictionRow
from app.store.transactions import OneByOne, Transactions
from app.telemetry.trace_context import TraceContext


class PredictionStore:
    """The predictions of all users.

    Safe to use from several threads, and from several processes on one database.

    Args:
        engine: The database; see `open_database`.
        clock: The time.
        transactions: How moves become transactions; by default each is one of its own.
        current_trace: What says in which trace a prediction is asked for, so that its message carries the trace on.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        transactions: Transactions | None = None,
        current_trace: Callable[[], TraceContext | None] = lambda: None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._transactions = transactions or OneByOne(engine)
        self._current_trace = current_trace

    def add(
        self, *, prediction_id: UUID, user_id: str, upload_id: UUID, s3_file_path: str, priority: str = "normal"
    ) -> Prediction:
        """Record a new prediction as QUEUED, and in the same transaction that its message is to be sent.

        Raises:
            sqlalchemy.exc.IntegrityError: There is one with this id already.
        """
        new = NewPrediction(prediction_id, user_id, upload_id, s3_file_path, priority)
        return self.add_many([new])[0]

    def add_many(self, new: Sequence[NewPrediction]) -> list[Prediction]:
        """Record new predictions as `add` does, all in one transaction: either all are recorded or none.

        Returns:
            The records, in the order given.

        Raises:
            sqlalchemy.exc.IntegrityError: One of the ids is taken already.
        """
        if not new:
            return []
        now = self._clock.now()
        trace = self._current_trace()
        begun_in = {} if trace is None else {"traceparent": trace.traceparent, "tracestate": trace.tracestate}
        entries = [{"prediction_id": each.prediction_id, "created_at": now, "due_at": now} for each in new]
        with self._engine.begin() as connection:
            connection.execute(statements.ADD, [{**vars(each), "created_at": now, **begun_in} for each in new])
            connection.execute(ADD_ENTRY, entries)
        return [each.as_recorded(now) for each in new]

    def get(self, prediction_id: UUID) -> Prediction | None:
        """The prediction with this id, or None."""
        return self.get_many([prediction_id]).get(prediction_id)

    def get_many(self, prediction_ids: Collection[UUID]) -> dict[UUID, Prediction]:
        """The predictions with these ids, by id; those that do not exist are left out."""
        with self._engine.connect() as connection:
            rows = connection.execute(statements.GET, {"wanted": list(prediction_ids)})
            return {row.prediction_id: prediction_of(row) for row in rows}

    def find(self, *, limit: int = 100, user_id: str | None = None, state: State | None = None) -> list[Prediction]:
        """The predictions, oldest first.

        Args:
            limit: The most to return.
            user_id: Only this user's.
            state: Only those in this state.
        """
        query = select(PredictionRow).order_by(PredictionRow.created_at, PredictionRow.prediction_id).limit(limit)
        if user_id is not None:
            query = query.where(PredictionRow.user_id == user_id)
        if state is not None:
            query = query.where(PredictionRow.state == state.value)
        with Session(self._engine) as session:
            return [prediction_of(row) for row in session.scalars(query)]

    # ---- Working

    def claim(
        self, prediction_id: UUID, *, message_id: str, lease_until: datetime, is_last_delivery: bool = False
    ) -> Claim | ClaimRefusal:
        """Take a prediction to work on it: QUEUED → PROCESSING, with the next attempt's number.

        One that somebody was working on is taken over once their lease has run out, and counts as failed once more: an
        attempt that ended without a word may have brought its process down. One that failed is taken up again only
        under another message, and begins anew.

        Args:
            prediction_id: Which.
            message_id: The message that asks for it.
            lease_until: Until when the claimant may be believed to be alive, unless it says otherwise.
            is_last_delivery: Whether the message goes to the dead-letter queue should it be received once more.

        Returns:
            The claim, or why there is none.
        """
        asked = {
            "wanted": prediction_id,
            "under": message_id,
            "now": self._clock.now(),
            "until": lease_until,
            "is_last": is_last_delivery,
        }
        attempt = self._transactions.run(_claim_each, asked)
        return Claim(prediction_id, *attempt) if attempt is not None else self._refusal(prediction_id)

    def claim_many(self, prediction_ids: Collection[UUID], *, lease_until: datetime) -> dict[UUID, Claim]:
        """Take, of these predictions, those that are plainly free: QUEUED, or with a lease that has run out.

        Only for deliveries that are not their messages' last. It may leave out any: ask for those by `claim`, which
        says why, too.

        Args:
            prediction_ids: Which.
            lease_until: Until when the claimant may be believed to be alive, unless it says otherwise.

        Returns:
            The claims, by prediction.
        """
        asked = {"wanted": list(prediction_ids), "now": self._clock.now(), "until": lease_until, "is_last": False}
        claimed = self._transactions.run(_claim_many_each, asked)
        return {prediction_id: Claim(prediction_id, attempt, failures) for prediction_id, attempt, failures in claimed}

    def _refusal(self, prediction_id: UUID) -> ClaimRefusal:
        prediction = self.get(prediction_id)
        if prediction is None:
            return ClaimRefusal.UNKNOWN
        finished = {State.COMPLETED: ClaimRefusal.COMPLETED, State.FAILED: ClaimRefusal.FAILED}
        return finished.get(prediction.state, ClaimRefusal.HELD)

    def extend(self, claim: Claim, lease_until: datetime) -> bool:
        """Say that the claimant is alive.

        Returns:
            Whether it still holds the prediction.
        """
        return self._move(_held(claim), {"lease_until": lease_until})

    def complete(self, claim: Claim, *, result_path: str, summary: Mapping[str, object]) -> bool:
        """PROCESSING → COMPLETED.

        Returns:
            Whether the claim was still good; if not, nothing has changed.
        """
        done = {
            "wanted": claim.prediction_id,
            "held": claim.attempt,
            "now": self._clock.now(),
            "path": result_path,
            "told": dict(summary),
        }
        return self._transactions.run(_complete_each, done)

    def fail(self, claim: Claim, *, code: str, reason: str, message_id: str) -> bool:
        """PROCESSING → FAILED.

        Args:
            claim: The claim.
            code: Why, as a stable code.
            reason: Why, in words; cut at 500 characters.
            message_id: The message that it failed under. Only another one may have it tried again.

        Returns:
            Whether the claim was still good; if not, nothing has changed.
        """
        return self._move(
            _held(claim),
            {
                "state": State.FAILED.value,
                "finished_at": self._clock.now(),
                "failed_message_id": message_id,
                **_failure(code, reason),
            },
        )

    def release(
        self, claim: Claim, *, code: str, reason: str, is_failure: bool = False, again_at: datetime | None = None
    ) -> bool:
        """PROCESSING → QUEUED, after a failure that may pass or at a shutdown.

        Where SQS will not hand out its message again, the outbox is asked for a new one in the same transaction.

        Args:
            claim: The claim.
            code: Why, as a stable code.
            reason: Why, in words; cut at 500 characters.
            is_failure: Whether the attempt counts as failed; what a shutdown cuts short does not.
            again_at: When a new message is due, should one be needed; by default at once.

        Returns:
            Whether the claim was still good; if not, nothing has changed.
        """
        values = {
            "state": State.QUEUED.value,
            "failures": PredictionRow.failures + int(is_failure),
            **_failure(code, reason),
        }
        released = update(PredictionRow).where(*_held(claim)).values(values).returning(PredictionRow.is_last_delivery)

        again = (released, claim.prediction_id, again_at or self._clock.now())
        return self._transactions.run(_release_each, again)

    def _move(self, conditions: list[ColumnElement[bool]], values: Mapping[str, object]) -> bool:
        moved = update(PredictionRow).where(*conditions).values(dict(values)).returning(PredictionRow.prediction_id)
        return self._transactions.run(_move_each, moved)


# What is done within a transaction, for all that ask for it at once; see `transactions.Operation`.


class _NotAllHeldError(Exception):
    """Of several claims not all were good. Each is to be tried alone, to find out which."""


def _claim_each(connection: Connection, asked: Sequence[Mapping[str, object]]) -> list[Row[int, int] | None]:
    return [connection.execute(statements.CLAIM, each).first() for each in asked]


def _claim_many_each(
    connection: Connection, asked: Sequence[Mapping[str, object]]
) -> list[Sequence[Row[UUID, int, int]]]:
    return [connection.execute(statements.CLAIM_MANY, each).all() for each in asked]


def _complete_each(connection: Connection, done: Sequence[Mapping[str, object]]) -> list[bool]:
    completed = connection.execute(statements.COMPLETE, done).rowcount
    if len(done) > 1 and completed != len(done):
        raise _NotAllHeldError
    return [completed == len(done)] * len(done)


def _move_each(connection: Connection, moves: Sequence[Update]) -> list[bool]:
    return [connection.scalar(moved) is not None for moved in moves]


def _release_each(connection: Connection, releases: Sequence[tuple[Update, UUID, datetime]]) -> list[bool]:
    given_back: list[bool] = []
    for released, prediction_id, again_at in releases:
        is_last_delivery = connection.scalar(released)
        if is_last_delivery:
            ask_for_message(connection, prediction_id, again_at)
        given_back.append(is_last_delivery is not None)
    return given_back


def _held(claim: Claim) -> list[ColumnElement[bool]]:
    return [
        PredictionRow.prediction_id == claim.prediction_id,
        PredictionRow.state == State.PROCESSING.value,
        PredictionRow.attempt == claim.attempt,
    ]


def _failure(code: str, reason: str) -> dict[str, object]:
    return {
        "lease_until": None,
        "failure_code": code[:CODE_LENGTH],
        "failure_reason": bounded(reason, REASON_LENGTH),
    }
