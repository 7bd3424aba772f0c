"""aws:iam/rolePolicy:RolePolicy. Its id, also for imports, is `<role name>:<policy name>`.

Facts: https://www.pulumi.com/registry/packages/aws/api-docs/iam/rolepolicy/ and the schema of hashicorp/aws's
aws_iam_role_policy.
"""

from local.provider.clients import Session
from local.provider.documents import same_policy
from local.provider.naming import Naming
from local.provider.properties import Value, Values
from local.provider.resource import Kind, Place, Property, ResourceType
from local.provider.resources.role import NAME_CHARACTERS, NAME_WORDS, as_text
from local.provider.rules import json_object, length, matching
from local.provider.values import known_text, text

_NAME = matching(NAME_CHARACTERS, NAME_WORDS)


class RolePolicyOperations:
    """The calls of an inline policy: PutRolePolicy, GetRolePolicy, DeleteRolePolicy."""

    def create(self, session: Session, inputs: Values) -> str:
        """Put the policy into the role."""
        name = text(inputs, "name") or NAMING.prefixed(text(inputs, "namePrefix"), inputs)
        self._put(session, text(inputs, "role"), name, inputs)
        return f"{text(inputs, 'role')}:{name}"

    def read(self, session: Session, identity: str, known: Values) -> dict[str, Value] | None:
        """Read the policy; None if it or the role is gone."""
        del known
        role, _, name = identity.partition(":")
        if not (role and name):
            return None
        iam = session.iam
        try:
            found = iam.get_role_policy(RoleName=role, PolicyName=name)
        except iam.exceptions.NoSuchEntityException:
            return None
        return {"name": name, "policy": as_text(found["PolicyDocument"]), "role": role}

    def update(self, session: Session, identity: str, old: Values, new: Values, changed: frozenset[str]) -> None:
        """Put the policy anew."""
        del old
        role, _, name = identity.partition(":")
        if "policy" in changed:
            self._put(session, role, name, new)

    def delete(self, session: Session, identity: str, old: Values) -> None:
        """Take the policy out of the role."""
        del old
        role, _, name = identity.partition(":")
        iam = session.iam
        try:
            iam.delete_role_policy(RoleName=role, PolicyName=name)
        except iam.exceptions.NoSuchEntityException:
            return

    def identity(self, inputs: Values, place: Place) -> str | None:
        """Join the role's name and the policy's."""
        del place
        role, name = known_text(inputs, "role"), known_text(inputs, "name")
        return f"{role}:{name}" if role and name else None

    def _put(self, session: Session, role: str, name: str, inputs: Values) -> None:
        session.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=text(inputs, "policy"))


NAMING = Naming(longest=128)

ROLE_POLICY = ResourceType(
    token="aws:iam/rolePolicy:RolePolicy",  # noqa: S106 - a type token is no secret
    doc="An inline policy of a role. Imported by <role name>:<policy name>.",
    properties={
        "name": Property(
            kind=Kind.TEXT,
            doc="Name of the policy.",
            computed=True,
            replaces=True,
            conflicts=("namePrefix",),
            rules=(length(1, 128), _NAME),
        ),
        "namePrefix": Property(
            kind=Kind.TEXT,
            doc="What the name begins with.",
            remembered=True,
            replaces=True,
            conflicts=("name",),
            rules=(length(1, 102), _NAME),
        ),
        "policy": Property(
            kind=Kind.DOCUMENT, doc="The policy.", required=True, rules=(json_object,), same=same_policy
        ),
        "role": Property(kind=Kind.TEXT, doc="Name of the role.", required=True, replaces=True),
    },
    operations=RolePolicyOperations(),
    naming=NAMING,
)
