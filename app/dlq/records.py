"""Why a dead letter is one, as far as the store knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.dlq.letter import DeadLetter
from app.store import Prediction, PredictionStore, Rejection, RejectionStore, State


@dataclass(frozen=True)
class Explanation:
    """What the store says of a dead letter.

    Args:
        code: Why it was refused, or its prediction failed, as a stable code; None where nothing is recorded, which is
            how a worker that was killed each time leaves it.
        reason: The same in words.
        state: Where the prediction that it names stands; None where there is no such prediction.
    """

    code: str | None = None
    reason: str | None = None
    state: State | None = None


@dataclass(frozen=True)
class Records:
    """The store, asked about dead letters.

    Args:
        predictions: The predictions.
        rejections: The refused messages.
    """

    predictions: PredictionStore
    rejections: RejectionStore

    def explain(self, letters: Sequence[DeadLetter]) -> Mapping[str, Explanation]:
        """What is known of some letters, by their message ids; none is left out."""
        rejected = self.rejections.get_many({letter.message_id for letter in letters})
        named = self.predictions.get_many({letter.prediction_id for letter in letters if letter.prediction_id})
        return {
            letter.message_id: _explanation(
                rejected.get(letter.message_id), named.get(letter.prediction_id) if letter.prediction_id else None
            )
            for letter in letters
        }


def _explanation(rejection: Rejection | None, prediction: Prediction | None) -> Explanation:
    """A refusal is of this very message; a failure is of the prediction that it names, and may be another message's."""
    state = prediction.state if prediction else None
    if rejection:
        return Explanation(rejection.code, rejection.reason, state)
    if prediction and prediction.failure_code:
        return Explanation(prediction.failure_code, prediction.failure_reason, state)
    return Explanation(state=state)


class NoRecords:
    """Stands in for a store that cannot be reached: nothing is known."""

    def explain(self, letters: Sequence[DeadLetter]) -> Mapping[str, Explanation]:
        """Nothing, for each of the letters."""
        return {letter.message_id: Explanation() for letter in letters}
