"""The predictions: every move is one conditional UPDATE, so that of two that try, one wins and the other is told."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, and_, bindparam, case, insert, or_, select, update
from sqlalchemy.orm import Session

from app.bounded import bounded
from app.clock import Clock
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
            connection.execute(_ADD, [{**vars(each), "created_at": now, **begun_in} for each in new])
            connection.execute(ADD_ENTRY, entries)
        return [_recorded(each, now) for each in new]

    def get(self, prediction_id: UUID) -> Prediction | None:
        """The prediction with this id, or None."""
        row = self._transactions.run(lambda connection: connection.execute(_GET, {"wanted": prediction_id}).first())
        return prediction_of(row) if row else None

    def get_many(self, prediction_ids: Collection[UUID]) -> dict[UUID, Prediction]:
        """The predictions with these ids, by id; those that do not exist are left out."""
        with self._engine.connect() as connection:
            found = connection.execute(_GET_MANY, {"wanted": list(prediction_ids)})
            return {row.prediction_id: prediction_of(row) for row in found}

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
        attempt = self._transactions.run(lambda connection: connection.execute(_CLAIM, asked).first())
        return Claim(prediction_id, *attempt) if attempt is not None else self._refusal(prediction_id)

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
        return self._transactions.run(lambda connection: connection.execute(_COMPLETE, done).first()) is not None

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

        def give_back(connection: Connection) -> bool | None:
            is_last_delivery = connection.scalar(released)
            if is_last_delivery:
                ask_for_message(connection, claim.prediction_id, again_at or self._clock.now())
            return is_last_delivery

        return self._transactions.run(give_back) is not None

    def _move(self, conditions: list[ColumnElement[bool]], values: Mapping[str, object]) -> bool:
        moved = update(PredictionRow).where(*conditions).values(dict(values)).returning(PredictionRow.prediction_id)
        return self._transactions.run(lambda connection: connection.scalar(moved)) is not None


def _recorded(new: NewPrediction, now: datetime) -> Prediction:
    """A new prediction as the store has it from now on."""
    return Prediction(
        prediction_id=new.prediction_id,
        user_id=new.user_id,
        upload_id=new.upload_id,
        s3_file_path=new.s3_file_path,
        priority=new.priority,
        state=State.QUEUED,
        created_at=now,
        published_at=None,
        message_id=None,
        attempt=0,
        finished_at=None,
        result_path=None,
        summary=None,
        failure_code=None,
        failure_reason=None,
    )


# Those that each request and each delivery needs are put together once.

_ADD = insert(PredictionRow)
_GET_MANY = select(PredictionRow).where(PredictionRow.prediction_id.in_(bindparam("wanted", expanding=True)))
_GET = select(PredictionRow).where(PredictionRow.prediction_id == bindparam("wanted"))

_CLAIM = (
    update(PredictionRow)
    .where(
        PredictionRow.prediction_id == bindparam("wanted"),
        or_(
            PredictionRow.state == State.QUEUED.value,
            and_(PredictionRow.state == State.PROCESSING.value, PredictionRow.lease_until <= bindparam("now")),
            and_(
                PredictionRow.state == State.FAILED.value,
                PredictionRow.failed_message_id.is_distinct_from(bindparam("under")),
            ),
        ),
    )
    .values(
        state=State.PROCESSING.value,
        attempt=PredictionRow.attempt + 1,
        failures=case(
            (PredictionRow.state == State.FAILED.value, 0),
            (PredictionRow.state == State.PROCESSING.value, PredictionRow.failures + 1),
            else_=PredictionRow.failures,
        ),
        is_last_delivery=bindparam("is_last"),
        lease_until=bindparam("until"),
        finished_at=None,
    )
    .returning(PredictionRow.attempt, PredictionRow.failures)
)

_COMPLETE = (
    update(PredictionRow)
    .where(
        PredictionRow.prediction_id == bindparam("wanted"),
        PredictionRow.state == State.PROCESSING.value,
        PredictionRow.attempt == bindparam("held"),
    )
    .values(
        state=State.COMPLETED.value,
        finished_at=bindparam("now"),
        lease_until=None,
        result_path=bindparam("path"),
        summary=bindparam("told"),
        failure_code=None,
        failure_reason=None,
        failed_message_id=None,
    )
    .returning(PredictionRow.prediction_id)
)


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
