from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from botocore.exceptions import ClientError

from local.demo import leftovers
from local.demo.leftovers import PURGE_AGAIN_SECONDS, clear_leftovers, depth
from local.emulator.sessions import Role

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

    from local.demo.sessions import Sessions

QUEUE, DLQ = "http://queue", "http://dlq"


class Account:
    """Two queues, and who has done what to them."""

    def __init__(self, *, letters: int = 0, left: int = 0, purge_codes: tuple[str, ...] = ()) -> None:
        self.messages = {QUEUE: [f"message {n}" for n in range(left)], DLQ: [f"letter {n}" for n in range(letters)]}
        self.purge_codes = list(purge_codes)
        self.changes: list[tuple[Role, str, str]] = []

    def clear(self) -> list[str]:
        told: list[str] = []
        sessions = cast("Sessions", SimpleNamespace(clients=lambda role: SimpleNamespace(sqs=Client(self, role))))
        clear_leftovers(sessions, QUEUE, DLQ, told.append)
        return told


class Client:
    def __init__(self, account: Account, role: Role) -> None:
        self.account, self.role = account, role

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> dict[str, object]:  # noqa: N803
        waiting = len(self.account.messages[QueueUrl])
        counts = dict.fromkeys(AttributeNames, "0") | {"ApproximateNumberOfMessages": str(waiting)}
        return {"Attributes": counts}

    def receive_message(self, *, QueueUrl: str, MaxNumberOfMessages: int, **_: object) -> dict[str, object]:  # noqa: N803
        given = self.account.messages[QueueUrl][:MaxNumberOfMessages]
        return {"Messages": [{"ReceiptHandle": one} for one in given]} if given else {}

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803
        self.account.messages[QueueUrl].remove(ReceiptHandle)
        self.account.changes.append((self.role, "delete", QueueUrl))

    def purge_queue(self, *, QueueUrl: str) -> None:  # noqa: N803
        self.account.changes.append((self.role, "purge", QueueUrl))
        if self.account.purge_codes:
            raise ClientError({"Error": {"Code": self.account.purge_codes.pop(0), "Message": "no"}}, "PurgeQueue")
        self.account.messages[QueueUrl].clear()


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    seconds: list[float] = []
    monkeypatch.setattr(leftovers, "time", SimpleNamespace(sleep=seconds.append))
    return seconds


def test_clean_queues_are_left_alone_without_a_word() -> None:
    account = Account()
    assert account.clear() == []
    assert account.changes == []


def test_the_operator_deletes_all_dead_letters_and_nothing_else() -> None:
    account = Account(letters=23)
    (line,) = account.clear()
    assert "operator deletes 23 dead letters" in line
    assert account.messages[DLQ] == []
    assert account.changes == [(Role.OPERATOR, "delete", DLQ)] * 23


def test_what_a_killed_run_left_is_purged_as_break_glass() -> None:
    account = Account(left=4)
    (line,) = account.clear()
    assert "left 4 messages" in line
    assert account.messages[QUEUE] == []
    assert account.changes == [(Role.BREAK_GLASS, "purge", QUEUE)]


def test_a_second_purge_within_a_minute_is_waited_for(waited: list[float]) -> None:
    account = Account(left=4, purge_codes=("AWS.SimpleQueueService.PurgeQueueInProgress",))
    account.clear()
    assert account.messages[QUEUE] == []
    assert waited == [PURGE_AGAIN_SECONDS]


def test_a_refused_purge_is_not_tried_again(waited: list[float]) -> None:
    account = Account(left=4, purge_codes=("AccessDeniedException",))
    with pytest.raises(ClientError, match="AccessDeniedException"):
        account.clear()
    assert waited == []
    assert len(account.changes) == 1


def test_the_depth_counts_messages_in_flight_and_delayed() -> None:
    counts = {
        "ApproximateNumberOfMessages": "3",
        "ApproximateNumberOfMessagesNotVisible": "2",
        "ApproximateNumberOfMessagesDelayed": "1",
        "VisibilityTimeout": "300",
    }

    def answer(*, QueueUrl: str, AttributeNames: list[str]) -> dict[str, object]:  # noqa: N803 - boto3's names
        assert QueueUrl == QUEUE
        return {"Attributes": {name: counts[name] for name in AttributeNames}}

    assert depth(cast("SQSClient", SimpleNamespace(get_queue_attributes=answer)), QUEUE) == 6
