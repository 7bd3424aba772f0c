"""Who may do what, found out by trying: each principal sends, receives and purges, with the session it really has."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from botocore.exceptions import ClientError

from local.emulator.sessions import Role

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

Action: TypeAlias = Literal["send", "receive", "purge"]
ACTIONS: tuple[Action, ...] = ("send", "receive", "purge")
PROBE = '{"probe": "is this principal allowed to send?"}'
_REFUSALS = frozenset({"AccessDenied", "AccessDeniedException"})


@dataclass(frozen=True)
class Principal:
    """Somebody who tries.

    Args:
        name: As the summary calls it.
        role: Whose session it has.
        inside_vpc: Whether it comes through the VPC endpoint.
        allowed: What it must be allowed; everything else must be refused.
    """

    name: str
    role: Role
    inside_vpc: bool
    allowed: frozenset[Action]


PRINCIPALS = (
    Principal("producer", Role.PRODUCER, inside_vpc=True, allowed=frozenset({"send"})),
    Principal("producer, outside the VPC", Role.PRODUCER, inside_vpc=False, allowed=frozenset()),
    Principal("consumer", Role.CONSUMER, inside_vpc=True, allowed=frozenset({"receive"})),
    Principal("consumer, outside the VPC", Role.CONSUMER, inside_vpc=False, allowed=frozenset()),
    Principal("administrator", Role.ADMINISTRATOR, inside_vpc=True, allowed=frozenset()),
    Principal("administrator, outside the VPC", Role.ADMINISTRATOR, inside_vpc=False, allowed=frozenset()),
    Principal("outsider", Role.OUTSIDER, inside_vpc=True, allowed=frozenset()),
)


@dataclass(frozen=True)
class Attempt:
    """What came of one try.

    Args:
        principal: Who tried.
        action: What.
        answer: `allowed`, or AWS's error code.
        expected: Whether that is as it must be.
    """

    principal: Principal
    action: Action
    answer: str
    expected: bool


def attempt_all(queue_url: str, client_of: Callable[[Principal], "SQSClient"]) -> Iterator[Attempt]:
    """Let every principal try everything on the queue, which must be drained.

    Whoever may receive deletes what it is given, so that what one principal may send does not stay.

    Args:
        queue_url: The queue.
        client_of: Gives a principal's client, with its session and through its listener.
    """
    for principal in PRINCIPALS:
        client = client_of(principal)
        for action in ACTIONS:
            answer = _answer(client, action, queue_url)
            granted = answer == "allowed"
            expected = granted if action in principal.allowed else answer in _REFUSALS
            yield Attempt(principal, action, answer, expected)


def _answer(client: "SQSClient", action: Action, queue_url: str) -> str:
    try:
        match action:
            case "send":
                client.send_message(QueueUrl=queue_url, MessageBody=PROBE)
            case "receive":
                for message in client.receive_message(QueueUrl=queue_url, WaitTimeSeconds=1).get("Messages", []):
                    client.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
            case "purge":
                client.purge_queue(QueueUrl=queue_url)
    except ClientError as error:
        return str(error.response.get("Error", {}).get("Code", "unknown error"))
    return "allowed"
