"""What no role may be given, on whatever resource: the power to give itself, or another, more."""

from types import MappingProxyType

from pulumi_policy import Severity

from access.documents import Statement
from policies.reading.documents import CARRIERS, Document, Kind, on_documents
from policies.reading.patterns import is_pattern
from policies.rule import ResourceRule, Violations
from policies.settings import RuleSettings

ESCALATIONS = MappingProxyType(
    {
        "hands a role to a service that then acts with it": ("iam:PassRole",),
        "rewrites a policy of somebody": (
            "iam:CreatePolicyVersion",
            "iam:SetDefaultPolicyVersion",
            "iam:AttachUserPolicy",
            "iam:AttachGroupPolicy",
            "iam:AttachRolePolicy",
            "iam:PutUserPolicy",
            "iam:PutGroupPolicy",
            "iam:PutRolePolicy",
            "iam:UpdateAssumeRolePolicy",
            "iam:AddUserToGroup",
            "iam:DeleteRolePolicy",
            "iam:DeleteUserPolicy",
            "iam:DetachRolePolicy",
            "iam:DetachUserPolicy",
            "iam:PutRolePermissionsBoundary",
            "iam:DeleteRolePermissionsBoundary",
            "iam:PutUserPermissionsBoundary",
            "iam:DeleteUserPermissionsBoundary",
        ),
        "makes credentials of somebody": (
            "iam:CreateAccessKey",
            "iam:CreateLoginProfile",
            "iam:UpdateLoginProfile",
            "iam:CreateServiceSpecificCredential",
            "iam:EnableMFADevice",
            "iam:DeactivateMFADevice",
            "sso:CreateAccountAssignment",
        ),
        "runs code with the rights of something that exists": (
            "lambda:UpdateFunctionCode",
            "lambda:UpdateFunctionConfiguration",
            "lambda:CreateEventSourceMapping",
            "glue:UpdateDevEndpoint",
            "ecs:ExecuteCommand",
            "ecs:RegisterTaskDefinition",
            "ssm:SendCommand",
            "ssm:StartSession",
            "ec2:ModifyInstanceAttribute",
            "ec2-instance-connect:SendSSHPublicKey",
            "cloudformation:UpdateStack",
            "codebuild:UpdateProject",
            "sagemaker:CreatePresignedNotebookInstanceUrl",
        ),
        "rewrites a policy of something": (
            "sqs:AddPermission",
            "sqs:RemovePermission",
            "sqs:SetQueueAttributes",
            "sns:AddPermission",
            "sns:SetTopicAttributes",
            "kms:PutKeyPolicy",
            "kms:CreateGrant",
            "s3:PutBucketPolicy",
            "s3:PutBucketAcl",
            "s3:DeleteBucketPolicy",
            "lambda:AddPermission",
            "secretsmanager:PutResourcePolicy",
            "ec2:ModifyVpcEndpoint",
        ),
    }
)
"""What each power does, and the actions that give it.

After Rhino Security Labs, "AWS IAM privilege escalation: methods and mitigation", and the list that cloudsplaining and
CKV_AWS_286 share; the last row is CKV_AWS_289's permissions management, for what stands around a queue.
"""

CONTROL_OF_QUEUES = tuple(action for actions in ESCALATIONS.values() for action in actions if action.startswith("sqs:"))
"""Those of them that are power over queues."""

TAKING_ROLES = "sts:AssumeRole"


def no_escalation(document: Document, _settings: RuleSettings) -> Violations:
    """No policy of an identity gives a power that leads to others: administration, handing out roles, policies, keys.

    Implements CKV_AWS_286, CKV_AWS_287, CKV_AWS_289, AWS-0342 and IAM.1. Narrow resources do not help: whoever rewrites
    one policy of its own has all it likes. Roles may be taken by name; taking whichever role matches a pattern is
    for whoever writes the trust policies to decide.
    """
    for statement in document.allows:
        for power, actions in ESCALATIONS.items():
            if given := [action for action in actions if statement.covers_action(action)]:
                yield f"{document.at(statement)} allows {', '.join(given)}, which {power}; remove it"
        if statement.covers_action(TAKING_ROLES) and _anywhere(statement):
            yield f"{document.at(statement)} allows {TAKING_ROLES} on roles that it does not name; name them by ARN"


def _anywhere(statement: Statement) -> bool:
    return bool(statement.not_resources) or any(is_pattern(one) for one in statement.resources)


NO_ESCALATION = ResourceRule(
    name="role-policy-cannot-escalate",
    description="No identity can give itself, or another, more than it has.",
    remediation="Remove the action; leave it to the role that deploys, outside of the stack.",
    severity=Severity.CRITICAL,
    controls=("CKV_AWS_286", "CKV_AWS_287", "CKV_AWS_289", "AWS-0342", "IAM.1"),
    settings=RuleSettings,
    types=CARRIERS[Kind.IDENTITY],
    check=on_documents(no_escalation, Kind.IDENTITY),
)
