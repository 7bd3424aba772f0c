"""Asking for a new message in place of one that SQS will not hand out again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.store.outbox import new_entry
from app.store.schema import OutboxRow, PredictionRow


def ask_for_message(session: Session, prediction_id: UUID, due_at: datetime) -> None:
    """Make a prediction unpublished, with an entry in the outbox, in the transaction of whoever changes it.

    A worker may send nothing: its role does not allow it. The relay, on the publisher's side, sends the new message.

    Args:
        session: The transaction. It has changed the prediction already, and so holds it.
        prediction_id: The prediction, which is QUEUED by then.
        due_at: When the new message is to be sent.
    """
    unpublished = {"published_at": None, "message_id": None, "is_last_delivery": False}
    session.execute(
        update(PredictionRow)
        .where(PredictionRow.prediction_id == prediction_id)
        .values(unpublished)
        .execution_options(synchronize_session=False)
    )
    if session.get(OutboxRow, prediction_id) is None:
        session.add(new_entry(prediction_id, due_at))
