"""boto3 clients, each made once: making one is slow and not thread-safe, using one is neither."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_ec2 import EC2Client
    from types_boto3_ecs import ECSClient
    from types_boto3_iam import IAMClient
    from types_boto3_sqs import SQSClient
    from types_boto3_sts import STSClient

    from local.provider.configuration import Configuration

_T = TypeVar("_T")
_CONNECTIONS = 32
"""As many as the server has threads, so that none waits for another's connection."""


class Clients:
    """The clients of one configured provider, for all its threads.

    Args:
        configuration: Region, endpoints and credentials. What it leaves open, boto3 finds in the environment.
    """

    def __init__(self, configuration: "Configuration") -> None:
        self._configuration = configuration
        self._session = boto3.Session(
            aws_access_key_id=configuration.access_key,
            aws_secret_access_key=configuration.secret_key,
            aws_session_token=configuration.token,
            profile_name=configuration.profile,
        )
        self._options = Config(
            retries={"mode": "standard", "total_max_attempts": configuration.attempts},
            connect_timeout=5,
            read_timeout=30,
            max_pool_connections=_CONNECTIONS,
            proxies={},  # a proxy from the environment would carry the request off this machine
        )
        self._lock = threading.Lock()
        self._sqs: dict[str, SQSClient] = {}
        self._iam: dict[str, IAMClient] = {}
        self._cloudwatch: dict[str, CloudWatchClient] = {}
        self._ec2: dict[str, EC2Client] = {}
        self._ecs: dict[str, ECSClient] = {}

    def session(self, region: str | None) -> "Session":
        """Bind the clients to a resource's region.

        Args:
            region: The resource's region; None for the provider's.

        Returns:
            Clients for that region.
        """
        return Session(self, region or self._configuration.region)

    def sqs(self, region: str) -> "SQSClient":
        """Give the SQS client of a region.

        Args:
            region: The region's name.

        Returns:
            The client.
        """

        def make() -> "SQSClient":
            return self._session.client(
                "sqs", region, endpoint_url=self._configuration.endpoint("sqs"), config=self._options
            )

        return self._once(self._sqs, region, make)

    def iam(self, region: str) -> "IAMClient":
        """Give the IAM client; IAM is global, and the region is only what requests are signed for.

        Args:
            region: The region's name.

        Returns:
            The client.
        """

        def make() -> "IAMClient":
            return self._session.client(
                "iam", region, endpoint_url=self._configuration.endpoint("iam"), config=self._options
            )

        return self._once(self._iam, region, make)

    def cloudwatch(self, region: str) -> "CloudWatchClient":
        """Give the CloudWatch client of a region.

        Args:
            region: The region's name.

        Returns:
            The client.
        """

        def make() -> "CloudWatchClient":
            return self._session.client(
                "cloudwatch", region, endpoint_url=self._configuration.endpoint("cloudwatch"), config=self._options
            )

        return self._once(self._cloudwatch, region, make)

    def ec2(self, region: str) -> "EC2Client":
        """Give the EC2 client of a region.

        Args:
            region: The region's name.

        Returns:
            The client.
        """

        def make() -> "EC2Client":
            return self._session.client(
                "ec2", region, endpoint_url=self._configuration.endpoint("ec2"), config=self._options
            )

        return self._once(self._ec2, region, make)

    def ecs(self, region: str) -> "ECSClient":
        """Give the ECS client of a region.

        Args:
            region: The region's name.

        Returns:
            The client.
        """

        def make() -> "ECSClient":
            return self._session.client(
                "ecs", region, endpoint_url=self._configuration.endpoint("ecs"), config=self._options
            )

        return self._once(self._ecs, region, make)

    def account_id(self) -> str:
        """Ask STS whose credentials these are.

        Returns:
            The 12 digits of the account.
        """
        with self._lock:
            sts: STSClient = self._session.client(
                "sts",
                self._configuration.region,
                endpoint_url=self._configuration.endpoint("sts"),
                config=self._options,
            )
        return sts.get_caller_identity()["Account"]

    def _once(self, made: dict[str, _T], region: str, make: Callable[[], _T]) -> _T:
        with self._lock:
            if region not in made:
                made[region] = make()
            return made[region]


@dataclass(frozen=True)
class Session:
    """The clients for one resource's region.

    Args:
        clients: The provider's clients.
        region: The region's name.
    """

    clients: Clients
    region: str

    @property
    def sqs(self) -> "SQSClient":
        """SQS in the region."""
        return self.clients.sqs(self.region)

    @property
    def iam(self) -> "IAMClient":
        """IAM, which is global."""
        return self.clients.iam(self.region)

    @property
    def cloudwatch(self) -> "CloudWatchClient":
        """CloudWatch in the region."""
        return self.clients.cloudwatch(self.region)

    @property
    def ec2(self) -> "EC2Client":
        """EC2 in the region."""
        return self.clients.ec2(self.region)

    @property
    def ecs(self) -> "ECSClient":
        """ECS in the region."""
        return self.clients.ecs(self.region)
