"""A standard queue in memory: what SQS does with messages, as far as benchmarks and their clients notice."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count


@dataclass(slots=True)
class Kept:
    """A message in the queue.

    Args:
        message_id: Its id.
        body: Its body.
        attributes: Its attributes, as they were sent.
        sent_at: When it was sent, in seconds.
        receives: How often it has been handed out.
        receipt_handle: What its last delivery is deleted by; empty before the first.
        hidden_until: Until when others do not get it, in seconds.
    """

    message_id: str
    body: str
    attributes: Mapping[str, Mapping[str, str]]
    sent_at: float
    receives: int = field(default=0)
    receipt_handle: str = field(default="")
    hidden_until: float = field(default=0.0)


class MemoryQueue:
    """The messages. Not safe for several threads. All times are seconds of one clock, which is the caller's."""

    def __init__(self) -> None:
        self._waiting: deque[Kept] = deque()
        self._handed_out: dict[str, Kept] = {}
        self._numbers = count(1)

    def send(self, body: str, attributes: Mapping[str, Mapping[str, str]], now: float) -> Kept:
        """Take a message."""
        kept = Kept(f"00000000-0000-4000-8000-{next(self._numbers):012x}", body, attributes, now)
        self._waiting.append(kept)
        return kept

    def receive(self, most: int, visibility_seconds: float, now: float) -> list[Kept]:
        """Hand out messages, the longest waiting first, and hide them from others for so long."""
        if not self._waiting:
            self._take_back_lapsed(now)
        received = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        for kept in received:
            kept.receives += 1
            kept.receipt_handle = f"{kept.message_id}#{kept.receives}"
            kept.hidden_until = now + visibility_seconds
            self._handed_out[kept.receipt_handle] = kept
        return received

    def delete(self, receipt_handle: str) -> None:
        """Delete a message. One that is handed out no more stays, and nobody is told: so it is on SQS."""
        self._handed_out.pop(receipt_handle, None)

    def hide(self, receipt_handle: str, seconds: float, now: float) -> bool:
        """Hide a message for so long from now on; 0 gives it back.

        Returns:
            Whether it is handed out under this handle.
        """
        kept = self._handed_out.get(receipt_handle)
        if kept is None:
            return False
        if seconds > 0:
            kept.hidden_until = now + seconds
        else:
            self._take_back(kept)
        return True

    def _take_back_lapsed(self, now: float) -> None:
        for kept in [kept for kept in self._handed_out.values() if kept.hidden_until <= now]:
            self._take_back(kept)

    def _take_back(self, kept: Kept) -> None:
        del self._handed_out[kept.receipt_handle]
        self._waiting.append(kept)
