"""What predictions are made with."""

from app.models.churn import ChurnPredictor
from app.models.predictor import Predictor, Scores, StoppedError, UnusableFileError

__all__ = ["ChurnPredictor", "Predictor", "Scores", "StoppedError", "UnusableFileError"]
