"""A stack's resources as a Terraform plan, which is what checkov has most rules for.

Pulumi's AWS provider is Terraform's with other names: `sqsManagedSseEnabled` there is `sqs_managed_sse_enabled` here.
"""

import re
from collections.abc import Iterable
from typing import Any

from tests.linters.declared import Resource

TYPES = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": "aws_cloudwatch_metric_alarm",
    "aws:iam/policy:Policy": "aws_iam_policy",
    "aws:iam/role:Role": "aws_iam_role",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "aws_iam_role_policy_attachment",
    "aws:sqs/queue:Queue": "aws_sqs_queue",
    "aws:sqs/queuePolicy:QueuePolicy": "aws_sqs_queue_policy",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": "aws_sqs_queue_redrive_allow_policy",
}


def plan(resources: Iterable[Resource]) -> dict[str, Any]:
    """The plan that would make these resources.

    Raises:
        KeyError: For a resource of a type that the table lacks.
    """
    planned = [_planned(one) for one in resources]
    changes = [
        {
            **{key: one[key] for key in ("address", "mode", "type", "name", "provider_name")},
            "change": {"actions": ["create"], "before": None, "after": one["values"], "after_unknown": {}},
        }
        for one in planned
    ]
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": []}},
    }


def _planned(one: Resource) -> dict[str, Any]:
    kind = TYPES[one.type_token]
    return {
        "address": f"{kind}.{one.name}",
        "mode": "managed",
        "type": kind,
        "name": one.name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "schema_version": 0,
        "values": {_snake(key): value for key, value in one.inputs.items()},
    }


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])[A-Z]", lambda found: f"_{found[0].lower()}", name)
