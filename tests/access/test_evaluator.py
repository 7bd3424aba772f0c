"""The evaluation logic of the IAM user guide: which policies, together, let which caller through."""

import pytest

from access.evaluator import Decision, Reason, evaluate
from access.policy import Policy, PolicySet
from access.request import Principal, Request
from tests.access.scene import (
    ACCOUNT,
    ANN,
    ANONYMOUS,
    EVERYBODY,
    EVERYTHING,
    NOTHING,
    OTHER_ACCOUNT,
    OTHER_ROOT,
    QUEUE,
    ROLE,
    ROOT,
    SNS,
    STRANGER,
    USER,
    VISITOR,
    WORKER,
    Element,
    allow,
    asks,
    deny,
    named,
    own_policy,
    policy,
    queue_policy,
)

DENIED = Decision(allowed=False, reason=Reason.IMPLICIT_DENY)


# ---- Within the account


def test_nothing_is_allowed_by_default_but_to_the_root_user() -> None:
    for principal in EVERYBODY:
        expected = Decision(allowed=True, reason=Reason.ALLOWED) if principal is ROOT else DENIED
        assert evaluate(PolicySet(), asks(principal)) == expected


@pytest.mark.parametrize("principal", [WORKER, ANN, VISITOR])
def test_either_side_suffices_and_is_named(principal: Principal) -> None:
    assert principal.arn
    resource, request = queue_policy(allow(Principal={"AWS": principal.arn})), asks(principal)
    assert evaluate(PolicySet(resource=resource), request).by == named("queue policy/Allow")
    assert evaluate(PolicySet(identity=EVERYTHING, sessions=EVERYTHING), request).by == named("own policy/All")
    both = evaluate(PolicySet(resource=resource, identity=EVERYTHING, sessions=EVERYTHING), request)
    assert both == Decision(allowed=True, reason=Reason.ALLOWED, by=named("queue policy/Allow", "own policy/All"))


def test_an_explicit_deny_wins_and_every_denying_statement_is_named() -> None:
    policies = PolicySet(
        resource=queue_policy(allow(Principal="*"), deny("First", Principal="*"), deny("Second", Principal="*")),
        identity=own_policy(deny("Third"), deny("NotThis", "sqs:ReceiveMessage")),
    )
    decision = evaluate(policies, asks(ANN))
    assert decision.reason is Reason.EXPLICIT_DENY
    assert decision.by == named("queue policy/First", "queue policy/Second", "own policy/Third")


@pytest.mark.parametrize("place", ["boundaries", "sessions"])
def test_a_deny_counts_wherever_it_stands(place: str) -> None:
    policies = PolicySet(resource=queue_policy(allow(Principal={"AWS": USER})), **{place: own_policy(deny())})  # type: ignore[arg-type] # both fields take policies
    assert evaluate(policies, asks(ANN)).by == named("own policy/Deny")
    bounded = PolicySet(identity=EVERYTHING, bounds=(queue_policy(allow(Principal="*"), deny(Principal="*")),))
    assert evaluate(bounded, asks(ANN)).by == named("queue policy/Deny")


@pytest.mark.parametrize("account", [ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"])
def test_naming_the_account_delegates_and_grants_nobody_by_itself(account: str) -> None:
    resource = queue_policy(allow(Principal={"AWS": account}))
    assert evaluate(PolicySet(resource=resource), asks(WORKER)) == DENIED
    assert evaluate(PolicySet(resource=resource, identity=EVERYTHING), asks(WORKER)).by == named("own policy/All")


@pytest.mark.parametrize("account", [ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"])
def test_a_deny_to_the_account_is_one_to_everybody_in_it(account: str) -> None:
    policies = PolicySet(resource=queue_policy(deny(Principal={"AWS": account})), identity=EVERYTHING)
    denied = [one for one in EVERYBODY if evaluate(policies, asks(one)).reason is Reason.EXPLICIT_DENY]
    assert denied == [WORKER, ANN, VISITOR, ROOT]


def test_a_roles_arn_names_all_its_sessions_and_a_sessions_arn_that_one() -> None:
    other_session = Principal.role_session(ROLE, "two")
    by_role = PolicySet(resource=queue_policy(allow(Principal={"AWS": ROLE})))
    by_session = PolicySet(resource=queue_policy(allow(Principal={"AWS": WORKER.arn or ""})))
    assert evaluate(by_role, asks(WORKER)).allowed
    assert evaluate(by_role, asks(other_session)).allowed
    assert evaluate(by_session, asks(WORKER)).allowed
    assert not evaluate(by_session, asks(other_session)).allowed


def test_a_session_of_a_role_elsewhere_with_the_same_name_is_another() -> None:
    same_name = Principal.role_session(f"arn:aws:iam::{ACCOUNT}:role/worker", "one")
    assert not evaluate(PolicySet(resource=queue_policy(allow(Principal={"AWS": ROLE}))), asks(same_name)).allowed


def test_unique_ids_name_a_user_or_a_roles_sessions() -> None:
    for named_id, principal in (("AROAEXAMPLEEXAMPLE01", WORKER), ("AIDAEXAMPLEEXAMPLE01", ANN)):
        policies = PolicySet(resource=queue_policy(allow(Principal={"AWS": named_id})))
        assert [one for one in EVERYBODY if evaluate(policies, asks(one)).allowed] == [principal, ROOT]


LIMITED = {
    "role": (WORKER, ROLE, True),
    "session": (WORKER, WORKER.arn, False),
    "user": (ANN, USER, False),
    "federated user": (VISITOR, VISITOR.arn, False),
    "the user behind the federated user": (VISITOR, USER, True),
    "anybody": (WORKER, "*", False),
    "unique id of a role": (WORKER, "AROAEXAMPLEEXAMPLE01", True),
    "unique id of a user": (ANN, "AIDAEXAMPLEEXAMPLE01", False),
}


@pytest.mark.parametrize(("granted_to", "allowed"), [(USER, False), (VISITOR.arn, True)])
def test_a_federated_user_without_a_session_policy_has_only_what_is_granted_to_it_directly(
    granted_to: str, *, allowed: bool
) -> None:
    """STS API reference, "GetFederationToken"."""
    resource, own = queue_policy(allow(Principal={"AWS": granted_to})), own_policy(allow())
    assert evaluate(PolicySet(resource=resource), asks(VISITOR)).allowed is allowed
    assert not evaluate(PolicySet(identity=own), asks(VISITOR)).allowed
    assert evaluate(PolicySet(identity=own, sessions=EVERYTHING), asks(VISITOR)).allowed


@pytest.mark.parametrize(("principal", "granted_to", "limited"), LIMITED.values(), ids=LIMITED)
def test_only_a_grant_to_the_role_is_limited_by_boundary_and_session_policies(
    principal: Principal, granted_to: str, *, limited: bool
) -> None:
    resource, request = queue_policy(allow(Principal={"AWS": granted_to})), asks(principal)
    assert evaluate(PolicySet(resource=resource, sessions=EVERYTHING), request).allowed
    assert (
        evaluate(PolicySet(resource=resource, sessions=EVERYTHING, boundaries=NOTHING), request).allowed is not limited
    )
    assert evaluate(PolicySet(resource=resource, sessions=NOTHING), request).allowed is not limited
    assert evaluate(PolicySet(resource=resource, boundaries=EVERYTHING, sessions=EVERYTHING), request).allowed


def test_what_the_identity_allows_is_limited_by_boundary_and_session_policies() -> None:
    for policies in (
        PolicySet(identity=EVERYTHING, boundaries=NOTHING),
        PolicySet(identity=EVERYTHING, sessions=NOTHING),
        PolicySet(identity=EVERYTHING, boundaries=()),
    ):
        assert evaluate(policies, asks(ANN)) == DENIED
    assert evaluate(PolicySet(identity=EVERYTHING, boundaries=EVERYTHING), asks(ANN)).allowed


def test_every_further_bound_must_allow_too() -> None:
    endpoint = queue_policy(allow(Principal={"AWS": ROLE}))
    organization = own_policy(allow("Organization"))
    assert evaluate(PolicySet(identity=EVERYTHING, bounds=(endpoint, organization)), asks(WORKER)).allowed
    assert evaluate(PolicySet(identity=EVERYTHING, bounds=(endpoint, NOTHING)), asks(WORKER)) == DENIED
    assert evaluate(PolicySet(identity=EVERYTHING, bounds=(endpoint,)), asks(ANN)) == DENIED
    assert evaluate(PolicySet(bounds=(NOTHING,)), asks(ROOT)) == DENIED


# ---- Trust policies


TAKING = pytest.mark.parametrize(
    "action", ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:assumerolewithwebidentity"]
)


def trust(**elements: Element) -> tuple[Policy, ...]:
    return (policy("trust", {"Sid": "Trust", "Effect": "Allow", "Action": "sts:*", **elements}),)


@TAKING
@pytest.mark.parametrize("principal", [ANN, ROOT, STRANGER])
def test_nobody_takes_a_role_whose_trust_policy_does_not_say_so(principal: Principal, action: str) -> None:
    request = asks(principal, action, resource=ROLE)
    elsewhere = trust(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/other"})
    assert evaluate(PolicySet(identity=EVERYTHING), request) == DENIED
    assert evaluate(PolicySet(elsewhere, identity=EVERYTHING), request) == DENIED


@TAKING
def test_a_role_is_taken_by_whom_its_trust_policy_names_or_whose_account_it_names_if_theirs_allows_it(
    action: str,
) -> None:
    request = asks(ANN, action, resource=ROLE)
    assert evaluate(PolicySet(trust(Principal={"AWS": USER})), request).by == named("trust/Trust")
    account = trust(Principal={"AWS": ACCOUNT})
    assert evaluate(PolicySet(account), request) == DENIED
    assert evaluate(PolicySet(account, identity=EVERYTHING), request).by == named("own policy/All")
    ecs = trust(Principal={"Service": "ecs-tasks.amazonaws.com"})
    assert evaluate(PolicySet(ecs), asks(Principal.service("ecs-tasks.amazonaws.com"), action, resource=ROLE)).allowed


# ---- From another account


def test_another_account_needs_both_sides() -> None:
    for name in (STRANGER.issuer_arn, STRANGER.arn, OTHER_ACCOUNT, f"arn:aws:iam::{OTHER_ACCOUNT}:root", "*"):
        resource = queue_policy(allow(Principal={"AWS": name or ""}))
        assert evaluate(PolicySet(resource=resource), asks(STRANGER)) == DENIED
        both = evaluate(PolicySet(resource=resource, identity=EVERYTHING), asks(STRANGER))
        assert both.by == named("queue policy/Allow", "own policy/All")
        limited = PolicySet(resource=resource, identity=EVERYTHING, sessions=NOTHING)
        assert evaluate(limited, asks(STRANGER)) == DENIED
    assert evaluate(PolicySet(identity=EVERYTHING), asks(STRANGER)) == DENIED


def test_the_root_user_of_another_account_needs_the_queues_policy_alone() -> None:
    resource = queue_policy(allow(Principal={"AWS": OTHER_ACCOUNT}))
    assert evaluate(PolicySet(resource=resource), asks(OTHER_ROOT)).by == named("queue policy/Allow")
    assert not evaluate(PolicySet(), asks(OTHER_ROOT)).allowed


@pytest.mark.parametrize(
    ("action", "grantable"),
    [
        ("SendMessage", True),
        ("PurgeQueue", True),
        ("GetQueueAttributes", True),
        ("ListDeadLetterSourceQueues", True),
        ("SetQueueAttributes", False),
        ("AddPermission", False),
        ("RemovePermission", False),
        ("CreateQueue", False),
        ("DeleteQueue", False),
        ("TagQueue", False),
        ("UntagQueue", False),
        ("ListQueues", False),
        ("ListQueueTags", False),
        ("StartMessageMoveTask", False),
        ("CancelMessageMoveTask", False),
        ("ListMessageMoveTasks", False),
    ],
)
def test_some_actions_are_granted_to_no_other_account(action: str, *, grantable: bool) -> None:
    resource = queue_policy(allow(action="sqs:*", Principal="*"))
    policies = PolicySet(resource=resource, identity=EVERYTHING)
    assert evaluate(policies, asks(STRANGER, f"sqs:{action}")).allowed is grantable
    assert evaluate(policies, asks(OTHER_ROOT, f"sqs:{action}")).allowed is grantable
    assert evaluate(policies, asks(WORKER, f"sqs:{action}")).allowed


# ---- Services, identity providers, anybody


def test_a_service_needs_the_resources_policy_whatever_else_allows() -> None:
    assert evaluate(PolicySet(identity=EVERYTHING), asks(SNS)) == DENIED
    for principals in ({"Service": "sns.amazonaws.com"}, {"Service": ["a.amazonaws.com", "sns.amazonaws.com"]}, "*"):
        resource = queue_policy(allow(Principal=principals))
        assert evaluate(PolicySet(resource=resource), asks(SNS)).by == named("queue policy/Allow")
    other = queue_policy(allow(Principal={"Service": "s3.amazonaws.com"}))
    assert evaluate(PolicySet(resource=other), asks(SNS)) == DENIED


def test_a_service_is_known_by_each_of_its_names() -> None:
    logs = Principal.service("logs.amazonaws.com", "logs.us-east-1.amazonaws.com")
    resource = queue_policy(allow(Principal={"Service": "logs.us-east-1.amazonaws.com"}))
    assert evaluate(PolicySet(resource=resource), asks(logs)).allowed


def test_an_identity_provider_names_the_sessions_that_it_vouched_for() -> None:
    resource = queue_policy(allow(Principal={"Federated": "cognito-identity.amazonaws.com"}))
    vouched = Principal.role_session(ROLE, "one", provider="cognito-identity.amazonaws.com")
    assert evaluate(PolicySet(resource=resource), asks(vouched)).allowed
    assert not evaluate(PolicySet(resource=resource), asks(WORKER)).allowed


@pytest.mark.parametrize("anybody", ["*", {"AWS": "*"}])
def test_anybody_is_really_anybody_but_other_accounts_need_their_own_side(anybody: str | dict[str, str]) -> None:
    policies = PolicySet(resource=queue_policy(allow(Principal=anybody)))
    assert [one for one in EVERYBODY if not evaluate(policies, asks(one)).allowed] == [STRANGER]
    refusal = PolicySet(resource=queue_policy(allow(Principal="*"), deny(Principal=anybody)))
    assert not any(evaluate(refusal, asks(one)).allowed for one in EVERYBODY)


def test_an_anonymous_caller_has_no_arn_so_a_negated_condition_holds() -> None:
    others = deny(Principal="*", Condition={"ArnNotEquals": {"aws:PrincipalArn": ROLE}})
    policies = PolicySet(resource=queue_policy(allow(Principal="*"), others))
    assert evaluate(policies, asks(ANONYMOUS)).reason is Reason.EXPLICIT_DENY
    assert evaluate(policies, asks(SNS)).reason is Reason.EXPLICIT_DENY
    assert evaluate(policies, asks(WORKER)).allowed


def test_whose_resource_it_is_decides_what_another_account_is() -> None:
    theirs = Request(ANN, "sqs:SendMessage", QUEUE.replace(ACCOUNT, OTHER_ACCOUNT), OTHER_ACCOUNT)
    assert not evaluate(PolicySet(identity=EVERYTHING), theirs).allowed
