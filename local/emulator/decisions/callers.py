"""Whose request it is, in the words of CloudTrail's userIdentity.

Access keys are left out: who it was is told without them. Source: "CloudTrail userIdentity element" in the user guide
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id

from local.emulator import internals, origin

Caller = Mapping[str, object]

ANONYMOUS: Final[Caller] = {"type": "AWSAccount", "principalId": "", "accountId": "anonymous"}


def service(name: str) -> Caller:
    """Describes an AWS service that calls as itself.

    Args:
        name: Its principal, such as `ecs-tasks.amazonaws.com`.
    """
    return {"type": "AWSService", "invokedBy": name}


def forwarded_by(name: str, caller: Caller) -> Caller:
    """Describes a caller on whose behalf an AWS service calls.

    Args:
        name: The service, such as `sqs`.
        caller: The caller.
    """
    return {**caller, "invokedBy": f"{name}.amazonaws.com"}


@lru_cache(maxsize=1024)
def behind(access_key_id: str) -> Caller:
    """Describes the caller that an access key belongs to, the same as long as the key lives.

    Args:
        access_key_id: A key that MiniStack has accepted; empty for an anonymous request.
    """
    credential = iam_evaluator.resolve_credential(access_key_id, get_account_id()) if access_key_id else None
    if not isinstance(credential, iam_evaluator.ResolvedCredential):
        return ANONYMOUS
    identity = {
        "type": credential.principal_type,
        "principalId": credential.principal_id,
        "arn": credential.principal_arn,
        "accountId": credential.account_id,
    }
    if credential.principal_type == "User":
        return identity | {"type": "IAMUser", "userName": credential.principal_name}
    if credential.principal_type == "AssumedRole":
        return identity | {"sessionContext": _session(credential)}
    return identity


def _session(credential: iam_evaluator.ResolvedCredential) -> Caller:
    role_arn = origin.role_arn(credential.principal_arn)
    context: dict[str, object] = {
        "sessionIssuer": {
            "type": "Role",
            "principalId": credential.principal_id.split(":")[0],
            "arn": role_arn,
            "accountId": credential.account_id,
            "userName": role_arn.rsplit("/", 1)[-1],
        }
    }
    issued = (internals.sts_sessions.get(credential.access_key_id) or {}).get("IssuedAt")
    if issued is not None:
        created = datetime.fromtimestamp(issued, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        context["attributes"] = {"creationDate": created, "mfaAuthenticated": "false"}
    return context
