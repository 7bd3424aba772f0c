"""Rules on the policies of roles: each names what it allows, and on what."""

import re
from collections.abc import Iterator, Mapping, Sequence

from pulumi_policy import Severity
from pulumi_policy.proxy import UnknownValueError

from access.documents import MalformedDocumentError, Statement, parse_document
from policies.rule import Properties, Resource, ResourceRule, Violations
from policies.settings import RuleSettings

POLICY = "aws:iam/policy:Policy"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_AWS_MANAGED = re.compile(r"arn:aws[a-z-]*:iam::aws:policy/")
_WILDCARD = re.compile(r"[*?]")
# Objects of one named bucket under a key prefix: S3 has no other way to name files that do not exist yet.
_OBJECTS_UNDER_PREFIX = re.compile(r"arn:aws[a-z-]*:s3:::[a-z0-9.-]+/[^*?]+\*")


def no_wildcard_grant(resource: Resource, _settings: RuleSettings) -> Violations:
    """No identity policy allows a pattern of actions, or resources that it does not name.

    Implements CKV_AWS_62, 63, 286 to 290 and 355, AWS-0057, AwsSolutions-IAM5. The one pattern that is let pass is a
    key prefix in one named bucket, `arn:aws:s3:::bucket/prefix*`.
    """
    for origin, text in _documents(resource.properties):
        try:
            statements = parse_document(text)
        except MalformedDocumentError as error:
            yield f"{origin} cannot be read: {error}"
            continue
        for statement in statements:
            if statement.allows:
                for problem in _too_wide(statement):
                    yield f"{origin}: {statement.label} {problem}"


def _too_wide(statement: Statement) -> Iterator[str]:
    if statement.not_actions:
        yield "allows every action but some (NotAction); list the actions it needs"
    if statement.not_resources:
        yield "allows every resource but some (NotResource); list the ARNs it needs"
    if actions := [action for action in statement.actions if _WILDCARD.search(action)]:
        yield f"allows {', '.join(actions)}; list the actions it needs, one by one"
    wide = [
        resource
        for resource in statement.resources
        if _WILDCARD.search(resource) and not _OBJECTS_UNDER_PREFIX.fullmatch(resource)
    ]
    if wide:
        yield f"allows it on {', '.join(wide)}; name the ARNs it needs"


def _documents(properties: Properties) -> Iterator[tuple[str, object]]:
    if "policy" in properties:
        yield "the policy", properties["policy"]
    inline = properties.get("inlinePolicies")
    if isinstance(inline, Sequence):
        for one in inline:
            if isinstance(one, Mapping) and one.get("policy"):
                yield f"the inline policy {one.get('name')!r}", one["policy"]


def no_aws_managed_policy(resource: Resource, _settings: RuleSettings) -> Violations:
    """No role is given a policy that AWS keeps: they allow patterns. Implements AwsSolutions-IAM4 and CKV_AWS_274.

    At the first preview the ARN of a policy that the stack itself makes is not known; that policy's own document is
    what counts, and another rule reads it.
    """
    try:
        given = resource.properties
        attached = [given.get("policyArn"), *_members(given.get("managedPolicyArns"))]
    except UnknownValueError:
        return
    for arn in attached:
        if _AWS_MANAGED.match(str(arn)):
            yield f"{arn} is attached, a policy that AWS keeps; write one that names the actions and ARNs it needs"


def _members(value: object) -> Sequence[object]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


IDENTITY_RULES = (
    ResourceRule(
        name="role-has-no-aws-managed-policy",
        description="A role's policies are its own.",
        remediation="Replace the AWS-managed policy by one that names the actions and ARNs that the code uses.",
        severity=Severity.HIGH,
        controls=("AwsSolutions-IAM4", "CKV_AWS_274"),
        settings=RuleSettings,
        types=frozenset({ATTACHMENT, ROLE}),
        check=no_aws_managed_policy,
    ),
    ResourceRule(
        name="role-policy-names-grants",
        description="A role's policy allows named actions on named resources.",
        remediation="Replace wildcards in Action and Resource by the actions and ARNs that the code uses.",
        severity=Severity.HIGH,
        controls=("CKV_AWS_62", "CKV_AWS_63", "CKV_AWS_355", "AWS-0057", "AwsSolutions-IAM5"),
        settings=RuleSettings,
        types=frozenset({POLICY, ROLE_POLICY, ROLE}),
        check=no_wildcard_grant,
    ),
)
