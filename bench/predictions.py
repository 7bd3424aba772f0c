"""The predictions that benchmarks publish and consume."""

from datetime import UTC, datetime
from uuid import uuid4

from app.message import PredictionSQSMessage
from app.store import NewPrediction

_USER = "user_2abcdef1234567890"


def new_prediction() -> NewPrediction:
    """One that nobody has asked for before."""
    upload_id = uuid4()
    return NewPrediction(uuid4(), _USER, upload_id, f"s3://retainwise-uploads/{_USER}/{upload_id}.csv")


def message_of(asked: NewPrediction) -> PredictionSQSMessage:
    """The message that asks for it."""
    return PredictionSQSMessage(
        prediction_id=asked.prediction_id,
        user_id=asked.user_id,
        upload_id=asked.upload_id,
        s3_file_path=asked.s3_file_path,
        timestamp=datetime.now(UTC),
    )
