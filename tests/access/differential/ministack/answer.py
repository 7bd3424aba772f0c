"""Reads one question a line, as JSON, and writes MiniStack's decision about it. Run by the emulator's Python.

It asks MiniStack's evaluator itself, which the local stack enforces with, but without requests: a request cannot carry
every condition key. The keys of a question stand in place of those that MiniStack would read off a request.
"""

import json
import sys
from typing import TypedDict

from ministack.core import iam_evaluator

from local.emulator.seams import wrap

DECISIONS = {"Allow": "allowed", "Deny": "explicit deny", "ImplicitDeny": "implicit deny"}

Keys = dict[str, object]
"""The condition keys of the question at hand, in lower case."""


class Question(TypedDict):
    """A question as tests/access/differential/ministack/evaluator.py writes it."""

    principal_arn: str
    principal_account: str
    service: str | None
    action: str
    resource: str
    account: str
    keys: Keys
    resource_policy: object
    identity: list[object]
    boundary: list[object]
    session: list[object]


def decide(question: Question) -> str:
    """MiniStack's decision, in its own words."""
    context = iam_evaluator.EvalContext(
        principal_arn=question["principal_arn"],
        principal_type="",
        principal_account=question["principal_account"],
        action=question["action"],
        resource_arn=question["resource"],
        region="us-east-1",
        principal_keys=question["keys"],
    )
    policy = question["resource_policy"]
    if question["service"]:
        return str(iam_evaluator.evaluate_resource_policy(policy, context, service=question["service"]).decision)
    identity, boundary, session = (
        [iam_evaluator.parse_policy_document(one) for one in documents]
        for documents in (question["identity"], question["boundary"], question["session"])
    )
    limits = [limit for limit in (boundary, session) if limit]
    own = iam_evaluator.evaluate(context, identity, *limits)
    return str(iam_evaluator.combine_resource_policy(own, context, policy, question["account"], limits=limits).decision)


def resolve(key: str, context: iam_evaluator.EvalContext) -> object:
    """A condition key's value, None where it is absent."""
    return context.principal_keys.get(key.lower())


if __name__ == "__main__":
    wrap(iam_evaluator, "_resolve_condition_key", ("key", "ctx"), lambda _original: resolve)
    for line in sys.stdin:
        sys.stdout.write(json.dumps({"decision": DECISIONS[decide(json.loads(line))]}) + "\n")
        sys.stdout.flush()
