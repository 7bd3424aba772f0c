"""Sending messages to SQS: what it took, and why it did not take the rest."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from app.aws_failures import AWS_ERRORS, AwsFailure, FailureKind, whole_answer
from app.backoff import Random, backoff_seconds
from app.client import SQSClient
from app.clock import Clock
from app.publishing.batches import Outgoing, in_batches
from app.publishing.sending import NotSent, Sending, Sent

if TYPE_CHECKING:
    from types_boto3_sqs.type_defs import (
        SendMessageBatchRequestEntryTypeDef,
        SendMessageBatchResultTypeDef,
        SendMessageRequestTypeDef,
    )

    from app.publishing.metered_sender import SenderMetrics

_TRIES = 3
_FIRST_PAUSE_SECONDS = 0.2
_MOST_PAUSE_SECONDS = 2.0
# An answer that was cut short inside a valid 200 is no error to botocore, only an answer that lacks something.
_NO_ANSWER = AwsFailure(FailureKind.UNAVAILABLE, "NoMessageId", "SQS's answer does not say that it took the message")


class Sender:
    """Sends to the queue of the client's settings. Raises nothing that has to do with AWS. Safe for several threads.

    Args:
        client: The process's SQS client.
        clock: The time.
        random: Where chance comes from.
        metrics: What measures, if anything does.
    """

    def __init__(self, client: SQSClient, clock: Clock, random: Random, metrics: "SenderMetrics | None" = None) -> None:
        self._client = client
        self._clock = clock
        self._random = random
        self._metrics = metrics
        self._never = threading.Event()

    def send(self, message: Outgoing) -> Sending:
        """Send one message. botocore tries three times."""
        if self._metrics is None:
            return self._ask_for_one(message)
        started = self._clock.monotonic()
        sending = self._ask_for_one(message)
        self._metrics.asked(self._clock.monotonic() - started, [sending])
        return sending

    def _ask_for_one(self, message: Outgoing) -> Sending:
        before = self._client.attempts.count
        try:
            sqs, url = self._client.get_client(), self._client.settings.queue_url
            asked: SendMessageRequestTypeDef = {"QueueUrl": url, "MessageBody": message.body}
            if message.group is not None:
                asked["MessageGroupId"] = message.group
            if message.trace is not None:
                asked["MessageAttributes"] = message.trace.attributes
            with whole_answer():
                answer = sqs.send_message(**asked)
                retries = answer["ResponseMetadata"]["RetryAttempts"]
                message_id = answer.get("MessageId")
        except AWS_ERRORS as error:
            return NotSent(AwsFailure.of(error), self._retries(error, before))
        return Sent(message_id, retries) if message_id else NotSent(_NO_ANSWER, retries)

    def send_many(self, messages: Sequence[Outgoing]) -> list[Sending]:
        """Send messages, in batches of ten.

        What SQS does not take of a batch is tried twice more, if that may help. When a whole batch fails, the rest is
        not tried.

        Returns:
            What became of each, in the order given.
        """
        sendings: list[Sending] = []
        failure: AwsFailure | None = None
        for batch in in_batches(messages):
            if failure is None:
                done, failure = self._send_batch(batch)
            else:
                done = [NotSent(failure, tried=False)] * len(batch)
            sendings += done
        return sendings

    def _send_batch(self, batch: Sequence[Outgoing]) -> tuple[list[Sending], AwsFailure | None]:
        """What became of each, and the failure if a request failed whole."""
        sendings, failure = self._request(batch)
        for tried in range(1, _TRIES):
            again = [place for place, each in enumerate(sendings) if isinstance(each, NotSent) and each.may_pass]
            if not again or failure is not None:
                break
            pause = backoff_seconds(tried, first=_FIRST_PAUSE_SECONDS, most=_MOST_PAUSE_SECONDS, random=self._random)
            self._clock.wait(self._never, pause)
            anew, failure = self._request([batch[place] for place in again])
            for place, sending in zip(again, anew, strict=True):
                sendings[place] = replace(sending, retries=sendings[place].retries + 1 + sending.retries)
        return sendings, failure

    def _request(self, batch: Sequence[Outgoing]) -> tuple[list[Sending], AwsFailure | None]:
        """Ask SQS once to take all these; one by one, if it cannot stomach them together."""
        started = 0.0 if self._metrics is None else self._clock.monotonic()
        sendings, failure = self._ask_for_all(batch)
        if self._metrics is not None:
            self._metrics.asked(self._clock.monotonic() - started, sendings, failure)
        if failure is not None and failure.kind is FailureKind.OTHER and len(batch) > 1:
            return [self.send(message) for message in batch], None  # one must not stop the rest
        return sendings, failure

    def _ask_for_all(self, batch: Sequence[Outgoing]) -> tuple[list[Sending], AwsFailure | None]:
        before = self._client.attempts.count
        try:
            entries = [_entry(place, message) for place, message in enumerate(batch)]
            sqs, url = self._client.get_client(), self._client.settings.queue_url
            with whole_answer():
                return _sendings(sqs.send_message_batch(QueueUrl=url, Entries=entries), len(batch)), None
        except AWS_ERRORS as error:
            failure = AwsFailure.of(error)
            return [NotSent(failure, self._retries(error, before))] * len(batch), failure

    def _retries(self, error: Exception, before: int) -> int:
        """How often the request was repeated, as AWS's answer tells; without an answer, as the client has counted."""
        if isinstance(error, ClientError):
            told = error.response.get("ResponseMetadata", {}).get("RetryAttempts")
            if told is not None:
                return told
        return max(0, self._client.attempts.count - before - 1)


def _sendings(answer: "SendMessageBatchResultTypeDef", count: int) -> list[Sending]:
    """What an answer says of the messages of a batch; what it does not name has not been sent, as far as is known."""
    retries = answer["ResponseMetadata"]["RetryAttempts"]
    told: dict[int, Sending] = {
        int(taken["Id"]): Sent(taken["MessageId"], retries) for taken in answer.get("Successful", ())
    }
    for refused in answer.get("Failed", ()):
        told[int(refused["Id"])] = NotSent(AwsFailure.of_entry(refused), retries)
    return [told.get(place, NotSent(_NO_ANSWER, retries)) for place in range(count)]


def _entry(place: int, message: Outgoing) -> "SendMessageBatchRequestEntryTypeDef":
    entry: SendMessageBatchRequestEntryTypeDef = {"Id": str(place), "MessageBody": message.body}
    if message.group is not None:
        entry["MessageGroupId"] = message.group
    if message.trace is not None:
        entry["MessageAttributes"] = message.trace.attributes
    return entry
