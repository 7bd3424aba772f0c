"""What predictions are made with."""

import os

# One thread for linear algebra, unless the surroundings say otherwise: a worker is parallel by its slots. OpenBLAS's
# threads wait for each other by spinning; on busy cores that made a fit eight times slower (0.46 s, not 0.06 s). They
# are counted once, when NumPy is first imported, so it stands before those imports.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from app.models.churn import ChurnPredictor
from app.models.predictor import Predictor, Scores, StoppedError, UnusableFileError

__all__ = ["ChurnPredictor", "Predictor", "Scores", "StoppedError", "UnusableFileError"]
