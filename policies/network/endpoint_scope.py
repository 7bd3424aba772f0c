"""How far a statement of an endpoint's policy reaches: to named resources, to one's own, or to anybody's."""

from access.documents import Condition, Statement
from policies.reading.patterns import ONE, RUN, is_pattern

_ACCOUNT_PART, _NAME_PART, _ARN_PARTS = 4, 5, 6
_WITHOUT_RESOURCE = frozenset({"sqs:listqueues"})
"""Actions of SQS that are about no one queue (service authorization reference, "Amazon SQS")."""

_RESOURCE_KEYS = frozenset({"aws:resourceorgid", "aws:resourceaccount", "aws:resourceorgpaths"})
_CALLER_KEYS = frozenset({"aws:principalorgid", "aws:principalaccount", "aws:principalorgpaths"})
_EQUALITIES = frozenset({"stringequals", "stringlike", "foranyvalue:stringequals", "foranyvalue:stringlike"})
"""Operators that hold only where the key is there: without an organization there is no `aws:ResourceOrgID`."""


def reaches_anybodys(statement: Statement) -> bool:
    """Whether an Allow lets requests through to resources of any account.

    An ARN with an account and a name that begins in letters is somebody's, as `arn:aws:sqs:*:123456789012:shop-*`. Of
    other services only patterns of actions are judged: many of their actions take no resource but `*`.
    """
    wide_actions = bool(statement.not_actions) or any(_is_wide_action(one) for one in statement.actions)
    wide_resources = bool(statement.not_resources) or any(_is_wide_resource(one) for one in statement.resources)
    return wide_actions and wide_resources and not _is_bounded(statement)


def _is_wide_action(action: str) -> bool:
    lower = action.lower()
    return is_pattern(lower) or (lower.startswith("sqs:") and lower not in _WITHOUT_RESOURCE)


def _is_wide_resource(resource: str) -> bool:
    parts = resource.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS:
        return is_pattern(resource)
    account, name = parts[_ACCOUNT_PART], parts[_NAME_PART]
    return RUN in account or ONE in account or name.startswith((RUN, ONE))


def _is_bounded(statement: Statement) -> bool:
    """Whether conditions bound whose the resources are: by organization or account, in full or as the caller's own."""
    callers = any(_says(one) for one in statement.conditions if one.key in _CALLER_KEYS)
    return any(
        _says(one) or (callers and _says_callers_own(one)) for one in statement.conditions if one.key in _RESOURCE_KEYS
    )


def _says(condition: Condition) -> bool:
    """Whether a condition names what it asks for. Below an organization, paths are patterns: `o-a1b2c3/*`."""
    paths = condition.key.endswith("orgpaths")
    return condition.operator in _EQUALITIES and all(
        not is_pattern(value.partition("/")[0] if paths else value) for value in condition.values
    )


def _says_callers_own(condition: Condition) -> bool:
    return condition.operator in _EQUALITIES and all(
        value.lower() in {"${aws:principalorgid}", "${aws:principalaccount}"} for value in condition.values
    )
