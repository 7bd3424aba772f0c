"""`predictions` and `rejections`: what the store knows."""

from app.commands.shapes import PredictionAnswer, PredictionsAnswer, RejectionAnswer, RejectionsAnswer
from app.settings import load_settings
from app.store import Prediction, Rejection, State
from app.wiring.store import open_stores


def list_predictions(*, user_id: str | None, state: State | None, limit: int) -> PredictionsAnswer:
    """The predictions, oldest first.

    Args:
        user_id: Only this user's.
        state: Only those in this state.
        limit: The most to list.
    """
    found = open_stores(load_settings()).predictions.find(user_id=user_id, state=state, limit=limit)
    return {"predictions": [_prediction(prediction) for prediction in found]}


def list_rejections(*, limit: int) -> RejectionsAnswer:
    """The refused messages, newest first.

    Args:
        limit: The most to list.
    """
    found = open_stores(load_settings()).rejections.newest(limit)
    return {"rejections": [_rejection(rejection) for rejection in found]}


def _prediction(prediction: Prediction) -> PredictionAnswer:
    return {
        "prediction_id": str(prediction.prediction_id),
        "user_id": prediction.user_id,
        "upload_id": str(prediction.upload_id),
        "s3_file_path": prediction.s3_file_path,
        "priority": prediction.priority,
        "state": prediction.state.value,
        "attempts": prediction.attempt,
        "created_at": prediction.created_at.isoformat(),
        "published_at": prediction.published_at.isoformat() if prediction.published_at else None,
        "message_id": prediction.message_id,
        "finished_at": prediction.finished_at.isoformat() if prediction.finished_at else None,
        "result_path": prediction.result_path,
        "summary": prediction.summary,
        "failure_code": prediction.failure_code,
        "failure_reason": prediction.failure_reason,
    }


def _rejection(rejection: Rejection) -> RejectionAnswer:
    return {
        "message_id": rejection.message_id,
        "code": rejection.code,
        "reason": rejection.reason,
        "prediction_id": rejection.prediction_id,
        "receives": rejection.receives,
        "first_at": rejection.first_at.isoformat(),
        "last_at": rejection.last_at.isoformat(),
    }
