"""aws:iam/role:Role. Its id is the role's name.

Facts: https://www.pulumi.com/registry/packages/aws/api-docs/iam/role/ and the schema of hashicorp/aws's aws_iam_role.
"""

import json
from collections.abc import Mapping

from local.provider import tags
from local.provider.clients import Session
from local.provider.documents import same_policy
from local.provider.naming import Naming
from local.provider.properties import Value, Values
from local.provider.resource import TAGS, TAGS_ALL, Kind, Place, Property, ResourceType
from local.provider.rules import arn, between, json_object, length, matching
from local.provider.values import flag, known_text, text, text_map, whole

NAME_CHARACTERS = r"[\w+=,.@-]*"
NAME_WORDS = "allowed are letters, digits and _+=,.@-"

PROPERTIES = {
    "arn": Property(kind=Kind.TEXT, doc="ARN of the role.", output=True),
    "assumeRolePolicy": Property(
        kind=Kind.DOCUMENT, doc="Who may assume the role.", required=True, rules=(json_object,), same=same_policy
    ),
    "createDate": Property(kind=Kind.TEXT, doc="When the role was made (RFC 3339).", output=True),
    "description": Property(kind=Kind.TEXT, doc="What the role is for.", rules=(length(0, 1000),)),
    "forceDetachPolicies": Property(
        kind=Kind.FLAG, doc="Detach what is still attached before deleting.", default=False, remembered=True
    ),
    "inlinePolicies": Property(kind=Kind.TEXTS, doc="Inline policies of the role.", output=True),
    "managedPolicyArns": Property(kind=Kind.TEXTS, doc="ARNs of the attached policies.", output=True),
    "maxSessionDuration": Property(
        kind=Kind.WHOLE, doc="Longest session in seconds.", default=3600, rules=(between(3600, 43_200, "seconds"),)
    ),
    "name": Property(
        kind=Kind.TEXT,
        doc="Name of the role.",
        computed=True,
        replaces=True,
        conflicts=("namePrefix",),
        rules=(length(1, 64), matching(NAME_CHARACTERS, NAME_WORDS)),
    ),
    "namePrefix": Property(
        kind=Kind.TEXT,
        doc="What the name begins with.",
        remembered=True,
        replaces=True,
        conflicts=("name",),
        rules=(length(1, 38), matching(NAME_CHARACTERS, NAME_WORDS)),
    ),
    "path": Property(kind=Kind.TEXT, doc="Path of the role.", default="/", replaces=True, rules=(length(0, 512),)),
    "permissionsBoundary": Property(kind=Kind.TEXT, doc="ARN of the permissions boundary.", rules=(arn,)),
    "tags": TAGS,
    "tagsAll": TAGS_ALL,
    "uniqueId": Property(kind=Kind.TEXT, doc="AWS's own id of the role.", output=True),
}


class RoleOperations:
    """The calls of a role, the same as the official provider's, so that a deployer needs the same permissions."""

    def create(self, session: Session, inputs: Values) -> str:
        """Create the role with its tags in one call; gives its name."""
        name = text(inputs, "name") or NAMING.prefixed(text(inputs, "namePrefix"), inputs)
        optional = {
            "Description": text(inputs, "description"),
            "PermissionsBoundary": text(inputs, "permissionsBoundary"),
        }
        session.iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=text(inputs, "assumeRolePolicy"),
            Path=text(inputs, "path", "/"),
            MaxSessionDuration=whole(inputs, "maxSessionDuration", 3600),
            Tags=tags.as_list(text_map(inputs, "tagsAll")),
            **{key: value for key, value in optional.items() if value},
        )
        return name

    def read(self, session: Session, identity: str, known: Values) -> dict[str, Value] | None:
        """Read the role, its attachments and its inline policies; None if it is gone."""
        del known
        iam = session.iam
        try:
            role = iam.get_role(RoleName=identity)["Role"]
            attached = [
                entry["PolicyArn"]
                for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=identity)
                for entry in page["AttachedPolicies"]
            ]
            inline = self._inline(session, identity)
        except iam.exceptions.NoSuchEntityException:
            return None
        boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        return {
            "arn": role["Arn"],
            "assumeRolePolicy": as_text(role["AssumeRolePolicyDocument"]),
            "createDate": role["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "description": role.get("Description") or None,
            "inlinePolicies": [*inline],
            "managedPolicyArns": [*attached],
            "maxSessionDuration": role.get("MaxSessionDuration", 3600),
            "name": role["RoleName"],
            "path": role["Path"],
            "permissionsBoundary": boundary,
            "tagsAll": {tag["Key"]: tag["Value"] for tag in role.get("Tags", [])},
            "uniqueId": role["RoleId"],
        }

    def update(self, session: Session, identity: str, old: Values, new: Values, changed: frozenset[str]) -> None:
        """Change what differs, one call a property as IAM has it."""
        iam = session.iam
        if "assumeRolePolicy" in changed:
            iam.update_assume_role_policy(RoleName=identity, PolicyDocument=text(new, "assumeRolePolicy"))
        if "description" in changed:
            iam.update_role_description(RoleName=identity, Description=text(new, "description"))
        if "maxSessionDuration" in changed:
            iam.update_role(RoleName=identity, MaxSessionDuration=whole(new, "maxSessionDuration"))
        if "permissionsBoundary" in changed:
            boundary = text(new, "permissionsBoundary")
            if boundary:
                iam.put_role_permissions_boundary(RoleName=identity, PermissionsBoundary=boundary)
            else:
                iam.delete_role_permissions_boundary(RoleName=identity)
        if "tagsAll" in changed:
            added, removed = tags.change(text_map(old, "tagsAll"), text_map(new, "tagsAll"))
            if removed:
                iam.untag_role(RoleName=identity, TagKeys=removed)
            if added:
                iam.tag_role(RoleName=identity, Tags=tags.as_list(added))

    def delete(self, session: Session, identity: str, old: Values) -> None:
        """Take the role out of instance profiles, detach its policies if that was asked for, and delete it."""
        iam = session.iam
        try:
            for page in iam.get_paginator("list_instance_profiles_for_role").paginate(RoleName=identity):
                for profile in page["InstanceProfiles"]:
                    iam.remove_role_from_instance_profile(
                        InstanceProfileName=profile["InstanceProfileName"], RoleName=identity
                    )
            if flag(old, "forceDetachPolicies"):
                self._detach(session, identity)
            iam.delete_role(RoleName=identity)
        except iam.exceptions.NoSuchEntityException:
            return

    def identity(self, inputs: Values, place: Place) -> str | None:
        """Give the name."""
        del place
        return known_text(inputs, "name")

    def _inline(self, session: Session, name: str) -> list[Value]:
        iam = session.iam
        found: list[Value] = []
        for page in iam.get_paginator("list_role_policies").paginate(RoleName=name):
            for policy in page["PolicyNames"]:
                document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                found.append({"name": policy, "policy": as_text(document)})
        return found

    def _detach(self, session: Session, name: str) -> None:
        iam = session.iam
        for attached in iam.get_paginator("list_attached_role_policies").paginate(RoleName=name):
            for entry in attached["AttachedPolicies"]:
                iam.detach_role_policy(RoleName=name, PolicyArn=entry["PolicyArn"])
        for inline in iam.get_paginator("list_role_policies").paginate(RoleName=name):
            for policy in inline["PolicyNames"]:
                iam.delete_role_policy(RoleName=name, PolicyName=policy)


def as_text(document: str | Mapping[str, object]) -> str:
    """Write a policy document as text: botocore decodes those of IAM into objects.

    Args:
        document: The document as botocore gives it.

    Returns:
        It as JSON.
    """
    return document if isinstance(document, str) else json.dumps(document, separators=(",", ":"))


NAMING = Naming(longest=64)

ROLE = ResourceType(
    token="aws:iam/role:Role",  # noqa: S106 - a type token is no secret
    doc="An IAM role. Imported by its name.",
    properties=PROPERTIES,
    operations=RoleOperations(),
    naming=NAMING,
    unserved={
        "inlinePolicies": "put the policy into an aws.iam.Policy and attach it",
        "managedPolicyArns": "attach each policy by an aws.iam.RolePolicyAttachment",
    },
)
