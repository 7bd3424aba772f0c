"""What it means for a check that AWS did not do as asked."""

from app.aws_failures import AwsFailure, FailureKind
from app.doctor.finding import Finding

_NOT_ALLOWED = frozenset({"AccessDenied", "AccessDeniedException", "AccessDeniedFault", "403"})
_SKEWED = frozenset({"RequestTimeTooSkewed", "RequestExpired", "SignatureDoesNotMatch"})

_NEW_CREDENTIALS = "get new credentials for the role; in a task, see that it has the task role and that it has started"
_OPEN_THE_WAY = (
    "see that this runs inside the VPC, that the VPC endpoint has private DNS and a security group that lets port 443 "
    "in, and that AWS_REGION and AWS_ENDPOINT_URL are right"
)


def is_not_allowed(failure: AwsFailure) -> bool:
    """Whether the role lacks a permission, where its credentials are good."""
    return failure.code in _NOT_ALLOWED


def unanswered(check: str, failure: AwsFailure, doing: str) -> Finding:
    """The finding of a call that brought nothing: unknown to this role, or failed with what to do.

    Args:
        check: The check.
        failure: What AWS said.
        doing: What was tried, in words.
    """
    if is_not_allowed(failure):
        return Finding.unknown(check, f"this role may not see it ({doing}: {failure.code})")
    said = f"{doing}: {failure.code}: {failure.message}"
    if failure.code in _SKEWED:
        return Finding.failed(check, said, f"set this machine's clock, which AWS compares; or {_NEW_CREDENTIALS}")
    if failure.kind is FailureKind.REFUSED:
        return Finding.failed(check, said, _NEW_CREDENTIALS)
    if failure.kind is FailureKind.THROTTLED:
        return Finding.unknown(check, said, "ask again in a minute")
    return Finding.failed(check, said, _OPEN_THE_WAY)
