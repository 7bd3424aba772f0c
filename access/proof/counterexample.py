"""A request that a solver chose, made into one that can be read, tried and told."""

from typing import Final

from access.evaluator import Decision
from access.matrix.actions import ALL_ACTIONS, QUEUE_ACTIONS
from access.meaning.formula import Formula, Not, Present, Several, is_one_of, is_text
from access.meaning.semantics import TAKING_A_ROLE
from access.proof.claims import ASSUMED
from access.proof.protected import Protected
from access.request import Facts, Principal, PrincipalKind, Request

_SPELLING: Final = {action.lower(): action for action in (*(f"sqs:{action}" for action in ALL_ACTIONS), *TAKING_A_ROLE)}


def preferences(protected: Protected) -> tuple[Formula, ...]:
    """What makes a request plain to read, first things first: somebody ordinary, who asks for nothing odd."""
    return (
        is_one_of("action", (f"sqs:{action.lower()}" for action in QUEUE_ACTIONS)),
        is_text("aws:principalaccount", protected.account_id),
        is_one_of("aws:principalaccount", (protected.account_id, "999999999999", "anonymous")),
        is_text("principal.name", "somebody"),
        is_text("principal.session", "session"),
        Not(Several("aws:principalservicenameslist")),
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
                role_id=one("principal.id"),
                provider=one("aws:federatedprovider"),
            )
        case PrincipalKind.USER:
            return Principal.user(certain("principal.arn"), user_id=one("principal.id"))
        case PrincipalKind.FEDERATED:
            return Principal.federated(certain("principal.arn"), user_arn=one("principal.issuer"))
        case PrincipalKind.ROOT:
            return Principal.root(certain("aws:principalaccount"), partition=certain("principal.partition"))
        case PrincipalKind.SERVICE:
            names = certain("aws:principalservicename"), *facts["aws:principalservicenameslist"]
            return Principal.service(*dict.fromkeys(names))
        case PrincipalKind.ANONYMOUS:
            return Principal.anonymous()


def told(request: Request, decision: Decision) -> str:
    """The request and what becomes of it, in a sentence."""
    verb = "may" if decision.allowed else "may not"
    return (
        f"{request.principal} {verb} {request.action} on {request.resource} {_way(request.facts)}"
        f"{_reason(decision)}{_further(request)}"
    )


def _reason(decision: Decision) -> str:
    statements = [str(one) for one in decision.by if one.policy != ASSUMED]
    assumed = ", if its own policies let it" if len(statements) < len(decision.by) else ""
    return f", by {' and '.join(statements)}" if statements else assumed


def _way(facts: Facts) -> str:
    endpoint, vpc = facts.get("aws:sourcevpce"), facts.get("aws:sourcevpc")
    via = f"through {endpoint[0]} in {vpc[0]}" if endpoint and vpc else "through no VPC endpoint"
    tls = "over TLS" if facts.get("aws:securetransport") == ("true",) else "without TLS"
    forwarded = ", in a call that AWS makes on its behalf" if facts.get("aws:viaawsservice") == ("true",) else ""
    return f"{via} and {tls}{forwarded}"


_TOLD: Final = frozenset({"aws:sourcevpc", "aws:sourcevpce", "aws:securetransport", "aws:viaawsservice"})


def _further(request: Request) -> str:
    """The keys that no other word of the sentence tells."""
    derived = request.principal.facts.keys() | _TOLD | {"aws:resourceaccount"}
    keys = {key: values for key, values in request.context.items() if key not in derived}
    listed = ", ".join(f"{key} = {' and '.join(map(repr, values))}" for key, values in sorted(keys.items()))
    return f", with {listed}" if listed else ""
