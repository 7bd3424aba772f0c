import pytest

from policies.access.principals import ONLY_NAMED_PRINCIPALS
from tests.policies.judging import Raw, allow, deny, document, of_queue
from tests.policy_harness.declared import UNKNOWN, Declared
from tests.policy_harness.pack import Outcome, PackUnderTest

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


@pytest.mark.parametrize("resource", ["*", "arn:aws:sqs:*:*:jobs", f"arn:aws:sqs:us-east-1:{FOREIGN}:jobs"])
def test_the_queues_account_is_its_urls(resource: str) -> None:
    assert _told(allow(Principal={"AWS": f"arn:aws:iam::{OWN}:role/worker"}, Resource=resource)) == ""
    stranger = allow(Principal={"AWS": f"arn:aws:iam::{FOREIGN}:role/worker"}, Resource=resource)
    assert f"trust {FOREIGN} in trustedAccountIds" in _told(stranger)


def _before_the_first_update(*statements: Raw) -> Outcome:
    policy = Declared("aws:sqs/queuePolicy:QueuePolicy", "it", {"queueUrl": UNKNOWN, "policy": document(*statements)})
    settings = {ONLY_NAMED_PRINCIPALS.name: {"trustedAccountIds": [TRUSTED]}}
    return PackUnderTest([ONLY_NAMED_PRINCIPALS.as_policy()], settings).preview([policy])


@pytest.mark.parametrize("principal", [{"AWS": f"arn:aws:iam::{OWN}:role/worker"}, SNS])
def test_where_the_queues_account_is_not_known_it_is_left_in_doubt_whose_callers_are(principal: object) -> None:
    condition = {"StringEquals": {"aws:SourceAccount": OWN}}
    outcome = _before_the_first_update(allow(Principal=principal, Resource="*", Condition=condition))
    assert outcome.violations == ()
    assert "queueUrl" in outcome.undecided[0].message


def test_what_takes_no_account_to_tell_is_told_all_the_same() -> None:
    anybody = allow(Principal=["*"], Resource="*")
    outcome = _before_the_first_update(anybody)
    assert [one.message for one in outcome.violations] == [_told(anybody)]
    assert outcome.undecided == ()
    partner = allow(Principal={"AWS": f"arn:aws:iam::{TRUSTED}:role/partner"}, Resource="*")
    assert _before_the_first_update(partner) == Outcome((), ())
    own = allow(Principal={"AWS": f"arn:aws:iam::{OWN}:role/worker"})
    assert _before_the_first_update(own) == Outcome((), ())


def test_a_statement_on_a_queue_of_another_account_does_not_make_that_account_its_own() -> None:
    stranger = allow(Principal={"AWS": f"arn:aws:iam::{FOREIGN}:role/x"})
    stray = deny(Sid="Stray", Resource=f"arn:aws:sqs:us-east-1:{FOREIGN}:jobs")
    assert f"trust {FOREIGN} in trustedAccountIds" in of_queue(ONLY_NAMED_PRINCIPALS, [stranger, stray])
