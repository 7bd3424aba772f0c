"""The outbox: which messages are still to be sent, who is sending them, and when the others are due.

An entry is written in the transaction that records its prediction, so there is no prediction without one, and it is
deleted in the transaction that records its message. Whoever wants to send takes entries under a lease. Any number may
take at once: PostgreSQL lets each skip the rows that another is just taking, SQLite lets one after the other write. One
that dies holds its entries until its lease runs out. One that was only slow, and comes back after that, changes
nothing: it settles by its lease's id, which has been replaced.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Engine, bindparam, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.clock import Clock
from app.store.reading import prediction_of
from app.store.records import Prediction, State
from app.store.schema import CODE_LENGTH, OutboxRow, PredictionRow


@dataclass(frozen=True)
class OutboxEntry:
    """A message that is still to be sent.

    Args:
        prediction: What it is to say.
        attempts: How often sending it has failed.
    """

    prediction: Prediction
    attempts: int


@dataclass(frozen=True)
class OutboxLease:
    """The right to send some entries' messages.

    Args:
        lease_id: What it is settled by.
        entries: The entries, the longest due first.
    """

    lease_id: UUID
    entries: Sequence[OutboxEntry]


@dataclass(frozen=True)
class Postponed:
    """A message that could not be sent.

    Args:
        prediction_id: Whose it is.
        error_code: Why, as a stable code: AWS's own where AWS refused.
        due_at: When to try again.
    """

    prediction_id: UUID
    error_code: str
    due_at: datetime


@dataclass(frozen=True)
class Backlog:
    """What the outbox holds.

    Args:
        waiting: How many messages are still to be sent.
        oldest_at: Since when the oldest has been; None where nothing waits.
    """

    waiting: int
    oldest_at: datetime | None


class Outbox:
    """The messages that are still to be sent.

    Safe to use from several threads, and from several processes on one database.

    Args:
        engine: The database; see `open_database`.
        clock: The time.
        lease_seconds: For how long whoever takes an entry may be believed to be sending it. A message that is not
            settled within this time may be sent twice, never lost.
    """

    def __init__(self, engine: Engine, clock: Clock, *, lease_seconds: float = 120.0) -> None:
        self._engine = engine
        self._clock = clock
        self._lease_seconds = lease_seconds

    # ---- Taking

    def take_due(self, limit: int) -> OutboxLease:
        """Take entries that are due and that nobody is sending, the longest due first.

        Args:
            limit: The most to take.
        """
        return self._take([OutboxRow.due_at <= self._clock.now()], limit)

    def take(self, prediction_ids: Collection[UUID]) -> OutboxLease:
        """Take these predictions' entries, due or not, those left out that are sent already or just being sent."""
        return self._take([OutboxRow.prediction_id.in_(prediction_ids)], len(prediction_ids))

    def _take(self, conditions: Sequence[ColumnElement[bool]], limit: int) -> OutboxLease:
        now = self._clock.now()
        lease_id = uuid4()
        # A common table expression that locks rows is carried out once. A subquery in its place may be carried out
        # several times, and then locks more rows than its limit. SQLite leaves the locking clause out.
        chosen = (
            select(OutboxRow.prediction_id)
            .where(*conditions, or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until <= now))
            .order_by(OutboxRow.due_at, OutboxRow.prediction_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("chosen")
        )
        taking = (
            update(OutboxRow)
            .where(OutboxRow.prediction_id.in_(select(chosen.c.prediction_id)))
            .values(lease_id=lease_id, leased_until=now + timedelta(seconds=self._lease_seconds))
            .returning(OutboxRow.prediction_id, OutboxRow.due_at, OutboxRow.attempts)
            .execution_options(synchronize_session=False)
        )
        with Session(self._engine) as session:
            taken = sorted(session.execute(taking), key=lambda entry: (entry[1], entry[0]))
            predictions = _predictions(session, [prediction_id for prediction_id, _, _ in taken])
            session.commit()
        entries = [OutboxEntry(predictions[prediction_id], attempts) for prediction_id, _, attempts in taken]
        return OutboxLease(lease_id, entries)

    # ---- Settling

    def settle(
        self, lease: OutboxLease, *, sent: Mapping[UUID, str | None], postponed: Sequence[Postponed] = ()
    ) -> None:
        """Record what became of a lease's entries, in one transaction; those that are not named go back as they were.

        Of an entry that has meanwhile been taken under another lease, only the sending is recorded.

        Args:
            lease: The lease.
            sent: The predictions whose messages were sent, with the messages' ids; None for one that needs no message
                any more.
            postponed: Those whose messages could not be sent.
        """
        ours = OutboxRow.lease_id == lease.lease_id
        with Session(self._engine) as session:
            if sent:
                self._record_sent(session, sent)
                session.execute(delete(OutboxRow).where(OutboxRow.prediction_id.in_(sent), ours))
            if postponed:
                _postpone(session, ours, postponed)
            if len(sent) + len(postponed) < len(lease.entries):
                session.execute(update(OutboxRow).where(ours).values(lease_id=None, leased_until=None))
            session.commit()

    def _record_sent(self, session: Session, sent: Mapping[UUID, str | None]) -> None:
        recording = (
            update(PredictionRow.__table__)  # type: ignore[arg-type]  # declared as any FromClause; it is a Table
            .where(PredictionRow.prediction_id == bindparam("sent_id"), PredictionRow.published_at.is_(None))
            .values(published_at=self._clock.now(), message_id=bindparam("sent_as"))
        )
        session.connection().execute(
            recording, [{"sent_id": prediction_id, "sent_as": message_id} for prediction_id, message_id in sent.items()]
        )

    # ---- Looking after it

    def hurry(self) -> None:
        """Make every entry due now, whatever it waits for: somebody is there, and asks."""
        hurrying = update(OutboxRow).where(OutboxRow.due_at > self._clock.now()).values(due_at=OutboxRow.created_at)
        with Session(self._engine) as session:
            session.execute(hurrying.execution_options(synchronize_session=False))
            session.commit()

    def adopt(self) -> int:
        """Make entries for unpublished predictions that have none: a version without an outbox has recorded them.

        Returns:
            How many.
        """
        orphans = select(
            PredictionRow.prediction_id, PredictionRow.created_at, PredictionRow.created_at, literal(0)
        ).where(
            PredictionRow.published_at.is_(None),
            PredictionRow.state == State.QUEUED.value,
            ~exists().where(OutboxRow.prediction_id == PredictionRow.prediction_id),
        )
        columns = ("prediction_id", "created_at", "due_at", "attempts")
        adopting = insert(OutboxRow).from_select(columns, orphans, include_defaults=False)
        try:
            with Session(self._engine) as session:
                adopted = session.scalars(adopting.returning(OutboxRow.prediction_id)).all()
                session.commit()
        except IntegrityError:  # somebody else is adopting the same at this moment
            return 0
        return len(adopted)

    def backlog(self) -> Backlog:
        """How much waits, and since when."""
        with Session(self._engine) as session:
            waiting, oldest_at = session.execute(select(func.count(), func.min(OutboxRow.created_at))).one()
        return Backlog(waiting, oldest_at)

    def oldest(self) -> Prediction | None:
        """The prediction whose message has been due for longest; None where nothing waits."""
        first = (
            select(PredictionRow)
            .join(OutboxRow, OutboxRow.prediction_id == PredictionRow.prediction_id)
            .order_by(OutboxRow.due_at, OutboxRow.prediction_id)
            .limit(1)
        )
        with Session(self._engine) as session:
            row = session.scalars(first).one_or_none()
            return prediction_of(row) if row else None


def new_entry(prediction_id: UUID, now: datetime) -> OutboxRow:
    """The entry of a new prediction: due at once."""
    return OutboxRow(prediction_id=prediction_id, created_at=now, due_at=now)


def _predictions(session: Session, prediction_ids: Collection[UUID]) -> dict[UUID, Prediction]:
    if not prediction_ids:
        return {}
    rows = session.scalars(select(PredictionRow).where(PredictionRow.prediction_id.in_(prediction_ids)))
    return {row.prediction_id: prediction_of(row) for row in rows}


def _postpone(session: Session, ours: ColumnElement[bool], postponed: Sequence[Postponed]) -> None:
    postponing = (
        update(OutboxRow.__table__)  # type: ignore[arg-type]  # as above
        .where(OutboxRow.prediction_id == bindparam("late_id"), ours)
        .values(
            attempts=OutboxRow.attempts + 1,
            due_at=bindparam("later"),
            last_error_code=bindparam("code"),
            lease_id=None,
            leased_until=None,
        )
    )
    session.connection().execute(
        postponing,
        [
            {"late_id": each.prediction_id, "later": each.due_at, "code": each.error_code[:CODE_LENGTH]}
            for each in postponed
        ],
    )
