import pytest

from policies.identities.escalation import ESCALATIONS, NO_ESCALATION
from tests.policies.judging import Raw, allow, deny, of_policy

ROLE = "arn:aws:iam::123456789012:role/other"


@pytest.mark.parametrize("action", [action for actions in ESCALATIONS.values() for action in actions])
def test_every_power_is_told_however_narrow_its_resource(action: str) -> None:
    assert f"It allows {action}, which " in of_policy(NO_ESCALATION, allow(Action=action.upper(), Resource=ROLE))


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"Action": "*"}, "iam:PassRole, which hands a role to a service"),
        ({"Action": "iam:*"}, "iam:PutRolePolicy"),
        ({"Action": "iam:Put*"}, "iam:PutUserPolicy"),
        ({"Action": None, "NotAction": "sqs:*"}, "iam:PassRole"),
        (
            {"Action": "sqs:*"},
            "sqs:AddPermission, sqs:RemovePermission, sqs:SetQueueAttributes, which rewrites a policy",
        ),
        ({"Action": "sts:AssumeRole", "Resource": "*"}, "sts:AssumeRole on roles that it does not name"),
        ({"Action": "sts:*", "Resource": "arn:aws:iam::*:role/deployer"}, "sts:AssumeRole on roles"),
        ({"Action": "sts:AssumeRole", "Resource": None, "NotResource": ROLE}, "sts:AssumeRole on roles"),
    ],
)
def test_powers_by_pattern_are_told_by_name(elements: Raw, words: str) -> None:
    assert words in of_policy(NO_ESCALATION, allow(**{"Resource": ROLE, **elements}))


@pytest.mark.parametrize(
    "statement",
    [
        allow(),
        deny(Action="iam:*"),
        allow(Action="sts:AssumeRole", Resource=ROLE),
        allow(Action=["iam:GetRole", "iam:ListRolePolicies"], Resource=ROLE),
        allow(Action="lambda:InvokeFunction"),
    ],
)
def test_what_gives_no_such_power_passes(statement: Raw) -> None:
    assert of_policy(NO_ESCALATION, statement) == ""
