"""The messages that a task moves: out of MiniStack's record of a dead-letter queue, and into another by its own send.

A moved message is a new one: with a new id, its enqueue time begins anew and its receives at none; its body and
attributes are kept. Only what lay in the queue when the task began is moved, so that a message which fails again at
once does not go round for ever; AWS does not say what becomes of later ones. What is in flight stays.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from local.emulator import internals
from local.emulator.internals import Stored
from local.emulator.move_tasks import forwarding, rights
from local.emulator.move_tasks.task import MoveFailedError

NO_SOURCE = "CouldNotDetermineMessageSource"
NO_QUEUE = "AWS.SimpleQueueService.NonExistentQueue"
DENIED = "AccessDenied"


def source_of(message: Stored) -> str | None:
    """Gives the ARN of the queue that a message was dead-lettered from; None for one sent here directly.

    Args:
        message: MiniStack's record.
    """
    found = message.get("sys", {}).get("DeadLetterQueueSourceArn")
    return str(found) if found else None


@dataclass(frozen=True)
class DeadLetters:
    """What one task moves.

    Args:
        queue: MiniStack's record of the dead-letter queue.
        destination_arn: Where all go; None for each message's own source.
        until: Epoch seconds: what came later is not moved.
    """

    queue: Stored
    destination_arn: str | None
    until: float

    def _waiting(self) -> Iterator[Stored]:
        """The messages that are left, the oldest first."""
        now = time.time()
        for message in self.queue["messages"]:
            internals.complete_message(message)
            if message["visible_at"] <= now and message.get("moved_at", message["sent_at"]) <= self.until:
                yield message

    def count(self) -> int:
        """Counts what is left to move."""
        internals.drop_expired(self.queue)
        return sum(1 for _ in self._waiting())

    def is_empty(self) -> bool:
        """Says whether nothing is left to move."""
        internals.drop_expired(self.queue)
        return next(self._waiting(), None) is None

    def destinations(self) -> list[Stored]:
        """Lists the queues that the messages go to, as far as they exist."""
        arns = {self.destination_arn} if self.destination_arn else {source_of(message) for message in self._waiting()}
        found = (internals.find_queue_by_arn(arn) for arn in arns if arn)
        return [queue for queue in found if queue is not None]

    def move_one(self) -> bool:
        """Moves the oldest: sends it, then takes it out.

        Returns:
            Whether there was one.

        Raises:
            MoveFailedError: There is nowhere to send it to, the caller may not, or the destination refuses it.
        """
        message = next(self._waiting(), None)
        if message is None:
            return False
        arn = self.destination_arn or source_of(message)
        if arn is None:
            raise MoveFailedError(NO_SOURCE)
        destination = internals.find_queue_by_arn(arn)
        if destination is None or internals.find_queue_by_arn(self.queue["attributes"]["QueueArn"]) is not self.queue:
            raise MoveFailedError(NO_QUEUE)
        needed = (
            ("sqs:ReceiveMessage", self.queue),
            ("sqs:DeleteMessage", self.queue),
            ("sqs:SendMessage", destination),
        )
        if not all(rights.may(action, queue) for action, queue in needed):
            raise MoveFailedError(DENIED)
        _send(message, destination)
        self.queue["messages"].remove(message)
        return True


def _send(message: Stored, destination: Stored) -> None:
    request: Stored = {
        "QueueUrl": destination["url"],
        "MessageBody": message["body"],
        "MessageAttributes": message["message_attributes"],
        "MessageGroupId": message["group_id"],
    }
    trace = message["sys"].get("AWSTraceHeader")
    if trace:
        request["MessageSystemAttributes"] = {"AWSTraceHeader": {"DataType": "String", "StringValue": trace}}
    if destination["is_fifo"]:
        request["MessageDeduplicationId"] = message["id"]  # the original one's may still be remembered there
    try:
        with forwarding.forwarded():
            internals.send_message(request, destination["url"])
    except internals.QueueError as error:
        raise MoveFailedError(str(getattr(error, "code", type(error).__name__))) from error
