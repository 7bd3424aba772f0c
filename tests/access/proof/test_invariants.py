"""All claims are true of the stack's own documents; each is false of documents that are weakened where it counts."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pytest

from access.deployed import Identity
from access.documents import MalformedDocumentError
from access.policy import Policy
from access.proof.invariants import all_claims, prove
from access.proof.protected import Protected
from access.proof.search import Search, Verdict
from access.proof.smt import Answer
from access.request import PrincipalKind, Request
from tests.access.scene import ACCOUNT, OTHER_ACCOUNT
from tests.access.stack import (
    BREAK_GLASS,
    CONSUMER,
    DEPLOYER,
    DLQ,
    ENDPOINT,
    OPERATOR,
    PRODUCER,
    QUEUE,
    VPC,
    exchanged,
    having,
    protected,
    role,
    under,
    without,
)

STACK = protected()


@pytest.mark.parametrize(
    "stack",
    [
        STACK,
        protected(operators=(), break_glass=()),
        protected(
            deployers=(DEPLOYER, f"arn:aws:iam::{ACCOUNT}:user/admins/ann"),
            break_glass=(BREAK_GLASS, role("other-break-glass")),
            operators=(OPERATOR, f"arn:aws:iam::{ACCOUNT}:user/on-call"),
            kms_key_arn=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1",
        ),
    ],
    ids=["as deployed", "no operators", "several of each"],
)
def test_every_claim_is_true_of_the_stacks_own_documents(stack: Protected) -> None:
    findings = prove(stack)
    assert [(one.name, one.told) for one in findings if not one.holds] == []
    assert len(findings) == len(all_claims(stack)) >= 13


def test_every_claim_is_about_requests_that_there_are() -> None:
    """Each question has an answer when it asks for the opposite decision, so no claim is true for want of requests."""
    claims = all_claims(STACK)
    opposite = [
        [replace(sought, allowed=not sought.allowed) for sought in question[:1]]
        for claim in claims
        for question in claim.questions
    ]
    search = Search(STACK, seconds=60)
    assert [question for question in opposite if search.answer(question) is not Answer.SATISFIABLE] == []


# ---- Each claim, made false


@dataclass(frozen=True)
class Broken:
    """A weakening, and what its counterexample must be."""

    claim: str
    stack: Protected
    shows: Callable[[Request], bool]


def queue(weakened: Callable[[Policy], Policy]) -> Protected:
    return replace(STACK, queue_policy=weakened(STACK.queue_policy))


def dlq(weakened: Callable[[Policy], Policy]) -> Protected:
    return replace(STACK, dlq_policy=weakened(STACK.policy_of(DLQ)))


def producer(**fields: object) -> Protected:
    return replace(STACK, producer=_other(STACK.producer, fields))


def consumer(**fields: object) -> Protected:
    return replace(STACK, consumer=_other(STACK.consumer, fields))


def _other(known: Identity | None, fields: Mapping[str, object]) -> Identity:
    assert known
    return replace(known, **fields)  # type: ignore[arg-type] # whichever fields the test names


def trust(**elements: object) -> Policy:
    return having(Policy("trust", ()), **{"Effect": "Allow", "Action": "sts:AssumeRole", **elements})


def own(arn: str, weakened: Callable[[Policy], Policy]) -> Protected:
    (policy,) = next(one.policies for one in STACK.roles if one.arn == arn)
    return (producer if arn == PRODUCER else consumer)(policies=(weakened(policy),))


def caller(request: Request) -> str | None:
    return next(iter(request.facts.get("aws:principalarn", ())), None)


def key(request: Request, name: str) -> str | None:
    return next(iter(request.facts.get(name, ())), None)


OUTSIDE, THROUGH = "StringNotEquals", "DenyMessagesFromOutsideVpc"
NOT_A_SERVICE = {("BoolIfExists", "aws:PrincipalIsAWSService"): ("false",)}
NOT_FORWARDED = {("BoolIfExists", "aws:ViaAWSService"): ("false",)}
ARN_DIFFERS = ("ArnNotEquals", "aws:PrincipalArn")
HAS_ARN_OF_IAM = {("ArnLike", "aws:PrincipalArn"): ("arn:aws:iam::*:*",)}
OF_TEAM = "aws:PrincipalTag/team"
LOOKS = {"Effect": "Allow", "Principal": "*", "Action": "sqs:GetQueueUrl", "Resource": QUEUE}
SEND, RECEIVE = "sqs:SendMessage", "sqs:ReceiveMessage"
CONSUME = {RECEIVE, "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"}

BROKEN: Mapping[str, Broken] = {
    "the Deny of PurgeQueue is dropped": Broken(
        "only-break-glass-purges",
        queue(lambda policy: without(policy, "DenyPurgeQueue")),
        lambda request: request.action == "sqs:PurgeQueue" and caller(request) != BREAK_GLASS,
    ),
    "the Deny of PurgeQueue is for the other queue": Broken(
        "only-break-glass-purges",
        dlq(lambda policy: exchanged(policy, "DenyPurgeQueue", resources=(QUEUE,))),
        lambda request: request.resource == DLQ and caller(request) != BREAK_GLASS,
    ),
    "whoever is called like break-glass may purge": Broken(
        "only-break-glass-purges",
        queue(lambda policy: under(policy, "DenyPurgeQueue", {ARN_DIFFERS: (f"{BREAK_GLASS}*",)})),
        lambda request: str(caller(request)).startswith(BREAK_GLASS) and caller(request) != BREAK_GLASS,
    ),
    "the Deny of PurgeQueue is only for those without a second factor": Broken(
        "only-break-glass-purges",
        queue(
            lambda policy: under(
                policy,
                "DenyPurgeQueue",
                {ARN_DIFFERS: (BREAK_GLASS,), ("Bool", "aws:MultiFactorAuthPresent"): ("false",)},
            )
        ),
        lambda request: key(request, "aws:multifactorauthpresent") != "false",
    ),
    "the Deny of PurgeQueue sees only those who have an ARN of IAM's": Broken(
        "only-break-glass-purges",
        queue(lambda policy: under(policy, "DenyPurgeQueue", {**HAS_ARN_OF_IAM, ARN_DIFFERS: (BREAK_GLASS,)})),
        lambda request: request.principal.kind is PrincipalKind.FEDERATED,
    ),
    "the Deny of DeleteQueue does not see federated users": Broken(
        "only-deployers-and-break-glass-delete",
        dlq(
            lambda policy: under(
                policy,
                "DenyDeleteQueue",
                {("StringNotEquals", "aws:PrincipalType"): ("FederatedUser",), ARN_DIFFERS: (BREAK_GLASS, DEPLOYER)},
            )
        ),
        lambda request: request.principal.kind is PrincipalKind.FEDERATED,
    ),
    "a federated user may touch messages": Broken(
        "messages-only-by-those-who-must",
        queue(lambda policy: under(policy, "DenyConsumeToOthers", {**HAS_ARN_OF_IAM, ARN_DIFFERS: (CONSUMER,)})),
        lambda request: request.principal.kind is PrincipalKind.FEDERATED,
    ),
    "an operator may delete": Broken(
        "only-deployers-and-break-glass-delete",
        queue(lambda policy: under(policy, "DenyDeleteQueue", {ARN_DIFFERS: (BREAK_GLASS, DEPLOYER, OPERATOR)})),
        lambda request: caller(request) == OPERATOR and request.action == "sqs:DeleteQueue",
    ),
    "the Deny of DeleteQueue does not see callers without an ARN, nor any other": Broken(
        "only-deployers-and-break-glass-delete",
        dlq(
            lambda policy: under(
                policy, "DenyDeleteQueue", {("ForAnyValue:StringLike", "aws:PrincipalTag/team"): ("jobs*",)}
            )
        ),
        lambda request: not str(key(request, "aws:principaltag/team")).startswith("jobs"),
    ),
    "plain text is denied for messages alone": Broken(
        "nothing-without-tls",
        queue(lambda policy: exchanged(policy, "DenyPlainText", actions=(SEND.lower(), RECEIVE.lower()))),
        lambda request: key(request, "aws:securetransport") == "false" and request.action not in {SEND, RECEIVE},
    ),
    "the Deny of plain text asks for the wrong value": Broken(
        "nothing-without-tls",
        dlq(lambda policy: under(policy, "DenyPlainText", {("Null", "aws:SecureTransport"): ("true",)})),
        lambda request: key(request, "aws:securetransport") == "false" and request.resource == DLQ,
    ),
    "operators come from anywhere": Broken(
        "messages-only-from-the-vpc",
        dlq(lambda policy: without(policy, THROUGH)),
        lambda request: caller(request) == OPERATOR and key(request, "aws:sourcevpc") != VPC,
    ),
    "an absent VPC passes for the right one": Broken(
        "messages-only-from-the-vpc",
        queue(
            lambda policy: under(
                policy,
                THROUGH,
                {(f"ForAnyValue:{OUTSIDE}", "aws:SourceVpc"): (VPC,), **NOT_A_SERVICE, **NOT_FORWARDED},
            )
        ),
        lambda request: key(request, "aws:sourcevpc") is None and key(request, "aws:viaawsservice") == "false",
    ),
    "another VPC is spared too": Broken(
        "messages-only-from-the-vpc",
        queue(lambda policy: under(policy, THROUGH, {(OUTSIDE, "aws:SourceVpc"): (VPC, "vpc-2"), **NOT_A_SERVICE})),
        lambda request: key(request, "aws:sourcevpc") == "vpc-2",
    ),
    "the consumer's own policy wants the endpoint only if there is one": Broken(
        "messages-only-from-the-vpc",
        own(
            CONSUMER,
            lambda policy: under(policy, "ConsumeFromQueue", {("StringEqualsIfExists", "aws:SourceVpce"): (ENDPOINT,)}),
        ),
        lambda request: caller(request) == CONSUMER and key(request, "aws:viaawsservice") == "true",
    ),
    "nobody is kept from sending": Broken(
        "messages-only-by-those-who-must",
        queue(lambda policy: without(policy, "DenySendToOthers")),
        lambda request: caller(request) not in {PRODUCER, OPERATOR} and request.action == SEND,
    ),
    "every role of the account may consume": Broken(
        "messages-only-by-those-who-must",
        queue(lambda policy: under(policy, "DenyConsumeToOthers", {ARN_DIFFERS: (role("*"),)})),
        lambda request: caller(request) != CONSUMER and request.action in CONSUME,
    ),
    "the producer may send to the dead-letter queue": Broken(
        "messages-only-by-those-who-must",
        dlq(lambda policy: under(policy, "DenySendToAll", {ARN_DIFFERS: (PRODUCER,)})),
        lambda request: caller(request) == PRODUCER and request.resource == DLQ,
    ),
    "a Deny with NotPrincipal spares the account": Broken(
        "messages-only-by-those-who-must",
        queue(
            lambda policy: having(
                without(policy, "DenyConsumeToOthers"),
                Effect="Deny",
                NotPrincipal={"AWS": [ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ann"]},
                Action=[*CONSUME],
                Resource=QUEUE,
            )
        ),
        lambda request: caller(request) in {f"arn:aws:iam::{ACCOUNT}:user/ann", f"arn:aws:iam::{ACCOUNT}:root"},
    ),
    "the consumer is spared where others may not send": Broken(
        "nobody-both-sends-and-consumes",
        queue(lambda policy: under(policy, "DenySendToOthers", {ARN_DIFFERS: (PRODUCER, CONSUMER)})),
        lambda request: caller(request) == CONSUMER,
    ),
    "another account may look": Broken(
        "nothing-for-other-accounts",
        queue(
            lambda policy: having(
                policy,
                Effect="Allow",
                Principal={"AWS": OTHER_ACCOUNT},
                Action=["sqs:GetQueueUrl", "sqs:SetQueueAttributes"],
                Resource=QUEUE,
            )
        ),
        lambda request: request.principal.account_id == OTHER_ACCOUNT and request.action == "sqs:GetQueueUrl",
    ),
    "everybody of the organization may look": Broken(
        "nothing-for-other-accounts",
        dlq(
            lambda policy: having(
                policy,
                Effect="Allow",
                Principal="*",
                Action="sqs:GetQueue*",
                Resource=DLQ,
                Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
            )
        ),
        lambda request: key(request, "aws:principalorgid") == "o-1" and request.principal.account_id != ACCOUNT,
    ),
    "anybody may look": Broken(
        "nothing-for-anonymous-callers",
        queue(lambda policy: having(policy, Effect="Allow", Principal="*", Action="sqs:GetQueueUrl", Resource=QUEUE)),
        lambda request: request.principal.kind is PrincipalKind.ANONYMOUS,
    ),
    "whoever is not a certain role may look": Broken(
        "nothing-for-anonymous-callers",
        dlq(
            lambda policy: having(
                policy, Effect="Allow", NotPrincipal={"AWS": PRODUCER}, NotAction="sqs:*Message*", Resource=DLQ
            )
        ),
        lambda request: request.principal.kind is PrincipalKind.ANONYMOUS and "Message" not in request.action,
    ),
    "a topic may send dead letters": Broken(
        "nothing-for-services",
        dlq(
            lambda policy: having(
                policy,
                Effect="Allow",
                Principal={"Service": "sns.amazonaws.com"},
                Action=SEND,
                Resource=DLQ,
                Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:*"}},
            )
        ),
        lambda request: request.principal.service_names[0] == "sns.amazonaws.com" and request.action == SEND,
    ),
    "the producer's own policy is for every queue": Broken(
        "roles-do-no-more-than-their-half",
        own(PRODUCER, lambda policy: exchanged(policy, "SendToQueue", resources=(f"{QUEUE}*",))),
        lambda request: caller(request) == PRODUCER and request.resource == DLQ,
    ),
    "the consumer's own policy has one action more": Broken(
        "roles-do-no-more-than-their-half",
        own(
            CONSUMER,
            lambda policy: having(policy, Effect="Allow", Action=["sqs:Tag*", "sqs:PurgeQueue"], Resource="*"),
        ),
        lambda request: caller(request) == CONSUMER and request.action == "sqs:TagQueue",
    ),
    "the producer may list queues": Broken(
        "roles-do-no-more-than-their-half",
        own(PRODUCER, lambda policy: having(policy, Effect="Allow", Action="sqs:ListQueues", Resource="*")),
        lambda request: (request.action, request.resource) == ("sqs:ListQueues", "*"),
    ),
    "the consumer is an administrator": Broken(
        "roles-change-no-permissions",
        own(CONSUMER, lambda policy: having(policy, Effect="Allow", NotAction="sqs:*", Resource="*")),
        lambda request: (request.action, request.resource) == ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/other"),
    ),
    "the consumer has everything of SQS": Broken(
        "roles-change-no-permissions",
        own(CONSUMER, lambda policy: having(policy, Effect="Allow", Action="sqs:*", Resource=QUEUE)),
        lambda request: request.action in {"sqs:SetQueueAttributes", "sqs:AddPermission", "sqs:RemovePermission"},
    ),
    "the producer may pass roles on": Broken(
        "roles-change-no-permissions",
        own(PRODUCER, lambda policy: having(policy, Effect="Allow", Action="iam:PassRole", Resource="*")),
        lambda request: caller(request) == PRODUCER and request.action == "iam:PassRole",
    ),
    "the producer may take another role": Broken(
        "roles-change-no-permissions",
        own(PRODUCER, lambda policy: having(policy, Effect="Allow", Action="sts:AssumeRole", Resource="*")),
        lambda request: caller(request) == PRODUCER and request.action == "sts:AssumeRole",
    ),
    "anybody may take the consumer's role": Broken(
        "roles-are-taken-by-tasks-alone",
        consumer(trust=trust(Principal="*")),
        lambda request: request.resource == CONSUMER and not request.principal.service_names,
    ),
    "the account decides who takes the producer's role": Broken(
        "roles-are-taken-by-tasks-alone",
        producer(trust=trust(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})),
        lambda request: request.resource == PRODUCER and request.principal.account_id == ACCOUNT,
    ),
    "tasks of every account may take the consumer's role": Broken(
        "roles-are-taken-by-tasks-alone",
        consumer(trust=trust(Principal={"Service": "ecs-tasks.amazonaws.com"})),
        lambda request: (
            request.principal.kind is PrincipalKind.SERVICE and key(request, "aws:sourceaccount") != ACCOUNT
        ),
    ),
    "another service may take the producer's role": Broken(
        "roles-are-taken-by-tasks-alone",
        producer(
            trust=trust(
                Principal={"Service": ["ecs-tasks.amazonaws.com", "lambda.amazonaws.com"]},
                Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}},
            )
        ),
        lambda request: request.principal.service_names[0] == "lambda.amazonaws.com",
    ),
    "an identity provider's users may take the consumer's role": Broken(
        "roles-are-taken-by-tasks-alone",
        consumer(trust=trust(Action="sts:AssumeRoleWithWebIdentity", Principal={"Federated": "accounts.google.com"})),
        lambda request: request.principal.provider == "accounts.google.com",
    ),
    "the Deny means another VPC than the endpoint's": Broken(
        "roles-can-always-work",
        queue(lambda policy: under(policy, THROUGH, {(OUTSIDE, "aws:SourceVpc"): ("vpc-2",)})),
        lambda request: caller(request) in {PRODUCER, CONSUMER} and key(request, "aws:sourcevpc") == VPC,
    ),
    "the endpoint's policy forgets the consumer": Broken(
        "roles-can-always-work",
        replace(
            STACK,
            endpoint_policy=having(
                Policy("endpoint policy", ()), Effect="Allow", Principal={"AWS": PRODUCER}, Action="sqs:*", Resource="*"
            ),
        ),
        lambda request: caller(request) == CONSUMER,
    ),
    "the consumer's boundary leaves it too little": Broken(
        "roles-can-always-work",
        consumer(boundary=having(Policy("boundary", ()), Effect="Allow", Action="sqs:Receive*", Resource="*")),
        lambda request: caller(request) == CONSUMER and request.action != RECEIVE,
    ),
    "a Deny on all actions catches the deployer": Broken(
        "deployers-can-always-mend",
        queue(lambda policy: exchanged(policy, "DenySendToOthers", actions=("sqs:*",))),
        lambda request: caller(request) == DEPLOYER,
    ),
    "the deployer may mend from the office alone": Broken(
        "deployers-can-always-mend",
        dlq(
            lambda policy: having(
                policy,
                Effect="Deny",
                Principal="*",
                Action="sqs:SetQueueAttributes",
                Resource=DLQ,
                Condition={"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}},
            )
        ),
        lambda request: request.action == "sqs:SetQueueAttributes",
    ),
    "a redrive comes from no VPC": Broken(
        "operators-can-always-redrive",
        queue(lambda policy: under(policy, THROUGH, {(OUTSIDE, "aws:SourceVpc"): (VPC,), **NOT_A_SERVICE})),
        lambda request: caller(request) == OPERATOR and key(request, "aws:viaawsservice") == "true",
    ),
    "a redrive cannot delete what it moved": Broken(
        "operators-can-always-redrive",
        dlq(lambda policy: under(policy, "DenyConsumeToOthers", {ARN_DIFFERS: (role("operators"),)})),
        lambda request: request.resource == DLQ and request.action in CONSUME,
    ),
    "nobody at all may purge": Broken(
        "break-glass-always-works",
        queue(lambda policy: under(policy, "DenyPurgeQueue", {})),
        lambda request: caller(request) == BREAK_GLASS and request.action == "sqs:PurgeQueue",
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_weakening_makes_its_claim_false_with_a_request_that_shows_it(broken: Broken) -> None:
    (finding,) = prove(broken.stack, only=[broken.claim])
    assert finding.verdict is Verdict.FALSE, finding.told
    assert all(broken.shows(request) for request in finding.counterexample), finding.told
    assert all(re.fullmatch("[a-z]+:[A-Z][A-Za-z]+", request.action) for request in finding.counterexample)
    assert all(request.resource.startswith(("arn:", "*")) for request in finding.counterexample)


def test_a_boundary_counts_for_what_a_role_may_too() -> None:
    policies = (having(Policy("own", ()), Effect="Allow", Action="*", Resource="*"),)
    bounds = having(Policy("boundary", ()), Effect="Allow", Action="s3:*", Resource="*")
    (finding,) = prove(consumer(policies=policies, boundary=bounds), only=["roles-change-no-permissions"])
    assert finding.holds, finding.told
    (finding,) = prove(consumer(policies=policies), only=["roles-change-no-permissions"])
    assert finding.verdict is Verdict.FALSE


@pytest.mark.parametrize(
    "source",
    [{"StringEquals": {"aws:SourceAccount": ACCOUNT}}, {"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:*:{ACCOUNT}:*"}}],
)
def test_the_source_of_a_task_is_told_by_account_or_by_arn(source: dict[str, object]) -> None:
    ecs = trust(Principal={"Service": "ecs-tasks.amazonaws.com"}, Condition=source)
    (finding,) = prove(producer(trust=ecs), only=["roles-are-taken-by-tasks-alone"])
    assert finding.holds, finding.told


@pytest.mark.parametrize(
    ("stack", "claim", "words"),
    [
        (replace(STACK, deployer_arns=()), "deployers-can-always-mend", "set deployerArns"),
        (replace(STACK, producer=None), "roles-can-always-work", "no role that is its producer"),
        (replace(STACK, consumer=None), "roles-do-no-more-than-their-half", "no role that is its consumer"),
        (consumer(trust=None), "roles-are-taken-by-tasks-alone", "nothing is known of who may take consumer"),
        (
            replace(STACK, producer=None, consumer=None),
            "roles-change-no-permissions",
            "no role that is its producer or its consumer",
        ),
    ],
)
def test_a_claim_about_somebody_whom_there_is_not_is_false(stack: Protected, claim: str, words: str) -> None:
    (finding,) = prove(stack, only=[claim])
    assert (finding.verdict, finding.counterexample) == (Verdict.FALSE, ())
    assert words in finding.told


def test_every_claim_is_made_false_by_something() -> None:
    assert {broken.claim for broken in BROKEN.values()} == {claim.name for claim in all_claims(STACK)}


def test_the_counterexample_of_a_claim_about_two_requests_is_one_callers() -> None:
    broken = BROKEN["the consumer is spared where others may not send"]
    (finding,) = prove(broken.stack, only=[broken.claim])
    sends, consumes = finding.counterexample
    assert sends.action == SEND
    assert consumes.action in CONSUME
    assert "; and " in finding.told


def test_what_the_solver_cannot_decide_in_time_does_not_hold() -> None:
    findings = prove(STACK, seconds=0.001)
    undecided = [one for one in findings if one.verdict is Verdict.UNDECIDED]
    assert undecided
    assert not any(one.holds or one.counterexample for one in undecided)
    assert all("0.001 seconds" in one.told for one in undecided)
    assert not any(one.verdict is Verdict.FALSE for one in findings)


def test_a_counterexample_is_told_in_a_sentence() -> None:
    (finding,) = prove(BROKEN["the Deny of PurgeQueue is dropped"].stack, only=["only-break-glass-purges"])
    assert finding.told == (
        f"arn:aws:sts::{ACCOUNT}:assumed-role/somebody/session may sqs:PurgeQueue on {QUEUE} through no VPC endpoint"
        " and over TLS, if its own policies let it"
    )
    (finding,) = prove(BROKEN["nobody at all may purge"].stack, only=["break-glass-always-works"])
    assert finding.told == (
        f"arn:aws:sts::{ACCOUNT}:assumed-role/break-glass/session may not sqs:PurgeQueue on {QUEUE} through no VPC"
        " endpoint and over TLS, by DenyPurgeQueue (queue policy)"
    )


def test_an_unknown_claim_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"no claim 'x'.*only-break-glass-purges"):
        prove(STACK, only=["x"])


def test_a_document_that_cannot_be_understood_is_refused_whatever_else_could_be_proven() -> None:
    stack = queue(lambda policy: under(policy, "DenyPurgeQueue", {("ArnIsNot", "aws:PrincipalArn"): (BREAK_GLASS,)}))
    with pytest.raises(MalformedDocumentError, match="queue policy, DenyPurgeQueue: there is no condition operator"):
        prove(stack)
