"""aws:iam/rolePolicyAttachment:RolePolicyAttachment. Its id, also for imports, is `<role name>/<policy ARN>`.

Facts: https://www.pulumi.com/registry/packages/aws/api-docs/iam/rolepolicyattachment/. A replacement always deletes
first: created first, it would be the very attachment that the deletion then removes.
"""

from local.provider.clients import Session
from local.provider.properties import Value, Values
from local.provider.resource import Kind, Place, Property, ResourceType
from local.provider.rules import arn
from local.provider.values import known_text, text


class RolePolicyAttachmentOperations:
    """The calls of an attachment: AttachRolePolicy, ListAttachedRolePolicies, DetachRolePolicy."""

    def create(self, session: Session, inputs: Values) -> str:
        """Attach the policy."""
        role, policy = text(inputs, "role"), text(inputs, "policyArn")
        session.iam.attach_role_policy(RoleName=role, PolicyArn=policy)
        return f"{role}/{policy}"

    def read(self, session: Session, identity: str, known: Values) -> dict[str, Value] | None:
        """Look whether the policy is attached; None if not, or if the role is gone."""
        iam = session.iam
        role, policy = _parts(identity, known)
        if not (role and policy):
            return None
        try:
            pages = iam.get_paginator("list_attached_role_policies").paginate(RoleName=role)
            attached = any(entry["PolicyArn"] == policy for page in pages for entry in page["AttachedPolicies"])
        except iam.exceptions.NoSuchEntityException:
            return None
        return {"role": role, "policyArn": policy} if attached else None

    def update(self, session: Session, identity: str, old: Values, new: Values, changed: frozenset[str]) -> None:
        """Do nothing: both properties replace."""

    def delete(self, session: Session, identity: str, old: Values) -> None:
        """Detach the policy."""
        iam = session.iam
        role, policy = _parts(identity, old)
        try:
            iam.detach_role_policy(RoleName=role, PolicyArn=policy)
        except iam.exceptions.NoSuchEntityException:
            return

    def identity(self, inputs: Values, place: Place) -> str | None:
        """Join role and policy ARN."""
        del place
        role, policy = known_text(inputs, "role"), known_text(inputs, "policyArn")
        return f"{role}/{policy}" if role and policy else None


def _parts(identity: str, known: Values) -> tuple[str, str]:
    """Take role and policy from what is known, else from the id, which older providers made in another form."""
    role, _, policy = identity.partition("/")
    return known_text(known, "role") or role, known_text(known, "policyArn") or policy


ROLE_POLICY_ATTACHMENT = ResourceType(
    token="aws:iam/rolePolicyAttachment:RolePolicyAttachment",  # noqa: S106 - a type token is no secret
    doc="A managed policy attached to a role. Imported by <role name>/<policy ARN>.",
    properties={
        "policyArn": Property(kind=Kind.TEXT, doc="ARN of the policy.", required=True, replaces=True, rules=(arn,)),
        "role": Property(kind=Kind.TEXT, doc="Name of the role.", required=True, replaces=True),
    },
    operations=RolePolicyAttachmentOperations(),
    delete_before_replace=True,
)
