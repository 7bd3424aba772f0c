"""Which statements decided. MiniStack names one at most, and no policy; so its evaluator is asked one by one.

The documents are read where MiniStack reads them, and its own evaluator says whether a statement matches: what is named
here is what was enforced.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ministack.core import iam_evaluator

from local.emulator import internals
from local.emulator.decisions.decision import Decider, Kind, Verdict
from local.emulator.internals import Stored

Matches = Callable[[Mapping[str, Any]], bool]
Named = tuple[Kind, str, object]
"""Where a policy is attached, its name, its document."""


def deciding(verdict: Verdict, matched: Iterable[Decider]) -> tuple[Decider, ...]:
    """Chooses from the statements that matched those that decided.

    Args:
        verdict: What was decided.
        matched: All statements that matched.

    Returns:
        The Allows where it was allowed, the Denies where one denied it, none where no Allow sufficed.
    """
    effect = {Verdict.ALLOWED: "Allow", Verdict.EXPLICIT_DENY: "Deny"}.get(verdict)
    return tuple(one for one in matched if one.effect == effect)


def of_caller(context: iam_evaluator.EvalContext, access_key_id: str) -> Iterator[Decider]:
    """Finds the statements of the caller's own policies that match.

    Args:
        context: The request as MiniStack evaluates it.
        access_key_id: The caller's.
    """

    def matches(statement: Mapping[str, Any]) -> bool:
        parsed = iam_evaluator.parse_policy_document({"Statement": [statement]})
        return internals.first_match(context, parsed, statement["Effect"]) is not None

    for kind, name, document in _policies(context, access_key_id):
        yield from _matching(kind, name, document, matches)


def of_resource(context: iam_evaluator.EvalContext, service: str) -> Iterator[Decider]:
    """Finds the statements of the resource's own policy that match, if it has one.

    Args:
        context: The request as MiniStack evaluates it.
        service: The service whose resource it is.
    """
    found = internals.resource_policy(service, context.resource_arn)

    def matches(statement: Mapping[str, Any]) -> bool:
        decided = iam_evaluator.evaluate_resource_policy({"Statement": [statement]}, context)
        return bool(decided.decision != "ImplicitDeny")

    if found is not None:
        yield from _matching(Kind.RESOURCE, context.resource_arn, found[0], matches)


def of_trust(document: object, role_arn: str, allows: Callable[[object], bool]) -> Iterator[Decider]:
    """Finds the statements of a role's trust policy that match.

    Args:
        document: The trust policy.
        role_arn: The role.
        allows: Whether a document lets the caller take the role.
    """

    def matches(statement: Mapping[str, Any]) -> bool:
        return allows({"Statement": [{**statement, "Effect": "Allow"}]})

    yield from _matching(Kind.TRUST, role_arn, document, matches)


def _matching(kind: Kind, name: str, document: object, matches: Matches) -> Iterator[Decider]:
    for position, statement in enumerate(_statements(document), start=1):
        if matches(statement):
            yield Decider(name, kind, statement.get("Sid") or f"statement {position}", statement["Effect"])


def _statements(document: object) -> list[Mapping[str, Any]]:
    read = json.loads(document) if isinstance(document, str) and document else document
    found = read.get("Statement", []) if isinstance(read, Mapping) else []
    return found if isinstance(found, list) else [found]


def _policies(context: iam_evaluator.EvalContext, access_key_id: str) -> Iterator[Named]:
    """The caller's policies, where MiniStack gathers them: its own, its groups', its boundary, its session's."""
    account = context.principal_account
    for inline, holder in _holders(context.principal_arn, account):
        yield from ((Kind.IDENTITY, name, document) for name, document in (inline or {}).items())
        yield from _managed(Kind.IDENTITY, holder.get("AttachedPolicies", []), account)
        yield from _managed(Kind.BOUNDARY, filter(None, [holder.get("PermissionsBoundary")]), account)
    session = (internals.sts_sessions.get(access_key_id) or {}).get("SessionPolicies") or {}
    if session.get("Policy"):
        yield Kind.SESSION, "session policy", session["Policy"]
    yield from _managed(Kind.SESSION, session.get("PolicyArns", []), account)


def _holders(principal_arn: str, account: str) -> Iterator[tuple[Mapping[str, object] | None, Stored]]:
    """Whoever has policies that count for the caller: the role, or the user and its groups. Inline ones come first."""
    if ":assumed-role/" in principal_arn:
        role = internals.roles.get_scoped(account, None, principal_arn.split("/")[1])
        yield role.get("InlinePolicies"), role
    elif ":user/" in principal_arn:
        name = principal_arn.rsplit("/", 1)[-1]
        yield internals.user_inline_policies.get(name), internals.users.get_scoped(account, None, name)
        for group, record in internals.groups.items():
            if name in record.get("Users", []):
                yield internals.group_inline_policies.get(group), record


def _managed(kind: Kind, arns: Iterable[str], account: str) -> Iterator[Named]:
    return ((kind, arn, internals.managed_document(arn, account)) for arn in arns)
