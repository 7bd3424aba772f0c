import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from app.aws_failures import AWS_ERRORS, AwsFailure, FailureKind
from tests.app.doubles.sqs import aws_error


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (aws_error("AccessDenied", status=403), FailureKind.REFUSED, "AccessDenied"),
        (aws_error("AccessDeniedException"), FailureKind.REFUSED, "AccessDeniedException"),
        (aws_error("ExpiredToken"), FailureKind.REFUSED, "ExpiredToken"),
        (aws_error("SignatureDoesNotMatch"), FailureKind.REFUSED, "SignatureDoesNotMatch"),
        (NoCredentialsError(), FailureKind.REFUSED, "NoCredentialsError"),
        (aws_error("RequestThrottled"), FailureKind.THROTTLED, "RequestThrottled"),
        (aws_error("AWS.SimpleQueueService.RequestThrottled"), FailureKind.THROTTLED, "RequestThrottled"),
        (aws_error("OverLimit"), FailureKind.THROTTLED, "OverLimit"),
        (aws_error("ReceiptHandleIsInvalid"), FailureKind.LEASE_GONE, "ReceiptHandleIsInvalid"),
        (aws_error("AWS.SimpleQueueService.MessageNotInflight"), FailureKind.LEASE_GONE, "MessageNotInflight"),
        (aws_error("AWS.SimpleQueueService.NonExistentQueue"), FailureKind.NO_QUEUE, "NonExistentQueue"),
        (aws_error("QueueDoesNotExist"), FailureKind.NO_QUEUE, "QueueDoesNotExist"),
        (aws_error("NoSuchKey", status=404), FailureKind.NO_OBJECT, "NoSuchKey"),
        (aws_error("InternalError", status=500), FailureKind.UNAVAILABLE, "InternalError"),
        (aws_error("Whatever", status=503), FailureKind.UNAVAILABLE, "Whatever"),
        (aws_error("InvalidParameterValue"), FailureKind.OTHER, "InvalidParameterValue"),
        (ClientError({}, "X"), FailureKind.OTHER, "Unknown"),
        (EndpointConnectionError(endpoint_url="u"), FailureKind.UNAVAILABLE, "EndpointConnectionError"),
        (ReadTimeoutError(endpoint_url="u"), FailureKind.UNAVAILABLE, "ReadTimeoutError"),
        (ResponseParserError("torn"), FailureKind.UNAVAILABLE, "ResponseParserError"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"), FailureKind.UNAVAILABLE, "UnicodeDecodeError"),
        (ConnectionResetError("reset"), FailureKind.UNAVAILABLE, "ConnectionResetError"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_failures_are_told_apart(error: Exception, kind: FailureKind, code: str) -> None:
    failure = AwsFailure.of(error)
    assert (failure.kind, failure.code) == (kind, code)
    assert isinstance(error, AWS_ERRORS)


def test_what_aws_said_is_kept_but_bounded() -> None:
    failure = AwsFailure.of(aws_error("AccessDenied", message="not authorized\n" + "x" * 10_000))
    assert failure.message.startswith("not authorized\\nxxx")
    assert len(failure.message) < 600
    assert failure.fields == {"kind": "refused", "aws_code": "AccessDenied", "aws_message": failure.message}
