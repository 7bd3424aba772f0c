"""The outbox: which messages are still to be sent, who is sending them, and when the others are due.

An entry is written in the transaction that records its prediction, so there is no prediction without one, and it is
deleted in the transaction that records its message. Whoever wants to send takes entries under a lease. Any number may
take at once: PostgreSQL lets each skip the rows that another is just taking, SQLite lets one after the other write. One
that dies holds its entries until its lease runs out. One that was only slow, and comes back after that, changes
nothing: it settles by its lease's id, which has been replaced.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, Update
from sqlalchemy.exc import IntegrityError

from app.clock import Clock
from app.store import outbox_statements as statements
from app.store.outbox_records import Backlog, OutboxEntry, OutboxLease, Postponed
from app.store.reading import prediction_of, trace_of
from app.store.records import Prediction
from app.store.schema import CODE_LENGTH


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
        return self._take(statements.TAKE_DUE, limit=limit)

    def take(self, prediction_ids: Collection[UUID]) -> OutboxLease:
        """Take these predictions' entries, due or not, those left out that are sent already or just being sent."""
        return self._take(statements.TAKE, limit=len(prediction_ids), wanted=list(prediction_ids))

    def _take(self, taking: Update, **which: object) -> OutboxLease:
        now = self._clock.now()
        until = now + timedelta(seconds=self._lease_seconds)
        lease_id = uuid4()
        with self._engine.begin() as connection:
            rows = connection.execute(taking, {"now": now, "until": until, "lease": lease_id, **which}).all()
            if not rows:
                return OutboxLease(lease_id, ())
            taken = sorted(rows, key=lambda row: (row.due_at, row.prediction_id))
            records = connection.execute(statements.PREDICTIONS, {"wanted": [row.prediction_id for row in taken]})
            asked = {row.prediction_id: (prediction_of(row), trace_of(row)) for row in records}
        entries = []
        for row in taken:
            prediction, trace = asked[row.prediction_id]
            entries.append(OutboxEntry(prediction, row.attempts, trace))
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
        if not lease.entries:
            return
        with self._engine.begin() as connection:
            if sent:
                self._record_sent(connection, lease, sent)
            if postponed:
                _postpone(connection, lease, postponed)
            if len(sent) + len(postponed) < len(lease.entries):
                named = sent.keys() | {each.prediction_id for each in postponed}
                held = [entry.prediction.prediction_id for entry in lease.entries]
                left = [prediction_id for prediction_id in held if prediction_id not in named]
                connection.execute(statements.GIVE_BACK, {"left": left, "lease": lease.lease_id})

    def _record_sent(self, connection: Connection, lease: OutboxLease, sent: Mapping[UUID, str | None]) -> None:
        now = self._clock.now()
        connection.execute(
            statements.RECORD_SENT,
            [{"sent": prediction_id, "sent_as": message_id, "now": now} for prediction_id, message_id in sent.items()],
        )
        connection.execute(statements.REMOVE, {"sent": list(sent), "lease": lease.lease_id})

    # ---- Looking after it

    def hurry(self) -> None:
        """Make every entry due now, whatever it waits for: somebody is there, and asks."""
        with self._engine.begin() as connection:
            connection.execute(statements.HURRY, {"now": self._clock.now()})

    def adopt(self) -> int:
        """Make entries for unpublished predictions that have none: a version without an outbox has recorded them.

        Returns:
            How many.
        """
        try:
            with self._engine.begin() as connection:
                return len(connection.execute(statements.ADOPT).all())
        except IntegrityError:  # somebody else is adopting the same at this moment
            return 0

    def backlog(self) -> Backlog:
        """How much waits, and since when."""
        with self._engine.connect() as connection:
            waiting, oldest_at = connection.execute(statements.BACKLOG).one()
        return Backlog(waiting, oldest_at)

    def oldest(self) -> Prediction | None:
        """The prediction whose message has been due for longest; None where nothing waits."""
        with self._engine.connect() as connection:
            row = connection.execute(statements.OLDEST).one_or_none()
        return prediction_of(row) if row else None


def _postpone(connection: Connection, lease: OutboxLease, postponed: Sequence[Postponed]) -> None:
    connection.execute(
        statements.POSTPONE,
        [
            {
                "late": each.prediction_id,
                "lease": lease.lease_id,
                "later": each.due_at,
                "code": each.error_code[:CODE_LENGTH],
            }
            for each in postponed
        ],
    )
