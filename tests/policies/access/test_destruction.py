import pytest

from policies.access.destruction import DESTRUCTION_DENIED
from tests.policies.judging import Raw, deny, of_queue

BREAK_GLASS = "arn:aws:iam::123456789012:role/break-glass"
DEPLOYER = "arn:aws:iam::123456789012:role/deployer"
OTHER = "arn:aws:iam::123456789012:role/other"
BOTH = ["sqs:PurgeQueue", "sqs:DeleteQueue"]


def _sparing(*arns: str, operator: str = "ArnNotEquals", **elements: object) -> Raw:
    condition = {operator: {"aws:PrincipalArn": list(arns)}}
    return deny(Action=BOTH, Condition=condition, **elements)


@pytest.mark.parametrize(
    "statements",
    [
        [deny()],
        [deny(Action="sqs:*Queue")],
        [deny(Action=None, NotAction="sqs:SendMessage")],
        [deny(Principal={"AWS": "*"}, Action=BOTH)],
        [deny(Resource="*")],
        [_sparing(BREAK_GLASS)],
        [_sparing(BREAK_GLASS, DEPLOYER, operator="StringNotEquals")],
        [_sparing(BREAK_GLASS, operator="ArnNotLikeIfExists")],
        [deny(Sid="P", Action=BOTH[0]), deny(Sid="D", Action=BOTH[1])],
        [deny(Action="sqs:SendMessage", Sid="Other"), _sparing(BREAK_GLASS)],
    ],
)
def test_what_denies_to_all_but_named_ones_passes(statements: list[Raw]) -> None:
    assert of_queue(DESTRUCTION_DENIED, statements) == ""


@pytest.mark.parametrize(
    "statement",
    [
        deny(Action="sqs:SendMessage"),
        deny(Principal={"AWS": OTHER}),
        deny(Principal={"Service": "*"}),
        deny(Principal={"Federated": "*"}),
        deny(Principal={"CanonicalUser": "*"}),
        deny(Principal=None, NotPrincipal={"AWS": DEPLOYER}),
        deny(Effect="Allow"),
        _sparing("arn:aws:iam::123456789012:role/*", operator="ArnNotLike"),
        _sparing("arn:aws:iam::123456789012:role/break-?lass", operator="StringNotLike"),
        _sparing("${aws:PrincipalArn}"),
        _sparing("*"),
        _sparing(BREAK_GLASS, operator="ArnEquals"),
        _sparing(BREAK_GLASS, operator="ForAllValues:ArnNotEquals"),
        deny(Action=BOTH, Condition={"StringNotEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}}),
        deny(Action=BOTH, Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
    ],
)
def test_what_spares_more_than_named_ones_is_told(statement: Raw) -> None:
    told = of_queue(DESTRUCTION_DENIED, [statement])
    assert "does not deny sqs:PurgeQueue" in told
    assert "does not deny sqs:DeleteQueue" in told


def test_a_deny_on_another_queue_protects_nothing() -> None:
    elsewhere = deny(Resource="arn:aws:sqs:us-east-1:123456789012:other")
    assert "does not deny sqs:PurgeQueue" in of_queue(DESTRUCTION_DENIED, [deny(Action="sqs:SendMessage"), elsewhere])


def test_only_configured_principals_may_be_spared() -> None:
    configured = {"breakGlassArns": [BREAK_GLASS], "deployerArns": [DEPLOYER]}
    assert of_queue(DESTRUCTION_DENIED, [_sparing(BREAK_GLASS)], **configured) == ""
    told = of_queue(DESTRUCTION_DENIED, [_sparing(BREAK_GLASS, DEPLOYER)], **configured)
    assert told == f"the queue policy spares {DEPLOYER} from the Deny of sqs:PurgeQueue; {BREAK_GLASS} may be spared"
    told = of_queue(DESTRUCTION_DENIED, [_sparing(OTHER)], **configured)
    assert f"spares {OTHER} from the Deny of sqs:DeleteQueue; {BREAK_GLASS}, {DEPLOYER} may be spared" in told


def test_whom_two_denies_spare_between_them_is_whom_both_spare() -> None:
    two = [_sparing(BREAK_GLASS, OTHER), _sparing(BREAK_GLASS, DEPLOYER, Sid="Second")]
    assert of_queue(DESTRUCTION_DENIED, two, breakGlassArns=[BREAK_GLASS]) == ""


def test_with_deployers_alone_configured_nobody_may_purge() -> None:
    told = of_queue(DESTRUCTION_DENIED, [_sparing(DEPLOYER)], deployerArns=[DEPLOYER])
    assert told == f"the queue policy spares {DEPLOYER} from the Deny of sqs:PurgeQueue; nobody may be spared"
