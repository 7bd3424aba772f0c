"""Roles and users of a live account, with all policies that say what they may do. Only Get and List calls."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from access.deployed import Identity
from access.policy import Policy
from access.sources.documents import policy
from access.sources.errors import SourceError
from access.sources.settings import Settings

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

_NOT_THERE = "NoSuchEntity"


def read_identities(iam: "IAMClient", arns: Iterable[str], settings: Settings) -> dict[str, Identity]:
    """Read the policies of roles and users that the stack does not make, such as its deployers.

    Args:
        iam: The client.
        arns: Whose policies.
        settings: The environment, for the names in reports.

    Returns:
        What was read, by ARN. Who is not there, or belongs to another account, is left out.

    Raises:
        SourceError: When one of them is no ARN, or a call is refused.
    """
    found: dict[str, Identity] = {}
    try:
        identities = Identities(iam, settings)
        for arn in arns:
            if _account(arn) == settings.account_id and (one := identities.named(arn)):
                found[arn] = one
    except (ClientError, BotoCoreError) as error:
        raise SourceError(f"the policies of those outside the stack could not be read: {error}") from None
    return found


def _account(arn: str) -> str:
    parts = arn.split(":", 5)
    if parts[0] != "arn" or len(parts) < 6:  # noqa: PLR2004 - an ARN has six parts, the fifth is the account
        raise SourceError(f"{arn!r} is given as one whose policies are read; that takes the ARN of a role or a user")
    return parts[4]


@dataclass(frozen=True)
class Identities:
    """The roles and users of one account.

    Of roles it calls ListRoles, GetRole, ListRolePolicies, GetRolePolicy and ListAttachedRolePolicies; of users, and of
    their groups, the like; of managed policies, GetPolicy and GetPolicyVersion.

    Args:
        iam: The client.
        settings: The environment, for the names in reports.
    """

    iam: "IAMClient"
    settings: Settings

    def own_roles(self) -> Iterator[Identity]:
        """The roles whose names have the environment's prefix, in the order of their names."""
        names = [one["RoleName"] for page in self.iam.get_paginator("list_roles").paginate() for one in page["Roles"]]
        return (self._role(name) for name in sorted(names) if name.startswith(self.settings.prefix))

    def named(self, arn: str) -> Identity | None:
        """The role or user with this ARN; None where there is none."""
        name = arn.rsplit("/", 1)[-1]
        try:
            return self._user(name) if ":user/" in arn else self._role(name)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == _NOT_THERE:
                return None
            raise

    def _role(self, name: str) -> Identity:
        role = self.iam.get_role(RoleName=name)["Role"]
        inline = {
            one: self.iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"]
            for page in self.iam.get_paginator("list_role_policies").paginate(RoleName=name)
            for one in page["PolicyNames"]
        }
        attached = [
            one["PolicyArn"]
            for page in self.iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)
            for one in page["AttachedPolicies"]
        ]
        return Identity(
            arn=role["Arn"],
            policies=self._policies(inline, attached),
            boundary=self._boundary(role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")),
            trust=policy(f"trust of {self.settings.label(name)}", role["AssumeRolePolicyDocument"]),
        )

    def _user(self, name: str) -> Identity:
        user = self.iam.get_user(UserName=name)["User"]
        inline = {
            one: self.iam.get_user_policy(UserName=name, PolicyName=one)["PolicyDocument"]
            for page in self.iam.get_paginator("list_user_policies").paginate(UserName=name)
            for one in page["PolicyNames"]
        }
        attached = [
            one["PolicyArn"]
            for page in self.iam.get_paginator("list_attached_user_policies").paginate(UserName=name)
            for one in page["AttachedPolicies"]
        ]
        groups = [
            one["GroupName"]
            for page in self.iam.get_paginator("list_groups_for_user").paginate(UserName=name)
            for one in page["Groups"]
        ]
        return Identity(
            arn=user["Arn"],
            policies=(*self._policies(inline, attached), *(one for group in groups for one in self._group(group))),
            boundary=self._boundary(user.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")),
        )

    def _group(self, name: str) -> tuple[Policy, ...]:
        inline = {
            f"{name}/{one}": self.iam.get_group_policy(GroupName=name, PolicyName=one)["PolicyDocument"]
            for page in self.iam.get_paginator("list_group_policies").paginate(GroupName=name)
            for one in page["PolicyNames"]
        }
        attached = [
            one["PolicyArn"]
            for page in self.iam.get_paginator("list_attached_group_policies").paginate(GroupName=name)
            for one in page["AttachedPolicies"]
        ]
        return self._policies(inline, attached)

    def _policies(self, inline: Mapping[str, object], attached: Iterable[str]) -> tuple[Policy, ...]:
        named = (policy(self.settings.label(name), document) for name, document in inline.items())
        return (*named, *(self._managed(arn) for arn in attached))

    def _boundary(self, arn: str | None) -> Policy | None:
        return self._managed(arn) if arn else None

    def _managed(self, arn: str) -> Policy:
        version = self.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found = self.iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
        return policy(self.settings.label(arn.rsplit("/", 1)[-1]), found["Document"])
