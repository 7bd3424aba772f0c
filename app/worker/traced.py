"""Working on messages, traced: see `app.telemetry.tracing`.

A message is processed in the trace that it carries, as a child of the span that sent it, and with a link to that. The
link is what OpenTelemetry's conventions for messaging want in any case; the parent is what they allow where a message
is worked on by itself and in no other surroundings, as each is here. So one prediction is one trace, from its upload to
its commit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.models import Predictor, Scores
from app.telemetry.attributes import ATTEMPT, BYTES, MESSAGES, OUTCOME, PREDICTION_ID, RECEIVES
from app.telemetry.messaging import PROCESS, MessagingQueue
from app.telemetry.tracing import Tracing, failed, link_to
from app.worker.handler import PredictionHandler
from app.worker.lease import Lease
from app.worker.outcome import Outcome

_ERRORS = frozenset({Outcome.REJECTED, Outcome.FAILED, Outcome.RETRY, Outcome.STORE_DOWN, Outcome.LEASE_LOST})


@dataclass(frozen=True)
class TracedHandler(PredictionHandler):
    """A handler whose deliveries are spans.

    Args:
        queue: Where the deliveries are from.
        tracing: What makes the spans.
    """

    queue: MessagingQueue
    tracing: Tracing

    @classmethod
    def of(cls, handler: PredictionHandler, queue: MessagingQueue, tracing: Tracing) -> "TracedHandler":
        """A handler, traced, and its model with it."""
        return cls(
            admission=handler.admission,
            predictions=handler.predictions,
            recovery=handler.recovery,
            rejections=handler.rejections,
            uploads=handler.uploads,
            predictor=TracedPredictor(handler.predictor, tracing),
            clock=handler.clock,
            max_receives=handler.max_receives,
            max_seconds=handler.max_seconds,
            queue=queue,
            tracing=tracing,
        )

    def claim_together(self, leases: Sequence[Lease]) -> None:
        """Claim what the deliveries of one receive ask for: a span by itself, with links to their traces."""
        links = [link for lease in leases for link in link_to(lease.delivery.trace)]
        with self.tracing.span("claim predictions", attributes={MESSAGES: len(leases)}, links=links):
            super().claim_together(leases)

    def handle(self, lease: Lease) -> Outcome:
        """Do what a delivery asks for, in the trace that it carries."""
        delivery = lease.delivery
        with self.tracing.span(
            self.queue.span_name(PROCESS),
            kind=PROCESS.kind,
            attributes={
                **self.queue.attributes(PROCESS, message_id=delivery.message_id),
                RECEIVES: delivery.receive_count,
            },
            parent=delivery.trace,
            links=link_to(delivery.trace),
        ) as span:
            outcome = super().handle(lease)
            span.set_attribute(OUTCOME, outcome.value)
            if lease.claim is not None:
                span.set_attribute(PREDICTION_ID, str(lease.claim.prediction_id))
                span.set_attribute(ATTEMPT, lease.claim.attempt)
            if outcome in _ERRORS:
                failed(span, outcome.value)
            return outcome


@dataclass(frozen=True)
class TracedPredictor:
    """A model whose calls are spans; a `Predictor` itself. They are made here, wherever the model runs.

    Args:
        model: The model.
        tracing: What makes the spans.
    """

    model: Predictor
    tracing: Tracing

    def predict(self, content: bytes, should_stop: Callable[[], bool]) -> Scores:
        """Score a file, as the model does."""
        with self.tracing.span("predict", attributes={BYTES: len(content)}):
            return self.model.predict(content, should_stop)
