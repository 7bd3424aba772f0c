"""A live account: what is really there, whatever a state says. Nothing but Get, List and Describe calls."""

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from access.deployed import Deployed, Endpoint, Queue
from access.sources.documents import policy, redrive_target
from access.sources.errors import SourceError
from access.sources.identities import Identities
from access.sources.settings import Settings

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client
    from types_boto3_iam import IAMClient
    from types_boto3_sqs import SQSClient
    from types_boto3_sts import STSClient


class Clients(Protocol):
    """The clients that an account is read with."""

    @property
    def ec2(self) -> "EC2Client":
        """EC2."""

    @property
    def iam(self) -> "IAMClient":
        """IAM."""

    @property
    def sqs(self) -> "SQSClient":
        """SQS."""

    @property
    def sts(self) -> "STSClient":
        """STS."""


class SessionClients:
    """Clients with the credentials of the surroundings, each made when it is first needed; `AWS_ENDPOINT_URL` counts.

    Args:
        region: The region.

    Raises:
        SourceError: When the surroundings are not as they must be, such as a profile that does not exist.
    """

    def __init__(self, region: str) -> None:
        try:
            self._session = boto3.Session(region_name=region)
        except BotoCoreError as error:
            raise SourceError(f"the account cannot be read: {error}; look at AWS_PROFILE and AWS's settings") from None

    @cached_property
    def ec2(self) -> "EC2Client":
        """EC2."""
        return self._session.client("ec2")

    @cached_property
    def iam(self) -> "IAMClient":
        """IAM."""
        return self._session.client("iam")

    @cached_property
    def sqs(self) -> "SQSClient":
        """SQS."""
        return self._session.client("sqs")

    @cached_property
    def sts(self) -> "STSClient":
        """STS."""
        return self._session.client("sts")


def read_live(clients: Clients, settings: Settings) -> Deployed:
    """Read the queues and roles whose names have the environment's prefix, and its VPC endpoint.

    It calls GetCallerIdentity, ListQueues, GetQueueAttributes, DescribeVpcEndpoints and what `Identities` does.

    Args:
        clients: Whose credentials are used, and where.
        settings: The environment.

    Raises:
        SourceError: When there is no such queue, a call is refused, or the account is another one.
    """
    try:
        _check_account(clients.sts, settings)
        queues = tuple(_queues(clients.sqs, settings))
        roles = tuple(Identities(clients.iam, settings).own_roles())
        endpoints = tuple(_endpoints(clients.ec2, settings))
    except (ClientError, BotoCoreError) as error:
        raise SourceError(f"the account could not be read: {error}") from None
    if not queues:
        raise SourceError(f"account {settings.account_id} has no queue whose name begins with {settings.prefix}")
    return Deployed("the live account", queues, roles, endpoints)


def _check_account(sts: "STSClient", settings: Settings) -> None:
    found = sts.get_caller_identity()["Account"]
    if found != settings.account_id:
        raise SourceError(f"the credentials are of account {found}; the stack is in {settings.account_id}")


def _queues(sqs: "SQSClient", settings: Settings) -> Iterator[Queue]:
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=settings.prefix)
    for url in sorted(url for page in pages for url in page.get("QueueUrls", [])):
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn", "Policy", "RedrivePolicy"])
        attributes = {str(name): value for name, value in answer["Attributes"].items()}
        arn, document, redrive = (attributes.get(name) for name in ("QueueArn", "Policy", "RedrivePolicy"))
        name = url.rsplit("/", 1)[-1]
        yield Queue(
            arn=arn or settings.queue_arn(name),
            policy=policy(settings.label(name), document) if document else None,
            dead_letter_arn=redrive_target(redrive, name) if redrive else None,
        )


def _endpoints(ec2: "EC2Client", settings: Settings) -> Iterator[Endpoint]:
    if settings.vpc_endpoint_id is None:
        return
    found = ec2.describe_vpc_endpoints(VpcEndpointIds=[settings.vpc_endpoint_id])["VpcEndpoints"]
    for one in found:
        document = one.get("PolicyDocument")
        yield Endpoint(
            endpoint_id=one.get("VpcEndpointId"),
            vpc_id=one.get("VpcId"),
            policy=policy("endpoint policy", document) if document else None,
        )
