"""Which prediction a delivery asks for, and whether it may: nothing is believed that the store does not say too."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from structlog.contextvars import bind_contextvars

from app.clock import Clock
from app.message import MessageRefusedError, PredictionSQSMessage
from app.ownership import difference_from_record
from app.reasons import Reason
from app.store import Prediction, PredictionStore


class NotAdmittedError(Exception):
    """The message is refused; the prediction that it names, if any, is left as it is.

    Args:
        reason: The stable code.
        detail: What is wrong, in words that name nobody else's data.
        prediction_id: The prediction that it names, where that could be read.
    """

    def __init__(self, reason: Reason, detail: str, prediction_id: UUID | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.prediction_id = prediction_id


@dataclass(frozen=True)
class Admission:
    """Compares messages with the record.

    Args:
        predictions: The predictions.
        clock: The time.
        max_age: How old a message may be: the retention of the queue plus that of its dead-letter queue.
    """

    predictions: PredictionStore
    clock: Clock
    max_age: timedelta

    def admit(self, body: str) -> Prediction:
        """The prediction that a message's body asks for. From here on, log lines carry its id.

        Raises:
            NotAdmittedError: The message is not acceptable, or does not say what the store says.
            sqlalchemy.exc.SQLAlchemyError: The store does not answer.
        """
        prediction_id: UUID | None = None
        try:
            message = PredictionSQSMessage.from_wire(body)
            prediction_id = message.prediction_id
            bind_contextvars(prediction_id=str(prediction_id))
            message.check_consumable(self.clock.now(), self.max_age)
        except MessageRefusedError as error:
            raise NotAdmittedError(error.reason, error.detail, prediction_id) from None
        prediction = self.predictions.get(prediction_id)
        if prediction is None:
            raise NotAdmittedError(Reason.UNKNOWN_PREDICTION, "there is no such prediction", prediction_id)
        difference = difference_from_record(message, prediction)
        if difference:
            raise NotAdmittedError(*difference, prediction_id)
        return prediction
