"""The SQS client of this process: made once, checked at startup, closed at shutdown, injected wherever it is used."""

import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from structlog.typing import FilteringBoundLogger

from app.aws import make_sqs
from app.aws_failures import AWS_ERRORS, AwsFailure, FailureKind, whole_answer
from app.errors import OperationFailedError
from app.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from types_boto3_sqs.client import SQSClient as BotoSQSClient

log: FilteringBoundLogger = structlog.get_logger(__name__)

# The hosts under which SQS gives and takes queue URLs: today's, the older ones, and an interface endpoint's own names.
_REGION_OF_HOST = (
    re.compile(r"sqs(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)"),
    re.compile(r"([a-z0-9-]+)\.queue\.amazonaws\.com(?:\.cn)?"),
    re.compile(r"vpce-[a-z0-9-]+\.sqs\.([a-z0-9-]+)\.vpce\.amazonaws\.com(?:\.cn)?"),
)


class QueueUnreachableError(OperationFailedError):
    """The queue could not be looked up.

    Args:
        failure: What AWS said, or what kept it from answering.
    """

    def __init__(self, failure: AwsFailure) -> None:
        super().__init__(f"the queue could not be looked up: {failure.code}: {failure.message}")
        self.failure = failure


class AttemptCounter(threading.local):
    """How many requests this thread has sent, retries counted."""

    def __init__(self) -> None:
        self.count = 0

    def note(self, **_event: object) -> None:
        """Count one; botocore calls it before each request goes out."""
        self.count += 1


class SQSClient:
    """The SQS client of a process.

    Safe to use from several threads.

    Args:
        settings: The settings; by default the process's own, read when they are first needed.
        make: How a client is made, given a region.
    """

    def __init__(self, settings: Settings | None = None, make: Callable[[str], "BotoSQSClient"] = make_sqs) -> None:
        self._settings = settings
        self._make = make
        self._lock = threading.Lock()
        self._client: BotoSQSClient | None = None
        self.attempts = AttemptCounter()

    @property
    def settings(self) -> Settings:
        """The settings that the client is made from.

        Raises:
            SettingsError: The environment holds a wrong value.
        """
        return self._settings or load_settings()

    def get_client(self) -> "BotoSQSClient":
        """The one client, made at the first call and again after `shutdown`.

        Raises:
            SettingsError: AWS_REGION is not set, or a setting is wrong.
        """
        with self._lock:
            if self._client is None:
                self._client = self._make(self.settings.region)
                self._client.meta.events.register("before-send.sqs", self.attempts.note)
            return self._client

    def startup(self) -> None:
        """Check the queue before the first message is sent. Does nothing where SQS is disabled.

        Raises:
            SettingsError: There is no such queue here, or the URL is another queue's.
            QueueUnreachableError: It could not be found out.
        """
        if self.settings.is_sqs_enabled:
            self.check_queue()
        else:
            log.info("client.disabled")

    def check_queue(self) -> None:
        """Check that the configured URL is that of a queue in this account and region.

        Raises:
            SettingsError: No queue is configured, there is no such queue here, or the URL is another queue's.
            QueueUnreachableError: It could not be found out.
        """
        settings = self.settings
        name = settings.queue_url.rsplit("/", 1)[-1]
        try:
            with whole_answer():
                found = self.get_client().get_queue_url(QueueName=name)["QueueUrl"]
        except AWS_ERRORS as error:
            failure = AwsFailure.of(error)
            log.warning("client.startup_failed", queue=name, **failure.fields)
            if failure.kind is FailureKind.NO_QUEUE:
                raise SettingsError(
                    f"PREDICTIONS_QUEUE_URL is {settings.queue_url!r}: the account of the credentials has no queue "
                    f"{name!r} in {settings.region}. Give the URL of a queue in this account and region"
                ) from error
            raise QueueUnreachableError(failure) from error
        difference = _difference(settings.queue_url, found, settings.region)
        if difference:
            raise SettingsError(
                f"PREDICTIONS_QUEUE_URL is {settings.queue_url!r}: {difference}. "
                f"The queue {name!r} of these credentials is {found!r}"
            )
        log.info("client.started", queue=name, region=settings.region)

    def shutdown(self) -> None:
        """Close the client's connections. What is under way in other threads ends first or fails there."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()
            log.info("client.stopped")


def _difference(configured: str, found: str, region: str) -> str | None:
    """What tells the two URLs apart, other than the way to the endpoint.

    Hosts differ for good reasons: a queue has an older and a newer one, an interface endpoint has names of its own, and
    an emulator's is the machine's. So the host counts only where it names a region.
    """
    account, found_account = (urlsplit(url).path.split("/")[1] for url in (configured, found))
    if account != found_account:
        return f"it is in account {account}, the credentials are of account {found_account}"
    named = _region_of(configured)
    if named not in {None, region}:
        return f"it is in region {named}, AWS_REGION is {region}"
    return None


def _region_of(url: str) -> str | None:
    host = urlsplit(url).hostname or ""
    return next((match[1] for pattern in _REGION_OF_HOST if (match := pattern.fullmatch(host))), None)


sqs_client = SQSClient()
"""The process's own, with the process's own settings."""
