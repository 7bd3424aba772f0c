"""The refused messages, in a table of their own."""

from collections.abc import Collection

from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.bounded import bounded
from app.clock import Clock
from app.store.records import Rejection
from app.store.schema import CODE_LENGTH, MESSAGE_ID_LENGTH, REASON_LENGTH, RejectionRow


class RejectionStore:
    """Records refused messages; a message that comes again is counted, not listed twice.

    Safe to use from several threads.

    Args:
        engine: The database.
        clock: The time.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def record(self, *, message_id: str, code: str, reason: str, prediction_id: str | None, receives: int) -> Rejection:
        """Record that a message was refused.

        Args:
            message_id: Its id in SQS.
            code: Why, as a stable code.
            reason: Why, in words; cut at 500 characters.
            prediction_id: The prediction that it names, where that could be read.
            receives: How often SQS has handed it out.

        Returns:
            The record, with the time of the first refusal.
        """
        now = self._clock.now()
        key = bounded(message_id, MESSAGE_ID_LENGTH)[:MESSAGE_ID_LENGTH]  # escapes make it longer
        values = {
            "code": code[:CODE_LENGTH],
            "reason": bounded(reason, REASON_LENGTH),
            "prediction_id": prediction_id,
            "receives": receives,
            "last_at": now,
        }
        again = update(RejectionRow).where(RejectionRow.message_id == key).values(values).returning(RejectionRow)
        with Session(self._engine, expire_on_commit=False) as session:
            row = session.scalars(again).one_or_none()
            if row is None:
                row = RejectionRow(message_id=key, first_at=now, **values)
                session.add(row)
            try:
                session.commit()
            except IntegrityError:  # somebody else recorded it in between
                session.rollback()
                row = session.scalars(again).one()
                session.commit()
            return _record(row)

    def get_many(self, message_ids: Collection[str]) -> dict[str, Rejection]:
        """The rejections of these messages, by message id; messages that were not refused are left out."""
        query = select(RejectionRow).where(RejectionRow.message_id.in_(message_ids))
        with Session(self._engine) as session:
            return {row.message_id: _record(row) for row in session.scalars(query)}

    def newest(self, limit: int = 100) -> list[Rejection]:
        """The rejections, the newest first.

        Args:
            limit: The most to return.
        """
        query = select(RejectionRow).order_by(RejectionRow.last_at.desc(), RejectionRow.message_id).limit(limit)
        with Session(self._engine) as session:
            return [_record(row) for row in session.scalars(query)]


def _record(row: RejectionRow) -> Rejection:
    return Rejection(
        message_id=row.message_id,
        code=row.code,
        reason=row.reason,
        prediction_id=row.prediction_id,
        receives=row.receives,
        first_at=row.first_at,
        last_at=row.last_at,
    )
