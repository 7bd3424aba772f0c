"""Which statements decided. MiniStack names one at most, and no policy; so its evaluator is asked one by one.

The documents are read where MiniStack reads them, and its own evaluator says whether a statement matches: what is named
here is what was enforced. Only statements of the effect that decided are asked, since requests wait for it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ministack.core import iam_evaluator

from local.emulator import internals
from local.emulator.decisions.decision import Decider, Kind
from local.emulator.internals import Stored

Named = tuple[Kind, str, object]
"""Where a policy is attached, its name, its document."""


@dataclass(frozen=True)
class _Statement:
    """One statement: its Sid or position, as written, and as MiniStack reads it."""

    sid: str
    raw: Mapping[str, Any]
    parsed: Sequence[iam_evaluator.ParsedStatement]


_Matches = Callable[[_Statement], bool]


def of_caller(context: iam_evaluator.EvalContext, access_key_id: str, effect: str) -> Iterator[Decider]:
    """Finds the statements of the caller's own policies that match.

    Args:
        context: The request as MiniStack evaluates it.
        access_key_id: The caller's.
        effect: `Allow` or `Deny`.
    """

    def matches(statement: _Statement) -> bool:
        return internals.first_match(context, statement.parsed, effect) is not None

    for kind, name, document in _policies(context, access_key_id):
        yield from _matching(kind, name, document, effect, matches)


def of_resource(context: iam_evaluator.EvalContext, service: str, effect: str) -> Iterator[Decider]:
    """Finds the statements of the resource's own policy that match, if it has one.

    Args:
        context: The request as MiniStack evaluates it.
        service: The service whose resource it is.
        effect: `Allow` or `Deny`.
    """
    found = internals.resource_policy(service, context.resource_arn)

    def matches(statement: _Statement) -> bool:
        decided = iam_evaluator.evaluate_resource_policy({"Statement": [statement.raw]}, context)
        return bool(decided.decision != "ImplicitDeny")

    if found is not None:
        yield from _matching(Kind.RESOURCE, context.resource_arn, found[0], effect, matches)


def of_trust(document: object, role_arn: str, effect: str, allows: Callable[[object], bool]) -> Iterator[Decider]:
    """Finds the statements of a role's trust policy that match.

    Args:
        document: The trust policy.
        role_arn: The role.
        effect: `Allow` or `Deny`.
        allows: Whether a document lets the caller take the role.
    """

    def matches(statement: _Statement) -> bool:
        return allows({"Statement": [{**statement.raw, "Effect": "Allow"}]})

    yield from _matching(Kind.TRUST, role_arn, document, effect, matches)


def _matching(kind: Kind, name: str, document: object, effect: str, matches: _Matches) -> Iterator[Decider]:
    statements = _of_text(document) if isinstance(document, str) else _statements(document)
    for statement in statements:
        if statement.raw.get("Effect") == effect and matches(statement):
            yield Decider(name, kind, statement.sid, effect)


@lru_cache
def _of_text(text: str) -> list[_Statement]:
    try:
        return _statements(json.loads(text))
    except ValueError:  # MiniStack takes what is no JSON for a policy without statements
        return []


def _statements(document: object) -> list[_Statement]:
    found = document.get("Statement", []) if isinstance(document, Mapping) else []
    return [
        _Statement(
            sid=raw.get("Sid") or f"statement {position}",
            raw=raw,
            parsed=iam_evaluator.parse_policy_document({"Statement": [raw]}),
        )
        for position, raw in enumerate(found if isinstance(found, list) else [found], start=1)
        if isinstance(raw, Mapping)
    ]


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
        if role is not None:  # a session outlives its role, and a queue's policy may still name it
            yield role.get("InlinePolicies"), role
    elif ":user/" in principal_arn:
        name = principal_arn.rsplit("/", 1)[-1]
        yield internals.user_inline_policies.get(name), internals.users.get_scoped(account, None, name) or {}
        for group, record in internals.groups.items():
            if name in record.get("Users", []):
                yield internals.group_inline_policies.get(group), record


def _managed(kind: Kind, arns: Iterable[str], account: str) -> Iterator[Named]:
    return ((kind, arn, internals.managed_document(arn, account)) for arn in arns)
