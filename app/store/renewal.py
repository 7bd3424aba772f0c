"""Asking for a new message in place of one that SQS will not hand out again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, insert, update

from app.store.schema import OutboxRow, PredictionRow


def ask_for_message(connection: Connection, prediction_id: UUID, due_at: datetime) -> None:
    """Make a prediction unpublished, with an entry in the outbox, in the transaction of whoever changes it.

    A worker may send nothing: its role does not allow it. The relay, on the publisher's side, sends the new message.

    Where the outbox holds an entry yet, it is taken from whoever has it: the message that they send, or need not send
    by what they have read, is the old one, and settling it must not remove what asks for the new one.

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
    taken_back = (
        update(OutboxRow)
        .where(OutboxRow.prediction_id == prediction_id)
        .values(due_at=due_at, lease_id=None, leased_until=None)
        .returning(OutboxRow.prediction_id)
    )
    if connection.execute(taken_back).first() is not None:
        return
    connection.execute(
        insert(OutboxRow).values(prediction_id=prediction_id, created_at=due_at, due_at=due_at, attempts=0)
    )
