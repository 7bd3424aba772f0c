"""A task's handle: AWS's too are the queue and an id in Base64, so that a cancelling call names its queue."""

import base64
import binascii
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Handle:
    """What a handle says.

    Args:
        task_id: The task's id.
        source_arn: The dead-letter queue whose task it is.
    """

    task_id: str
    source_arn: str

    @classmethod
    def parse(cls, text: str) -> "Handle | None":
        """Reads a handle.

        Args:
            text: As a client gave it.

        Returns:
            What it says; None for what is no handle.
        """
        try:
            found = json.loads(base64.b64decode(text, validate=True))
            task_id, source_arn = found["taskId"], found["sourceArn"]
        except (binascii.Error, ValueError, KeyError, TypeError):
            return None
        return cls(task_id, source_arn) if isinstance(task_id, str) and isinstance(source_arn, str) else None

    def __str__(self) -> str:
        """As a client is given it."""
        return base64.b64encode(json.dumps({"taskId": self.task_id, "sourceArn": self.source_arn}).encode()).decode()
