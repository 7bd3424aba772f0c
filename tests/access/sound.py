"""A sound stack as deployed: the project's own policies on a queue and its dead-letter queue, and its two roles."""

import json
from dataclasses import replace
from typing import Any

from access.deployed import Deployed, Identity, Queue
from access.policy import Policy
from access.sources import Settings
from components.grants import JobStorage, QueueAccess, consumer_statements, producer_statements
from components.statements import VpcOrigin, document, trust_ecs_tasks

ACCOUNT, REGION = "123456789012", "us-east-1"
PREFIX = "shop-dev-"
VPC, ENDPOINT = "vpc-0a1b2c3d4e5f60718", "vpce-0a1b2c3d4e5f60718"
QUEUE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{PREFIX}predictions"
DLQ_ARN = f"{QUEUE_ARN}-dlq"


def role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


PRODUCER_ARN, CONSUMER_ARN = role_arn(f"{PREFIX}backend-task"), role_arn(f"{PREFIX}worker-task")
SETTINGS = Settings(
    prefix=PREFIX,
    account_id=ACCOUNT,
    region=REGION,
    vpc_id=VPC,
    vpc_endpoint_id=ENDPOINT,
    deployer_arns=(role_arn("deployer"),),
    break_glass_arns=(role_arn("break-glass"),),
    operator_arns=(role_arn("operator"),),
    uploads_bucket="shop-dev-uploads",
)
ACCESS = QueueAccess(
    queue_arn=QUEUE_ARN,
    dlq_arn=DLQ_ARN,
    producer_arn=PRODUCER_ARN,
    consumer_arn=CONSUMER_ARN,
    origin=VpcOrigin(VPC, ENDPOINT),
    deployer_arns=SETTINGS.deployer_arns,
    break_glass_arns=SETTINGS.break_glass_arns,
    operator_arns=SETTINGS.operator_arns,
)
STORAGE = JobStorage(
    "arn:aws:s3:::shop-dev-uploads/user_*",
    "arn:aws:s3:::shop-dev-uploads/results/*",
    f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/shop/dev/enable-sqs",
)
DOCUMENTS = {
    "queue": document(ACCESS.queue_statements()),
    "dlq": document(ACCESS.dlq_statements()),
    "producer": document(producer_statements(ACCESS, STORAGE, region=REGION, kms_key_arn=None)),
    "consumer": document(consumer_statements(ACCESS, STORAGE, region=REGION, kms_key_arn=None)),
    "trust": document([trust_ecs_tasks(account_id=ACCOUNT, tasks_arn_pattern=f"arn:aws:ecs:{REGION}:{ACCOUNT}:*")]),
}
REDRIVE = json.dumps({"deadLetterTargetArn": DLQ_ARN, "maxReceiveCount": 3})


def deployed(**documents: str) -> Deployed:
    """The stack, with some documents in the place of the sound ones."""
    written = {**DOCUMENTS, **documents}
    trust = Policy.parse("trust", written["trust"])
    return Deployed(
        "its state",
        (
            Queue(QUEUE_ARN, Policy.parse("predictions", written["queue"]), DLQ_ARN),
            Queue(DLQ_ARN, Policy.parse("predictions-dlq", written["dlq"])),
        ),
        (
            Identity(PRODUCER_ARN, (Policy.parse("predictions-producer", written["producer"]),), trust=trust),
            Identity(CONSUMER_ARN, (Policy.parse("predictions-consumer", written["consumer"]),), trust=trust),
        ),
    )


def with_statement(which: str, **statement: Any) -> str:  # noqa: ANN401 - whatever IAM knows
    """One of the documents with one statement more."""
    found = json.loads(DOCUMENTS[which])
    return json.dumps({**found, "Statement": [*found["Statement"], statement]})


def without_statement(which: str, sid: str) -> str:
    """One of the documents without one of its statements."""
    found = json.loads(DOCUMENTS[which])
    kept = [one for one in found["Statement"] if one["Sid"] != sid]
    assert len(kept) == len(found["Statement"]) - 1, f"there is no {sid}"
    return json.dumps({**found, "Statement": kept})


def without_endpoint() -> Settings:
    """Settings that leave the endpoint to the stack."""
    return replace(SETTINGS, vpc_endpoint_id=None)
