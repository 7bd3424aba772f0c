import pytest

from policies.identities.trust import TRUSTS_EXPECTED_SERVICES
from tests.policies.judging import Raw, of_trust

ACCOUNT = "123456789012"
TASKS = f"arn:aws:ecs:us-east-1:{ACCOUNT}:*"
SOUND: Raw = {
    "Sid": "It",
    "Effect": "Allow",
    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnLike": {"aws:SourceArn": TASKS}},
}


def _conditions(account: object = ACCOUNT, source: object = TASKS, operator: str = "StringEquals") -> Raw:
    return {"Condition": {operator: {"aws:SourceAccount": account}, "ArnLike": {"aws:SourceArn": source}}}


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {"Action": ["sts:AssumeRole", "sts:TagSession"]},
        {"Effect": "Deny", "Principal": "*", "Condition": {}},
        _conditions(source=[TASKS, f"arn:aws:ecs:eu-west-1:{ACCOUNT}:*"]),
    ],
)
def test_ecs_tasks_of_one_account_pass(elements: Raw) -> None:
    assert of_trust(TRUSTS_EXPECTED_SERVICES, {**SOUND, **elements}) == ""


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"Principal": "*"}, "lets * take the role; only ecs-tasks.amazonaws.com may"),
        ({"Principal": {"AWS": "*"}}, "lets * take the role"),
        ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}, f"lets arn:aws:iam::{ACCOUNT}:root take the role"),
        ({"Principal": {"AWS": "999999999999"}}, "lets 999999999999 take the role"),
        ({"Principal": {"AWS": "ecs-tasks.amazonaws.com"}}, "lets ecs-tasks.amazonaws.com take the role"),
        ({"Principal": {"Service": ["ecs-tasks.amazonaws.com", "ec2.amazonaws.com"]}}, "lets ec2.amazonaws.com take"),
        ({"Principal": {"Federated": "arn:aws:iam::1:oidc-provider/x"}}, "lets arn:aws:iam::1:oidc-provider/x take"),
        ({"Principal": None, "NotPrincipal": {"AWS": ACCOUNT}}, "everybody but some take the role (NotPrincipal)"),
        ({"Action": "*"}, "allows *; a role is taken by sts:AssumeRole"),
        ({"Action": "sts:AssumeRole*"}, "allows sts:assumerole*"),
        ({"Action": "sts:AssumeRoleWithWebIdentity"}, "allows sts:assumerolewithwebidentity"),
        ({"NotAction": "sts:GetCallerIdentity", "Action": None}, "every action but some (NotAction)"),
        ({"Condition": {}}, "does not say for which account"),
        ({"Condition": {}}, "does not say for which resources"),
        (_conditions(operator="StringLike"), "does not say for which account"),
        (_conditions(operator="StringEqualsIfExists"), "does not say for which account"),
        (_conditions(account="*"), "does not say for which account"),
        (_conditions(account=[ACCOUNT, "999999999999"]), "does not say for which account"),
        (_conditions(source="*"), "does not say for which resources"),
        (_conditions(source="arn:aws:ecs:us-east-1:*:*"), "does not say for which resources"),
        (_conditions(source="arn:aws:ecs:us-east-1:999999999999:*"), "does not say for which resources"),
        (_conditions(source=[]), "does not say for which resources"),
    ],
)
def test_whoever_else_may_take_the_role_is_told(elements: Raw, words: str) -> None:
    statement = {name: value for name, value in {**SOUND, **elements}.items() if value is not None}
    assert words in of_trust(TRUSTS_EXPECTED_SERVICES, statement)


def test_other_services_can_be_expected() -> None:
    functions = {**SOUND, "Principal": {"Service": "lambda.amazonaws.com"}}
    assert of_trust(TRUSTS_EXPECTED_SERVICES, functions, allowedServices=["lambda.amazonaws.com"]) == ""


def test_where_accounts_are_configured_no_other_is_trusted() -> None:
    assert of_trust(TRUSTS_EXPECTED_SERVICES, SOUND, accountIds=[ACCOUNT]) == ""
    told = of_trust(TRUSTS_EXPECTED_SERVICES, SOUND, accountIds=["999999999999"])
    assert told == f"the trust policy: It is for account {ACCOUNT}; only 999999999999 may be"
