"""Our own evaluator, asked as the others are."""

from collections.abc import Sequence
from typing import Final

from access.evaluator import Reason, evaluate
from access.policy import Policy, PolicySet
from access.request import Principal, Request
from tests.access.differential.case import Answer, Caller, Case, Document, Kind, Part, document
from tests.access.differential.generation.requests import unique_id

ANSWERS: Final = {
    Reason.ALLOWED: Answer.ALLOWED,
    Reason.EXPLICIT_DENY: Answer.EXPLICIT_DENY,
    Reason.IMPLICIT_DENY: Answer.IMPLICIT_DENY,
}
FULL_ACCESS: Final = document({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"})
"""RCPFullAWSAccess, which Organizations attaches to everything and nobody can take away."""


def answer(cases: Sequence[Case]) -> list[Answer]:
    """What we say of each case."""
    return [ANSWERS[evaluate(_policies(case), request_of(case)).reason] for case in cases]


def request_of(case: Case) -> Request:
    """The case's request. It refuses keys that contradict what it knows of the caller, so both tables are compared."""
    return Request(_principal(case.caller), case.action, case.resource, case.account, case.context)


def _policies(case: Case) -> PolicySet:
    def some(part: Part, *further: Document) -> tuple[Policy, ...]:
        documents = case.documents(part)
        return tuple(Policy.parse(part, one) for one in (*documents, *(further if documents else ())))

    bounds = (some(Part.ENDPOINT), some(Part.SERVICE_CONTROL), some(Part.RESOURCE_CONTROL, FULL_ACCESS))
    return PolicySet(
        resource=some(Part.RESOURCE),
        identity=some(Part.IDENTITY),
        boundaries=some(Part.BOUNDARY) or None,
        sessions=some(Part.SESSION) or None,
        bounds=tuple(bound for bound in bounds if bound),
    )


def _principal(caller: Caller) -> Principal:
    match caller.kind:
        case Kind.ROLE_SESSION:
            return Principal.role_session(caller.issuer_arn, caller.name, role_id=unique_id(caller))
        case Kind.USER:
            return Principal.user(caller.arn, user_id=unique_id(caller))
        case Kind.FEDERATED:
            return Principal.federated(caller.arn, user_arn=caller.issuer_arn)
        case Kind.ROOT:
            return Principal.root(caller.account)
        case Kind.SERVICE:
            return Principal.service(caller.arn)
        case Kind.ANONYMOUS:
            return Principal.anonymous()
