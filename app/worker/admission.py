"""Which prediction a delivery asks for, and whether it may: nothing is believed that the store does not say too."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

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
        """The prediction that a message's body asks for.

        Raises:
            NotAdmittedError: The message is not acceptable, or does not say what the store says.
            sqlalchemy.exc.SQLAlchemyError: The store does not answer.
        """
        message = self._read(body)
        return _checked(message, self.predictions.get(message.prediction_id))

    def admit_many(self, bodies: Sequence[str]) -> list[Prediction | None]:
        """The predictions that messages' bodies ask for; None for each that `admit` refuses.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The store does not answer.
        """
        messages: dict[int, PredictionSQSMessage] = {}
        for place, body in enumerate(bodies):
            with suppress(NotAdmittedError):
                messages[place] = self._read(body)
        known = self.predictions.get_many({message.prediction_id for message in messages.values()})
        admitted: dict[int, Prediction] = {}
        for place, message in messages.items():
            with suppress(NotAdmittedError):
                admitted[place] = _checked(message, known.get(message.prediction_id))
        return [admitted.get(place) for place in range(len(bodies))]

    def _read(self, body: str) -> PredictionSQSMessage:
        prediction_id: UUID | None = None
        try:
            message = PredictionSQSMessage.from_wire(body)
            prediction_id = message.prediction_id
            message.check_consumable(self.clock.now(), self.max_age)
        except MessageRefusedError as error:
            raise NotAdmittedError(error.reason, error.detail, prediction_id) from None
        return message


def _checked(message: PredictionSQSMessage, prediction: Prediction | None) -> Prediction:
    if prediction is None:
        raise NotAdmittedError(Reason.UNKNOWN_PREDICTION, "there is no such prediction", message.prediction_id)
    difference = difference_from_record(message, prediction)
    if difference:
        raise NotAdmittedError(*difference, message.prediction_id)
    return prediction
