"""One attempt at a prediction: read, predict, store, commit; and what was in the way, if something was."""

from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError
from structlog.typing import FilteringBoundLogger

from app.clock import Clock
from app.models import Predictor, Scores, StoppedError, UnusableFileError
from app.reasons import Reason
from app.s3_path import S3Path
from app.store import Claim, Prediction, PredictionStore
from app.store.refusal import is_refusal
from app.uploads import StorageUnavailableError, UploadMissingError, Uploads, UploadTooLargeError
from app.worker.commit import cause_of, commit
from app.worker.lease import Lease, LeaseLostError

log: FilteringBoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Failure:
    """Why an attempt did not succeed.

    Args:
        reason: The stable code.
        detail: The same in words.
        may_pass: Whether another attempt may succeed.
    """

    reason: Reason
    detail: str
    may_pass: bool


def attempt(  # noqa: PLR0911, PLR0913 - a return for each way that it may go wrong; what is worked on, and with what
    lease: Lease,
    claim: Claim,
    prediction: Prediction,
    *,
    uploads: Uploads,
    predictor: Predictor,
    predictions: PredictionStore,
    clock: Clock,
    max_seconds: float,
) -> Failure | None:
    """Predict and commit; or say what was in the way.

    Args:
        lease: The lease under which this is done.
        claim: Its claim.
        prediction: What is to be predicted.
        uploads: The files.
        predictor: The model.
        predictions: The predictions.
        clock: The time.
        max_seconds: How long the model may take.

    Raises:
        LeaseLostError: The lease is over: nothing is committed.
        sqlalchemy.exc.SQLAlchemyError: The store does not answer.
    """
    reading = True
    ends = clock.monotonic() + max_seconds
    try:
        content = uploads.read(S3Path.parse(prediction.s3_file_path))
        reading = False
        scores = predictor.predict(content, lambda: lease.is_lost or clock.monotonic() >= ends)
        lease.check()
        path = uploads.store_result(prediction.user_id, prediction.prediction_id, claim.attempt, scores.csv)
        lease.check()
    except UploadMissingError as error:
        return Failure(Reason.UPLOAD_MISSING, str(error), may_pass=False)
    except UploadTooLargeError as error:
        return Failure(Reason.UPLOAD_TOO_LARGE, str(error), may_pass=False)
    except UnusableFileError as error:
        return Failure(Reason.UNUSABLE_FILE, str(error), may_pass=False)
    except StorageUnavailableError as error:
        reason = Reason.UPLOAD_UNAVAILABLE if reading else Reason.RESULT_UNAVAILABLE
        return Failure(reason, str(error), may_pass=True)
    except StoppedError:
        lease.check()
        return Failure(Reason.TIMED_OUT, f"it took longer than {max_seconds:g} s", may_pass=True)
    except LeaseLostError:
        raise
    except Exception as error:  # a model is other people's code: whatever it raises must not end the worker
        log.exception("prediction.crashed", attempt=claim.attempt)
        return Failure(Reason.UNEXPECTED_ERROR, type(error).__name__, may_pass=True)
    return _committed(lease, claim, path, scores, predictions=predictions, clock=clock)


def _committed(  # noqa: PLR0913 - as above
    lease: Lease, claim: Claim, path: S3Path, scores: Scores, *, predictions: PredictionStore, clock: Clock
) -> Failure | None:
    try:
        commit(lease, claim, path, scores, predictions=predictions, clock=clock)
    except LeaseLostError:
        raise
    except Exception as error:  # psycopg lets through what a summary raises that is no JSON
        if isinstance(error, SQLAlchemyError) and not is_refusal(error):
            raise
        return unforeseen(error)
    return None


def unforeseen(error: Exception) -> Failure:
    """Log what nobody has foreseen, and tell it as a failure that may pass."""
    if not isinstance(error, SQLAlchemyError):
        log.error("prediction.crashed", exc_info=error)
        return Failure(Reason.UNEXPECTED_ERROR, type(error).__name__, may_pass=True)
    # The store answers, but does not take what it is given. A traceback would hold the values.
    log.error("prediction.refused_by_store", kind=type(error).__name__, cause=cause_of(error))
    return Failure(Reason.UNEXPECTED_ERROR, f"the store refuses what it is given: {cause_of(error)}", may_pass=True)
