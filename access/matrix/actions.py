"""Every SQS action that a policy can name.

The list is the service authorization reference's ("Actions, resources, and condition keys for Amazon SQS"). SQS's API
has three operations more, each a batch of an action: the action stands for both (SQS developer guide, "Actions and
resource reference").
"""

from typing import Final

MESSAGE_ACTIONS: Final = ("ChangeMessageVisibility", "DeleteMessage", "ReceiveMessage", "SendMessage")
"""What touches a message."""

QUEUE_ACTIONS: Final = (
    *MESSAGE_ACTIONS,
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListQueueTags",
    "ListDeadLetterSourceQueues",
    "ListMessageMoveTasks",
    "StartMessageMoveTask",
    "CancelMessageMoveTask",
    "PurgeQueue",
    "CreateQueue",
    "DeleteQueue",
    "SetQueueAttributes",
    "AddPermission",
    "RemovePermission",
    "TagQueue",
    "UntagQueue",
)
"""What is done to one queue, from the harmless to the grave."""

ACCOUNT_ACTIONS: Final = ("ListQueues",)
"""What is about no queue: checked against the resource `*`, and no queue's policy is asked."""

ALL_ACTIONS: Final = (*QUEUE_ACTIONS, *ACCOUNT_ACTIONS)
