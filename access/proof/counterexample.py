"""A request that a solver chose, made into one that can be read, tried and told."""

from collections.abc import Container
from dataclasses import replace
from typing import Final

from access.evaluator import Decision, evaluate
from access.matrix.actions import ALL_ACTIONS
from access.meaning.formula import Formula, Not, Present, Several, either, every, is_one_of, is_text
from access.meaning.semantics import TAKING_A_ROLE, ruling
from access.policy import PolicySet
from access.proof.claims import ASSUMED, Sought
from access.proof.protected import Protected
from access.proof.shape import Shape
from access.request import Facts, Principal, PrincipalKind, Request

_OF_PERMISSIONS: Final = (
    *("iam:PassRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:CreatePolicyVersion", "iam:CreateAccessKey"),
    *("organizations:DetachPolicy", "organizations:LeaveOrganization"),
    *TAKING_A_ROLE,
)
"""Actions of other services that a reader knows."""
_SPELLING: Final = {
    action.lower(): action for action in (*(f"sqs:{action}" for action in ALL_ACTIONS), *_OF_PERMISSIONS)
}


def preferences(protected: Protected) -> tuple[Formula, ...]:
    """What makes a request plain to read, first things first: somebody ordinary, who asks for nothing odd."""
    partition, region = protected.queue_arn.split(":")[1:4:2]
    is_of_sqs = is_one_of("action", (f"sqs:{action.lower()}" for action in ALL_ACTIONS))
    other_queue = f"arn:{partition}:sqs:{region}:{protected.account_id}:other"
    other_role = f"arn:{partition}:iam::{protected.account_id}:role/other"
    return (
        is_one_of("action", _SPELLING),
        either(is_of_sqs, is_one_of("action", (action.lower() for action in _OF_PERMISSIONS[:1] + TAKING_A_ROLE[:1]))),
        either(
            every(is_of_sqs, is_text("resource", other_queue)), every(Not(is_of_sqs), is_text("resource", other_role))
        ),
        is_text("aws:principalaccount", protected.account_id),
        is_one_of("aws:principalaccount", (protected.account_id, "999999999999", "anonymous")),
        is_text("principal.name", "somebody"),
        is_text("principal.session", "session"),
        Not(Several("aws:principalservicenameslist")),
        is_one_of("principal.id", ("AROAEXAMPLE", "AIDAEXAMPLE")),
        is_text("aws:principalservicename", "sns.amazonaws.com"),
        is_text("aws:viaawsservice", "false"),
        is_text("aws:securetransport", "true"),
        Not(Present("aws:sourcevpce")),
        is_text("aws:sourcevpce", protected.vpc_endpoint_id),
        is_text("aws:sourcevpce", "vpce-0ffffffffffffffff"),
        is_one_of("aws:sourcevpc", (protected.vpc_id, "vpc-0ffffffffffffffff")),
        is_text("principal.path", ""),
        Not(Present("aws:federatedprovider")),
    )


def request_from(facts: Facts) -> Request:
    """The request that has these facts.

    Raises:
        ValueError: When no request has: the solver knows less of texts than AWS does.
    """
    action = facts["action"][0]
    return Request(
        principal=_principal(facts),
        action=_SPELLING.get(action, action),
        resource=facts["resource"][0],
        resource_account_id=facts["aws:resourceaccount"][0],
        context={fact: values for fact, values in facts.items() if ":" in fact},
    )


def _principal(facts: Facts) -> Principal:
    def one(fact: str) -> str | None:
        return next(iter(facts.get(fact, ())), None)

    def certain(fact: str) -> str:
        return facts[fact][0]

    match PrincipalKind(certain("principal.kind")):
        case PrincipalKind.ROLE_SESSION:
            return Principal.role_session(
                certain("principal.issuer"),
                certain("principal.session"),
                role_id=certain("principal.id"),
                provider=one("aws:federatedprovider"),
            )
        case PrincipalKind.USER:
            return Principal.user(certain("principal.arn"), user_id=certain("principal.id"))
        case PrincipalKind.FEDERATED:
            return Principal.federated(certain("principal.arn"), user_arn=one("principal.issuer"))
        case PrincipalKind.ROOT:
            return Principal.root(certain("aws:principalaccount"), partition=certain("principal.partition"))
        case PrincipalKind.SERVICE:
            names = certain("aws:principalservicename"), *facts["aws:principalservicenameslist"]
            return Principal.service(*dict.fromkeys(names))
        case PrincipalKind.ANONYMOUS:
            return Principal.anonymous()


def told(sought: Sought, request: Request) -> str:
    """The request and what becomes of it, in a sentence, with every fact that the decision may depend on."""
    decision = evaluate(sought.policies, request)
    verb = "may" if decision.allowed else "may not"
    return (
        f"{_caller(request.principal)} {verb} {request.action} on {request.resource} {_way(request.facts)}"
        f"{_reason(sought.policies, request, decision)}{_further(request, asked(sought))}"
    )


def asked(sought: Sought) -> frozenset[str]:
    """The facts that the policies, or what is sought, ask for."""
    return frozenset(Shape.of((sought.facts, ruling(sought.policies).allowed)).slots)


def _caller(principal: Principal) -> str:
    """Who asks, and whom it acts for where its own ARN does not tell: that of a session leaves out the role's path."""
    issuer = principal.issuer_arn
    if issuer and not str(principal.arn).startswith(
        issuer.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")
    ):
        return f"{principal}, a session of {issuer},"
    return str(principal)


def _reason(policies: PolicySet, request: Request, decision: Decision) -> str:
    statements = [str(one) for one in decision.by if one.policy != ASSUMED]
    by = f", by {' and '.join(statements)}" if statements else ""
    takes_own = len(statements) < len(decision.by) and not evaluate(replace(policies, identity=()), request).allowed
    return by + (", if its own policies let it" if takes_own else "")


def _way(facts: Facts) -> str:
    endpoint, vpc = facts.get("aws:sourcevpce"), facts.get("aws:sourcevpc")
    via = f"through {endpoint[0]} in {vpc[0]}" if endpoint and vpc else "through no VPC endpoint"
    tls = "over TLS" if facts.get("aws:securetransport") == ("true",) else "without TLS"
    forwarded = ", in a call that AWS makes on its behalf" if facts.get("aws:viaawsservice") == ("true",) else ""
    return f"{via} and {tls}{forwarded}"


_TOLD: Final = frozenset(
    {
        *("aws:sourcevpc", "aws:sourcevpce", "aws:securetransport", "aws:viaawsservice"),
        *("aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:username", "aws:resourceaccount"),
        *("aws:principalisawsservice", "aws:principalservicename"),
    }
)
"""What other words of the sentence tell."""


def _further(request: Request, asked_for: Container[str]) -> str:
    """The keys asked for that no other word of the sentence tells."""
    keys = {key: values for key, values in request.facts.items() if key in asked_for and ":" in key}
    listed = ", ".join(
        f"{key} = {' and '.join(map(repr, values))}" for key, values in sorted(keys.items()) if key not in _TOLD
    )
    return f", with {listed}" if listed else ""
