import json

import pytest

from local.provider import RESOURCES, VERSION, pending_identity
from local.provider.schema import schema

ENDPOINT = "http://127.0.0.1:4590"
URL = f"{ENDPOINT}/123456789012/jobs"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "…"}


def test_the_table_serves_the_types_of_the_stack_and_of_the_rules_cases() -> None:
    assert set(RESOURCES) == {
        "aws:sqs/queue:Queue",
        "aws:sqs/queuePolicy:QueuePolicy",
        "aws:sqs/redrivePolicy:RedrivePolicy",
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/policy:Policy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "aws:ecs/taskDefinition:TaskDefinition",
    }


@pytest.mark.parametrize(
    ("token", "inputs", "identity"),
    [
        ("aws:sqs/queue:Queue", {"name": "jobs", "region": "us-east-1"}, URL),
        ("aws:sqs/queue:Queue", {"namePrefix": "jobs-"}, None),
        ("aws:sqs/queue:Queue", {"name": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}, None),
        ("aws:sqs/queue:Queue", {"name": SECRET}, None),
        ("aws:sqs/queuePolicy:QueuePolicy", {"queueUrl": URL, "policy": "{}"}, URL),
        ("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", {"queueUrl": URL}, URL),
        ("aws:sqs/redrivePolicy:RedrivePolicy", {"queueUrl": URL}, URL),
        ("aws:iam/role:Role", {"name": "worker", "path": "/team/"}, "worker"),
        ("aws:iam/rolePolicy:RolePolicy", {"role": "worker", "name": "p"}, "worker:p"),
        ("aws:iam/rolePolicy:RolePolicy", {"role": "worker"}, None),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", {"vpcId": "vpc-0a"}, None),
        ("aws:ecs/taskDefinition:TaskDefinition", {"family": "worker"}, "worker"),
        ("aws:iam/policy:Policy", {"name": "p", "path": "/"}, "arn:aws:iam::123456789012:policy/p"),
        ("aws:iam/policy:Policy", {"name": "p", "path": "/team/"}, "arn:aws:iam::123456789012:policy/team/p"),
        (
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            {"role": "worker", "policyArn": "arn:aws:iam::123456789012:policy/p"},
            "worker/arn:aws:iam::123456789012:policy/p",
        ),
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"role": "worker"}, None),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", {"name": "dlq"}, "dlq"),
        ("aws:s3/bucket:Bucket", {"bucket": "b"}, None),
    ],
)
def test_the_id_of_an_interrupted_creation(token: str, inputs: dict[str, object], identity: str | None) -> None:
    assert pending_identity(token, inputs, "123456789012", "us-east-1", f"{ENDPOINT}/") == identity


def test_other_partitions_have_other_arns() -> None:
    given = pending_identity("aws:iam/policy:Policy", {"name": "p"}, "123456789012", "us-gov-west-1", ENDPOINT)
    assert given == "arn:aws-us-gov:iam::123456789012:policy/p"


def test_the_schema_says_what_the_table_says() -> None:
    written = json.loads(schema(VERSION))
    assert (written["name"], written["version"]) == ("aws", VERSION)
    assert set(written["resources"]) == set(RESOURCES)
    queue = written["resources"]["aws:sqs/queue:Queue"]
    assert queue["properties"]["arn"]["type"] == "string"
    assert "arn" not in queue["inputProperties"]
    assert "tagsAll" not in queue["inputProperties"]
    assert written["resources"]["aws:iam/role:Role"]["requiredInputs"] == ["assumeRolePolicy"]
