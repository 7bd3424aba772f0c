"""Predictions that are known without a database, so that only what uses them is measured."""

from collections.abc import Collection, Mapping
from uuid import UUID

from app.store import Prediction, PredictionStore


class KnownPredictions(PredictionStore):
    """Knows each prediction that a message may ask for, at no cost.

    Args:
        predictions: The predictions, by id.
    """

    def __init__(self, predictions: Mapping[UUID, Prediction]) -> None:
        self._known = predictions

    def get(self, prediction_id: UUID) -> Prediction | None:
        """The prediction with this id, or None."""
        return self._known.get(prediction_id)

    def get_many(self, prediction_ids: Collection[UUID]) -> dict[UUID, Prediction]:
        """The predictions with these ids, by id."""
        return {prediction_id: self._known[prediction_id] for prediction_id in prediction_ids}
