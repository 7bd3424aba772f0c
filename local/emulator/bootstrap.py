"""Makes the account as a company would have it before the stack is deployed, by ordinary calls of its root user.

The network stands already when the emulator answers (network.py). Everything here may exist: then it is brought back to
what it should be.
"""

import contextlib
from collections.abc import Mapping

import boto3
from types_boto3_iam import IAMClient

from local.emulator import account, permissions
from local.emulator.process import Emulator

POLICY_NAME = "permissions"


def bootstrap(emulator: Emulator) -> None:
    """Makes the account's roles, the uploads bucket and the kill switch's parameter, and the outsider's account.

    The kill switch is created as "true" and left as it is if it exists: somebody may have thrown it.

    Args:
        emulator: A running emulator.

    Raises:
        botocore.exceptions.ClientError: A call failed, with AWS's words.
    """
    session = boto3.Session(account.ACCOUNT_ID, account.ROOT, region_name=account.REGION)
    url = emulator.public_url
    iam = session.client("iam", endpoint_url=url)
    _make_roles(iam, account.ACCOUNT_ID, permissions.ROLES)
    outside = session.client(
        "iam",
        endpoint_url=url,
        aws_access_key_id=account.OUTSIDER_ACCOUNT_ID,
        aws_secret_access_key=account.ROOT,
    )
    _make_roles(outside, account.OUTSIDER_ACCOUNT_ID, permissions.OUTSIDER_ROLES)
    s3 = session.client("s3", endpoint_url=url)
    s3.create_bucket(Bucket=account.UPLOADS_BUCKET)  # in us-east-1, creating one's own bucket again succeeds
    ssm = session.client("ssm", endpoint_url=url)
    with contextlib.suppress(ssm.exceptions.ParameterAlreadyExists):
        ssm.put_parameter(
            Name=account.KILL_SWITCH_PARAMETER,
            Value="true",
            Type="String",
            Description="Whether predictions are published to the queue: true or false.",
        )
    for client in (iam, outside, s3, ssm):
        client.close()


def _make_roles(iam: IAMClient, owner: str, roles: Mapping[str, permissions.Table]) -> None:
    for name, table in roles.items():
        trust = permissions.trust(owner)
        try:
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        except iam.exceptions.EntityAlreadyExistsException:
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
        iam.put_role_policy(RoleName=name, PolicyName=POLICY_NAME, PolicyDocument=permissions.document(table))
