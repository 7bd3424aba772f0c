"""boto3 clients for a session's environment, without putting that environment into this process's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_ec2 import EC2Client
    from types_boto3_iam import IAMClient
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient
    from types_boto3_ssm import SSMClient
    from types_boto3_sts import STSClient


@dataclass(frozen=True)
class Clients:
    """One session's clients, each made when it is first asked for.

    Args:
        environment: What `session_environment` gives.
        attempts: How often a call is tried; 1, the default, shows every failure.
    """

    environment: Mapping[str, str]
    attempts: int = 1

    @cached_property
    def session(self) -> boto3.Session:
        """The boto3 session, for clients that are not here; they need `endpoint_url`."""
        return boto3.Session(
            self.environment["AWS_ACCESS_KEY_ID"],
            self.environment["AWS_SECRET_ACCESS_KEY"],
            self.environment.get("AWS_SESSION_TOKEN"),
            region_name=self.environment["AWS_REGION"],
        )

    @property
    def endpoint_url(self) -> str:
        """The listener that the session works through."""
        return self.environment["AWS_ENDPOINT_URL"]

    @property
    def _config(self) -> Config:
        # No proxy: the emulator is on this machine, and a proxy of the surroundings is not.
        return Config(retries={"total_max_attempts": self.attempts, "mode": "standard"}, proxies={})

    @cached_property
    def sqs(self) -> "SQSClient":
        """SQS."""
        return self.session.client("sqs", endpoint_url=self.endpoint_url, config=self._config)

    @cached_property
    def iam(self) -> "IAMClient":
        """IAM."""
        return self.session.client("iam", endpoint_url=self.endpoint_url, config=self._config)

    @cached_property
    def sts(self) -> "STSClient":
        """STS."""
        return self.session.client("sts", endpoint_url=self.endpoint_url, config=self._config)

    @cached_property
    def cloudwatch(self) -> "CloudWatchClient":
        """CloudWatch."""
        return self.session.client("cloudwatch", endpoint_url=self.endpoint_url, config=self._config)

    @cached_property
    def s3(self) -> "S3Client":
        """S3."""
        return self.session.client("s3", endpoint_url=self.endpoint_url, config=self._config)

    @cached_property
    def ssm(self) -> "SSMClient":
        """Systems Manager."""
        return self.session.client("ssm", endpoint_url=self.endpoint_url, config=self._config)

    @cached_property
    def ec2(self) -> "EC2Client":
        """EC2."""
        return self.session.client("ec2", endpoint_url=self.endpoint_url, config=self._config)
