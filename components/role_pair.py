"""`RolePair`: the producer's and the consumer's task role, and every document that says what they may do."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.grants import (
    RESULT_KEYS,
    UPLOAD_KEYS,
    JobStorage,
    QueueAccess,
    consumer_statements,
    producer_statements,
)
from components.naming import Place
from components.statements import Statement, VpcOrigin, document, trust_ecs_tasks


class RolePairArgs(TypedDict):
    """What a `RolePair` is made from. All that ends in a document is plain: documents must be known at preview."""

    account_id: str
    """The account of the queues and the roles."""
    region: str
    """The region of the queues."""
    queue_arn: str
    """The queue that one role fills and the other drains."""
    queue_url: pulumi.Input[str]
    """The queue's URL, where its policy is put."""
    dlq_arn: str
    """The dead-letter queue, which neither role touches."""
    dlq_url: pulumi.Input[str]
    """The dead-letter queue's URL, where its policy is put."""
    producer_role_name: str
    """The name of the role that sends."""
    consumer_role_name: str
    """The name of the role that receives, extends and deletes."""
    policy_name_prefix: str
    """What the names of the two identity policies begin with; `-producer` and `-consumer` follow."""
    vpc_id: str
    """The VPC that message traffic comes from."""
    vpc_endpoint_id: str
    """The SQS interface endpoint in that VPC; without one, a condition on the VPC would shut everybody out."""
    deployer_arns: Sequence[str]
    """Who deploys, and so may delete the queues. At least one, or the stack could never be taken down."""
    uploads_bucket: str
    """The existing bucket of uploads and results."""
    kill_switch_parameter: str
    """The Systems Manager parameter that stops publishing."""
    break_glass_arns: NotRequired[Sequence[str]]
    """Who may purge and delete in an emergency. Default nobody."""
    operator_arns: NotRequired[Sequence[str]]
    """Who may read and redrive the dead-letter queue. Default nobody."""
    kms_key_arn: NotRequired[str | None]
    """The key that the queues are encrypted with, if they are by a key of one's own."""
    tags: NotRequired[dict[str, str]]
    """Tags for roles and policies."""


class RolePair(pulumi.ComponentResource):
    """Two roles that can do their half of the work and nothing else, and the policies of both queues.

    Args:
        name: The component's name, which prefixes its children's.
        args: See `RolePairArgs`.
        opts: The usual options.

    Raises:
        ValueError: When the VPC condition has no endpoint, or nobody could take the stack down; nothing has been
            created then.
    """

    producer_role_arn: pulumi.Output[str]
    consumer_role_arn: pulumi.Output[str]

    def __init__(self, name: str, args: RolePairArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(name, args)
        super().__init__("retainwise:index:RolePair", name, {}, opts)
        place = Place(args["account_id"], args["region"])
        access = _access(args, place)
        storage = JobStorage(
            uploads_arn=place.objects_arn(args["uploads_bucket"], UPLOAD_KEYS),
            results_arn=place.objects_arn(args["uploads_bucket"], RESULT_KEYS),
            kill_switch_arn=place.parameter_arn(args["kill_switch_parameter"]),
        )
        region, kms_key_arn = args["region"], args.get("kms_key_arn")

        producer = self._role(
            f"{name}-producer",
            args["producer_role_name"],
            f"{args['policy_name_prefix']}-producer",
            producer_statements(access, storage, region=region, kms_key_arn=kms_key_arn),
            args,
        )
        consumer = self._role(
            f"{name}-consumer",
            args["consumer_role_name"],
            f"{args['policy_name_prefix']}-consumer",
            consumer_statements(access, storage, region=region, kms_key_arn=kms_key_arn),
            args,
        )
        # SQS refuses a policy whose principals do not exist yet, and their ARNs are plain strings here.
        after_roles = pulumi.ResourceOptions(parent=self, depends_on=[producer, consumer])
        aws.sqs.QueuePolicy(
            f"{name}-queue-policy",
            queue_url=args["queue_url"],
            policy=document(access.queue_statements()),
            opts=after_roles,
        )
        aws.sqs.QueuePolicy(
            f"{name}-dlq-policy",
            queue_url=args["dlq_url"],
            policy=document(access.dlq_statements()),
            opts=after_roles,
        )

        self.producer_role_arn, self.consumer_role_arn = producer.arn, consumer.arn
        self.register_outputs(
            {"producer_role_arn": self.producer_role_arn, "consumer_role_arn": self.consumer_role_arn}
        )

    def _role(
        self, name: str, role_name: str, policy_name: str, statements: list[Statement], args: RolePairArgs
    ) -> aws.iam.Role:
        place = Place(args["account_id"], args["region"])
        child = pulumi.ResourceOptions(parent=self)
        trust = trust_ecs_tasks(account_id=place.account_id, tasks_arn_pattern=place.ecs_arn_pattern)
        role = aws.iam.Role(
            f"{name}-role", name=role_name, assume_role_policy=document([trust]), tags=args.get("tags"), opts=child
        )
        policy = aws.iam.Policy(
            f"{name}-policy", name=policy_name, policy=document(statements), tags=args.get("tags"), opts=child
        )
        aws.iam.RolePolicyAttachment(f"{name}-attachment", role=role.name, policy_arn=policy.arn, opts=child)
        return role


def _access(args: RolePairArgs, place: Place) -> QueueAccess:
    return QueueAccess(
        queue_arn=args["queue_arn"],
        dlq_arn=args["dlq_arn"],
        producer_arn=place.role_arn(args["producer_role_name"]),
        consumer_arn=place.role_arn(args["consumer_role_name"]),
        origin=VpcOrigin(args["vpc_id"], args["vpc_endpoint_id"]),
        deployer_arns=args["deployer_arns"],
        break_glass_arns=args.get("break_glass_arns", []),
        operator_arns=args.get("operator_arns", []),
    )


def _check(name: str, args: RolePairArgs) -> None:
    if not args["vpc_endpoint_id"]:
        raise ValueError(
            f"RolePair {name!r}: vpc_endpoint_id is empty. Requests carry aws:SourceVpc only when they come through an"
            f" interface endpoint for SQS, so a condition on {args['vpc_id']} without one would shut everybody out."
        )
    if not args["deployer_arns"]:
        raise ValueError(f"RolePair {name!r}: deployer_arns is empty, so nobody could delete the queues again.")
    if args["producer_role_name"] == args["consumer_role_name"]:
        raise ValueError(f"RolePair {name!r}: one role would both send and consume: {args['producer_role_name']!r}.")
