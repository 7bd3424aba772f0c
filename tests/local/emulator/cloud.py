"""The account as a test uses it: clients by role, and queues and roles that go away afterwards."""

import contextlib
import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local.emulator import account
from local.emulator.clients import Clients
from local.emulator.process import Emulator
from local.emulator.sessions import Role, root_environment, session_environment

if TYPE_CHECKING:
    from types_boto3_sqs.literals import QueueAttributeNameType

Statement = Mapping[str, Any]

ECS_TRUST: Statement = {
    "Effect": "Allow",
    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
    "Action": "sts:AssumeRole",
}


def document(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: list[str], resource: str, **more: object) -> Statement:
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def deny(actions: list[str], resource: str, **more: object) -> Statement:
    return {"Effect": "Deny", "Principal": "*", "Action": actions, "Resource": resource, **more}


def refused(call: Callable[[], object]) -> ClientError:
    """The error that AWS answers a call with; a call that is allowed fails the test."""
    with pytest.raises(ClientError) as caught:
        call()
    return caught.value


def code_of(call: Callable[[], object]) -> str:
    return refused(call).response["Error"]["Code"]


def words_of(call: Callable[[], object]) -> str:
    return refused(call).response["Error"]["Message"]


@dataclass(frozen=True)
class Queue:
    """A queue that a test made, and its dead-letter queue."""

    name: str
    url: str
    arn: str
    dead_letter_name: str
    dead_letter_url: str
    dead_letter_arn: str


@dataclass(frozen=True)
class Sessions:
    """Clients of one emulator, made once: a client takes longer to make than most tests take."""

    emulator: Emulator
    made: dict[tuple[Role | None, str | None, bool | None], Clients] = field(default_factory=dict)

    def clients(self, role: Role | None, task_role_arn: str | None = None, vpc: bool | None = None) -> Clients:  # noqa: FBT001 - three choices, none the default
        key = (role, task_role_arn, vpc)
        if key not in self.made:
            self.made[key] = Clients(self._environment(role, task_role_arn, vpc=vpc))
        return self.made[key]

    def _environment(self, role: Role | None, task_role_arn: str | None, *, vpc: bool | None) -> dict[str, str]:
        if role is None:
            return root_environment(self.emulator)
        environment = session_environment(self.emulator, role, task_role_arn=task_role_arn)
        if vpc is not None:
            environment["AWS_ENDPOINT_URL"] = self.emulator.vpc_url if vpc else self.emulator.public_url
        return environment


@dataclass
class Cloud:
    sessions: Sessions
    cleanup: ExitStack = field(default_factory=ExitStack)

    @property
    def emulator(self) -> Emulator:
        return self.sessions.emulator

    @cached_property
    def root(self) -> Clients:
        return self.sessions.clients(None)

    def clients(self, role: Role, *, task_role_arn: str | None = None, vpc: bool | None = None) -> Clients:
        """A role's clients, through its own listener or, if `vpc` is given, through the one it says."""
        return self.sessions.clients(role, task_role_arn, vpc)

    def queue(self, name: str, *, max_receives: int = 1) -> Queue:
        dead_letter_arn = account.queue_arn(f"{name}-dlq")
        redrive = json.dumps({"deadLetterTargetArn": dead_letter_arn, "maxReceiveCount": max_receives})
        dead_letter_url = self._make_queue(f"{name}-dlq", {})
        url = self._make_queue(name, {"RedrivePolicy": redrive})
        return Queue(name, url, account.queue_arn(name), f"{name}-dlq", dead_letter_url, dead_letter_arn)

    def _make_queue(self, name: str, attributes: "Mapping[QueueAttributeNameType, str]") -> str:
        url = self.root.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.cleanup.callback(self._delete_queue, url)
        return url

    def _delete_queue(self, url: str) -> None:
        with contextlib.suppress(self.root.sqs.exceptions.QueueDoesNotExist):
            self.root.sqs.delete_queue(QueueUrl=url)

    def role(self, name: str, *statements: Statement, trust: Statement = ECS_TRUST, path: str = "/") -> str:
        """A role, by default one for ECS tasks, with an inline policy; gives its ARN."""
        trusting = document(trust)
        arn = self.root.iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trusting)["Role"]["Arn"]
        self.cleanup.callback(self._delete_role, name)
        if statements:
            self.permit(name, *statements)
        return arn

    def permit(self, role_name: str, *statements: Statement) -> None:
        self.root.iam.put_role_policy(RoleName=role_name, PolicyName="inline", PolicyDocument=document(*statements))

    def _delete_role(self, name: str) -> None:
        with contextlib.suppress(self.root.iam.exceptions.NoSuchEntityException):
            self.root.iam.delete_role_policy(RoleName=name, PolicyName="inline")
        self.root.iam.delete_role(RoleName=name)

    def set_policy(self, queue_url: str, *statements: Statement) -> None:
        self.root.sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": document(*statements)})
