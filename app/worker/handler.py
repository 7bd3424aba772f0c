"""One delivery, from its body to its outcome: validate, compare with the record, claim, predict, commit."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from structlog.contextvars import bind_contextvars
from structlog.typing import FilteringBoundLogger

from app.bounded import bounded
from app.clock import Clock
from app.message import MessageRefusedError, PredictionSQSMessage
from app.models import Predictor, StoppedError, UnusableFileError
from app.ownership import difference_from_record
from app.reasons import Reason
from app.s3_path import S3Path
from app.store import Claim, ClaimRefusal, Prediction, PredictionStore, RejectionStore
from app.uploads import StorageUnavailableError, UploadMissingError, Uploads, UploadTooLargeError
from app.work_queue import Delivery
from app.worker.lease import Lease, LeaseLostError
from app.worker.outcome import Outcome

log: FilteringBoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Failure:
    """Why an attempt did not succeed."""

    reason: Reason
    detail: str
    may_pass: bool


@dataclass(frozen=True)
class PredictionHandler:
    """Makes the prediction that a delivery asks for. Safe to use from several threads.

    Args:
        predictions: The predictions.
        rejections: Where refused messages are recorded.
        uploads: The files.
        predictor: The model.
        clock: The time.
        max_age: How old a message may be: the retention of the queue plus that of its dead-letter queue.
        max_receives: After how many deliveries a message goes to the dead-letter queue; None if it never does.
    """

    predictions: PredictionStore
    rejections: RejectionStore
    uploads: Uploads
    predictor: Predictor
    clock: Clock
    max_age: timedelta
    max_receives: int | None

    def handle(self, lease: Lease) -> Outcome:
        """Do what a delivery asks for, if it may ask for it.

        Whatever happens is told by the outcome; nothing is raised.
        """
        try:
            return self._handle(lease)
        except LeaseLostError as error:
            log.warning("lease.lost", because=str(error))
            return Outcome.LEASE_LOST
        except SQLAlchemyError as error:
            # Nothing can be recorded. The claim, if there was one, runs out by itself.
            log.warning("prediction.retried", reason=Reason.STORE_UNAVAILABLE.value, cause=_cause(error))
            return Outcome.RETRY
        except Exception:
            log.exception("prediction.crashed")
            return Outcome.RETRY

    def _handle(self, lease: Lease) -> Outcome:
        delivery = lease.delivery
        try:
            message = PredictionSQSMessage.from_wire(delivery.body)
        except MessageRefusedError as error:
            return self._reject(delivery, error.reason, error.detail)
        bind_contextvars(prediction_id=str(message.prediction_id))
        try:
            message.check_consumable(self.clock.now(), self.max_age)
        except MessageRefusedError as error:
            return self._reject(delivery, error.reason, error.detail, message.prediction_id)
        prediction = self.predictions.get(message.prediction_id)
        if prediction is None:
            return self._reject(
                delivery, Reason.UNKNOWN_PREDICTION, "there is no such prediction", message.prediction_id
            )
        difference = difference_from_record(message, prediction)
        if difference:
            return self._reject(delivery, *difference, message.prediction_id)
        claim = self.predictions.claim(
            prediction.prediction_id,
            message_id=delivery.message_id,
            lease_until=self.clock.now() + timedelta(seconds=lease.seconds_left),
        )
        if not isinstance(claim, Claim):
            return self._not_claimed(claim)
        lease.claim = claim
        log.info("prediction.claimed", attempt=claim.attempt)
        return self._attempt(lease, claim, prediction)

    def _reject(self, delivery: Delivery, reason: Reason, detail: str, prediction_id: UUID | None = None) -> Outcome:
        self.rejections.record(
            message_id=delivery.message_id,
            code=reason.value,
            reason=detail,
            prediction_id=str(prediction_id) if prediction_id else None,
            receives=delivery.receive_count,
        )
        log.warning("message.rejected", reason=reason.value, detail=bounded(detail))
        return Outcome.REJECTED

    def _not_claimed(self, refusal: ClaimRefusal) -> Outcome:
        if refusal is ClaimRefusal.COMPLETED:
            log.info("prediction.duplicate")
            return Outcome.DUPLICATE
        if refusal is ClaimRefusal.FAILED:  # under this very message: it is on its way to the dead-letter queue
            return Outcome.FAILED
        log.info("prediction.busy", reason=Reason.IN_OTHER_HANDS.value)
        return Outcome.BUSY

    def _attempt(self, lease: Lease, claim: Claim, prediction: Prediction) -> Outcome:
        failure = self._predict(lease, claim, prediction)
        if failure is None:
            log.info("prediction.completed", attempt=claim.attempt)
            return Outcome.COMPLETED
        if not failure.may_pass:
            return self._fail(lease, claim, failure.reason, failure.detail)
        receives = lease.delivery.receive_count
        if self.max_receives is not None and receives >= self.max_receives:
            return self._fail(
                lease, claim, Reason.GAVE_UP, f"gave up after {receives} deliveries: {failure.reason}: {failure.detail}"
            )
        if not self.predictions.release(claim, code=failure.reason.value, reason=failure.detail):
            raise LeaseLostError(_TAKEN_OVER)
        log.warning("prediction.retried", reason=failure.reason.value, detail=bounded(failure.detail))
        return Outcome.RETRY

    def _predict(self, lease: Lease, claim: Claim, prediction: Prediction) -> _Failure | None:
        """Predict and commit; or say what was in the way."""
        reading = True
        try:
            content = self.uploads.read(S3Path.parse(prediction.s3_file_path))
            reading = False
            scores = self.predictor.predict(content, lambda: lease.is_lost)
            lease.check()
            path = self.uploads.store_result(prediction.user_id, prediction.prediction_id, claim.attempt, scores.csv)
            lease.check()
        except UploadMissingError as error:
            return _Failure(Reason.UPLOAD_MISSING, str(error), may_pass=False)
        except UploadTooLargeError as error:
            return _Failure(Reason.UPLOAD_TOO_LARGE, str(error), may_pass=False)
        except UnusableFileError as error:
            return _Failure(Reason.UNUSABLE_FILE, str(error), may_pass=False)
        except StorageUnavailableError as error:
            reason = Reason.UPLOAD_UNAVAILABLE if reading else Reason.RESULT_UNAVAILABLE
            return _Failure(reason, str(error), may_pass=True)
        except StoppedError:
            raise LeaseLostError(lease.lost_because or "the model was stopped") from None
        except LeaseLostError:
            raise
        except Exception as error:  # a model is other people's code: whatever it raises must not end the worker
            log.exception("prediction.crashed", attempt=claim.attempt)
            return _Failure(Reason.UNEXPECTED_ERROR, type(error).__name__, may_pass=True)
        if not self.predictions.complete(claim, result_path=str(path), summary=scores.summary):
            raise LeaseLostError(_TAKEN_OVER)
        return None

    def _fail(self, lease: Lease, claim: Claim, reason: Reason, detail: str) -> Outcome:
        message_id = lease.delivery.message_id
        if not self.predictions.fail(claim, code=reason.value, reason=detail, message_id=message_id):
            raise LeaseLostError(_TAKEN_OVER)
        log.warning("prediction.failed", reason=reason.value, detail=bounded(detail))
        return Outcome.FAILED


_TAKEN_OVER = "another attempt has taken the prediction over"


def _cause(error: SQLAlchemyError) -> str:
    """The driver's own words: SQLAlchemy's hold the statement and its values too."""
    return bounded(getattr(error, "orig", None) or type(error).__name__)
