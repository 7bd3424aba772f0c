"""What became of a request to publish: a stable code for programs, words for people, an id to search the logs for."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class PublishCode(StrEnum):
    """What became of a request to publish. Codes are never renamed or given a second meaning."""

    PUBLISHED = "published"
    ALREADY_PUBLISHED = "already-published"
    IN_HAND = "in-hand"
    DISABLED = "disabled"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    INVALID = "invalid"
    UNKNOWN = "unknown"

    @property
    def text(self) -> str:
        """The code in words, for the person who asked. They tell nothing of the inside."""
        return _WORDS[self]


_WORDS = {
    PublishCode.PUBLISHED: "Your prediction is queued. It usually takes 2 to 5 minutes.",
    PublishCode.ALREADY_PUBLISHED: "Your prediction is queued already. Nothing more needs to be done.",
    PublishCode.IN_HAND: "Your prediction is just being queued. Nothing more needs to be done.",
    PublishCode.DISABLED: "Predictions are paused. Yours is kept, and starts by itself when they go on.",
    PublishCode.UNAVAILABLE: "The queue cannot be reached. Your prediction is kept, and starts by itself later.",
    PublishCode.REFUSED: "The queue refuses us. Your prediction is kept, and starts by itself when that is mended.",
    PublishCode.INVALID: "This request is not valid, so no prediction was started.",
    PublishCode.UNKNOWN: "There is no prediction with this id. Upload the file first.",
}
_KEPT = frozenset({PublishCode.IN_HAND, PublishCode.DISABLED, PublishCode.UNAVAILABLE, PublishCode.REFUSED})


@dataclass(frozen=True, slots=True)
class PublishResult:
    """What became of one request to publish.

    Args:
        prediction_id: The prediction.
        code: The stable code.
        correlation_id: What the log lines of this request carry, to be shown with `text`.
        retries: How often a request to SQS had to be repeated for it.
        message_id: The message that was sent, if one was.
    """

    prediction_id: UUID
    code: PublishCode
    correlation_id: str
    retries: int = 0
    message_id: str | None = None

    @property
    def text(self) -> str:
        """The code in words; see there."""
        return self.code.text

    @property
    def is_kept(self) -> bool:
        """Whether the message waits in the outbox to be sent later."""
        return self.code in _KEPT
