"""What of a stack has a say in access and is not understood: nobody may take silence for an answer."""

from collections.abc import Collection, Iterator

from access.sources.attached import TOKENS
from access.sources.resources import Stack

_SPEAKS_OF_ACCESS = ("aws:iam/", "aws:sqs/", "aws-native:iam:", "aws-native:sqs:")
_GRANTS_NOTHING = frozenset(
    {
        "aws:iam/accessKey:AccessKey",
        "aws:iam/accountAlias:AccountAlias",
        "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
        "aws:iam/instanceProfile:InstanceProfile",
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "aws:iam/samlProvider:SamlProvider",
        "aws:iam/serverCertificate:ServerCertificate",
        "aws:iam/userLoginProfile:UserLoginProfile",
        "aws:iam/virtualMfaDevice:VirtualMfaDevice",
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
    }
)
"""Types that give nobody a permission: they say by what somebody signs in, who may name a queue as its dead-letter
queue, and the like."""


def unread_resources(stack: Stack, read: Collection[str]) -> Iterator[str]:
    """The resources of IAM and SQS that nobody here understands, each by its type and its name in the program.

    Args:
        stack: The stack.
        read: The types of SQS's resources that are read.
    """
    for one in stack.resources.values():
        is_known = one.token in TOKENS or one.token in read or one.token in _GRANTS_NOTHING
        if one.token.startswith(_SPEAKS_OF_ACCESS) and not is_known:
            yield f"{one.token} {one.urn.rsplit('::', 1)[-1]}"
