import json
from typing import TYPE_CHECKING

import pytest

from components.role_pair import RolePair, RolePairArgs

if TYPE_CHECKING:
    from tests.components.conftest import Deploy

ARGS = RolePairArgs(
    account_id="123456789012",
    region="us-east-1",
    queue_arn="arn:aws:sqs:us-east-1:123456789012:jobs",
    queue_url="https://queue/jobs",
    dlq_arn="arn:aws:sqs:us-east-1:123456789012:jobs-dlq",
    dlq_url="https://queue/jobs-dlq",
    producer_role_name="app-dev-backend",
    consumer_role_name="app-dev-worker",
    policy_name_prefix="app-dev-jobs",
    vpc_id="vpc-0a1b2c3d4e5f60718",
    vpc_endpoint_id="vpce-0a1b2c3d4e5f60718",
    deployer_arns=["arn:aws:iam::123456789012:role/deployer"],
    uploads_bucket="app-uploads",
    kill_switch_parameter="/app/dev/enable",
    tags={"Team": "churn"},
)


def test_two_of_each_and_each_policy_attached_to_its_own_role(deploy: "Deploy") -> None:
    recorded = deploy(lambda: RolePair("jobs", ARGS))
    for type_token in (
        "aws:iam/role:Role",
        "aws:iam/policy:Policy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:sqs/queuePolicy:QueuePolicy",
    ):
        assert len(recorded.of_type(type_token)) == 2, type_token
    for half in ("producer", "consumer"):
        attachment = recorded.named(f"jobs-{half}-attachment").inputs
        assert attachment["role"] == recorded.named(f"jobs-{half}-role").inputs["name"]
        assert attachment["policyArn"] == f"arn:of:jobs-{half}-policy"


def test_each_queue_gets_the_policy_that_is_about_it(deploy: "Deploy") -> None:
    recorded = deploy(lambda: RolePair("jobs", ARGS))
    for name, url, arn in (
        ("jobs-queue-policy", ARGS["queue_url"], ARGS["queue_arn"]),
        ("jobs-dlq-policy", ARGS["dlq_url"], ARGS["dlq_arn"]),
    ):
        inputs = recorded.named(name).inputs
        assert inputs["queueUrl"] == url
        assert {one["Resource"] for one in json.loads(inputs["policy"])["Statement"]} == {arn}


def test_roles_and_policies_carry_the_tags(deploy: "Deploy") -> None:
    recorded = deploy(lambda: RolePair("jobs", ARGS))
    tagged = recorded.of_type("aws:iam/role:Role") + recorded.of_type("aws:iam/policy:Policy")
    assert [one.inputs["tags"] for one in tagged] == [{"Team": "churn"}] * 4


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("vpc_endpoint_id", "", "shut everybody out"),
        ("deployer_arns", [], "nobody could delete"),
        ("consumer_role_name", "app-dev-backend", "both send and consume"),
    ],
)
def test_what_would_shut_somebody_out_is_refused(deploy: "Deploy", key: str, value: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        deploy(lambda: RolePair("jobs", {**ARGS, key: value}))  # type: ignore[misc]  # the key is a parameter here
