"""The local account's fixed facts: what a company's account would hold before the stack is deployed into it.

Standard library only, since both environments read it.
"""

from typing import Final

ACCOUNT_ID: Final = "123456789012"
OUTSIDER_ACCOUNT_ID: Final = "999988887777"
"""Another company's account: its role `outsider` may do everything with SQS there, and nothing here."""
ROOT: Final = "root"
"""A root user's secret: any text does, since MiniStack does not verify root users' signatures; their keys are the
account ids."""
REGION: Final = "us-east-1"

VPC_ID: Final = "vpc-0a1b2c3d4e5f60718"
VPC_CIDR: Final = "10.20.0.0/16"
SUBNETS: Final = {"subnet-0a1b2c3d4e5f60711": "10.20.1.0/24", "subnet-0a1b2c3d4e5f60712": "10.20.2.0/24"}
VPC_ENDPOINT_ID: Final = "vpce-0a1b2c3d4e5f60718"
VPC_SOURCE_IP: Final = "10.20.1.17"
"""The address that requests through the VPC endpoint seem to come from (aws:VpcSourceIp)."""
OTHER_VPC_ID: Final = "vpc-0f9e8d7c6b5a40312"
OTHER_VPC_ENDPOINT_ID: Final = "vpce-0f9e8d7c6b5a40312"
"""A VPC and an endpoint that exist nowhere, for conditions that must not match."""

TRANSPORT_HEADER: Final = "x-local-transport"
PLAIN: Final = "plain"
"""A request that carries the header with this value counts as made without TLS (aws:SecureTransport is false)."""

VPC_HEADER: Final = "x-local-vpc"
OTHER: Final = "other"
"""A request through the VPC endpoint that carries the header with this value counts as come through another VPC's."""

NAME_PREFIX: Final = "retainwise-local-"
"""What the names of all that the local stack deploys begin with; the deployer may touch nothing else."""
QUEUE_NAME: Final = "retainwise-local-predictions"
DEAD_LETTER_QUEUE_NAME: Final = "retainwise-local-predictions-dlq"
UPLOADS_BUCKET: Final = "retainwise-local-uploads"
KILL_SWITCH_PARAMETER: Final = "/retainwise/local/enable-sqs"

DEPLOYER: Final = "deployer"
OPERATOR: Final = "operator"
BREAK_GLASS: Final = "break-glass"
ADMINISTRATOR: Final = "administrator"
OUTSIDER: Final = "outsider"


def role_arn(name: str, account: str = ACCOUNT_ID) -> str:
    """Gives a role's ARN.

    Args:
        name: The role's name, without a path.
        account: The account that owns it; the local one by default.

    Returns:
        `arn:aws:iam::<account>:role/<name>`.
    """
    return f"arn:aws:iam::{account}:role/{name}"


def queue_arn(name: str) -> str:
    """Gives the ARN of a queue of the local account.

    Args:
        name: The queue's name.

    Returns:
        `arn:aws:sqs:<region>:<account>:<name>`.
    """
    return f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{name}"
