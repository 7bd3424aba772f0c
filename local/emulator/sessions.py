"""Credentials for each role of the local account, as environment variables that every AWS SDK and tool reads."""

import http.client
import json
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode, urlsplit

from botocore.exceptions import ClientError

from local.emulator import account
from local.emulator.clients import Clients
from local.emulator.process import Emulator

SESSION_SECONDS: Final = 3600
"""How long an account role's session lasts. Task roles' last six hours, as ECS's do."""
REQUEST_SECONDS: Final = 10.0


class Role(StrEnum):
    """Whose session: the stack's two task roles, the account's own roles, and a role of another account."""

    PRODUCER = "producer"
    CONSUMER = "consumer"
    OPERATOR = "operator"
    BREAK_GLASS = "break-glass"
    DEPLOYER = "deployer"
    ADMINISTRATOR = "administrator"
    OUTSIDER = "outsider"


TASK_ROLES: Final = frozenset({Role.PRODUCER, Role.CONSUMER})
INSIDE_VPC: Final = TASK_ROLES | {Role.OPERATOR}
"""Who works from within the VPC, and so through its endpoint."""


class SessionError(RuntimeError):
    """There are no credentials for this role; the message says why.

    Args:
        code: AWS's error code, such as AccessDenied.
        message: AWS's words.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


def root_environment(emulator: Emulator, owner: str = account.ACCOUNT_ID) -> dict[str, str]:
    """Gives an account's root user, for what no role may do: bootstrap, and tests of it.

    Args:
        emulator: A running emulator.
        owner: The account's id.

    Returns:
        The same variables as `session_environment`, on the public listener.
    """
    return _environment(emulator.public_url, owner, account.ROOT, None)


def session_environment(emulator: Emulator, role: Role, *, task_role_arn: str | None = None) -> dict[str, str]:
    """Gives a role's session.

    Args:
        emulator: A running, bootstrapped emulator.
        role: Whose session.
        task_role_arn: For producer and consumer, the ARN of the role that the stack made; not allowed for others.

    Returns:
        AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL
        (the VPC listener for producer, consumer and operator, the public one for the rest) and
        AWS_EC2_METADATA_DISABLED.

    Raises:
        SessionError: The role does not exist or its trust policy does not let the caller in (AccessDenied).
        ValueError: `task_role_arn` is missing for a task role, or given for another one.
    """
    if (role in TASK_ROLES) != (task_role_arn is not None):
        need = "needs" if role in TASK_ROLES else "takes no"
        raise ValueError(f"a session of {role} {need} task_role_arn, the ARN of a task role that the stack made")
    url = emulator.vpc_url if role in INSIDE_VPC else emulator.public_url
    if task_role_arn is not None:
        return _environment(url, *_task_credentials(emulator, task_role_arn))
    return _environment(url, *_assume(emulator, role))


def _environment(url: str, key: str, secret: str, token: str | None) -> dict[str, str]:
    credentials = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
    if token is not None:
        credentials["AWS_SESSION_TOKEN"] = token
    return credentials | {
        "AWS_REGION": account.REGION,
        "AWS_DEFAULT_REGION": account.REGION,  # boto3 reads this one, other SDKs the one above
        "AWS_ENDPOINT_URL": url,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _task_credentials(emulator: Emulator, role_arn: str) -> tuple[str, str, str]:
    """Asks the emulator as a container asks the ECS agent."""
    connection = http.client.HTTPConnection(urlsplit(emulator.public_url).netloc, timeout=REQUEST_SECONDS)
    try:
        connection.request("GET", f"/_local/task-credentials?{urlencode({'role': role_arn})}")
        given = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    if "code" in given:
        raise SessionError(given["code"], given["message"])
    return given["AccessKeyId"], given["SecretAccessKey"], given["Token"]


def _assume(emulator: Emulator, role: Role) -> tuple[str, str, str]:
    """Assumes an account role on the root user's behalf, which AWS would refuse: people sign in by other ways there."""
    owner = account.OUTSIDER_ACCOUNT_ID if role is Role.OUTSIDER else account.ACCOUNT_ID
    sts = Clients(root_environment(emulator, owner)).sts
    try:
        given = sts.assume_role(
            RoleArn=account.role_arn(role, owner), RoleSessionName=f"local-{role}", DurationSeconds=SESSION_SECONDS
        )["Credentials"]
    except ClientError as error:
        details = error.response["Error"]
        raise SessionError(details["Code"], f"{details['Message']} (has the account been bootstrapped?)") from error
    return given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
