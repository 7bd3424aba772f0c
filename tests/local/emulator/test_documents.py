"""What AWS accepts and refuses in queue, trust and identity policies."""

import json

import pytest

from local.emulator.documents import Kind, MalformedError, OverQuotaError, check

ROLE = "arn:aws:iam::123456789012:role/worker"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:jobs"


def exists(principal: str) -> bool:
    return principal in (ROLE, "123456789012")


def document(*statements: object, **more: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **more})


def queue_statement(**changes: object) -> dict[str, object]:
    full = {
        "Sid": "One",
        "Effect": "Allow",
        "Principal": {"AWS": ROLE},
        "Action": "sqs:SendMessage",
        "Resource": QUEUE,
        "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d4e5f60718"}},
    }
    return {name: value for name, value in (full | changes).items() if value is not None}


def trust_statement(**changes: object) -> dict[str, object]:
    full = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {name: value for name, value in (full | changes).items() if value is not None}


def words(kind: Kind, text: str) -> str:
    with pytest.raises(MalformedError) as caught:
        check(kind, text, exists)
    return str(caught.value)


@pytest.mark.parametrize(
    "statement",
    [
        queue_statement(),
        queue_statement(Principal="*", Effect="Deny"),
        queue_statement(Principal={"AWS": "*"}),
        queue_statement(Principal={"AWS": [ROLE, "123456789012"]}),
        queue_statement(Principal={"Service": "sns.amazonaws.com"}),
        queue_statement(Action=["sqs:*"]),
        queue_statement(Action=None, NotAction="sqs:ReceiveMessage"),
        queue_statement(Resource="*"),
        queue_statement(Condition=None),
        queue_statement(Condition={"Bool": {"aws:SecureTransport": "false"}, "Null": {"aws:SourceVpc": "true"}}),
        queue_statement(Condition={"ForAnyValue:ArnNotLikeIfExists": {"aws:PrincipalArn": [ROLE]}}),
    ],
)
def test_a_good_queue_policy_passes(statement: dict[str, object]) -> None:
    check(Kind.QUEUE, document(statement), exists)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (queue_statement(Effect="allow"), "Missing required field Effect"),
        (queue_statement(Effect=None), "Missing required field Effect"),
        (queue_statement(Principal=None), "Missing required field Principal"),
        (queue_statement(Action=None), "Missing required field Action"),
        (queue_statement(Action=[]), "Missing required field Action"),
        (queue_statement(Action="SendMessage"), "Actions/Conditions must be prefaced by a vendor"),
        (queue_statement(Action="s3:GetObject"), "out of service scope"),
        (queue_statement(Resource=None), "must contain resources"),
        (queue_statement(Resource="jobs"), 'Resource jobs must be in ARN format or "*".'),
        (queue_statement(NotAction="sqs:*"), "Syntax errors"),
        (queue_statement(Actions="sqs:SendMessage"), "Syntax errors"),
        (queue_statement(Condition={"StringEqual": {"aws:SourceVpc": "vpc-1"}}), "Syntax errors"),
        (queue_statement(Condition={"StringEquals": "vpc-1"}), "Syntax errors"),
        (queue_statement(Condition=["StringEquals"]), "Syntax errors"),
        (queue_statement(Principal=ROLE), "Syntax errors"),
        (queue_statement(Principal={}), "Syntax errors"),
        (queue_statement(Principal={"AWS": f"{ROLE}-gone"}), f'Invalid principal in policy: "AWS":"{ROLE}-gone"'),
        (queue_statement(Principal={"AWS": "arn:aws:iam::123456789012:role/*"}), "Invalid principal"),
        (queue_statement(Principal={"Service": "ecs-tasks"}), 'Invalid principal in policy: "SERVICE":"ecs-tasks"'),
        (queue_statement(Principal={"Role": ROLE}), "Invalid principal"),
        ("no statement", "Syntax errors"),
    ],
)
def test_a_bad_queue_policy_is_refused(statement: object, expected: str) -> None:
    assert expected in words(Kind.QUEUE, document(statement))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "invalid Json"),
        ("[]", "Syntax errors"),
        ('{"Version": "2012-10-17"}', "Syntax errors"),
        ('{"Version": "2012-10-17", "Statement": []}', "Syntax errors"),
        (document(queue_statement(), Statements=[]), "Syntax errors"),
        (document(queue_statement(), Version="2012-10-18"), "valid version"),
        (document(queue_statement(), queue_statement()), "must be unique"),
    ],
)
def test_a_bad_document_is_refused(text: str, expected: str) -> None:
    assert expected in words(Kind.QUEUE, text)


def test_one_statement_need_not_be_in_a_list() -> None:
    check(Kind.QUEUE, json.dumps({"Statement": queue_statement()}), exists)


def over_quota(text: str) -> str:
    with pytest.raises(OverQuotaError) as caught:
        check(Kind.QUEUE, text, exists)
    return str(caught.value)


def test_a_queue_policy_has_at_most_twenty_statements() -> None:
    def several(number: int) -> str:
        return document(*(queue_statement(Sid=f"S{place}") for place in range(number)))

    check(Kind.QUEUE, several(20), exists)
    assert over_quota(several(21)) == "21 statements were found in the submitted policy, max allowed is 20"


def test_a_statement_has_at_most_ten_conditions() -> None:
    def conditioned(number: int) -> str:
        keys = {f"aws:PrincipalTag/{place}": "x" for place in range(number)}
        return document(queue_statement(Condition={"StringEquals": keys}))

    check(Kind.QUEUE, conditioned(10), exists)
    assert over_quota(conditioned(11)) == (
        "11 conditions were found in a statement from the submitted policy, max allowed is 10"
    )


def test_a_queue_policy_has_at_most_fifty_principals() -> None:
    check(Kind.QUEUE, document(queue_statement(Principal={"AWS": [ROLE] * 50})), exists)
    assert over_quota(document(queue_statement(Principal={"AWS": [ROLE] * 51}))) == (
        "51 principals were found in the submitted policy, max allowed is 50"
    )


def test_a_queue_policy_has_at_most_8192_bytes() -> None:
    long = document(queue_statement(Condition={"StringEquals": {"aws:PrincipalTag/x": "y" * 8192}}))
    assert over_quota(long) == "Submitted policy is over max allowed size"


def test_a_statement_takes_seven_actions() -> None:
    actions = ["SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueUrl", "PurgeQueue", "TagQueue", "DeleteQueue"]
    seven = [f"sqs:{action}" for action in actions]
    check(Kind.QUEUE, document(queue_statement(Action=seven)), exists)
    assert over_quota(document(queue_statement(Action=[*seven, "sqs:UntagQueue"]))) == (
        "8 actions were found in a statement from the submitted policy, max allowed is 7"
    )


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (trust_statement(Resource="*"), "Has prohibited field Resource"),
        (trust_statement(Action="sqs:SendMessage"), "AssumeRole policy may only specify STS AssumeRole actions."),
        (trust_statement(Principal=None), "Missing required field Principal"),
        (trust_statement(Principal={"AWS": f"{ROLE}-gone"}), "Invalid principal in policy"),
    ],
)
def test_a_bad_trust_policy_is_refused(statement: dict[str, object], expected: str) -> None:
    assert expected in words(Kind.TRUST, document(statement))


def test_good_trust_and_identity_policies_pass() -> None:
    check(Kind.TRUST, document(trust_statement()), exists)
    check(Kind.TRUST, document(trust_statement(Principal={"AWS": ROLE})), exists)
    check(Kind.IDENTITY, document({"Effect": "Allow", "Action": "*", "Resource": "*"}), exists)


def test_an_identity_policy_names_no_principal() -> None:
    assert words(Kind.IDENTITY, document(queue_statement())) == "Policy document should not specify a principal."
