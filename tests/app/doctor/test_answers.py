from email.utils import format_datetime

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError

from app.aws_failures import AwsFailure
from app.doctor.answers import unanswered
from app.doctor.finding import Verdict
from app.doctor.identity import judge_clock
from tests.app.doubles.clock import START, FakeClock
from tests.app.doubles.sqs import aws_error


@pytest.mark.parametrize(
    ("error", "verdict", "remedy"),
    [
        (aws_error("AccessDenied"), Verdict.UNKNOWN, None),
        (aws_error("403"), Verdict.UNKNOWN, None),
        (aws_error("ExpiredToken"), Verdict.FAILED, "new credentials"),
        (aws_error("InvalidClientTokenId"), Verdict.FAILED, "new credentials"),
        (NoCredentialsError(), Verdict.FAILED, "new credentials"),
        (aws_error("RequestTimeTooSkewed"), Verdict.FAILED, "clock"),
        (aws_error("SignatureDoesNotMatch"), Verdict.FAILED, "clock"),
        (aws_error("RequestThrottled"), Verdict.UNKNOWN, "again"),
        (EndpointConnectionError(endpoint_url="https://sqs"), Verdict.FAILED, "VPC endpoint"),
        (aws_error("InternalError", status=500), Verdict.FAILED, "VPC endpoint"),
    ],
)
def test_what_aws_says_decides_what_is_to_be_done(error: Exception, verdict: Verdict, remedy: str | None) -> None:
    finding = unanswered("a check", AwsFailure.of(error), "asking")
    assert finding.verdict is verdict
    assert remedy is None or remedy in str(finding.remedy)


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [(0, Verdict.OK), (-29, Verdict.OK), (31, Verdict.WARNING), (-31, Verdict.WARNING), (61, Verdict.FAILED)],
)
def test_a_clock_that_is_off_is_told(seconds: int, verdict: Verdict) -> None:
    clock = FakeClock()
    clock.advance(seconds)
    assert judge_clock(format_datetime(START, usegmt=True), clock.now()).verdict is verdict


@pytest.mark.parametrize("date", [None, "", "yesterday"])
def test_an_answer_without_a_date_tells_nothing(date: str | None) -> None:
    assert judge_clock(date, START).verdict is Verdict.UNKNOWN
