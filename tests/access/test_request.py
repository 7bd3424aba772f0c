import pytest

from access.request import Facts, Principal, Request
from tests.access.scene import (
    ACCOUNT,
    ANN,
    ANONYMOUS,
    OTHER_ACCOUNT,
    QUEUE,
    ROLE,
    ROOT,
    SNS,
    USER,
    VISITOR,
    WORKER,
    asks,
)

# The user guide's table of principal key values ("Variables and tags"), and its page of global keys.
KEYS = {
    "session": (
        WORKER,
        {
            "aws:principalarn": ROLE,
            "aws:principalaccount": ACCOUNT,
            "aws:principaltype": "AssumedRole",
            "aws:userid": "AROAEXAMPLEEXAMPLE01:one",
            "aws:principalisawsservice": "false",
        },
    ),
    "user": (
        ANN,
        {
            "aws:principalarn": USER,
            "aws:principalaccount": ACCOUNT,
            "aws:principaltype": "User",
            "aws:userid": "AIDAEXAMPLEEXAMPLE01",
            "aws:username": "ann",
            "aws:principalisawsservice": "false",
        },
    ),
    "root": (
        ROOT,
        {
            "aws:principalarn": f"arn:aws:iam::{ACCOUNT}:root",
            "aws:principalaccount": ACCOUNT,
            "aws:principaltype": "Account",
            "aws:userid": ACCOUNT,
            "aws:principalisawsservice": "false",
        },
    ),
    "federated": (
        VISITOR,
        {
            "aws:principalarn": f"arn:aws:sts::{ACCOUNT}:federated-user/bob",
            "aws:principalaccount": ACCOUNT,
            "aws:principaltype": "FederatedUser",
            "aws:userid": f"{ACCOUNT}:bob",
            "aws:principalisawsservice": "false",
        },
    ),
    "service": (
        SNS,
        {
            "aws:principalisawsservice": "true",
            "aws:principalservicename": "sns.amazonaws.com",
            "aws:principalservicenameslist": "sns.amazonaws.com",
        },
    ),
    "anonymous": (
        ANONYMOUS,
        {"aws:principalaccount": "anonymous", "aws:principaltype": "Anonymous", "aws:userid": "anonymous"},
    ),
}


@pytest.mark.parametrize(("principal", "keys"), KEYS.values(), ids=KEYS)
def test_the_keys_that_aws_fills_follow_from_the_principal(principal: Principal, keys: dict[str, str]) -> None:
    facts = asks(principal).facts
    filled = {fact: values for fact, values in facts.items() if fact.startswith("aws:") and "resource" not in fact}
    assert filled == {key: (value,) for key, value in keys.items()}


def test_a_session_has_an_arn_of_its_own_without_the_roles_path() -> None:
    assert WORKER.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/one"
    assert asks(WORKER).facts["principal.issuer"] == (ROLE,)


def test_the_partition_is_kept() -> None:
    principal = Principal.role_session(ROLE.replace("arn:aws:", "arn:aws-cn:"), "one")
    assert str(principal) == f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/worker/one"


def test_facts_are_in_lower_case_and_without_what_is_empty() -> None:
    context: Facts = {"aws:SourceVpc": ("vpc-1",), "aws:TagKeys": (), "aws:PrincipalTag/Team": ("A", "B")}
    facts = asks(WORKER, "SQS:SendMessage", context=context).facts
    assert facts["action"] == ("sqs:sendmessage",)
    assert facts["aws:sourcevpc"] == ("vpc-1",)
    assert facts["aws:principaltag/team"] == ("A", "B")
    assert "aws:tagkeys" not in facts
    assert facts["aws:resourceaccount"] == (ACCOUNT,)


def test_an_unknown_unique_id_may_be_told_by_the_context() -> None:
    session = Principal.role_session(ROLE, "one")
    assert "aws:userid" not in asks(session).facts
    assert asks(session, context={"aws:userid": ("AROAX:one",)}).facts["aws:userid"] == ("AROAX:one",)


@pytest.mark.parametrize(
    ("principal", "key", "value"),
    [
        (WORKER, "aws:PrincipalArn", WORKER.arn),
        (ANONYMOUS, "aws:PrincipalArn", ROLE),
        (WORKER, "AWS:PRINCIPALACCOUNT", OTHER_ACCOUNT),
        (SNS, "aws:PrincipalIsAWSService", "false"),
        (WORKER, "aws:PrincipalServiceName", "sns.amazonaws.com"),
        (WORKER, "aws:username", "worker"),
        (WORKER, "aws:ResourceAccount", OTHER_ACCOUNT),
        (WORKER, "action", "sqs:ReceiveMessage"),
    ],
)
def test_a_context_that_contradicts_aws_is_refused(principal: Principal, key: str, value: str) -> None:
    with pytest.raises(ValueError, match=key):
        asks(principal, context={key: (value,)})
    assert asks(WORKER, context={"aws:PrincipalArn": (ROLE,)}).facts == asks(WORKER).facts


def test_a_value_that_stands_alone_is_refused_for_it_would_be_many() -> None:
    with pytest.raises(ValueError, match="put it in a tuple"):
        Request(WORKER, "sqs:SendMessage", QUEUE, ACCOUNT, {"aws:SourceVpc": "vpc-1"})  # type: ignore[dict-item] # the mistake


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Principal.role_session(USER, "one"), "is not a role"),
        (lambda: Principal.role_session(f"{ROLE}*", "one"), "is not a role"),
        (lambda: Principal.role_session(ROLE, "a/b"), "is not a session"),
        (lambda: Principal.role_session(ROLE, ""), "is not a session"),
        (lambda: Principal.user(ROLE), "is not a user"),
        (lambda: Principal.federated(USER), "is not a federated user"),
        (lambda: Principal.federated(f"arn:aws:sts::{ACCOUNT}:federated-user/b", user_arn=ROLE), "is not a user"),
        (lambda: Principal.root("12345"), "twelve digits"),
        (Principal.service, "a service has a name"),
    ],
)
def test_what_names_no_principal_is_refused(make: object, words: str) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=words):
        make()
