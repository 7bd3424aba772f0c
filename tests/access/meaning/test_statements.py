"""What a statement is about: its principals, actions, resources and conditions."""

import re

import pytest

from access.documents import MalformedDocumentError
from access.evaluator import evaluate
from access.policy import Policy, PolicySet
from access.request import Principal
from tests.access.scene import (
    ACCOUNT,
    ANN,
    ANONYMOUS,
    EVERYBODY,
    EVERYTHING,
    OTHER_ROOT,
    QUEUE,
    ROLE,
    ROOT,
    SNS,
    USER,
    VISITOR,
    WORKER,
    allow,
    asks,
    deny,
    own_policy,
    queue_policy,
)


def spared(names: list[str], principal: Principal, **further: tuple[Policy, ...]) -> bool:
    resource = queue_policy(deny(NotPrincipal={"AWS": names}))
    return evaluate(PolicySet(resource=resource, identity=EVERYTHING, **further), asks(principal)).allowed  # type: ignore[arg-type] # the fields that take policies


def test_a_deny_with_not_principal_spares_those_whose_account_role_and_session_it_lists() -> None:
    session = WORKER.arn or ""
    assert spared([session, ROLE, ACCOUNT], WORKER)
    assert spared([session, ROLE, f"arn:aws:iam::{ACCOUNT}:root"], WORKER)
    assert not spared([ROLE, ACCOUNT], WORKER)
    assert not spared([session, ROLE], WORKER)
    assert not spared([session, ACCOUNT], WORKER)
    assert spared([USER, ACCOUNT], ANN)
    assert not spared([USER], ANN)
    assert not spared([ACCOUNT], ANN)
    assert spared([ACCOUNT], ROOT)
    assert spared(["*"], WORKER)


def test_a_deny_with_not_principal_spares_nobody_with_a_boundary() -> None:
    assert not spared([USER, ACCOUNT], ANN, boundaries=EVERYTHING)


def test_a_deny_with_not_principal_may_spare_a_service() -> None:
    resource = queue_policy(allow(Principal="*"), deny(NotPrincipal={"Service": "sns.amazonaws.com"}))
    assert evaluate(PolicySet(resource=resource), asks(SNS)).allowed
    assert not evaluate(PolicySet(resource=resource), asks(ANONYMOUS)).allowed


def test_an_allow_with_not_principal_is_for_everybody_who_is_not_named() -> None:
    policies = PolicySet(resource=queue_policy(allow(NotPrincipal={"AWS": ROLE})))
    allowed = [one for one in EVERYBODY if evaluate(policies, asks(one)).allowed]
    assert allowed == [ANN, VISITOR, ROOT, SNS, ANONYMOUS, OTHER_ROOT]


def test_not_action_and_not_resource_are_about_all_others() -> None:
    all_but_purge = {"Sid": "Most", "Effect": "Allow", "NotAction": "sqs:Purge*", "Resource": "*"}
    elsewhere = {"Sid": "Elsewhere", "Effect": "Allow", "Action": "*", "NotResource": [QUEUE, "arn:aws:s3:::*"]}
    assert evaluate(PolicySet(identity=own_policy(all_but_purge)), asks(ANN)).allowed
    assert not evaluate(PolicySet(identity=own_policy(all_but_purge)), asks(ANN, "SQS:PURGEQUEUE")).allowed
    assert not evaluate(PolicySet(identity=own_policy(elsewhere)), asks(ANN)).allowed
    assert evaluate(PolicySet(identity=own_policy(elsewhere)), asks(ANN, resource=f"{QUEUE}-2")).allowed


# ---- Actions, resources, conditions


def test_actions_match_without_regard_to_case_and_resources_with() -> None:
    policies = PolicySet(identity=own_policy(allow(action="SQS:send*")))
    assert evaluate(policies, asks(ANN, "sqs:SENDMESSAGE")).allowed
    assert not evaluate(policies, asks(ANN, resource=QUEUE.replace("jobs", "Jobs"))).allowed


@pytest.mark.parametrize(
    ("pattern", "resource", "matched"),
    [
        ("*", QUEUE, True),
        (f"arn:aws:sqs:*:{ACCOUNT}:jobs", QUEUE, True),
        ("arn:aws:sqs:*", QUEUE, True),
        ("arn:aws:sqs:us-*-1:*:jobs", QUEUE, True),
        ("arn:aws:sqs:us-*east-1:jobs", QUEUE, False),
        ("arn:aws:s*jobs", QUEUE, False),
        ("arn:aws:sqs:us-east-?:123456789012:job?", QUEUE, True),
        ("arn:aws:sqs:us-east-1?123456789012:jobs", QUEUE, False),
        ("arn:aws:logs:us-east-1:123456789012:log-group:*", "arn:aws:logs:us-east-1:123456789012:log-group:a:b", True),
        ("arn:aws:s3:::bucket/*/test/*", "arn:aws:s3:::bucket/1/2/test/3/object.jpg", True),
        ("arn:aws:sqs:us-east-1:*:${aws:username}-queue", f"arn:aws:sqs:us-east-1:{ACCOUNT}:ann-queue", True),
        ("arn:aws:sqs:us-east-1:*:${aws:username}-queue", f"arn:aws:sqs:us-east-1:{ACCOUNT}:bob-queue", False),
    ],
)
def test_a_wildcard_stays_within_its_part_of_a_resource_unless_it_ends_it(
    pattern: str, resource: str, *, matched: bool
) -> None:
    policies = PolicySet(identity=own_policy(allow(Resource=pattern)))
    assert evaluate(policies, asks(ANN, resource=resource)).allowed is matched


def test_a_resource_with_a_variable_that_cannot_be_resolved_matches_nothing() -> None:
    pattern = "arn:aws:sqs:us-east-1:*:${aws:username}*"
    assert not evaluate(PolicySet(identity=own_policy(allow(Resource=pattern))), asks(WORKER)).allowed
    policies = PolicySet(identity=own_policy({"Effect": "Allow", "Action": "*", "NotResource": pattern}))
    assert evaluate(policies, asks(WORKER)).allowed


def test_all_conditions_must_hold() -> None:
    condition = {"StringEquals": {"aws:SourceVpc": "vpc-1", "aws:SourceVpce": "vpce-1"}, "Bool": {"aws:b": "true"}}
    policies = PolicySet(identity=own_policy(allow(Condition=condition)))
    full = {"aws:SourceVpc": ("vpc-1",), "aws:SourceVpce": ("vpce-1",), "aws:b": ("true",)}
    assert evaluate(policies, asks(ANN, context=full)).allowed
    for missing in full:
        part = {key: values for key, values in full.items() if key != missing}
        assert not evaluate(policies, asks(ANN, context=part)).allowed


def test_a_queues_statement_without_a_resource_is_about_the_queue() -> None:
    statement = {"Sid": "S", "Effect": "Allow", "Principal": {"AWS": USER}, "Action": "sqs:*"}
    assert evaluate(PolicySet(resource=queue_policy(statement)), asks(ANN)).allowed


# ---- What cannot be understood

MALFORMED = {
    "no Principal in a queue's policy": (PolicySet(resource=queue_policy(allow())), "no Principal"),
    "a Principal in an identity's": (PolicySet(identity=own_policy(allow(Principal="*"))), "has a Principal"),
    "both principals": (PolicySet(resource=queue_policy(allow(Principal="*", NotPrincipal="*"))), "takes one"),
    "no action": (PolicySet(identity=own_policy(allow(action=[]))), "Action and NotAction"),
    "both actions": (PolicySet(identity=own_policy(allow(NotAction="*"))), "Action and NotAction"),
    "no resource": (PolicySet(identity=own_policy(allow(Resource=[]))), "Resource and NotResource"),
    "both resources": (PolicySet(identity=own_policy(allow(NotResource="*"))), "takes one"),
    "an operator": (PolicySet(identity=own_policy(allow(Condition={"Is": {"aws:b": "c"}}))), "no condition operator"),
    "a wildcard in a principal": (PolicySet(resource=queue_policy(allow(Principal={"AWS": f"{ROLE}*"}))), "wildcards"),
    "a service's wildcard": (PolicySet(resource=queue_policy(allow(Principal={"Service": "*"}))), "wildcards"),
    "a short account id": (PolicySet(resource=queue_policy(allow(Principal={"AWS": "12345"}))), "names no principal"),
    "a group": (
        PolicySet(resource=queue_policy(allow(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:group/g"}))),
        "names no principal",
    ),
    "a canonical user": (PolicySet(resource=queue_policy(allow(Principal={"CanonicalUser": "79a5"}))), "S3 alone"),
}


@pytest.mark.parametrize(("policies", "words"), MALFORMED.values(), ids=MALFORMED)
def test_what_cannot_be_understood_is_refused_with_policy_and_statement(policies: PolicySet, words: str) -> None:
    with pytest.raises(MalformedDocumentError, match=f"policy, Allow: .*{re.escape(words)}"):
        evaluate(policies, asks(ANN))


def test_the_label_of_a_statement_without_a_sid_is_its_position() -> None:
    policies = PolicySet(identity=own_policy({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}))
    decision = evaluate(policies, asks(ANN))
    assert [str(one) for one in decision.by] == ["statement 1 (own policy)"]
