"""Publishing, traced: see `app.telemetry.tracing`.

A message by itself carries the context of the span that sends it. The messages of a batch carry one of their own each,
in the trace in which their prediction was asked for; the span that sends the batch has a link to each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from opentelemetry.trace import Span

from app.aws_failures import AwsFailure
from app.backoff import Random
from app.client import SQSClient
from app.clock import Clock
from app.message import PredictionSQSMessage
from app.publishing.batches import Outgoing
from app.publishing.dispatch import Dispatcher
from app.publishing.result import PublishResult
from app.publishing.sender import Sender
from app.publishing.sending import NotSent, Sending
from app.store import Outbox, OutboxLease
from app.telemetry.attributes import CORRELATION_ID, MESSAGES, PREDICTION_ID
from app.telemetry.messaging import CREATE, MESSAGE_ID, SEND, SEND_BATCH, MessagingQueue
from app.telemetry.tracing import Tracing, current_trace, failed, link_to, trace_of

if TYPE_CHECKING:
    from app.publishing.metered_sender import SenderMetrics
    from app.telemetry.trace_context import TraceContext


class TracedSender(Sender):
    """A sender whose requests are spans.

    Args:
        client: As for `Sender`.
        clock: As for `Sender`.
        random: As for `Sender`.
        tracing: What makes the spans.
        metrics: As for `Sender`.
    """

    def __init__(
        self,
        client: SQSClient,
        clock: Clock,
        random: Random,
        tracing: Tracing,
        metrics: "SenderMetrics | None" = None,
    ) -> None:
        super().__init__(client, clock, random, metrics)
        self._tracing = tracing

    @cached_property
    def _queue(self) -> MessagingQueue:
        settings = self._client.settings
        return MessagingQueue(settings.queue_url, settings.aws_region)

    def send(self, message: Outgoing) -> Sending:
        """Send one message, in the trace that it is of."""
        queue = self._queue
        with self._tracing.span(
            queue.span_name(SEND), kind=SEND.kind, attributes=queue.attributes(SEND), parent=message.trace
        ) as span:
            sending = super().send(replace(message, trace=trace_of(span) or message.trace))
            if isinstance(sending, NotSent):
                failed(span, sending.failure.code)
            else:
                span.set_attribute(MESSAGE_ID, sending.message_id)
            return sending

    def send_many(self, messages: Sequence[Outgoing]) -> list[Sending]:
        """Send messages in batches, each in the trace that it is of."""
        # Each has its attributes' length from here on, by which batches are cut.
        here = current_trace()
        return super().send_many([message if message.trace else replace(message, trace=here) for message in messages])

    def _send_batch(self, batch: Sequence[Outgoing]) -> tuple[list[Sending], AwsFailure | None]:
        return super()._send_batch([self._created(message) for message in batch])

    def _created(self, message: Outgoing) -> Outgoing:
        queue = self._queue
        span = self._tracing.start(
            queue.span_name(CREATE), kind=CREATE.kind, attributes=queue.attributes(CREATE), parent=message.trace
        )
        span.end()
        return replace(message, trace=trace_of(span) or message.trace)

    def _request(self, batch: Sequence[Outgoing]) -> tuple[list[Sending], AwsFailure | None]:
        queue = self._queue
        with self._tracing.span(
            queue.span_name(SEND_BATCH),
            kind=SEND_BATCH.kind,
            attributes=queue.attributes(SEND_BATCH, batch_count=len(batch)),
        ) as span:
            sendings, failure = super()._request(batch)
            _link_all(span, batch, sendings)
            if failure is not None:
                failed(span, failure.code)
            return sendings, failure


def _link_all(span: Span, batch: Sequence[Outgoing], sendings: Sequence[Sending]) -> None:
    """Links to the messages, with what became of each: that is known only afterwards."""
    for message, sending in zip(batch, sendings, strict=True):
        sent = {} if isinstance(sending, NotSent) else {MESSAGE_ID: sending.message_id}
        for link in link_to(message.trace, sent):
            span.add_link(link.context, link.attributes)


class TracedDispatcher(Dispatcher):
    """A dispatcher whose leases are spans, which the log lines that it writes are of.

    Args:
        sender: As for `Dispatcher`.
        outbox: As for `Dispatcher`.
        clock: As for `Dispatcher`.
        random: As for `Dispatcher`.
        group_by_user: As for `Dispatcher`.
        tracing: What makes the spans.
    """

    def __init__(  # noqa: PLR0913 - the parts of a dispatcher, put together in one place
        self,
        sender: Sender,
        outbox: Outbox,
        clock: Clock,
        random: Random,
        *,
        group_by_user: bool,
        tracing: Tracing,
    ) -> None:
        super().__init__(sender, outbox, clock, random, group_by_user=group_by_user)
        self._tracing = tracing

    def dispatch(
        self, lease: OutboxLease, correlation_id: str, messages: Mapping[UUID, PredictionSQSMessage] | None = None
    ) -> list[PublishResult]:
        """Send what a lease allows; what is sent alone, in the trace in which its prediction was asked for."""
        if not lease.entries:
            return super().dispatch(lease, correlation_id, messages)
        attributes: dict[str, str | int] = {CORRELATION_ID: correlation_id, MESSAGES: len(lease.entries)}
        alone: TraceContext | None = None
        if len(lease.entries) == 1:
            alone = lease.entries[0].trace
            attributes[PREDICTION_ID] = str(lease.entries[0].prediction.prediction_id)
        with self._tracing.span("publish", attributes=attributes, parent=alone):
            return super().dispatch(lease, correlation_id, messages)
