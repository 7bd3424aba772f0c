"""The policies of one role or user of the local stack, laid anew when they change."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from local.emulator import permissions
from tests.access.differential.case import Caller, Document, Kind

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

MOST: Final = 2
"""How many policies of its own a caller has at most."""


class _Api(Protocol):
    """What IAM offers alike for roles and users, in other words for each."""

    def put(self, name: str, text: str) -> None:
        """Write an inline policy."""

    def delete(self, name: str) -> None:
        """Delete an inline policy."""

    def bound(self, arn: str) -> None:
        """Set the permissions boundary."""

    def unbound(self) -> None:
        """Take the permissions boundary away."""


@dataclass(frozen=True)
class _OfRole:
    iam: "IAMClient"
    role: str

    def put(self, name: str, text: str) -> None:
        self.iam.put_role_policy(RoleName=self.role, PolicyName=name, PolicyDocument=text)

    def delete(self, name: str) -> None:
        self.iam.delete_role_policy(RoleName=self.role, PolicyName=name)

    def bound(self, arn: str) -> None:
        self.iam.put_role_permissions_boundary(RoleName=self.role, PermissionsBoundary=arn)

    def unbound(self) -> None:
        self.iam.delete_role_permissions_boundary(RoleName=self.role)


@dataclass(frozen=True)
class _OfUser:
    iam: "IAMClient"
    user: str

    def put(self, name: str, text: str) -> None:
        self.iam.put_user_policy(UserName=self.user, PolicyName=name, PolicyDocument=text)

    def delete(self, name: str) -> None:
        self.iam.delete_user_policy(UserName=self.user, PolicyName=name)

    def bound(self, arn: str) -> None:
        self.iam.put_user_permissions_boundary(UserName=self.user, PermissionsBoundary=arn)

    def unbound(self) -> None:
        self.iam.delete_user_permissions_boundary(UserName=self.user)


@dataclass
class Attachments:
    """A role's or user's policies.

    Args:
        iam: The account's.
        api: IAM's for the role or user.
        name: The role's or user's.
    """

    iam: "IAMClient"
    api: _Api
    name: str
    _inline: dict[str, str] = field(default_factory=dict)
    _boundary: str = ""
    _boundaries: int = 0

    def lay(self, inline: Sequence[Document], boundary: str) -> None:
        """Make these the policies, with this boundary; none where it is empty."""
        wanted = {f"policy-{number}": json.dumps(one) for number, one in enumerate(inline)}
        for name in self._inline.keys() - wanted.keys():
            self.api.delete(name)
        for name, text in wanted.items():
            if self._inline.get(name) != text:
                self.api.put(name, text)
        self._inline = wanted
        if boundary != self._boundary:
            self._bound(boundary)
            self._boundary = boundary

    def _bound(self, boundary: str) -> None:
        if not boundary:
            self.api.unbound()
            return
        self._boundaries += 1
        name = f"boundary-of-{self.name}-{self._boundaries}"
        self.api.bound(self.iam.create_policy(PolicyName=name, PolicyDocument=boundary)["Policy"]["Arn"])


def attachments(iam: "IAMClient", caller: Caller, team: str | None) -> Attachments:
    """Make the role or user behind a caller, with the tag `team` if there is one to give it."""
    *_, path_and_name = (caller.issuer_arn or caller.arn).partition("/")
    path, _, name = path_and_name.rpartition("/")
    place = f"/{path}/" if path else "/"
    if caller.kind is Kind.USER:
        iam.create_user(UserName=name, Path=place, Tags=[{"Key": "team", "Value": team}] if team else [])
        return Attachments(iam, _OfUser(iam, name), name)
    iam.create_role(
        RoleName=name,
        Path=place,
        AssumeRolePolicyDocument=permissions.trust(caller.account),
        Tags=[{"Key": "team", "Value": team}] if team else [],
    )
    return Attachments(iam, _OfRole(iam, name), name)
