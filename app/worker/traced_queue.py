"""The queue as its consumer sees it, traced: see `app.telemetry.tracing`."""

from collections.abc import Sequence
from time import time_ns
from typing import TYPE_CHECKING

from app.aws_failures import AWS_ERRORS, AwsFailure
from app.telemetry.messaging import CHANGE_VISIBILITY, DELETE, MESSAGE_ID, RECEIVE, MessagingQueue
from app.telemetry.tracing import Tracing, failed, link_to
from app.work_queue import Delivery, WorkQueue

if TYPE_CHECKING:
    from opentelemetry.trace import Link
    from types_boto3_sqs.client import SQSClient as BotoSQSClient

    from app.clock import Clock


class TracedWorkQueue(WorkQueue):
    """A queue that asks for the traces that messages carry, and whose requests are spans.

    A poll that brings nothing is none, since an idle worker would make them without end; nor is a heartbeat.

    Args:
        sqs: As for `WorkQueue`.
        queue: The queue.
        clock: As for `WorkQueue`.
        tracing: What makes the spans.
    """

    def __init__(self, sqs: "BotoSQSClient", queue: MessagingQueue, clock: "Clock", tracing: Tracing) -> None:
        super().__init__(sqs, queue.url, clock, ask_for_trace=True)
        self._queue = queue
        self._tracing = tracing

    def receive(self, most: int, wait_seconds: int, visibility_seconds: int) -> list[Delivery]:
        """Take messages, waiting for the first. Raises as `WorkQueue` does."""
        started = time_ns()
        try:
            deliveries = super().receive(most, wait_seconds, visibility_seconds)
        except AWS_ERRORS as error:
            self._received(started, [], AwsFailure.of(error))
            raise
        if deliveries:
            self._received(started, deliveries)
        return deliveries

    def _received(self, started: int, deliveries: Sequence[Delivery], failure: AwsFailure | None = None) -> None:
        """A span after the fact: only now is known whether there is one, and with what it has to do."""
        span = self._tracing.start(
            self._queue.span_name(RECEIVE),
            kind=RECEIVE.kind,
            attributes=self._queue.attributes(RECEIVE, batch_count=len(deliveries)),
            links=_links(deliveries),
            start_time=started,
        )
        if failure is not None:
            failed(span, failure.code)
        span.end()

    def delete_many(self, deliveries: Sequence[Delivery]) -> dict[int, AwsFailure]:
        """Delete messages whose work is done, in one request. Raises nothing."""
        with self._tracing.span(
            self._queue.span_name(DELETE),
            kind=DELETE.kind,
            attributes=self._queue.attributes(DELETE, batch_count=len(deliveries)),
            links=_links(deliveries),
        ) as span:
            failures = super().delete_many(deliveries)
            if failures:
                failed(span, next(iter(failures.values())).code)
            return failures

    def give_back_many(self, deliveries: Sequence[Delivery]) -> dict[int, AwsFailure]:
        """Make messages visible to everybody at once, each in the trace that it carries. Raises nothing."""
        spans = [
            self._tracing.start(
                self._queue.span_name(CHANGE_VISIBILITY),
                kind=CHANGE_VISIBILITY.kind,
                attributes=self._queue.attributes(CHANGE_VISIBILITY, message_id=each.message_id),
                parent=each.trace,
            )
            for each in deliveries
        ]
        failures = super().give_back_many(deliveries)
        for place, span in enumerate(spans):
            if place in failures:
                failed(span, failures[place].code)
            span.end()
        return failures

    def hide(self, delivery: Delivery, seconds: int) -> None:
        """Hide a message from others, or give it back, in the trace that it carries. Raises as `WorkQueue` does."""
        with self._tracing.span(
            self._queue.span_name(CHANGE_VISIBILITY),
            kind=CHANGE_VISIBILITY.kind,
            attributes=self._queue.attributes(CHANGE_VISIBILITY, message_id=delivery.message_id),
            parent=delivery.trace,
        ) as span:
            try:
                super().hide(delivery, seconds)
            except AWS_ERRORS as error:
                failed(span, AwsFailure.of(error).code)
                raise


def _links(deliveries: Sequence[Delivery]) -> "list[Link]":
    return [link for each in deliveries for link in link_to(each.trace, {MESSAGE_ID: each.message_id})]
