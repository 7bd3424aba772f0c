"""The words of a refusal: AWS names the resource in them, MiniStack leaves it out for most services.

"User: … is not authorized to perform: sqs:sendmessage on resource: arn:… because no identity-based policy allows the
sqs:sendmessage action" is what somebody at three in the morning searches for; SQS writes its actions in lower case, S3
puts the ARN in quotes, and CloudWatch gives the code by which it was known in its older protocol, AccessDenied.
"""

from collections.abc import Callable
from typing import Final

from ministack.core import iam_actions

from local.emulator.seams import wrap

NAMED_IN_REFUSALS: Final = frozenset({"sqs", "iam", "monitoring", "s3"})


Answer = tuple[int, dict[str, str], bytes]
"""MiniStack's form of an answer: HTTP status, headers, body."""


def _naming_the_resource(original: Callable[..., Answer]) -> Callable[..., Answer]:
    def access_denied_response(  # noqa: PLR0913 - MiniStack's signature
        service: str,
        action: str,
        principal_arn: str,
        request_id: str,
        *,
        error_code: str = "",
        message: str = "",
        headers: dict[str, str] | None = None,
        resource_arn: str = "*",
        explicit_deny: bool = False,
        resource_policy_arn: str = "",
    ) -> Answer:
        by_identity = not (message or error_code or resource_policy_arn)
        if by_identity and service in NAMED_IN_REFUSALS:
            prefix, _, name = action.partition(":")
            spelled = f"{prefix}:{name.lower()}" if service == "sqs" else action
            resource = f'"{resource_arn}"' if service == "s3" else resource_arn
            message = str(iam_actions.identity_denial_message(spelled, principal_arn, resource, explicit_deny))
        status, reply_headers, body = original(
            service,
            action,
            principal_arn,
            request_id,
            error_code=error_code,
            message=message,
            headers=headers,
            resource_arn=resource_arn,
            explicit_deny=explicit_deny,
            resource_policy_arn=resource_policy_arn,
        )
        if service == "monitoring" and not error_code:
            reply_headers["x-amzn-query-error"] = "AccessDenied;Sender"
        return status, reply_headers, body

    return access_denied_response


def install() -> None:
    """Makes MiniStack's refusals name the resource.

    Raises:
        SeamError: The installed MiniStack is another one than this was written against.
    """
    request = ("service", "action", "principal_arn", "request_id", "error_code", "message", "headers")
    wrap(
        iam_actions,
        "access_denied_response",
        (*request, "resource_arn", "explicit_deny", "resource_policy_arn"),
        _naming_the_resource,
    )
