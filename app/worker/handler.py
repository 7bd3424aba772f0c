"""One delivery, from its body to its outcome: admit, claim, attempt, and record what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError
from structlog.contextvars import bind_contextvars
from structlog.typing import FilteringBoundLogger

from app.bounded import bounded
from app.clock import Clock
from app.models import Predictor
from app.reasons import Reason
from app.store import Claim, ClaimRefusal, Prediction, PredictionStore, RecoveryStore, RejectionStore
from app.store.recovery import gave_up_without_a_word
from app.store.refusal import is_refusal
from app.uploads import Uploads
from app.work_queue import Delivery
from app.worker.admission import Admission, NotAdmittedError
from app.worker.attempt import Failure, attempt, unforeseen
from app.worker.claims import give_back_claim, taken
from app.worker.commit import cause_of
from app.worker.lease import TAKEN_OVER, Lease, LeaseLostError
from app.worker.outcome import Outcome

if TYPE_CHECKING:
    from uuid import UUID

log: FilteringBoundLogger = structlog.get_logger(__name__)

_RENEWAL_WAIT = timedelta(seconds=60)


@dataclass(frozen=True)
class PredictionHandler:
    """Makes the prediction that a delivery asks for. Safe to use from several threads.

    Args:
        admission: Which prediction that is.
        predictions: The predictions.
        recovery: What is asked for new messages in place of spent ones.
        rejections: Where refused messages are recorded.
        uploads: The files.
        predictor: The model.
        clock: The time.
        max_receives: After how many deliveries a message goes to the dead-letter queue, and after how many failures a
            prediction is given up; None for never.
        max_seconds: How long an attempt may take; then its model is told to stop, and the attempt has failed.
    """

    admission: Admission
    predictions: PredictionStore
    recovery: RecoveryStore
    rejections: RejectionStore
    uploads: Uploads
    predictor: Predictor
    clock: Clock
    max_receives: int | None
    max_seconds: float
    _log: FilteringBoundLogger = field(init=False, repr=False, default_factory=lambda: structlog.get_logger().bind())
    """For what is said of each delivery. Bound once: a module's logger is put together anew for each line."""

    def handle(self, lease: Lease) -> Outcome:
        """Do what a delivery asks for, if it may ask for it.

        Whatever happens is told by the outcome; nothing is raised.
        """
        try:
            return self._handle(lease)
        except NotAdmittedError as error:
            lease.refused_for = error.reason
            return self._reject(lease.delivery, error)
        except LeaseLostError as error:
            log.warning("lease.lost", because=str(error))
            self._release_lost(lease, str(error))
            return Outcome.LEASE_LOST
        except SQLAlchemyError as error:
            return self._crashed(lease, error) if is_refusal(error) else _store_failed(error)
        except Exception as error:  # noqa: BLE001 - a mistake of our own, told by the outcome and the log
            return self._crashed(lease, error)

    def claim_together(self, leases: Sequence[Lease]) -> None:
        """Claim what the deliveries of one receive ask for, all at once; none depends on another.

        What is not plainly free is left to `handle`, which asks for it alone and finds out why: it is refused, a
        duplicate, in other hands, or at its message's last delivery. If the store fails, all are. Nothing is raised.
        """
        wanted = [lease for lease in leases if not self.is_last(lease.delivery)]
        for lease in wanted:
            lease.claiming.acquire()
        try:
            self._claim_together([lease for lease in wanted if not lease.is_lost])
        except Exception as error:  # noqa: BLE001 - `handle` meets it again, if it stays, and tells it by the outcome
            log.warning("worker.batch_not_claimed", kind=type(error).__name__)
        finally:
            for lease in wanted:
                lease.claiming.release()

    def is_last(self, delivery: Delivery) -> bool:
        """Whether SQS dead-letters the message instead of handing it out once more."""
        return self.max_receives is not None and delivery.receive_count >= self.max_receives

    def renew(self, delivery: Delivery) -> Outcome:
        """Ask for a new message in place of one that nobody has begun to work on, though this delivery is its last.

        Returns:
            RENEWED, where the message may be deleted; else what is to be done with it.
        """
        try:
            prediction = self.admission.admit(delivery.body)
            self.recovery.renew_unstarted(prediction.prediction_id)
        except NotAdmittedError as error:
            return self._reject(delivery, error)
        except SQLAlchemyError as error:
            return _store_failed(error)
        return Outcome.RENEWED

    def _handle(self, lease: Lease) -> Outcome:
        prediction = lease.prediction = lease.prediction or self.admission.admit(lease.delivery.body)
        bind_contextvars(prediction_id=str(prediction.prediction_id))
        claim = taken(lease, lambda: self._claim(lease, prediction))
        lease.check()
        if not isinstance(claim, Claim):
            return self._not_claimed(claim, lease.delivery, prediction)
        self._log.debug("prediction.claimed", attempt=claim.attempt)
        if self.max_receives is not None and claim.failures >= self.max_receives:
            return self._fail(lease, claim, Reason.GAVE_UP, gave_up_without_a_word(claim.failures))
        return self._attempt(lease, claim, prediction)

    def _claim_together(self, leases: Sequence[Lease]) -> None:
        admitted: dict[UUID, Lease] = {}
        for lease, prediction in zip(
            leases, self.admission.admit_many([each.delivery.body for each in leases]), strict=True
        ):
            lease.prediction = prediction
            if prediction is not None:
                admitted.setdefault(prediction.prediction_id, lease)
        if admitted:
            lease_until = self._lease_until(min(lease.seconds_left for lease in admitted.values()))
            for prediction_id, claim in self.predictions.claim_many(admitted, lease_until=lease_until).items():
                admitted[prediction_id].claim = claim

    def _claim(self, lease: Lease, prediction: Prediction) -> Claim | ClaimRefusal:
        return self.predictions.claim(
            prediction.prediction_id,
            message_id=lease.delivery.message_id,
            lease_until=self._lease_until(lease.seconds_left),
            is_last_delivery=self.is_last(lease.delivery),
        )

    def _lease_until(self, seconds_left: float) -> datetime:
        return self.clock.now() + timedelta(seconds=seconds_left)

    def _reject(self, delivery: Delivery, refusal: NotAdmittedError) -> Outcome:
        try:
            self.rejections.record(
                message_id=delivery.message_id,
                code=refusal.reason.value,
                reason=refusal.detail,
                prediction_id=str(refusal.prediction_id) if refusal.prediction_id else None,
                receives=delivery.receive_count,
            )
        except SQLAlchemyError as error:
            return _store_failed(error)
        named = {"prediction_id": str(refusal.prediction_id)} if refusal.prediction_id else {}
        log.warning("message.rejected", reason=refusal.reason.value, detail=bounded(refusal.detail), **named)
        return Outcome.REJECTED

    def _not_claimed(self, refusal: ClaimRefusal, delivery: Delivery, prediction: Prediction) -> Outcome:
        if refusal is ClaimRefusal.COMPLETED:
            log.info("prediction.duplicate")
            return Outcome.DUPLICATE
        if refusal is ClaimRefusal.FAILED:  # under this very message: it is on its way to the dead-letter queue
            return Outcome.FAILED
        log.info("prediction.busy", reason=Reason.IN_OTHER_HANDS.value)
        if self.is_last(delivery):
            self.recovery.renew_unstarted(prediction.prediction_id)
            return Outcome.RENEWED
        return Outcome.BUSY

    def _attempt(self, lease: Lease, claim: Claim, prediction: Prediction) -> Outcome:
        failure = attempt(
            lease,
            claim,
            prediction,
            uploads=self.uploads,
            predictor=self.predictor,
            predictions=self.predictions,
            clock=self.clock,
            max_seconds=self.max_seconds,
        )
        if failure is None:
            self._log.info("prediction.completed", attempt=claim.attempt)
            return Outcome.COMPLETED
        return self._not_succeeded(lease, claim, failure)

    def _not_succeeded(self, lease: Lease, claim: Claim, failure: Failure) -> Outcome:
        if not failure.may_pass:
            return self._fail(lease, claim, failure.reason, failure.detail)
        failures = claim.failures + 1
        if self.max_receives is not None and failures >= self.max_receives:
            told = f"gave up after {failures} failed attempts: {failure.reason}: {failure.detail}"
            return self._fail(lease, claim, Reason.GAVE_UP, told)
        if not self.predictions.release(
            claim,
            code=failure.reason.value,
            reason=failure.detail,
            is_failure=True,
            again_at=self.clock.now() + _RENEWAL_WAIT,
        ):
            raise LeaseLostError(TAKEN_OVER)
        log.warning("prediction.retried", reason=failure.reason.value)
        return Outcome.RENEWED if self.is_last(lease.delivery) else Outcome.RETRY

    def _release_lost(self, lease: Lease, because: str) -> None:
        """Give a claim back whose message is not ours any more: an outage of SQS is no failure of the prediction.

        Fenced, so that it does nothing where somebody else has taken it over. At a last delivery, a new message is
        asked for: SQS dead-letters the old one as soon as it is visible.
        """
        try:
            give_back_claim(
                lease,
                self.predictions,
                code=lease.lost_for,
                reason=because,
                is_failure=lease.is_overrun,
                again_at=self.clock.now() + _RENEWAL_WAIT,
            )
        except SQLAlchemyError as error:  # then the claim runs out by itself
            log.warning("worker.release_failed", kind=type(error).__name__)

    def _crashed(self, lease: Lease, error: Exception) -> Outcome:
        """What nobody has foreseen is a failure like others: told in the record, and counted there."""
        failure = unforeseen(error)
        if lease.claim is None:
            return Outcome.RETRY
        try:
            return self._not_succeeded(lease, lease.claim, failure)
        except LeaseLostError:
            return Outcome.LEASE_LOST
        except SQLAlchemyError as failed:  # then the claim runs out by itself
            return _store_failed(failed)

    def _fail(self, lease: Lease, claim: Claim, reason: Reason, detail: str) -> Outcome:
        message_id = lease.delivery.message_id
        lease.refused_for = reason
        if not self.predictions.fail(claim, code=reason.value, reason=detail, message_id=message_id):
            raise LeaseLostError(TAKEN_OVER)
        # Not the detail: it is for the owner, and may name the file, or quote it. It stands in the record.
        log.warning("prediction.failed", reason=reason.value)
        return Outcome.FAILED


def _store_failed(error: SQLAlchemyError) -> Outcome:
    """Nothing can be recorded. The claim, if there was one, runs out by itself."""
    refuses = is_refusal(error)
    reason = Reason.UNEXPECTED_ERROR if refuses else Reason.STORE_UNAVAILABLE
    log.warning("prediction.retried", reason=reason.value, cause=cause_of(error))
    return Outcome.RETRY if refuses else Outcome.STORE_DOWN
