"""Which statements of an endpoint's policy let requests through to anybody's resources."""

import json
from collections.abc import Mapping

import pytest

from access.documents import parse_document
from policies.network.endpoint_scope import reaches_anybodys

QUEUE = "arn:aws:sqs:us-east-1:123456789012:shop-jobs"
ORGANIZATION = "o-a1b2c3d4e5"


def _reaches(**elements: object) -> bool:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", **elements}
    given = {name: value for name, value in statement.items() if value is not None}
    (read,) = parse_document(json.dumps({"Version": "2012-10-17", "Statement": [given]}))
    return reaches_anybodys(read)


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {"Action": "sqs:*", "Resource": "arn:aws:sqs:*:*:*"},
        {"Action": ["sqs:*Message*", "sqs:*Queue*"]},
        {"Resource": "**"},
        {"Resource": "*:*"},
        {"Resource": "arn:*"},
        {"Resource": "arn:aws:sqs:us-east-1:123456789012:*"},
        {"Resource": "arn:aws:sqs:us-east-1:12345678901?:shop-jobs"},
        {"Action": ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:PurgeQueue"]},
        {"Action": None, "NotAction": "iam:*"},
        {"Resource": None, "NotResource": QUEUE},
        {"Action": "s3:*", "Resource": "arn:aws:s3:::*"},
    ],
)
def test_wide_actions_on_wide_resources_reach_anybodys(elements: Mapping[str, object]) -> None:
    assert _reaches(**elements)


@pytest.mark.parametrize(
    "elements",
    [
        {"Resource": QUEUE},
        {"Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:123456789012:shop-*"},
        {"Action": "sqs:ListQueues"},
        {"Action": "ecr:GetAuthorizationToken"},
        {"Action": "s3:GetObject*", "Resource": "arn:aws:s3:::shop-uploads/*"},
    ],
)
def test_what_is_named_does_not(elements: Mapping[str, object]) -> None:
    assert not _reaches(**elements)


@pytest.mark.parametrize(
    ("condition", "bounded"),
    [
        ({"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION, "aws:ResourceOrgID": ORGANIZATION}}, True),
        ({"StringEquals": {"aws:ResourceAccount": ["123456789012", "999988887777"]}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION, "aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}, True),
        ({"ForAnyValue:StringLike": {"aws:ResourceOrgPaths": f"{ORGANIZATION}/r-ab12/*"}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}, False),
        ({"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}, False),
        ({"StringEqualsIfExists": {"aws:ResourceOrgID": ORGANIZATION}}, False),
        ({"StringLike": {"aws:ResourceOrgID": "o-*"}}, False),
        ({"StringNotEquals": {"aws:ResourceOrgID": ORGANIZATION}}, False),
        ({"ForAnyValue:StringLike": {"aws:ResourceOrgPaths": "*/r-ab12/*"}}, False),
    ],
)
def test_conditions_on_whose_a_resource_is_bound_it(
    condition: Mapping[str, object],
    bounded: bool,  # noqa: FBT001 - an expectation
) -> None:
    assert _reaches(Condition=condition) is not bounded
