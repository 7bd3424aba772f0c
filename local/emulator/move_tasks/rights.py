"""What a caller may have SQS do on their behalf.

AWS documents which permissions each of the three calls takes (developer guide, "Troubleshoot dead-letter queue and DLQ
redrive issues"), and not when it looks: here at the call, and again before each move.
"""

from collections.abc import Callable
from contextvars import ContextVar

from ministack.core import iam_evaluator
from ministack.core.responses import get_region

from local.emulator import internals
from local.emulator.internals import Stored
from local.emulator.move_tasks import forwarding
from local.emulator.seams import wrap

_access_key: ContextVar[str] = ContextVar("access_key", default="")


def may(action: str, queue: Stored) -> bool:
    """Says whether the current caller may have SQS do something.

    Args:
        action: Such as `sqs:ReceiveMessage`.
        queue: MiniStack's record of the queue that it is done to.
    """
    with forwarding.forwarded():
        if iam_evaluator.enforce(_access_key.get(), action, "sqs", get_region(), queue["attributes"]["QueueArn"]):
            return False
        try:
            internals.find_queue(queue["url"], action)  # for a root user, only the queue's policy counts
        except internals.QueueError:
            return False
    return True


def _remembering_the_key(original: Callable[..., object]) -> Callable[..., object]:
    def enforce(  # noqa: PLR0913, PLR0917 - MiniStack's signature
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, object] | None = None,
    ) -> object:
        _access_key.set(access_key_id)
        return original(access_key_id, iam_action, service, region, resource_arn, service_context)

    return enforce


def install() -> None:
    """Makes the caller of each request known here.

    Raises:
        SeamError: The installed MiniStack is another one than this was written against.
    """
    call = ("access_key_id", "iam_action", "service", "region", "resource_arn", "service_context")
    wrap(iam_evaluator, "enforce", call, _remembering_the_key)
