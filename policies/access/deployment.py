"""What a deployer asks of a queue, as far as it is known beforehand, and whether a Deny may keep it from that."""

import re
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from access.documents import Statement
from access.evaluator import Reason, evaluate
from access.policy import Policy, PolicySet
from access.request import Principal, Request
from policies.language.condition_keys import BY_SERVICE, KEYS, NOT_THROUGH_ENDPOINT, THROUGH_ENDPOINT
from policies.language.satisfiable import can_hold_together
from policies.reading.callers import account_of
from policies.reading.patterns import RUN, is_pattern
from policies.reading.queue_arn import QueueArn

# What no request has that comes from outside the VPC, straight from a caller.
_ABSENT = (*THROUGH_ENDPOINT, *BY_SERVICE, "aws:calledvia")


def may_deny(deny: Statement, request: Request) -> bool:
    """Whether a Deny applies to a request, if the keys that are not known of it say what the Deny asks for."""
    facts = {*request.principal.facts, *(key.lower() for key in request.context), "aws:resourceaccount"}
    known = tuple(one for one in deny.conditions if one.key in facts)
    policies = PolicySet(resource=(Policy("the queue policy", (replace(deny, conditions=known),)),))
    return evaluate(policies, request).reason is Reason.EXPLICIT_DENY and all(
        can_hold_together(list(group), variables=deny.variables, always=_is_always_there(key))
        for key, group in groupby(sorted(deny.conditions, key=attrgetter("key")), key=attrgetter("key"))
        if key not in facts
    )


def _is_always_there(key: str) -> bool:
    """Whether a key is on each request that comes from outside the VPC, straight from a caller."""
    return key in NOT_THROUGH_ENDPOINT or (key in KEYS and KEYS[key].always)


def request_of(deployer: str, action: str, resource: str) -> Request:
    """What a deployer asks for, over TLS and from outside the VPC.

    Args:
        deployer: Who asks.
        action: To do what.
        resource: With which queue, as a Resource names it; one that a pattern matches will do.
    """
    own_account = account_of(deployer) or ""
    queue_arn = f"arn:aws:sqs:us-east-1:{own_account}:queue" if resource == RUN else re.sub(r"[*?]", "0", resource)
    context = {**dict.fromkeys(_ABSENT, ()), "aws:SecureTransport": ("true",), "aws:ViaAWSService": ("false",)}
    named = QueueArn.parse(resource)
    if named and not is_pattern(named.region):
        context["aws:RequestedRegion"] = (named.region,)
    return Request(_caller(deployer), action, queue_arn, account_of(queue_arn) or own_account, context)


def _caller(arn: str) -> Principal:
    if arn.endswith(":root"):
        return Principal.root(account_of(arn) or "")
    return Principal.role_session(arn, "deployment") if ":role/" in arn else Principal.user(arn)
