"""Asking for a new message in place of one that SQS will not hand out again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, exists, insert, literal, select, update

from app.store.schema import OutboxRow, PredictionRow, UtcDateTime


def ask_for_message(connection: Connection, prediction_id: UUID, due_at: datetime) -> None:
    """Make a prediction unpublished, with an entry in the outbox, in the transaction of whoever changes it.

    A worker may send nothing: its role does not allow it. The relay, on the publisher's side, sends the new message.

    Args:
        connection: The transaction. It has changed the prediction already, and so holds it.
        prediction_id: The prediction, which is QUEUED by then.
        due_at: When the new message is to be sent.
    """
    connection.execute(
        update(PredictionRow)
        .where(PredictionRow.prediction_id == prediction_id)
        .values(published_at=None, message_id=None, is_last_delivery=False)
    )
    entry = select(
        PredictionRow.prediction_id, literal(due_at, UtcDateTime), literal(due_at, UtcDateTime), literal(0)
    ).where(
        PredictionRow.prediction_id == prediction_id,
        ~exists().where(OutboxRow.prediction_id == PredictionRow.prediction_id),
    )
    columns = ("prediction_id", "created_at", "due_at", "attempts")
    connection.execute(insert(OutboxRow).from_select(columns, entry, include_defaults=False))
