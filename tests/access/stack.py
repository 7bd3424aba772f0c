"""The stack's own documents, and ways to weaken them."""

from collections.abc import Mapping
from dataclasses import replace

from access.deployed import Identity
from access.documents import Condition
from access.documents import Statement as ReadStatement
from access.policy import Policy
from access.proof.protected import Protected
from components.grants import JobStorage, QueueAccess, consumer_statements, producer_statements
from components.statements import Statement, VpcOrigin, document, trust_ecs_tasks
from tests.access.scene import ACCOUNT

QUEUE, DLQ = f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs", f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs-dlq"
VPC, ENDPOINT = "vpc-0123456789abcdef0", "vpce-0123456789abcdef0"


def role(name: str) -> str:
    """The ARN of a role of the account."""
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


PRODUCER, CONSUMER = role("producer"), role("consumer")
TRUST = Policy.parse(
    "trust",
    document([trust_ecs_tasks(account_id=ACCOUNT, tasks_arn_pattern=f"arn:aws:ecs:us-east-1:{ACCOUNT}:*")]),
)
DEPLOYER, BREAK_GLASS, OPERATOR = role("ci/deployer"), role("break-glass"), role("operator")


def protected(
    *,
    deployers: tuple[str, ...] = (DEPLOYER,),
    break_glass: tuple[str, ...] = (BREAK_GLASS,),
    operators: tuple[str, ...] = (OPERATOR,),
    kms_key_arn: str | None = None,
) -> Protected:
    """The stack, as its components make it."""
    access = QueueAccess(QUEUE, DLQ, PRODUCER, CONSUMER, VpcOrigin(VPC, ENDPOINT), deployers, break_glass, operators)
    storage = JobStorage(
        "arn:aws:s3:::uploads/user_*",
        "arn:aws:s3:::uploads/results/*",
        f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/enable-sqs",
    )

    def own(name: str, statements: list[Statement]) -> tuple[Policy, ...]:
        return (Policy.parse(name, document(statements)),)

    producer = producer_statements(access, storage, region="us-east-1", kms_key_arn=kms_key_arn)
    consumer = consumer_statements(access, storage, region="us-east-1", kms_key_arn=kms_key_arn)
    return Protected(
        queue_arn=QUEUE,
        account_id=ACCOUNT,
        queue_policy=Policy.parse("queue policy", document(access.queue_statements())),
        vpc_id=VPC,
        vpc_endpoint_id=ENDPOINT,
        deployer_arns=deployers,
        dlq_arn=DLQ,
        dlq_policy=Policy.parse("dlq policy", document(access.dlq_statements())),
        producer=Identity(PRODUCER, own("producer policy", producer), trust=TRUST),
        consumer=Identity(CONSUMER, own("consumer policy", consumer), trust=TRUST),
        break_glass_arns=break_glass,
        operator_arns=operators,
    )


# ---- Weakening a policy


def without(policy: Policy, *labels: str) -> Policy:
    """The policy without these statements."""
    assert all(statement(policy, label) for label in labels)
    return replace(policy, statements=tuple(one for one in policy.statements if one.label not in labels))


def having(policy: Policy, **statement: object) -> Policy:
    """The policy with one more statement."""
    more = Policy.parse("more", {"Version": "2012-10-17", "Statement": {"Sid": "More", **statement}})
    return replace(policy, statements=policy.statements + more.statements)


def statement(policy: Policy, label: str) -> ReadStatement:
    """The statement of this name."""
    (found,) = (one for one in policy.statements if one.label == label)
    return found


def exchanged(policy: Policy, label: str, **fields: object) -> Policy:
    """The policy with other fields in one statement."""
    other = replace(statement(policy, label), **fields)  # type: ignore[arg-type] # whichever fields the test names
    return replace(policy, statements=tuple(other if one.label == label else one for one in policy.statements))


def under(policy: Policy, label: str, conditions: Mapping[tuple[str, str], tuple[str, ...]]) -> Policy:
    """The policy with other conditions in one statement: values by operator and key."""
    listed = tuple(Condition(operator.lower(), key.lower(), values) for (operator, key), values in conditions.items())
    return exchanged(policy, label, conditions=listed)
