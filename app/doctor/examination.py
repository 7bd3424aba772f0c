"""All checks, one after the other: each says something, whatever the others found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.aws import make_heartbeat_sqs, make_s3, make_ssm, make_sts
from app.aws_failures import AWS_ERRORS, AwsFailure
from app.bounded import bounded
from app.clock import Clock, SystemClock
from app.doctor import identity, queues, store, switch, uploads
from app.doctor.finding import Finding
from app.settings import Settings, SettingsError

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_sqs.client import SQSClient as BotoSQSClient
    from types_boto3_ssm.client import SSMClient
    from types_boto3_sts.client import STSClient


@dataclass(frozen=True)
class Instruments:
    """The clients that the checks look with, given a region: quick to give up, since somebody is waiting."""

    sts: "Callable[[str], STSClient]" = make_sts
    sqs: "Callable[[str], BotoSQSClient]" = make_heartbeat_sqs
    ssm: "Callable[[str], SSMClient]" = make_ssm
    s3: "Callable[[str], S3Client]" = make_s3
    clock: Clock = field(default_factory=SystemClock)


def examine(read_settings: Callable[[], Settings], instruments: Instruments) -> Iterator[Finding]:
    """Look at everything.

    Args:
        read_settings: Reads the settings.
        instruments: What to look with.
    """
    try:
        settings = read_settings()
    except SettingsError as error:
        yield Finding.failed("settings", str(error), "mend these environment variables; nothing else was looked at")
        return
    yield from _judge_settings(settings)
    if settings.aws_region:
        yield from _examine_account(settings, settings.aws_region, instruments)
    yield from store.examine(settings)


def _examine_account(settings: Settings, region: str, instruments: Instruments) -> Iterator[Finding]:
    try:
        sts, sqs = instruments.sts(region), instruments.sqs(region)
        ssm, s3 = instruments.ssm(region), instruments.s3(region)
    except AWS_ERRORS as error:  # a profile that does not exist, a configuration file that cannot be read
        detail = f"AWS's own settings cannot be used: {AwsFailure.of(error).message}"
        yield Finding.failed(identity.CREDENTIALS, detail, "mend or unset the AWS_ variables that name them")
        return
    queue_url = settings.predictions_queue_url
    yield from _told(identity.CREDENTIALS, identity.examine(sts, instruments.clock, queue_url))
    if queue_url:
        yield from _told(queues.REACHED, queues.examine(sqs, queue_url, settings.message_max_age_seconds))
    yield from _told(switch.CHECK, switch.examine(ssm, settings))
    yield from _told(uploads.CHECK, uploads.examine(s3, settings.uploads_bucket))


def _told(check: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """These findings; and where an answer lacks what it must have, that, in place of those which rest on it."""
    try:
        yield from findings
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        detail = f"an answer is damaged, or not AWS's: {type(error).__name__}: {bounded(error)}"
        yield Finding.failed(check, detail, "see what answers at AWS's address: AWS_ENDPOINT_URL, a proxy; ask again")


def _judge_settings(settings: Settings) -> Iterator[Finding]:
    needed = {"AWS_REGION": settings.aws_region, "PREDICTIONS_QUEUE_URL": settings.predictions_queue_url}
    missing = [name for name, value in needed.items() if value is None]
    if missing:
        yield Finding.failed(
            "settings",
            f"{' and '.join(missing)} not set: what depends on it was not looked at",
            "take the environment from the stack's container_environment",
        )
    else:
        yield Finding.ok("settings", "all allowed values")
