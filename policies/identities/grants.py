"""What an Allow of an identity allows: actions that it names, one by one, on resources that it names."""

import re

from pulumi_policy import Severity
from pydantic import Field

from policies.reading.documents import CARRIERS, Document, Kind, on_documents
from policies.reading.naming import unnamed
from policies.reading.patterns import is_pattern
from policies.rule import ResourceRule, Violations
from policies.settings import RuleSettings

_NAME = r"[^*?$:]+"
_AS_NARROW_AS_CAN_BE = re.compile(
    r"arn:aws[a-z-]*:s3:::[a-z0-9.-]+/[^*?$]+\*"  # objects of one named bucket under a key prefix
    rf"|arn:aws[a-z-]*:logs:{_NAME}:\d{{12}}:log-group:{_NAME}:(log-stream:[^*?$:]*)?\*"  # streams of one named group
    rf"|arn:aws[a-z-]*:secretsmanager:{_NAME}:\d{{12}}:secret:{_NAME}-\?{{6}}"  # one secret, whatever its suffix
)


class GrantSettings(RuleSettings):
    """Which actions may stand with the resource `*`."""

    actions_without_resource: tuple[str, ...] = Field(
        default=(
            "cloudwatch:PutMetricData",
            "ecr:GetAuthorizationToken",
            "sqs:ListQueues",
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
            "sts:GetCallerIdentity",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
        ),
        description="Actions that AWS lets nobody narrow to a resource (service authorization reference).",
    )


def only_named_grants(document: Document, settings: GrantSettings) -> Violations:
    """No identity policy allows a pattern of actions, or resources that it does not name.

    Implements CKV_AWS_62, CKV_AWS_63, CKV_AWS_288, CKV_AWS_290, CKV_AWS_355, AWS-0057, IAM.21 and AwsSolutions-IAM5.
    What has no narrower name passes:

    - a key prefix in one named bucket, `arn:aws:s3:::bucket/prefix*`, since files that do not exist yet have no other;
    - the streams of one named log group, `…:log-group:/ecs/x:*`, which whoever logs names as it goes;
    - one secret by name, `…:secret:name-??????`, as Secrets Manager adds six characters of its own (its user guide,
      "What's in a secret?");
    - `*` for actions that AWS lets nobody narrow.
    """
    unrestrictable = frozenset(action.lower() for action in settings.actions_without_resource)
    for statement in document.allows:
        for problem in unnamed(statement):
            yield f"{document.at(statement)} {problem}"
        if statement.actions and unrestrictable.issuperset(statement.actions):
            continue
        if wide := [one for one in statement.resources if is_pattern(one) and not _AS_NARROW_AS_CAN_BE.fullmatch(one)]:
            yield f"{document.at(statement)} allows it on {', '.join(wide)}; name the ARNs it needs"


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
