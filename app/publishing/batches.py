"""Messages in batches that SQS takes: ten at most, and one mebibyte together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.telemetry.trace_context import TraceContext

MAX_ENTRIES = 10
"""The most messages in a batch (SQS developer guide, "Message quotas")."""

MAX_BYTES = 1024 * 1024
"""The most bytes of all bodies and attributes of a batch together, and of one message (same place)."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that is to be sent.

    Args:
        body: Its body.
        group: Its message group: a standard queue serves groups fairly, so that one's backlog does not keep the others
            waiting (SQS developer guide, "Amazon SQS fair queues"). None for none.
        trace: The trace that it carries on, in its attributes. None for none.
    """

    body: str
    group: str | None = None
    trace: TraceContext | None = None

    @property
    def size(self) -> int:
        """The bytes that count towards SQS's limit."""
        size = len(self.body) if self.body.isascii() else len(self.body.encode())
        return size if self.trace is None else size + self.trace.size


def in_batches(messages: Sequence[Outgoing]) -> Iterator[Sequence[Outgoing]]:
    """The messages in their order, cut wherever a batch is full.

    One that is too large for any batch has a batch to itself: it is SQS's to refuse, and takes nobody with it.
    """
    start, size = 0, 0
    for place, message in enumerate(messages):
        if place > start and (place - start == MAX_ENTRIES or size + message.size > MAX_BYTES):
            yield messages[start:place]
            start, size = place, 0
        size += message.size
    if start < len(messages):
        yield messages[start:]
