"""Publishing: every recorded prediction's message is sent at least once, now or as soon as that can be."""

from app.publishing.dispatch import Dispatcher
from app.publishing.publisher import SQSPublisher
from app.publishing.relay import Relay, RelayReport, RelayStoppedBy
from app.publishing.result import PublishCode, PublishResult
from app.publishing.sender import Sender

__all__ = [
    "Dispatcher",
    "PublishCode",
    "PublishResult",
    "Relay",
    "RelayReport",
    "RelayStoppedBy",
    "SQSPublisher",
    "Sender",
]
