"""boto3 clients, each made once and safely, with the limits that this application wants."""

import threading
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from app.user_agent import user_agent

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_sqs.client import SQSClient as BotoSQSClient
    from types_boto3_ssm.client import SSMClient
    from types_boto3_sts.client import STSClient

CONNECTIONS = 50
"""Connections a client keeps; botocore's own 10 make threads wait for each other."""

ATTEMPTS = 3
"""Attempts a call has in all, the first one counted."""

_CONNECT_SECONDS = 5
# A long poll is answered after 20 s at most; a shorter read timeout would cut polls off with messages already locked.
_READ_SECONDS = 35
_QUICK_CONNECT_SECONDS = 1
_QUICK_READ_SECONDS = 3

# botocore makes clients out of a shared session that is not safe to use from several threads. The clients are.
_making_clients = threading.Lock()


def _config(*, quick: bool = False, attempts: int = ATTEMPTS) -> Config:
    return Config(
        user_agent=user_agent(),
        max_pool_connections=CONNECTIONS,
        # What is called here is typed, and AWS checks it too; botocore's own check costs a twentieth of a batch.
        parameter_validation=False,
        connect_timeout=_QUICK_CONNECT_SECONDS if quick else _CONNECT_SECONDS,
        read_timeout=_QUICK_READ_SECONDS if quick else _READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )


def make_sqs(region: str) -> "BotoSQSClient":
    """An SQS client: 50 connections, 3 attempts, a read timeout above the long poll.

    Args:
        region: The region's name. boto3 itself reads AWS_DEFAULT_REGION and not AWS_REGION, so it is always passed.
    """
    with _making_clients:
        return boto3.client("sqs", region_name=region, config=_config())


def make_heartbeat_sqs(region: str) -> "BotoSQSClient":
    """An SQS client for heartbeats: quick to give up, one attempt, since the heartbeat keeps its own time."""
    with _making_clients:
        return boto3.client("sqs", region_name=region, config=_config(quick=True, attempts=1))


def make_sts(region: str) -> "STSClient":
    """An STS client, quick to give up: there may be no way to STS from inside a VPC."""
    with _making_clients:
        return boto3.client("sts", region_name=region, config=_config(quick=True, attempts=1))


def make_s3(region: str) -> "S3Client":
    """An S3 client."""
    with _making_clients:
        return boto3.client("s3", region_name=region, config=_config())


def make_ssm(region: str) -> "SSMClient":
    """A Systems Manager client, quick to give up: publishing waits for it."""
    with _making_clients:
        return boto3.client("ssm", region_name=region, config=_config(quick=True, attempts=2))
