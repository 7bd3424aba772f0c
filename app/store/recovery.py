"""Predictions that no message will come for any more, and what becomes of them.

SQS counts receives, whatever they end in: deploys, scale-in and crashes use them up as failures do, and then the
message is dead-lettered though nothing is wrong with its prediction. So the store counts failures by itself, knows
which delivery was the last, and asks the outbox for a new message where the old one is spent.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, and_, or_, select, update
from sqlalchemy.orm import Session

from app.clock import Clock
from app.reasons import Reason
from app.store.locks import wait_briefly_for_locks
from app.store.records import State
from app.store.renewal import ask_for_message
from app.store.schema import PredictionRow

_PAGE = 100


@dataclass(frozen=True)
class Swept:
    """What a sweep found.

    Args:
        renewed: Predictions that are QUEUED again, with a new message asked for.
        given_up: Predictions that are FAILED now: their attempts ended without a word too often.
    """

    renewed: tuple[UUID, ...] = ()
    given_up: tuple[UUID, ...] = ()


class RecoveryStore:
    """Takes care of predictions whose messages are spent. Any number of processes may do so at once.

    Args:
        engine: The database; see `open_database`.
        clock: The time.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def renew_unstarted(self, prediction_id: UUID) -> None:
        """Ask for a new message for a prediction that nobody works on, at the last delivery of its old one.

        If somebody else is at work on it, a new message is asked for only once they give it back or lapse. One that has
        failed is QUEUED again and begins anew, as if somebody had begun: its message may be a redriven one.
        """
        queued = (PredictionRow.prediction_id == prediction_id, PredictionRow.state == State.QUEUED.value)
        failed = (PredictionRow.prediction_id == prediction_id, PredictionRow.state == State.FAILED.value)
        held = (PredictionRow.prediction_id == prediction_id, PredictionRow.state == State.PROCESSING.value)
        with Session(self._engine) as session:
            wait_briefly_for_locks(session.connection())
            # Whoever is just giving it back is waited for: else it would be neither QUEUED yet nor PROCESSING any more.
            session.scalar(select(PredictionRow.state).where(queued[0]).with_for_update())
            if self._update(session, queued, {"lease_until": None}) or self._update(session, failed, _REOPENED):
                ask_for_message(session.connection(), prediction_id, self._clock.now())
            else:
                self._update(session, held, {"is_last_delivery": True})
            session.commit()

    def sweep(self, *, grace: timedelta, retention: timedelta, most_failures: int | None) -> Swept:
        """Find predictions that no message will come for any more, and hand them to the outbox.

        They are those whose worker has lapsed under the last delivery of their message, and those whose message is so
        old that the queue has dropped it.

        Args:
            grace: For how long a claim must have lapsed: clocks differ, and an SQS delivery ends about then, too.
            retention: For how long the queue keeps a message.
            most_failures: From how many failures on to give up; None for never.
        """
        now = self._clock.now()
        lapsed = and_(PredictionRow.state == State.PROCESSING.value, PredictionRow.lease_until <= now - grace)
        dropped = PredictionRow.published_at <= now - retention
        spent = or_(
            and_(lapsed, or_(PredictionRow.is_last_delivery, dropped)),
            and_(PredictionRow.state == State.QUEUED.value, dropped),
        )
        found = select(PredictionRow.prediction_id, PredictionRow.state, PredictionRow.attempt, PredictionRow.failures)
        renewed: list[UUID] = []
        given_up: list[UUID] = []
        with Session(self._engine) as session:
            # What somebody has locked is left out: it would be the first that is waited for at each sweep.
            free = found.where(spent).limit(_PAGE).with_for_update(skip_locked=True)
            rows = session.execute(free).all()
            session.commit()  # read before it is written: SQLite gives a reader no way to become a writer in turn
            for prediction_id, state, attempt, failures in rows:
                unchanged = (PredictionRow.prediction_id == prediction_id, PredictionRow.attempt == attempt, spent)
                wait_briefly_for_locks(session.connection())
                failures_now = failures + (state == State.PROCESSING.value)
                if most_failures is not None and failures_now >= most_failures:
                    if self._update(session, unchanged, _given_up(failures_now, now)):
                        given_up.append(prediction_id)
                elif self._update(session, unchanged, _queued(failures_now)):
                    ask_for_message(session.connection(), prediction_id, now)
                    renewed.append(prediction_id)
                session.commit()
        return Swept(tuple(renewed), tuple(given_up))

    @staticmethod
    def _update(session: Session, conditions: tuple[ColumnElement[bool], ...], values: dict[str, object]) -> bool:
        changed = update(PredictionRow).where(*conditions).values(values).returning(PredictionRow.prediction_id)
        return session.execute(changed.execution_options(synchronize_session=False)).first() is not None


_REOPENED: dict[str, object] = {"state": State.QUEUED.value, "failures": 0, "finished_at": None}


def _queued(failures: int) -> dict[str, object]:
    return {"state": State.QUEUED.value, "lease_until": None, "failures": failures}


def _given_up(failures: int, now: datetime) -> dict[str, object]:
    return {
        "state": State.FAILED.value,
        "lease_until": None,
        "failures": failures,
        "finished_at": now,
        "failure_code": Reason.GAVE_UP.value,
        "failure_reason": gave_up_without_a_word(failures),
        "failed_message_id": None,
    }


def gave_up_without_a_word(failures: int) -> str:
    """Why a prediction is given up whose workers keep dying, in words."""
    return f"gave up after {failures} attempts that failed or ended without a word: its workers may have died of it"
