"""Plays the ECS agent: hands out a task role's credentials, if the role's trust policy lets ECS in.

On AWS, ECS assumes the task role as `ecs-tasks.amazonaws.com` and gives the trust policy aws:SourceAccount and
aws:SourceArn to compare (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html). A container
reads the result from a link-local address. Here it is a path of the public listener that answers in the same form, so
that boto3's container provider can read it too (AWS_CONTAINER_CREDENTIALS_FULL_URI).
"""

import json
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ministack.core import iam_evaluator
from ministack.services import sts

from local.emulator import account, internals
from local.emulator.decisions import noting
from local.emulator.internals import Stored

SERVICE: Final = "ecs-tasks.amazonaws.com"
LIFETIME_SECONDS: Final = 6 * 3600
"""ECS rotates task credentials every six hours."""


@dataclass(frozen=True)
class Refusal:
    """Why there are no credentials: AWS's error code and words."""

    code: str
    message: str


def _trusts_ecs(trust: object, task_arn: str, role_arn: str) -> bool:
    context = iam_evaluator.EvalContext(
        principal_arn=SERVICE,
        principal_type="Service",
        principal_account="",
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=account.REGION,
        service_context={
            "aws:sourceaccount": account.ACCOUNT_ID,
            "aws:sourcearn": task_arn,
            "aws:principalservicename": SERVICE,
        },
    )

    def allows(document: object) -> bool:
        parsed = iam_evaluator.parse_policy_document({"Statement": _about_ecs(document)})
        return bool(iam_evaluator.evaluate(context, [parsed]).decision == "Allow")

    trusted = allows(trust)
    noting.note_service_trust(context, trust, allows, trusted=trusted)
    return trusted


def _about_ecs(trust: object) -> list[Stored]:
    document = json.loads(trust) if isinstance(trust, str) else trust
    found = document.get("Statement", []) if isinstance(document, dict) else []
    return [
        statement
        for statement in (found if isinstance(found, list) else [found])
        if statement.get("Principal") == "*" or internals.names_service(statement.get("Principal"), SERVICE)
    ]


def issue(role_arn: str) -> dict[str, str] | Refusal:
    """Mints a session for a task that runs with a role.

    Args:
        role_arn: The task role's ARN.

    Returns:
        The credentials in the form of ECS's credentials endpoint (AccessKeyId, SecretAccessKey, Token, Expiration,
        RoleArn), or the refusal if the role is missing or does not trust ECS.
    """
    name = role_arn.rsplit("/", 1)[-1]
    role = internals.roles.get_scoped(account.ACCOUNT_ID, None, name)
    task = secrets.token_hex(16)
    task_arn = f"arn:aws:ecs:{account.REGION}:{account.ACCOUNT_ID}:task/retainwise-local/{task}"
    trusted = (
        role is not None
        and role["Arn"] == role_arn
        and _trusts_ecs(role["AssumeRolePolicyDocument"], task_arn, role_arn)
    )
    if not trusted:
        return Refusal(
            "AccessDenied",
            f"ECS was unable to assume the role '{role_arn}' that was provided for this task. Please verify that the "
            f"role being passed has the proper trust relationship and permissions and that your IAM user has "
            f"permissions to pass this role.",
        )
    key, secret, token = internals.new_session_key(), internals.new_secret(), internals.new_session_token()
    expires = time.time() + LIFETIME_SECONDS
    sts.register_session(
        key,
        {
            "Arn": f"arn:aws:sts::{account.ACCOUNT_ID}:assumed-role/{name}/{task}",
            "UserId": f"{role['RoleId']}:{task}",
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": expires,
            "AccountId": account.ACCOUNT_ID,
            "PrincipalType": "AssumedRole",
        },
    )
    return {
        "RoleArn": role_arn,
        "AccessKeyId": key,
        "SecretAccessKey": secret,
        "Token": token,
        "Expiration": datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
