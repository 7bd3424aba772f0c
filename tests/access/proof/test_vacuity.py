"""No prohibition is proven for want of callers: without its Deny, every kind of caller that it is about breaks it."""

from dataclasses import replace

import pytest

from access.meaning.formula import every, is_text
from access.proof.claims import Claim, Sought
from access.proof.invariants import all_claims
from access.proof.protected import Protected
from access.proof.search import Search
from access.proof.smt import Answer
from access.request import PrincipalKind
from tests.access.stack import QUEUE, having, protected, without

DENIES = {
    "only-break-glass-purges": "DenyPurgeQueue",
    "only-deployers-and-break-glass-delete": "DenyDeleteQueue",
    "nothing-without-tls": "DenyPlainText",
    "messages-only-by-those-who-must": "DenyConsumeToOthers",
}


def open_to_all(deny: str) -> Protected:
    """The stack without one of its Denies, its queue open to everybody by nothing but the others."""
    stack = protected()
    anybody = having(without(stack.queue_policy, deny), Effect="Allow", Principal="*", Action="sqs:*", Resource=QUEUE)
    return replace(stack, queue_policy=anybody)


@pytest.mark.parametrize("kind", PrincipalKind)
@pytest.mark.parametrize(("claim", "deny"), DENIES.items())
def test_a_prohibition_is_about_every_kind_of_caller(claim: str, deny: str, kind: PrincipalKind) -> None:
    stack = open_to_all(deny)
    search = Search(stack, seconds=20)
    (found,) = (one for one in all_claims(stack) if one.name == claim)
    assert search.answer(_of_kind(found, kind)) is Answer.SATISFIABLE


def _of_kind(claim: Claim, kind: PrincipalKind) -> list[Sought]:
    return [replace(one, facts=every(one.facts, is_text("principal.kind", kind))) for one in claim.questions[0]]
