"""Breaks every rule of the pack, each with a resource of its own that is sound in all else."""

import json

import pulumi_aws as aws

from components.grants import QueueAccess
from components.statements import Statement, VpcOrigin, document

ACCOUNT = "123456789012"


def queue_arn(name: str) -> str:
    return f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"


def role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def access(name: str) -> QueueAccess:
    return QueueAccess(
        queue_arn=queue_arn(name),
        dlq_arn=queue_arn("retainwise-local-dead"),
        producer_arn=role_arn("operator"),
        consumer_arn=role_arn("operator"),
        origin=VpcOrigin("vpc-0a1b2c3d4e5f60718", "vpce-0a1b2c3d4e5f60718"),
        deployer_arns=[role_arn("deployer")],
    )


def queue(name: str, *, dead_letters: bool = True, receives: int = 3) -> aws.sqs.Queue:
    redrive = {"deadLetterTargetArn": queue_arn("retainwise-local-dead"), "maxReceiveCount": receives}
    return aws.sqs.Queue(
        name, name=f"retainwise-local-{name}", redrive_policy=json.dumps(redrive) if dead_letters else None
    )


def policy(name: str, of: aws.sqs.Queue, statements: list[Statement]) -> None:
    aws.sqs.QueuePolicy(name, queue_url=of.url, policy=document(statements))


def with_allows(statements: list[Statement], changed: Statement) -> list[Statement]:
    return [{**one, **changed} if one["Effect"] == "Allow" else one for one in statements]


def role_policy(name: str, actions: list[str], resource: str) -> None:
    statement: Statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    aws.iam.Policy(name, name=f"retainwise-local-{name}", policy=document([statement]))


dead = queue("dead", dead_letters=False)
policy("dead-policy", dead, access("retainwise-local-dead").dlq_statements())

hasty = queue("hasty", receives=1)
sound = access("retainwise-local-hasty").queue_statements()
policy("without-purge-deny", hasty, [one for one in sound if one["Sid"] != "DenyPurgeQueue"])
policy("without-vpc-deny", hasty, [one for one in sound if one["Sid"] != "DenyMessagesFromOutsideVpc"])
policy("without-vpc-condition", hasty, with_allows(sound, {"Condition": {}}))
policy("for-anybody", hasty, with_allows(sound, {"Principal": "*"}))

lonely = queue("lonely", dead_letters=False)
policy("lonely-policy", lonely, access("retainwise-local-lonely").queue_statements())

queue("bare")

role_policy("any-action", ["sqs:*"], queue_arn("retainwise-local-hasty"))
role_policy("any-resource", ["sqs:SendMessage"], "*")
aws.iam.RolePolicyAttachment(
    "aws-managed", role="retainwise-local-worker", policy_arn="arn:aws:iam::aws:policy/AmazonSQSFullAccess"
)
