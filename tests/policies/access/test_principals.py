import pytest

from policies.access.principals import ONLY_NAMED_PRINCIPALS
from tests.policies.judging import Raw, allow, deny, of_queue

OWN, TRUSTED, FOREIGN = "123456789012", "222222222222", "333333333333"
SNS = {"Service": "sns.amazonaws.com"}


def _told(statement: Raw) -> str:
    return of_queue(ONLY_NAMED_PRINCIPALS, [statement], trustedAccountIds=[TRUSTED])


@pytest.mark.parametrize(
    "statement",
    [
        allow(Principal={"AWS": f"arn:aws:iam::{OWN}:role/worker"}),
        allow(Principal={"AWS": [f"arn:aws:iam::{OWN}:user/team/jane", f"arn:aws:iam::{TRUSTED}:role/partner"]}),
        allow(Principal={"AWS": f"arn:aws-us-gov:sts::{OWN}:assumed-role/worker/session"}),
        deny(),
        deny(Principal={"AWS": FOREIGN}),
        allow(Principal=SNS, Condition={"StringEquals": {"aws:SourceAccount": [OWN, TRUSTED]}}),
        allow(Principal=SNS, Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{OWN}:*"}}),
        allow(Principal=SNS, Condition={"StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}}),
    ],
)
def test_who_is_named_and_trusted_passes(statement: Raw) -> None:
    assert _told(statement) == ""


@pytest.mark.parametrize(
    ("principal", "words"),
    [
        ("*", "It allows *; name those who may"),
        ({"AWS": "*"}, "It allows *; name those who may"),
        ({"AWS": [f"arn:aws:iam::{OWN}:role/worker", "*"]}, "It allows *; name"),
        ({"AWS": "arn:aws:iam::*:role/x"}, "arn:aws:iam::*:role/x; name those who may"),
        ({"AWS": f"arn:aws:iam::{OWN}:role/team-?"}, "role/team-?; name those who may"),
        ({"AWS": OWN}, f"the whole account {OWN}"),
        ({"AWS": f"arn:aws:iam::{OWN}:root"}, f"the whole account arn:aws:iam::{OWN}:root"),
        ({"AWS": TRUSTED}, f"the whole account {TRUSTED}"),
        ({"AWS": "AROAABCDEFGHIJKLMNOPQ"}, "the id of a principal that was deleted"),
        ({"AWS": f"arn:aws:iam::{FOREIGN}:role/worker"}, f"trust {FOREIGN} in trustedAccountIds, or remove it"),
        ({"AWS": f"arn:aws:sts::{FOREIGN}:assumed-role/worker/s"}, f"trust {FOREIGN} in trustedAccountIds"),
        ({"AWS": f"arn:aws:iam::{OWN}:group/team"}, "is not the ARN of a role, a user or a session"),
        ({"AWS": ""}, "is not the ARN of a role"),
        ({"Federated": "cognito-identity.amazonaws.com"}, "an identity provider; name the role"),
        ({"CanonicalUser": "79a59df900b949e5"}, "the canonical user 79a59df900b949e5"),
        ({"Service": "*"}, "It allows *; name those who may"),
        (SNS, "sns.amazonaws.com to act for anybody who asks it"),
    ],
)
def test_whoever_else_is_allowed_is_told(principal: object, words: str) -> None:
    assert words in _told(allow(Principal=principal))


def test_conditions_do_not_make_anybody_somebody() -> None:
    told = _told(allow(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}))
    assert "It allows *" in told


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEqualsIfExists": {"aws:SourceAccount": OWN}},
        {"StringNotEquals": {"aws:SourceAccount": FOREIGN}},
        {"ForAllValues:StringEquals": {"aws:SourceAccount": OWN}},
        {"StringEquals": {"aws:SourceAccount": FOREIGN}},
        {"StringEquals": {"aws:SourceAccount": []}},
        {"StringLike": {"aws:SourceAccount": "*"}},
        {"StringEquals": {"aws:PrincipalAccount": OWN}},
        {"ArnLike": {"aws:SourceArn": "*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::uploads"}},
        {"ArnLike": {"aws:SourceArn": [f"arn:aws:sns:*:{OWN}:*", f"arn:aws:sns:*:{FOREIGN}:*"]}},
        {"StringLike": {"aws:SourceOrgID": "*"}},
    ],
)
def test_a_service_without_a_source_that_binds_it_is_told(condition: Raw) -> None:
    assert "to act for anybody who asks it" in _told(allow(Principal=SNS, Condition=condition))


def test_not_principal_is_told_with_its_reason_in_either_effect() -> None:
    excepted = {"Principal": None, "NotPrincipal": {"AWS": f"arn:aws:iam::{OWN}:role/worker"}}
    assert "It allows everybody but some (NotPrincipal)" in _told(allow(**excepted))
    assert "It denies by NotPrincipal, which denies the sessions of the very roles" in _told(deny(**excepted))


def test_where_the_queues_account_is_not_told_none_is_its_own() -> None:
    worker = {"AWS": f"arn:aws:iam::{OWN}:role/worker"}
    assert f"trust {OWN} in trustedAccountIds" in _told(allow(Principal=worker, Resource="*"))


def test_a_statement_on_a_queue_of_another_account_does_not_make_that_account_its_own() -> None:
    stranger = allow(Principal={"AWS": f"arn:aws:iam::{FOREIGN}:role/x"})
    stray = deny(Sid="Stray", Resource=f"arn:aws:sqs:us-east-1:{FOREIGN}:jobs")
    assert f"trust {FOREIGN} in trustedAccountIds" in of_queue(ONLY_NAMED_PRINCIPALS, [stranger, stray])
