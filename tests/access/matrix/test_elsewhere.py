import json
from dataclasses import replace

import pytest

from access.deployed import Deployed
from access.matrix.cells import build
from access.matrix.elsewhere import ELSEWHERE, Elsewhere, granted_elsewhere
from access.matrix.expected import as_expected, differences
from access.policy import Policy
from components.grants import producer_statements
from components.statements import document
from tests.access.sound import ACCESS, ENDPOINT, REGION, SETTINGS, STORAGE, deployed, with_statement

KEY = f"arn:aws:kms:{REGION}:123456789012:key/1234"


def test_what_the_two_roles_may_do_beside_the_queues_is_told_with_labels() -> None:
    assert {(one.caller, one.action, one.resource, one.by) for one in granted_elsewhere(deployed(), SETTINGS)} == {
        ("producer", "s3:putobject", "arn:aws:s3:::{uploads}/user_*", "predictions-producer/StoreUploads"),
        (
            "producer",
            "ssm:getparameter",
            "arn:aws:ssm:{region}:{account}:parameter/{project}/{environment}/enable-sqs",
            "predictions-producer/ReadKillSwitch",
        ),
        ("consumer", "s3:getobject", "arn:aws:s3:::{uploads}/user_*", "predictions-consumer/ReadUploads"),
        ("consumer", "s3:putobject", "arn:aws:s3:::{uploads}/results/*", "predictions-consumer/WriteResults"),
    }


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            {"Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:123456789012:shop-dev-other"},
            ("sqs:sendmessage", "arn:aws:sqs:{region}:{account}:{project}-{environment}-other"),
        ),
        ({"NotAction": "s3:GetObject", "Resource": "*"}, ("all but s3:getobject", "*")),
        ({"Action": "s3:GetObject", "NotResource": "arn:aws:s3:::x"}, ("s3:getobject", "all but arn:aws:s3:::x")),
        (
            {"Action": "s3:ListBucket", "Resource": "b", "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
            ("s3:listbucket", "b if bool aws:securetransport [true]"),
        ),
        (
            {
                "Action": "s3:ListBucket",
                "Resource": "b",
                "Condition": {
                    "StringLike": {"s3:prefix": "shop-dev-"},
                    "StringEquals": {"aws:SourceVpce": ENDPOINT},
                },
            },
            (
                "s3:listbucket",
                "b if stringequals aws:sourcevpce [{vpc endpoint}] and stringlike s3:prefix [{project}-{environment}-]",
            ),
        ),
    ],
)
def test_a_further_grant_is_a_difference_that_names_its_statement(
    statement: dict[str, object], told: tuple[str, str]
) -> None:
    expected = as_expected(build(deployed(), SETTINGS))
    more = with_statement("producer", Sid="More", Effect="Allow", **statement)
    told_of = differences(build(deployed(producer=more), SETTINGS), expected)
    (found,) = [one for one in told_of if one.target == ELSEWHERE]
    assert (found.caller, (found.action, *found.origins)) == ("producer", told)
    assert found.change == "is new, by predictions-producer/More"


def test_a_grant_that_is_gone_is_a_difference() -> None:
    expected = as_expected(build(deployed(), SETTINGS))
    kept = [one for one in json.loads(deployed_document())["Statement"] if one["Sid"] != "StoreUploads"]
    (found,) = differences(build(deployed(producer=document(kept)), SETTINGS), expected)
    assert (found.target, found.action, found.allowed) == (ELSEWHERE, "s3:putobject", False)


@pytest.mark.parametrize(
    ("operator", "values"),
    [("StringNotLike", "sqs.us-east-1.amazonaws.com"), ("StringEquals", "s3.us-east-1.amazonaws.com")],
)
def test_a_condition_that_says_something_else_is_a_difference(operator: str, values: str) -> None:
    def stack(operator: str, values: str) -> Deployed:
        only = {"Condition": {operator: {"kms:ViaService": values}}}
        return deployed(
            producer=with_statement("producer", Sid="Key", Effect="Allow", Action="kms:Decrypt", Resource=KEY, **only)
        )

    expected = as_expected(build(stack("StringEquals", "sqs.us-east-1.amazonaws.com"), SETTINGS))
    found = differences(build(stack(operator, values), SETTINGS), expected)
    assert [(one.target, one.action, one.allowed) for one in found] == [
        (ELSEWHERE, "kms:decrypt", True),
        (ELSEWHERE, "kms:decrypt", False),
    ]


def test_a_deny_of_the_roles_own_that_is_gone_is_a_difference() -> None:
    held = with_statement(
        "producer", Sid="Never", Effect="Deny", Action="s3:GetObject", Resource="arn:aws:s3:::secret/*"
    )
    expected = as_expected(build(deployed(producer=held), SETTINGS))
    (found,) = differences(build(deployed(), SETTINGS), expected)
    assert (found.action, found.origins, found.change) == ("denied s3:getobject", ("arn:aws:s3:::secret/*",), "is gone")


def test_what_bounds_a_role_is_told() -> None:
    allows = {"Sid": "Only", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    producer, consumer = deployed().roles
    bound = replace(producer, boundary=Policy.parse("boundary", {"Statement": allows}))
    matrix = build(replace(deployed(), roles=(bound, consumer)), SETTINGS)
    assert Elsewhere("producer", "bound to s3:*", "*", "boundary/Only") in matrix.elsewhere


def deployed_document() -> str:
    return document(producer_statements(ACCESS, STORAGE, region=REGION, kms_key_arn=None))


def test_the_use_of_the_queues_own_key_through_sqs_belongs_to_the_queues() -> None:
    with_key = document(producer_statements(ACCESS, STORAGE, region=REGION, kms_key_arn=KEY))
    plain = granted_elsewhere(deployed(), SETTINGS)
    assert granted_elsewhere(deployed(producer=with_key), replace(SETTINGS, kms_key_arn=KEY)) == plain
    assert len(granted_elsewhere(deployed(producer=with_key), SETTINGS)) == len(plain) + 2
