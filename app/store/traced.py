"""The store, traced: see `app.telemetry.tracing`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from opentelemetry.trace import get_current_span
from sqlalchemy import Engine

from app.clock import Clock
from app.store.predictions import PredictionStore
from app.store.records import Claim, ClaimRefusal, NewPrediction, Prediction, Rejection
from app.store.rejections import RejectionStore
from app.store.transactions import Transactions
from app.telemetry.attributes import ATTEMPT, PREDICTION_ID, REASON
from app.telemetry.tracing import Tracing, current_trace


class TracedPredictions(PredictionStore):
    """Predictions that remember in which trace they were asked for, and whose moves are spans.

    Args:
        engine: As for `PredictionStore`.
        clock: As for `PredictionStore`.
        transactions: As for `PredictionStore`.
        tracing: What makes the spans.
    """

    def __init__(self, engine: Engine, clock: Clock, transactions: Transactions, tracing: Tracing) -> None:
        super().__init__(engine, clock, transactions, current_trace)
        self._tracing = tracing

    def add_many(self, new: Sequence[NewPrediction]) -> list[Prediction]:
        """Record new predictions. The span in which that happens is told which one it is, if it is one."""
        if len(new) == 1:
            get_current_span().set_attribute(PREDICTION_ID, str(new[0].prediction_id))
        return super().add_many(new)

    def claim(
        self, prediction_id: UUID, *, message_id: str, lease_until: datetime, is_last_delivery: bool = False
    ) -> Claim | ClaimRefusal:
        """Take a prediction to work on it. The span in which that happens is told which one it is."""
        get_current_span().set_attribute(PREDICTION_ID, str(prediction_id))
        with self._tracing.span("claim prediction") as span:
            claim = super().claim(
                prediction_id, message_id=message_id, lease_until=lease_until, is_last_delivery=is_last_delivery
            )
            if isinstance(claim, Claim):
                span.set_attribute(ATTEMPT, claim.attempt)
            else:
                span.set_attribute(REASON, claim.value)
            return claim

    def complete(self, claim: Claim, *, result_path: str, summary: Mapping[str, object]) -> bool:
        """PROCESSING → COMPLETED."""
        with self._tracing.span("commit prediction", attributes={ATTEMPT: claim.attempt}):
            return super().complete(claim, result_path=result_path, summary=summary)

    def fail(self, claim: Claim, *, code: str, reason: str, message_id: str) -> bool:
        """PROCESSING → FAILED. The span in which that happens is told why, by the code."""
        get_current_span().set_attribute(REASON, code)
        return super().fail(claim, code=code, reason=reason, message_id=message_id)

    def release(
        self, claim: Claim, *, code: str, reason: str, is_failure: bool = False, again_at: datetime | None = None
    ) -> bool:
        """PROCESSING → QUEUED. The span in which that happens is told why, by the code."""
        get_current_span().set_attribute(REASON, code)
        return super().release(claim, code=code, reason=reason, is_failure=is_failure, again_at=again_at)


class TracedRejections(RejectionStore):
    """Refused messages, of which the span in which they are refused is told why, by the code."""

    def record(self, *, message_id: str, code: str, reason: str, prediction_id: str | None, receives: int) -> Rejection:
        """Record that a message was refused."""
        get_current_span().set_attribute(REASON, code)
        return super().record(
            message_id=message_id, code=code, reason=reason, prediction_id=prediction_id, receives=receives
        )
