"""The local stack as an evaluator: it is given real policies and sent real requests."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from botocore.credentials import Credentials

from local.emulator import account
from local.emulator.clients import Clients
from local.emulator.process import Emulator
from local.emulator.sessions import root_environment
from tests.access.differential.case import Answer, Caller, Case, Kind, Part, Statement
from tests.access.differential.evaluator import Evaluator, UnanswerableError
from tests.access.differential.generation import vocabulary
from tests.access.differential.generation.sendable import CALLERS, NEW_TAGS, QUEUE_TAG, TAGS, owner_name
from tests.access.differential.line_process import Json
from tests.access.differential.ministack.attachments import Attachments, attachments
from tests.access.differential.ministack.wire import Wire
from tests.access.differential.rewriting import Condition, conditions, with_block

REFUSALS: Final = frozenset({"AccessDenied", "AccessDeniedException"})
BEYOND_PERMISSION: Final = frozenset({None, "ReceiptHandleIsInvalid"})
"""What SQS says to requests that are allowed: nothing amiss, or that what they ask for is not there."""
PARAMETERS: Final[Mapping[str, Json]] = {
    "SendMessage": {"MessageBody": "x"},
    "DeleteMessage": {"ReceiptHandle": "none"},
    "ChangeMessageVisibility": {"ReceiptHandle": "none", "VisibilityTimeout": 0},
    "SetQueueAttributes": {"Attributes": {"VisibilityTimeout": "30"}},
    "TagQueue": {"Tags": NEW_TAGS},
}
"""What each operation takes beside the queue."""

NOT_EQUAL: Final = ("ArnNotEquals", "StringNotEquals", "ArnNotLike", "StringNotLike")
"""Operators that say the same of two whole ARNs."""


@contextmanager
def running(emulator: Emulator) -> Iterator[Evaluator]:
    """The evaluator, as long as the block runs. The emulator is its own: nothing is tidied up.

    It says whether a request is allowed; every refusal is an implicit deny to it.
    """
    with Wire(emulator.public_url) as public, Wire(emulator.vpc_url) as vpc:
        stack = _Stack(emulator, public, vpc)
        stack.furnish()

        def answer(cases: Sequence[Case]) -> list[Answer]:
            return [stack.answer(case) for case in cases]

        yield answer


@dataclass
class _Stack:
    emulator: Emulator
    public: Wire
    vpc: Wire
    urls: dict[str, str] = field(default_factory=dict)
    queue_policies: dict[str, str] = field(default_factory=dict)
    owners: dict[tuple[str, str], Attachments] = field(default_factory=dict)
    """The roles and users, by account and name."""
    credentials: dict[tuple[str, str], Credentials] = field(default_factory=dict)
    """By the caller's ARN and its session's policy."""

    @cached_property
    def roots(self) -> Mapping[str, Clients]:
        """Both accounts' root users."""
        owners = (vocabulary.ACCOUNT, vocabulary.OTHER_ACCOUNT)
        return {owner: Clients(root_environment(self.emulator, owner)) for owner in owners}

    def furnish(self) -> None:
        """Make the queues, roles and users that cases are about."""
        sqs = self.roots[vocabulary.ACCOUNT].sqs
        for arn in (vocabulary.QUEUE, vocabulary.DEAD_LETTERS):
            name = arn.rpartition(":")[2]
            self.urls[arn] = sqs.create_queue(QueueName=name, tags={"team": QUEUE_TAG})["QueueUrl"]
        for caller in CALLERS:
            owner = (caller.account, owner_name(caller))
            if owner not in self.owners:
                self.owners[owner] = attachments(self.roots[caller.account].iam, caller, TAGS.get(owner[1]))

    def answer(self, case: Case) -> Answer:
        """Lay the case's policies, send its request, and say whether it went through."""
        self._lay(case)
        operation = case.action.partition(":")[2]
        through_endpoint, plain = bool(case.holds("aws:SourceVpce")), case.holds("aws:SecureTransport") == ("false",)
        reply = (self.vpc if through_endpoint else self.public).ask(
            operation,
            {"QueueUrl": self.urls[case.resource], **PARAMETERS.get(operation, {})},
            self._credentials_of(case),
            plain=plain,
        )
        if reply.code in REFUSALS:
            return Answer.IMPLICIT_DENY
        if reply.code in BEYOND_PERMISSION:
            return Answer.ALLOWED
        raise UnanswerableError(f"the local stack says {reply} to this case:\n{case}")

    def _lay(self, case: Case) -> None:
        spared = case if case.caller.kind is Kind.ROOT else case.rewritten(_sparing_root)
        text = _single(spared, Part.RESOURCE)
        if self.queue_policies.get(case.resource, "") != text:
            sqs = self.roots[case.account].sqs
            sqs.set_queue_attributes(QueueUrl=self.urls[case.resource], Attributes={"Policy": text})
            self.queue_policies[case.resource] = text
        if (owner := self.owners.get((case.caller.account, owner_name(case.caller)))) is not None:
            owner.lay(case.documents(Part.IDENTITY), _single(case, Part.BOUNDARY))

    def _credentials_of(self, case: Case) -> Credentials | None:
        if case.caller.kind is Kind.ANONYMOUS:
            return None
        if case.caller.kind is Kind.ROOT:
            return Credentials(case.caller.account, account.ROOT)
        limits = _single(case, Part.SESSION)
        key = (case.caller.arn, limits)
        if key not in self.credentials:
            self.credentials[key] = self._taken(case.caller, limits)
        return self.credentials[key]

    def _taken(self, caller: Caller, limits: str) -> Credentials:
        root = self.roots[caller.account]
        if caller.kind is Kind.USER:
            made = root.iam.create_access_key(UserName=caller.name)["AccessKey"]
            return Credentials(made["AccessKeyId"], made["SecretAccessKey"])
        role, session = caller.issuer_arn, caller.name
        given = (
            root.sts.assume_role(RoleArn=role, RoleSessionName=session, Policy=limits)
            if limits
            else root.sts.assume_role(RoleArn=role, RoleSessionName=session)
        )["Credentials"]
        return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def _sparing_root(part: Part, statement: Statement) -> Statement:
    """A queue policy's Deny with a condition more, true for all but root, which is to lay the next policy."""
    if part is not Part.RESOURCE or statement["Effect"] == "Allow":
        return statement
    said = conditions(statement)
    taken = {condition.operator for condition in said if condition.key.lower() == "aws:principalarn"}
    free = next(operator for operator in NOT_EQUAL if operator not in taken)
    spared = Condition(free, "aws:PrincipalArn", (f"arn:aws:iam::{vocabulary.ACCOUNT}:root",))
    return with_block(statement, [*said, spared])


def _single(case: Case, part: Part) -> str:
    documents = case.documents(part)
    return json.dumps(documents[0]) if documents else ""
