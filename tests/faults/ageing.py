"""Time, for what only waits for it: the store's own waits are shortened from outside, so that no run sits them out.

A publisher's lease on the outbox lasts two minutes, a renewal waits for one, and the sweeper leaves a lapsed claim
alone for one. Here they last some seconds. Nothing else is changed: a lease that runs out while its holder lives is one
more thing that may happen.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, update

from app.store.schema import OutboxRow, PredictionRow

_OUTBOX_LEASE = timedelta(seconds=120)
_GRACE = timedelta(seconds=61)


class Ageing:
    """Shortens the store's waits.

    Args:
        engine: The database.
        wait: How long they last instead.
    """

    def __init__(self, engine: Engine, wait: timedelta) -> None:
        self._engine = engine
        self._wait = wait

    def tick(self) -> None:
        """Let those be over that have lasted long enough."""
        now = datetime.now(UTC)
        with self._engine.begin() as connection:
            connection.execute(
                update(OutboxRow)
                .where(OutboxRow.leased_until < now + _OUTBOX_LEASE - self._wait)
                .values(leased_until=now - timedelta(seconds=1))
            )
            connection.execute(
                update(OutboxRow).where(OutboxRow.due_at > now + self._wait).values(due_at=now + self._wait)
            )
            connection.execute(
                update(PredictionRow)
                .where(PredictionRow.state == "PROCESSING", PredictionRow.lease_until < now - self._wait)
                .values(lease_until=now - _GRACE)
            )
