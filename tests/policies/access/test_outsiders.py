import pytest

from policies.access.outsiders import MESSAGES_DENIED_TO_OTHERS
from policies.reading.origins import TOUCHES
from tests.policies.judging import Raw, allow, deny, of_queue

WORKER, OPERATOR, OTHER = (f"arn:aws:iam::123456789012:role/{name}" for name in ("worker", "operator", "other"))


def _sparing(*arns: str, **besides: object) -> Raw:
    return deny(Sid="Others", Condition={"ArnNotEquals": {"aws:PrincipalArn": list(arns)}, **besides})


@pytest.mark.parametrize(
    "statement",
    [
        deny(),
        deny(Action=list(TOUCHES)),
        deny(Condition={"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}),
        _sparing(WORKER),
        _sparing(WORKER, OTHER, BoolIfExists={"aws:PrincipalIsAWSService": "false"}),
    ],
)
def test_a_deny_to_all_but_named_ones_passes(statement: Raw) -> None:
    assert of_queue(MESSAGES_DENIED_TO_OTHERS, [statement]) == ""


@pytest.mark.parametrize(
    "statement",
    [
        deny(Action="sqs:PurgeQueue"),
        deny(Principal={"AWS": OTHER}),
        _sparing("arn:aws:iam::123456789012:role/*"),
        _sparing(WORKER, Bool={"aws:PrincipalIsAWSService": "false"}),
        _sparing(WORKER, BoolIfExists={"aws:PrincipalIsAWSService": "true"}),
        _sparing(WORKER, BoolIfExists={"aws:ViaAWSService": "false"}),
        _sparing(WORKER, StringNotEquals={"aws:SourceVpc": "vpc-0a1b2c3d"}),
    ],
)
def test_a_deny_that_spares_more_is_told_for_each_action(statement: Raw) -> None:
    told = of_queue(MESSAGES_DENIED_TO_OTHERS, [statement])
    assert all(f"does not deny {action} to others" in told for action in TOUCHES)


def test_with_operators_configured_nobody_is_spared_but_them_and_who_is_allowed() -> None:
    allowed = allow(Principal={"AWS": WORKER})
    sound = [allowed, _sparing(WORKER, OPERATOR)]
    told = of_queue(MESSAGES_DENIED_TO_OTHERS, sound, operatorArns=[OPERATOR])
    assert f"spares {WORKER} from the Deny of sqs:ReceiveMessage" in told
    assert "sqs:SendMessage" not in told
    everything = [allow(Principal={"AWS": WORKER}, Action="sqs:*"), _sparing(WORKER, OPERATOR)]
    assert of_queue(MESSAGES_DENIED_TO_OTHERS, everything, operatorArns=[OPERATOR]) == ""
