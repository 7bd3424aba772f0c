"""Whose credentials these are, and whether this machine's clock is AWS's."""

from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.aws_failures import AWS_ERRORS, AwsFailure, FailureKind
from app.clock import Clock
from app.doctor.answers import unanswered
from app.doctor.finding import Finding

if TYPE_CHECKING:
    from types_boto3_sts.client import STSClient

CREDENTIALS, CLOCK = "credentials", "clock"

WARNING_SECONDS = 30
"""From where on a clock is worth a word: a message's timestamp may be a minute ahead."""
FAILURE_SECONDS = 60
"""From where on messages are refused; AWS refuses requests at 15 minutes."""


def examine(sts: "STSClient", clock: Clock, queue_url: str | None) -> Iterator[Finding]:
    """Look at credentials and clock."""
    try:
        answer = sts.get_caller_identity()
    except AWS_ERRORS as error:
        failure = AwsFailure.of(error)
        if failure.kind is FailureKind.UNAVAILABLE:
            yield Finding.unknown(
                CREDENTIALS,
                f"STS does not answer: {failure.code}: {failure.message}",
                "nothing, if the queue answers below: that shows the credentials too. Else open a way to STS",
            )
        else:
            yield unanswered(CREDENTIALS, failure, "asking STS whose they are")
        yield Finding.unknown(CLOCK, "no answer of AWS's to compare with")
        return
    yield _judge_account(answer["Arn"], answer["Account"], queue_url)
    yield judge_clock(answer["ResponseMetadata"]["HTTPHeaders"].get("date"), clock.now())


def _judge_account(arn: str, account: str, queue_url: str | None) -> Finding:
    owner = urlsplit(queue_url).path.split("/")[1] if queue_url else account
    if owner != account:
        return Finding.failed(
            CREDENTIALS,
            f"they are {arn}'s, and the queue is account {owner}'s",
            "use credentials of the queue's account, or the URL of the queue in this one",
        )
    return Finding.ok(CREDENTIALS, arn)


def judge_clock(date: str | None, now: datetime) -> Finding:
    """Compare this machine's clock with the time in an answer's header, which is in whole seconds.

    Args:
        date: The header.
        now: This machine's time, aware.
    """
    try:
        off = (now - parsedate_to_datetime(date or "")).total_seconds()
    except (TypeError, ValueError):
        return Finding.unknown(CLOCK, "AWS's answer has no date")
    detail = f"{abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} AWS's"
    remedy = "let this machine's clock follow a time server (on AWS: 169.254.169.123)"
    if abs(off) > FAILURE_SECONDS:
        return Finding.failed(CLOCK, detail, remedy)
    if abs(off) > WARNING_SECONDS:
        return Finding.warning(CLOCK, detail, remedy)
    return Finding.ok(CLOCK, detail)
