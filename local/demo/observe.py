"""What AWS itself says after the main job, asked by those who may."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from local.demo.criteria import Letters
from local.emulator.account import DEAD_LETTER_QUEUE_NAME, QUEUE_NAME
from local.emulator.clients import Clients
from local.stack import LocalStack

ACTIVITY = ("NumberOfMessagesSent", "NumberOfMessagesReceived", "NumberOfMessagesDeleted")


def type_counts(stack: LocalStack) -> Mapping[str, int]:
    """How many resources of each type the stack's state holds."""
    return Counter(one["type"] for one in stack.export()["deployment"].get("resources", []))


def queue_attributes(clients: Clients, queue_url: str) -> dict[str, str]:
    """A queue's attributes, the receive count of its redrive policy among them."""
    found = clients.sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["All"])["Attributes"]
    attributes = {str(name): value for name, value in found.items()}
    redrive = json.loads(attributes.get("RedrivePolicy", "{}"))
    return attributes | {"maxReceiveCount": str(redrive.get("maxReceiveCount"))}


def attached_policies(clients: Clients, role_arns: list[str]) -> dict[str, list[str]]:
    """The names of the policies attached to each role."""
    return {
        arn: [
            one["PolicyName"]
            for one in clients.iam.list_attached_role_policies(RoleName=arn.rsplit("/", 1)[-1])["AttachedPolicies"]
        ]
        for arn in role_arns
    }


def alarm_states(clients: Clients) -> dict[str, str]:
    """What `describe-alarms` says of the stack's alarms."""
    alarms = clients.cloudwatch.describe_alarms(AlarmNamePrefix=QUEUE_NAME)["MetricAlarms"]
    return {alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms}


def activity(clients: Clients, since: datetime) -> dict[str, float]:
    """The sums of the queue's activity metrics since then."""
    sums = {}
    for metric in ACTIVITY:
        points = clients.cloudwatch.get_metric_statistics(
            Namespace="AWS/SQS",
            MetricName=metric,
            Dimensions=[{"Name": "QueueName", "Value": QUEUE_NAME}],
            StartTime=since - timedelta(minutes=1),
            EndTime=datetime.now(UTC) + timedelta(minutes=1),
            Period=60,
            Statistics=["Sum"],
        )["Datapoints"]
        sums[metric] = sum(point["Sum"] for point in points)
    return sums


def queue_policies(attributes: Mapping[str, str], dlq_attributes: Mapping[str, str]) -> dict[str, bool]:
    """Whether each of the two queues has a policy."""
    return {QUEUE_NAME: bool(attributes.get("Policy")), DEAD_LETTER_QUEUE_NAME: bool(dlq_attributes.get("Policy"))}


def dead_letters(operator: Clients, dlq_url: str, expected: int) -> Letters:
    """How often each dead letter had been received before it was moved. They stay visible: it is only a look.

    Args:
        operator: Somebody who may look.
        dlq_url: The dead-letter queue.
        expected: How many are expected; one receive may give fewer than there are.
    """
    letters: dict[str, int] = {}
    for _ in range(10):
        answer = operator.sqs.receive_message(
            QueueUrl=dlq_url, MaxNumberOfMessages=10, VisibilityTimeout=0, MessageSystemAttributeNames=["All"]
        )
        for message in answer.get("Messages", []):
            # The look itself counts as a receive: the first count seen is one more than the worker's.
            letters.setdefault(message["MessageId"], int(message["Attributes"]["ApproximateReceiveCount"]) - 1)
        if len(letters) >= expected:
            break
    return letters
