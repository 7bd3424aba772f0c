"""A counterexample tells what makes it possible: whoever tries it as told meets the same decision."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from access.evaluator import evaluate
from access.matrix.cells import build
from access.proof.claims import Sought
from access.proof.counterexample import told
from access.proof.invariants import Finding, all_claims
from access.proof.protected import Protected
from access.proof.search import Found, Search, Verdict
from access.report import Format, Report, render
from access.request import Principal, PrincipalKind, Request
from tests.access.scene import ACCOUNT, OTHER_ACCOUNT
from tests.access.sound import SETTINGS, deployed
from tests.access.stack import BREAK_GLASS, QUEUE, having, protected, role, under

STACK = protected()
PURGE = "only-break-glass-purges"
ARN_DIFFERS = ("ArnNotEquals", "aws:PrincipalArn")
LOOKS = {"Effect": "Allow", "Action": "sqs:GetQueueUrl", "Resource": QUEUE}


def purge_is_denied_if(conditions: Mapping[tuple[str, str], tuple[str, ...]]) -> Protected:
    return replace(STACK, queue_policy=under(STACK.queue_policy, "DenyPurgeQueue", conditions))


def others_may_look(**elements: object) -> Protected:
    return replace(STACK, queue_policy=having(STACK.queue_policy, **{**LOOKS, **elements}))


def broken(stack: Protected, claim: str) -> tuple[Sought, Found]:
    """The first question of a claim that has an answer, and the answer."""
    questions = next(one.questions for one in all_claims(stack) if one.name == claim)
    search = Search(stack, seconds=20)
    (sought,), found = next(
        (question, found) for question in questions if (found := search.found(question)).verdict is Verdict.FALSE
    )
    return sought, found


TELLS = {
    "the role's path": (
        purge_is_denied_if({("ArnNotLike", "aws:PrincipalArn"): (BREAK_GLASS, role("ci/*"))}),
        PURGE,
        f"a session of {role('ci/')}",
    ),
    "the user's id": (
        purge_is_denied_if({ARN_DIFFERS: (BREAK_GLASS,), ("StringNotLike", "aws:userid"): ("AROAODDONE:*",)}),
        PURGE,
        "aws:userid = 'AROAODDONE:session'",
    ),
    "the identity provider": (
        purge_is_denied_if(
            {ARN_DIFFERS: (BREAK_GLASS,), ("StringNotEquals", "aws:FederatedProvider"): ("accounts.google.com",)}
        ),
        PURGE,
        "aws:federatedprovider = 'accounts.google.com'",
    ),
    "a tag": (
        purge_is_denied_if({ARN_DIFFERS: (BREAK_GLASS,), ("StringNotEquals", "aws:PrincipalTag/team"): ("jobs",)}),
        PURGE,
        "aws:principaltag/team = 'jobs'",
    ),
    "what another account needs": (
        others_may_look(Principal={"AWS": OTHER_ACCOUNT}),
        "nothing-for-other-accounts",
        "by More (queue policy), if its own policies let it",
    ),
    "the source of a service's request": (
        others_may_look(
            Principal={"Service": "sns.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}
        ),
        "nothing-for-services",
        f"aws:sourceaccount = '{ACCOUNT}'",
    ),
}


def as_told(sentence: str, request: Request) -> Request:
    """The request that somebody makes who has read the sentence and knows no more."""
    return replace(
        request,
        principal=_caller_as_told(sentence, request.principal),
        context={
            key: values
            for key, values in request.context.items()
            if f"{key} = " in sentence or key in {"aws:securetransport", "aws:viaawsservice"} or values[0] in sentence
        },
    )


def _caller_as_told(sentence: str, principal: Principal) -> Principal:
    if principal.kind is not PrincipalKind.ROLE_SESSION:
        return principal
    name, session = str(principal.arn).split("/")[1:]
    issuer = re.search(r"a session of (\S+),", sentence)
    user_id = re.search(r"aws:userid = '(\w+):", sentence)
    provider = re.search(r"aws:federatedprovider = '(\S+)'", sentence)
    return Principal.role_session(
        issuer[1] if issuer else f"arn:aws:iam::{principal.account_id}:role/{name}",
        session,
        role_id=user_id[1] if user_id else "AROAOFSOMEBODYELSE",
        provider=provider[1] if provider else None,
    )


@pytest.mark.parametrize(("stack", "claim", "words"), TELLS.values(), ids=TELLS)
def test_what_makes_a_request_possible_is_told(stack: Protected, claim: str, words: str) -> None:
    sought, found = broken(stack, claim)
    assert words in found.told
    (request,) = found.requests
    decision = evaluate(sought.policies, request)
    assert evaluate(sought.policies, as_told(found.told, request)) == decision


@pytest.mark.parametrize(("stack", "claim", "words"), TELLS.values(), ids=TELLS)
def test_the_report_for_programs_has_all_of_the_request(stack: Protected, claim: str, words: str) -> None:
    sought, found = broken(stack, claim)
    finding = Finding(claim, "", found.verdict, found.requests, found.told)
    report = Report("dev", "its state", build(deployed(), SETTINGS), proofs=(finding,))
    ((written,),) = [one["counterexample"] for one in json.loads(render(report, Format.JSON))["invariants"]]
    (request,) = found.requests
    assert (written["action"], written["resource"]) == (request.action, request.resource)
    assert written["principal"]["arn"] == request.principal.arn
    again = replace(request, context={key: tuple(values) for key, values in written["context"].items()})
    assert evaluate(sought.policies, again) == evaluate(sought.policies, request)
    assert words in told(sought, again)


def test_what_nobody_asks_for_is_not_told() -> None:
    _, found = broken(purge_is_denied_if({("StringEquals", "aws:PrincipalTag/team"): ("jobs",)}), PURGE)
    assert "with" not in found.told.replace("without", "")
    assert "userid" not in found.told
