"""Makes the account as a company would have it before the stack is deployed, by ordinary calls of its root user.

The network stands already when the emulator answers (network.py). Everything here may exist: then it is brought back to
what it should be.
"""

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from local.emulator import account, permissions
from local.emulator.clients import Clients
from local.emulator.process import Emulator
from local.emulator.sessions import root_environment

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

POLICY_NAME = "permissions"
"""The inline policy of each account role, written from the tables of permissions.py."""


def bootstrap(emulator: Emulator) -> None:
    """Makes the account's roles, the uploads bucket and the kill switch's parameter, and the outsider's account.

    The kill switch is created as "true" and left as it is if it exists: somebody may have thrown it.

    Args:
        emulator: A running emulator.

    Raises:
        botocore.exceptions.ClientError: A call failed, with AWS's words.
    """
    root = Clients(root_environment(emulator))
    _make_roles(root.iam, account.ACCOUNT_ID, permissions.ROLES)
    outside = Clients(root_environment(emulator, account.OUTSIDER_ACCOUNT_ID))
    _make_roles(outside.iam, account.OUTSIDER_ACCOUNT_ID, permissions.OUTSIDER_ROLES)
    root.s3.create_bucket(Bucket=account.UPLOADS_BUCKET)  # in us-east-1, creating one's own bucket again succeeds
    with contextlib.suppress(root.ssm.exceptions.ParameterAlreadyExists):
        root.ssm.put_parameter(
            Name=account.KILL_SWITCH_PARAMETER,
            Value="true",
            Type="String",
            Description="Whether predictions are published to the queue: true or false.",
        )


def _make_roles(iam: "IAMClient", owner: str, roles: Mapping[str, permissions.Table]) -> None:
    for name, table in roles.items():
        trust = permissions.trust(owner)
        try:
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        except iam.exceptions.EntityAlreadyExistsException:
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
        iam.put_role_policy(RoleName=name, PolicyName=POLICY_NAME, PolicyDocument=permissions.document(table))
