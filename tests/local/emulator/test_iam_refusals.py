"""What IAM refuses in documents and attachments."""

import json

import pytest

from local.emulator import account
from tests.local.emulator.cloud import ECS_TRUST, Cloud, allow, document, refused

pytestmark = pytest.mark.emulator

ANY = "arn:aws:sqs:us-east-1:123456789012:jobs"


@pytest.mark.parametrize(
    ("trust", "words"),
    [
        ("{", "This policy contains invalid Json"),
        (
            document({**ECS_TRUST, "Principal": {"AWS": account.role_arn("nobody")}}),
            f'Invalid principal in policy: "AWS":"{account.role_arn("nobody")}"',
        ),
        (document({**ECS_TRUST, "Resource": "*"}), "Has prohibited field Resource"),
        (
            document({**ECS_TRUST, "Action": "sqs:SendMessage"}),
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
    ],
)
def test_a_bad_trust_policy_is_refused_when_made_and_when_changed(
    cloud: Cloud, unique_name: str, trust: str, words: str
) -> None:
    iam = cloud.root.iam
    made = refused(lambda: iam.create_role(RoleName=unique_name, AssumeRolePolicyDocument=trust))
    cloud.role(unique_name)
    changed = refused(lambda: iam.update_assume_role_policy(RoleName=unique_name, PolicyDocument=trust))
    for error in (made, changed):
        assert error.response["Error"] == {"Type": "Sender", "Code": "MalformedPolicyDocument", "Message": words}


def test_a_bad_identity_policy_is_refused(cloud: Cloud, unique_name: str) -> None:
    iam = cloud.root.iam
    bad = document(allow(["sqs:SendMessage"], ANY, Principal="*"))
    assert "should not specify a principal" in str(
        refused(lambda: iam.create_policy(PolicyName=unique_name, PolicyDocument=bad))
    )
    cloud.role(unique_name)
    assert "should not specify a principal" in str(
        refused(lambda: iam.put_role_policy(RoleName=unique_name, PolicyName="inline", PolicyDocument=bad))
    )


def test_the_quotas_of_iams_documents(cloud: Cloud, unique_name: str) -> None:
    iam = cloud.root.iam
    resources = [f"{ANY}-{number:04}" for number in range(150)]
    long = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": resources}]}
    )
    policy = refused(lambda: iam.create_policy(PolicyName=unique_name, PolicyDocument=long))
    assert policy.response["Error"]["Message"] == "Cannot exceed quota for PolicySize: 6144"
    sids = [{**ECS_TRUST, "Sid": f"S{number}"} for number in range(30)]
    trust = refused(lambda: iam.create_role(RoleName=unique_name, AssumeRolePolicyDocument=document(*sids)))
    assert trust.response["Error"]["Code"] == "LimitExceeded"


def test_only_a_policy_that_exists_can_be_attached(cloud: Cloud, unique_name: str) -> None:
    cloud.role(unique_name)
    missing = f"arn:aws:iam::{account.ACCOUNT_ID}:policy/{unique_name}"
    error = refused(lambda: cloud.root.iam.attach_role_policy(RoleName=unique_name, PolicyArn=missing))
    assert error.response["Error"]["Code"] == "NoSuchEntity"
    assert error.response["Error"]["Message"] == f"Policy {missing} does not exist or is not attachable."
