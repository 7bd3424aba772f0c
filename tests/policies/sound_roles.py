"""A sound role with its policy and what attaches it, for cases to break in one place."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components.statements import LOOKUP_ACTIONS, PRODUCER_ACTIONS, Statement, allow, document, trust_ecs_tasks
from tests.policies.case import Case
from tests.policies.sound import ACCOUNT, ORIGIN, PROJECT, REGION, queue_arn
from tests.policy_harness.declared import UNKNOWN, Declared

TRUST = trust_ecs_tasks(account_id=ACCOUNT, tasks_arn_pattern=f"arn:aws:ecs:{REGION}:{ACCOUNT}:*")
QUEUE_ARN = queue_arn(f"{PROJECT}-local-elsewhere")
SEND = allow("Send", PRODUCER_ACTIONS + LOOKUP_ACTIONS, [QUEUE_ARN], ORIGIN.required)
RECEIVE = allow("Receive", ["sqs:ReceiveMessage"], [QUEUE_ARN], ORIGIN.required)


@dataclass(frozen=True)
class SoundRole:
    """A role that sends to a queue of another stack.

    Args:
        prefix: What every name in the program begins with.
    """

    prefix: str

    @property
    def tags(self) -> dict[str, str]:
        """The tags of all that takes tags."""
        return {"Project": PROJECT, "Environment": "local", "ManagedBy": "pulumi"}

    def aws_name(self, what: str) -> str:
        """The name in AWS of something of this case."""
        return f"{PROJECT}-local-{self.prefix}-{what}"

    def role(self, trust: Statement = TRUST, **properties: object) -> Declared:
        """The role.

        Args:
            trust: Who may take it.
            properties: What the program gives besides.
        """
        return Declared(
            "aws:iam/role:Role",
            f"{self.prefix}-role",
            {
                "name": self.aws_name("task"),
                "assumeRolePolicy": document([trust]),
                "tags": self.tags,
                **properties,
            },
            outputs={"arn": UNKNOWN, "id": UNKNOWN, "inlinePolicies": UNKNOWN, "managedPolicyArns": UNKNOWN}
            | dict(properties),
        )

    def policy(self, statements: Sequence[Statement] = (SEND,), *, name: str = "policy") -> Declared:
        """A policy of its own.

        Args:
            statements: What it says.
            name: What follows the prefix in its name.
        """
        return Declared(
            "aws:iam/policy:Policy",
            f"{self.prefix}-{name}",
            {"name": self.aws_name(name), "policy": document(statements), "tags": self.tags},
            outputs={"arn": UNKNOWN, "id": UNKNOWN},
        )

    def attachment(self, *, of: str = "policy") -> Declared:
        """What attaches a policy of its own to the role."""
        return Declared(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            f"{self.prefix}-{of}-attachment",
            {"role": UNKNOWN, "policyArn": UNKNOWN},
            sources={"role": [f"{self.prefix}-role"], "policyArn": [f"{self.prefix}-{of}"]},
        )

    def inline(self, statements: Sequence[Statement]) -> Declared:
        """A policy inline in the role, as a resource of its own."""
        return Declared(
            "aws:iam/rolePolicy:RolePolicy",
            f"{self.prefix}-inline",
            {"name": self.aws_name("inline"), "role": UNKNOWN, "policy": document(statements)},
            sources={"role": [f"{self.prefix}-role"]},
        )

    def everything(self) -> tuple[Declared, ...]:
        """The role with all that belongs to it, in the order of the program."""
        return (self.role(), self.policy(), self.attachment())

    def case(  # noqa: PLR0913 - what a case differs in from the others, all by keyword
        self,
        rule: str,
        *,
        broken: Sequence[Declared],
        at: str,
        says: str,
        kept: Sequence[Declared] | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> Case:
        """A case of a rule; arguments as of `Sound.case`."""
        return Case(
            rule=rule,
            prefix=self.prefix,
            kept=self.everything() if kept is None else tuple(kept),
            broken=tuple(broken),
            at=f"{self.prefix}-{at}",
            says=says,
            settings=settings or {},
        )


def as_text(**statement: object) -> str:
    """A document of one statement, whatever it says."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
