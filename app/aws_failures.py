"""What went wrong at AWS, told apart by what it asks of us: stop, slow down, try again, or give up this message."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError
from botocore.parsers import ResponseParserError

from app.bounded import bounded

if TYPE_CHECKING:
    from types_boto3_sqs.type_defs import BatchResultErrorEntryTypeDef

# A corrupted or truncated answer escapes botocore as a bare ValueError (UnicodeDecodeError, JSONDecodeError) or as one
# of its parsers' errors, which are outside its exception classes; a broken connection at times as an OSError.
AWS_ERRORS = (ClientError, BotoCoreError, ResponseParserError, ValueError, OSError)
"""All that a boto3 call is known to raise."""

_LEGACY_PREFIX = "AWS.SimpleQueueService."
_SERVER_ERROR_STATUS = 500

_REFUSED = frozenset({
    "AccessDenied", "AccessDeniedException", "AccessDeniedFault", "AuthFailure", "AuthorizationError", "ExpiredToken",
    "ExpiredTokenException", "IncompleteSignature", "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidSecurity",
    "InvalidSignatureException", "KMS.AccessDeniedException", "KmsAccessDenied", "MissingAuthenticationToken",
    "OptInRequired", "SignatureDoesNotMatch", "UnauthorizedOperation", "UnrecognizedClientException",
})  # fmt: skip
_THROTTLED = frozenset({
    "BandwidthLimitExceeded", "KMS.ThrottlingException", "KmsThrottled", "LimitExceededException", "OverLimit",
    "PriorRequestNotComplete", "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled",
    "RequestThrottledException", "SlowDown", "ThrottledException", "Throttling", "ThrottlingException",
    "TooManyRequestsException", "TransactionInProgressException",
})  # fmt: skip
_GONE = frozenset({"MessageNotInflight", "ReceiptHandleIsInvalid"})
_NO_QUEUE = frozenset({"NonExistentQueue", "QueueDoesNotExist", "QueueDeletedRecently"})
_NO_OBJECT = frozenset({"NoSuchKey", "NoSuchVersion"})
_UNAVAILABLE = frozenset({"InternalError", "InternalFailure", "RequestTimeout", "ServiceUnavailable", "503"})


class FailureKind(StrEnum):
    """What a failure asks of us."""

    REFUSED = "refused"
    """The credentials are not accepted, or they may not do this. Trying again helps only if somebody mends it."""
    THROTTLED = "throttled"
    """Too much at once. Slow down."""
    LEASE_GONE = "lease-gone"
    """The receipt handle is worth nothing any more: somebody else may hold the message."""
    NO_QUEUE = "no-queue"
    """There is no such queue."""
    NO_OBJECT = "no-object"
    """There is no such object."""
    UNAVAILABLE = "unavailable"
    """The service, or the way to it, is down. Try again."""
    OTHER = "other"
    """Anything else, such as a parameter that AWS does not take."""


_CODES: Mapping[FailureKind, frozenset[str]] = {
    FailureKind.REFUSED: _REFUSED,
    FailureKind.THROTTLED: _THROTTLED,
    FailureKind.LEASE_GONE: _GONE,
    FailureKind.NO_QUEUE: _NO_QUEUE,
    FailureKind.NO_OBJECT: _NO_OBJECT,
    FailureKind.UNAVAILABLE: _UNAVAILABLE,
}


@dataclass(frozen=True)
class AwsFailure:
    """One failure of a call to AWS.

    Args:
        kind: What it asks of us.
        code: AWS's own code, or the exception's name where there was no answer.
        message: AWS's own message, bounded.
    """

    kind: FailureKind
    code: str
    message: str

    @classmethod
    def of(cls, error: Exception) -> "AwsFailure":
        """Read a failure out of what boto3 raised; see `AWS_ERRORS`."""
        if isinstance(error, ClientError):
            return _of_answer(error)
        refused = isinstance(error, NoCredentialsError | PartialCredentialsError)
        kind = FailureKind.REFUSED if refused else FailureKind.UNAVAILABLE
        return cls(kind, type(error).__name__, bounded(error, 500))

    @classmethod
    def of_entry(cls, entry: "BatchResultErrorEntryTypeDef") -> "AwsFailure":
        """Read the failure of one entry of a batch, whose other entries may well have succeeded."""
        otherwise = FailureKind.OTHER if entry["SenderFault"] else FailureKind.UNAVAILABLE
        return _of_code(entry["Code"], entry.get("Message", ""), otherwise)

    @property
    def fields(self) -> dict[str, str]:
        """The failure for a log line."""
        return {"kind": self.kind.value, "aws_code": self.code, "aws_message": self.message}


def _of_answer(error: ClientError) -> AwsFailure:
    details = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    otherwise = FailureKind.UNAVAILABLE if status >= _SERVER_ERROR_STATUS else FailureKind.OTHER
    return _of_code(details.get("Code", "Unknown"), details.get("Message", ""), otherwise)


def _of_code(code: str, message: str, otherwise: FailureKind) -> AwsFailure:
    code = code.removeprefix(_LEGACY_PREFIX)
    kind = next((kind for kind, codes in _CODES.items() if code in codes), otherwise)
    return AwsFailure(kind, bounded(code, 100), bounded(message, 500))


class TornAnswerError(ValueError):
    """An answer lacks what it must have: it was damaged on its way, or is not AWS's."""


@contextmanager
def whole_answer() -> Iterator[None]:
    """Take whatever a damaged answer makes of botocore, or of those who read it, for what it is.

    Raises:
        TornAnswerError: Something is missing in it.
    """
    try:
        yield
    except (LookupError, TypeError, AttributeError) as error:
        raise TornAnswerError(f"the answer of AWS is damaged: {type(error).__name__}: {error}") from error
