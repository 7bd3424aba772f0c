import json

import pytest

from policies.language.forms import WELL_FORMED
from tests.policies.judging import URL, Raw, allow, deny, judged, of_policy, of_queue, of_trust
from tests.policy_harness.declared import Declared

TRUST: Raw = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}


def _queue_policy(policy: object) -> str:
    given = policy if isinstance(policy, str) else json.dumps(policy)
    (told,) = judged(WELL_FORMED, Declared("aws:sqs/queuePolicy:QueuePolicy", "it", {"queueUrl": URL, "policy": given}))
    return told


@pytest.mark.parametrize(
    "statement",
    [
        allow(Principal={"AWS": ["123456789012"]}),
        allow(Principal="*", Sid="__owner_statement"),
        allow(Principal={"Service": "sns.amazonaws.com"}, Action=["SQS:SendMessage", "sqs:Get*"], Resource=["*"]),
        deny(Action=None, NotAction="sqs:*Queue", Condition={"Bool": {"aws:SecureTransport": "false"}}),
        deny(Principal=None, NotPrincipal={"AWS": "123456789012"}, Sid=None),
    ],
)
def test_what_aws_reads_passes_in_a_queues_policy(statement: Raw) -> None:
    assert of_queue(WELL_FORMED, [statement]) == ""


def test_what_aws_reads_passes_in_the_policies_of_roles() -> None:
    assert of_trust(WELL_FORMED, TRUST) == ""
    assert (
        of_policy(
            WELL_FORMED,
            allow(Resource="arn:aws:s3:::bucket/*"),
            deny(Action="*", Resource="*", Principal=None, Sid="2"),
        )
        == ""
    )


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("{", "cannot be read: it is not JSON"),
        ("[]", "cannot be read: it is not a JSON object"),
        ({"Version": "2012-10-17"}, "cannot be read: it has no Statement"),
        ({"Version": "2012-10-17", "Statement": ["x"]}, "cannot be read: statement 1 is not a JSON object"),
        ({"Version": "2012-10-17", "Statement": []}, "has no statement"),
        ({"Statement": deny()}, 'has no Version, so policy variables may be read as plain text; write "Version"'),
        ({"Version": "2008-10-17", "Statement": deny()}, "has the Version '2008-10-17'"),
        ({"Version": "2012-10-17", "Statements": [], "Statement": deny()}, "has 'Statements', which no policy has"),
        (
            '{"Version": "2012-10-17", "Statement": [], "Statement": []}',
            "has 'Statement' twice in one place, and all but one of them are lost",
        ),
    ],
)
def test_a_document_that_is_not_as_aws_reads_it_is_told(document: object, words: str) -> None:
    assert words in _queue_policy(document)


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"Effect": "allow"}, "has the Effect 'allow'; it is Allow or Deny"),
        ({"Conditions": {}}, "It has 'Conditions', which no statement has"),
        ({"Action": None}, "It has neither of Action and NotAction; it takes one"),
        ({"NotAction": "sqs:SendMessage"}, "It has both of Action and NotAction; it takes one"),
        ({"Principal": None}, "It has neither of Principal and NotPrincipal"),
        ({"Resource": None}, "It has neither of Resource and NotResource"),
        ({"Principal": "123456789012"}, "It has the element Principal, which is neither"),
        ({"Principal": {}}, "It has the element Principal, which is neither"),
        ({"Principal": {"Aws": "*"}}, "the kind 'Aws', which there is none of"),
        ({"Action": []}, "It has the element Action, which is neither a text nor a list"),
        ({"Action": [["sqs:*"]]}, "It has the element Action, which is neither"),
        ({"Resource": ""}, "It has the element Resource, which is neither"),
        ({"Action": "PurgeQueue"}, "names the action 'PurgeQueue'; an action is written as service:Action"),
        ({"Action": "sns:Publish"}, "names sns:Publish, which is not done to a queue"),
        ({"Action": "sqs:PurgQueue"}, "names sqs:PurgQueue, which SQS does not have"),
        ({"Action": "sqs:SendMessageBatch"}, "names sqs:SendMessageBatch, which SQS does not have"),
        ({"Action": "sqs:Delet"}, "names sqs:Delet, which SQS does not have"),
        ({"NotAction": "sqs:Foo*", "Action": None}, "names sqs:Foo*, which SQS does not have"),
        ({"Sid": 1}, "It has the Sid 1".replace("It", "1")),
        ({"Condition": []}, "It has a Condition that is not a JSON object"),
    ],
)
def test_a_statement_that_is_not_as_aws_reads_it_is_told(elements: Raw, words: str) -> None:
    assert words in of_queue(WELL_FORMED, [deny(**elements)])


def test_statements_are_told_apart_by_their_sids() -> None:
    assert "has two statements with the Sid 'It'" in of_queue(WELL_FORMED, [deny(), deny(Action="sqs:SendMessage")])
    assert of_queue(WELL_FORMED, [deny(Sid=None), deny(Sid=None)]) == ""


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"Principal": "*"}, "has Principal, which a policy of this kind cannot have"),
        ({"Resource": "jobs"}, "is about 'jobs', which is no ARN"),
        ({"Sid": "has spaces"}, "has the Sid 'has spaces'; it is letters and digits"),
        ({"Action": "sqs:Recieve*"}, "names sqs:Recieve*, which SQS does not have"),
    ],
)
def test_a_roles_policy_has_its_own_form(elements: Raw, words: str) -> None:
    assert words in of_policy(WELL_FORMED, allow(**elements))


def test_a_trust_policy_has_its_own_form() -> None:
    assert "has Resource, which a policy of this kind cannot have" in of_trust(WELL_FORMED, {**TRUST, "Resource": "*"})
    assert "has neither of Principal and NotPrincipal" in of_trust(
        WELL_FORMED, {"Effect": "Allow", "Action": "sts:AssumeRole"}
    )
