"""aws:iam/policy:Policy. Its id is its ARN; a new document becomes a new default version.

Facts: https://www.pulumi.com/registry/packages/aws/api-docs/iam/policy/ and the schema of hashicorp/aws's
aws_iam_policy; five versions at most: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
"""

from local.provider import tags
from local.provider.clients import Session
from local.provider.documents import same_policy
from local.provider.naming import Naming
from local.provider.properties import Value, Values
from local.provider.resource import TAGS, TAGS_ALL, Kind, Place, Property, ResourceType
from local.provider.resources.role import NAME_CHARACTERS, NAME_WORDS, as_text
from local.provider.rules import at_least, json_object, length, matching
from local.provider.values import known_text, text, text_map

_MOST_VERSIONS = 5

PROPERTIES = {
    "arn": Property(kind=Kind.TEXT, doc="ARN of the policy, which is also its id.", output=True),
    "attachmentCount": Property(kind=Kind.WHOLE, doc="How often the policy is attached.", output=True),
    "delayAfterPolicyCreationInMs": Property(
        kind=Kind.WHOLE,
        doc="Wait before a new version becomes the default; the local AWS needs none and does not wait.",
        remembered=True,
        rules=(at_least(0),),
    ),
    "description": Property(kind=Kind.TEXT, doc="What the policy is for.", replaces=True, rules=(length(0, 1000),)),
    "name": Property(
        kind=Kind.TEXT,
        doc="Name of the policy.",
        computed=True,
        replaces=True,
        conflicts=("namePrefix",),
        rules=(length(1, 128), matching(NAME_CHARACTERS, NAME_WORDS)),
    ),
    "namePrefix": Property(
        kind=Kind.TEXT,
        doc="What the name begins with.",
        remembered=True,
        replaces=True,
        conflicts=("name",),
        rules=(length(1, 102), matching(NAME_CHARACTERS, NAME_WORDS)),
    ),
    "path": Property(kind=Kind.TEXT, doc="Path of the policy.", default="/", replaces=True),
    "policy": Property(kind=Kind.DOCUMENT, doc="The document.", required=True, rules=(json_object,), same=same_policy),
    "policyId": Property(kind=Kind.TEXT, doc="AWS's own id of the policy.", output=True),
    "tags": TAGS,
    "tagsAll": TAGS_ALL,
}


class PolicyOperations:
    """The calls of a policy."""

    def create(self, session: Session, inputs: Values) -> str:
        """Create the policy with its tags in one call; gives its ARN."""
        name = text(inputs, "name") or NAMING.prefixed(text(inputs, "namePrefix"), inputs)
        made = session.iam.create_policy(
            PolicyName=name,
            Path=text(inputs, "path", "/"),
            PolicyDocument=text(inputs, "policy"),
            Description=text(inputs, "description"),
            Tags=tags.as_list(text_map(inputs, "tagsAll")),
        )
        return made["Policy"]["Arn"]

    def read(self, session: Session, identity: str, known: Values) -> dict[str, Value] | None:
        """Read the policy and its default version; None if it is gone or the id is no ARN."""
        del known
        iam = session.iam
        if not identity.startswith("arn:"):
            return None
        try:
            policy = iam.get_policy(PolicyArn=identity)["Policy"]
            version = iam.get_policy_version(PolicyArn=identity, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
        except iam.exceptions.NoSuchEntityException:
            return None
        return {
            "arn": policy["Arn"],
            "attachmentCount": policy.get("AttachmentCount", 0),
            "description": policy.get("Description") or None,
            "name": policy["PolicyName"],
            "path": policy["Path"],
            "policy": as_text(version["Document"]),
            "policyId": policy["PolicyId"],
            "tagsAll": {tag["Key"]: tag["Value"] for tag in policy.get("Tags", [])},
        }

    def update(self, session: Session, identity: str, old: Values, new: Values, changed: frozenset[str]) -> None:
        """Make a new default version, after making room for it; then the tags."""
        iam = session.iam
        if "policy" in changed:
            self._make_room(session, identity)
            iam.create_policy_version(PolicyArn=identity, PolicyDocument=text(new, "policy"), SetAsDefault=True)
        if "tagsAll" in changed:
            added, removed = tags.change(text_map(old, "tagsAll"), text_map(new, "tagsAll"))
            if removed:
                iam.untag_policy(PolicyArn=identity, TagKeys=removed)
            if added:
                iam.tag_policy(PolicyArn=identity, Tags=tags.as_list(added))

    def delete(self, session: Session, identity: str, old: Values) -> None:
        """Delete the versions that are not the default, which IAM demands, and then the policy."""
        del old
        iam = session.iam
        try:
            for version in self._spare_versions(session, identity):
                iam.delete_policy_version(PolicyArn=identity, VersionId=version)
            iam.delete_policy(PolicyArn=identity)
        except iam.exceptions.NoSuchEntityException:
            return

    def identity(self, inputs: Values, place: Place) -> str | None:
        """Build the ARN from path and name."""
        name = known_text(inputs, "name")
        path = known_text(inputs, "path") or "/"
        return f"arn:{_partition(place.region)}:iam::{place.account_id}:policy{path}{name}" if name else None

    def _make_room(self, session: Session, identity: str) -> None:
        spare = self._spare_versions(session, identity)
        if len(spare) >= _MOST_VERSIONS - 1:
            session.iam.delete_policy_version(PolicyArn=identity, VersionId=spare[0])

    def _spare_versions(self, session: Session, identity: str) -> list[str]:
        """Give the ids of the versions that are not the default, the oldest first."""
        pages = session.iam.get_paginator("list_policy_versions").paginate(PolicyArn=identity)
        versions = [version for page in pages for version in page["Versions"] if not version["IsDefaultVersion"]]
        versions.sort(key=lambda version: (version["CreateDate"], int(version["VersionId"].lstrip("v"))))
        return [version["VersionId"] for version in versions]


def _partition(region: str) -> str:
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


NAMING = Naming(longest=255)  # the official provider's limit for automatic names; IAM's own is 128

POLICY = ResourceType(
    token="aws:iam/policy:Policy",  # noqa: S106 - a type token is no secret
    doc="An IAM policy. Imported by its ARN.",
    properties=PROPERTIES,
    operations=PolicyOperations(),
    naming=NAMING,
)
