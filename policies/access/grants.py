"""What an Allow allows: actions that it names, one by one, on resources that it names."""

import re
from collections.abc import Iterator

from pulumi_policy import Severity
from pydantic import Field

from access.documents import Statement
from policies.reading.documents import CARRIERS, Document, Kind, on_documents
from policies.reading.patterns import is_pattern
from policies.rule import ResourceRule, Violations
from policies.settings import RuleSettings

# Objects of one named bucket under a key prefix.
_OBJECTS = re.compile(r"arn:aws[a-z-]*:s3:::[a-z0-9.-]+/[^*?$]+\*")


class GrantSettings(RuleSettings):
    """Which actions may stand with the resource `*`."""

    actions_without_resource: tuple[str, ...] = Field(
        default=(
            "cloudwatch:PutMetricData",
            "ecr:GetAuthorizationToken",
            "sqs:ListQueues",
            "sts:GetCallerIdentity",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
        ),
        description="Actions that AWS lets nobody narrow to a resource (service authorization reference).",
    )


def only_named_actions(document: Document, _settings: RuleSettings) -> Violations:
    """No Allow of a queue policy is for a pattern of actions, or for all but some actions or resources.

    Implements CKV_AWS_72, F20 and W18. What SQS adds one day would be allowed too.
    """
    for statement in document.allows:
        for problem in _unnamed(statement):
            yield f"{document.at(statement)} {problem}"


def only_named_grants(document: Document, settings: GrantSettings) -> Violations:
    """No identity policy allows a pattern of actions, or resources that it does not name.

    Implements CKV_AWS_62, CKV_AWS_63, CKV_AWS_288, CKV_AWS_290, CKV_AWS_355, AWS-0057, IAM.21 and AwsSolutions-IAM5.
    Two patterns are let pass: a key prefix in one named bucket, `arn:aws:s3:::bucket/prefix*`, since files that do not
    exist yet have no other name; and `*` for actions that AWS lets nobody narrow.
    """
    unrestrictable = frozenset(action.lower() for action in settings.actions_without_resource)
    for statement in document.allows:
        for problem in _unnamed(statement):
            yield f"{document.at(statement)} {problem}"
        if statement.actions and unrestrictable.issuperset(statement.actions):
            continue
        if wide := [one for one in statement.resources if is_pattern(one) and not _OBJECTS.fullmatch(one)]:
            yield f"{document.at(statement)} allows it on {', '.join(wide)}; name the ARNs it needs"


def _unnamed(statement: Statement) -> Iterator[str]:
    if statement.not_actions:
        yield "allows every action but some (NotAction); list the actions it needs"
    if statement.not_resources:
        yield "allows every resource but some (NotResource); list the ARNs it needs"
    if actions := [action for action in statement.actions if is_pattern(action)]:
        yield f"allows {', '.join(actions)}; list the actions it needs, one by one"


ONLY_NAMED_ACTIONS = ResourceRule(
    name="queue-policy-names-actions",
    description="A queue policy allows only actions that it names.",
    remediation="Replace wildcards and NotAction in Allow statements by the actions that the code uses.",
    severity=Severity.HIGH,
    controls=("CKV_AWS_72", "F20", "W18"),
    settings=RuleSettings,
    types=CARRIERS[Kind.QUEUE],
    check=on_documents(only_named_actions, Kind.QUEUE),
)

ONLY_NAMED_GRANTS = ResourceRule(
    name="role-policy-names-grants",
    description="A role's policy allows named actions on named resources.",
    remediation="Replace wildcards in Action and Resource by the actions and ARNs that the code uses.",
    severity=Severity.HIGH,
    controls=(
        "CKV_AWS_62",
        "CKV_AWS_63",
        "CKV_AWS_288",
        "CKV_AWS_290",
        "CKV_AWS_355",
        "AWS-0057",
        "IAM.21",
        "AwsSolutions-IAM5",
    ),
    settings=GrantSettings,
    types=CARRIERS[Kind.IDENTITY],
    check=on_documents(only_named_grants, Kind.IDENTITY),
)
