from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import pytest
from botocore.exceptions import ClientError

from local.demo.probes import ACTIONS, PRINCIPALS, Action, Attempt, Principal, attempt_all
from local.emulator.sessions import Role

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

URL = "http://127.0.0.1:4590/123456789012/retainwise-local-predictions"
DENIED = "AccessDeniedException"


class Guard:
    """Answers a principal's calls: a code is raised, None lets it through."""

    def __init__(self, answers: Mapping[Action, str | None], messages: Sequence[str] = ()) -> None:
        self.answers = answers
        self.messages = messages
        self.calls: list[tuple[str, dict[str, object]]] = []

    def _answer(self, action: Action, particulars: dict[str, object]) -> dict[str, object]:
        self.calls.append((action, particulars))
        if (code := self.answers[action]) is not None:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, action)
        return {}

    def send_message(self, **particulars: object) -> dict[str, object]:
        return self._answer("send", particulars)

    def receive_message(self, **particulars: object) -> dict[str, object]:
        return self._answer("receive", particulars) | {"Messages": [{"ReceiptHandle": one} for one in self.messages]}

    def delete_message(self, **particulars: object) -> dict[str, object]:
        self.calls.append(("delete", particulars))
        return {}

    def purge_queue(self, **particulars: object) -> dict[str, object]:
        return self._answer("purge", particulars)


def proper(principal: Principal) -> dict[Action, str | None]:
    return {action: None if action in principal.allowed else DENIED for action in ACTIONS}


def attempts(changed: Mapping[str, Mapping[Action, str | None]]) -> list[Attempt]:
    """What comes of everybody's tries if all are answered properly, but for these principals."""

    def client(principal: Principal) -> "SQSClient":
        return cast("SQSClient", Guard({**proper(principal), **changed.get(principal.name, {})}))

    return list(attempt_all(URL, client))


def unexpected(changed: Mapping[str, Mapping[Action, str | None]]) -> list[tuple[str, Action, str]]:
    return [(one.principal.name, one.action, one.answer) for one in attempts(changed) if not one.expected]


def test_everybody_tries_everything() -> None:
    tried = {(one.principal.name, one.action) for one in attempts({})}
    assert tried == {(principal.name, action) for principal in PRINCIPALS for action in ACTIONS}
    assert len(attempts({})) == len(tried)


def test_only_the_two_task_roles_may_do_anything_and_only_from_the_vpc() -> None:
    may = {(one.role, one.inside_vpc): set(one.allowed) for one in PRINCIPALS if one.allowed}
    assert may == {(Role.PRODUCER, True): {"send"}, (Role.CONSUMER, True): {"receive"}}
    assert {one.role for one in PRINCIPALS} >= {Role.ADMINISTRATOR, Role.OUTSIDER}


def test_proper_answers_are_expected() -> None:
    assert unexpected({}) == []
    assert {one.answer for one in attempts({})} == {"allowed", DENIED}


@pytest.mark.parametrize("principal", PRINCIPALS, ids=lambda one: one.name)
@pytest.mark.parametrize("action", ACTIONS)
def test_the_opposite_of_each_answer_is_not_expected(principal: Principal, action: Action) -> None:
    opposite = DENIED if action in principal.allowed else None
    seen = [(principal.name, action, opposite or "allowed")]
    assert unexpected({principal.name: {action: opposite}}) == seen


@pytest.mark.parametrize("code", ["InternalError", "InvalidClientTokenId", "AWS.SimpleQueueService.NonExistentQueue"])
def test_a_failure_is_no_refusal(code: str) -> None:
    assert unexpected({"administrator": {"purge": code}}) == [("administrator", "purge", code)]


def test_older_words_of_refusal_count_too() -> None:
    assert unexpected({"outsider": {"send": "AccessDenied"}}) == []


def test_what_is_received_is_deleted_so_that_nothing_of_the_probe_stays() -> None:
    guard = Guard(dict.fromkeys(ACTIONS), messages=["first", "second"])
    list(attempt_all(URL, lambda _: cast("SQSClient", guard)))
    assert all(particulars["QueueUrl"] == URL for _, particulars in guard.calls)
    deleted = [one["ReceiptHandle"] for action, one in guard.calls if action == "delete"]
    assert deleted == ["first", "second"] * len(PRINCIPALS)
