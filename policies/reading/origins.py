"""Where requests for messages may come from, as an Allow says."""

from collections.abc import Iterator

from access.documents import Condition, Statement
from access.matrix.actions import MESSAGE_ACTIONS
from policies.reading.documents import Document
from policies.reading.patterns import is_pattern
from policies.rule import Violations

TOUCHES = tuple(f"sqs:{action}" for action in MESSAGE_ACTIONS)
"""The actions that touch messages."""

_VPC_KEYS = frozenset({"aws:sourcevpc", "aws:sourcevpce"})
_FROM = frozenset({"stringequals", "stringlike", "foranyvalue:stringequals", "foranyvalue:stringlike"})


def names_vpc(condition: Condition) -> bool:
    """Whether a condition is about VPCs, or endpoints of VPCs, that it names."""
    return condition.key in _VPC_KEYS and not any(is_pattern(value) for value in condition.values)


def vpcs_in(statement: Statement) -> Iterator[str]:
    """The VPCs and endpoints that the conditions of a statement are about."""
    return (
        value for one in statement.conditions if one.key in _VPC_KEYS and one.operator != "null" for value in one.values
    )


def allowed_from_anywhere(document: Document) -> Violations:
    """A sentence for each Allow to touch messages that asks for no VPC, and is not for services alone."""
    for statement in document.allows:
        if statement.covers_any_action(TOUCHES) and not (_requires_vpc(statement) or _only_services(statement)):
            yield (
                f"{document.at(statement)} allows access to messages from anywhere; add the condition StringEquals with"
                " aws:SourceVpc or aws:SourceVpce"
            )


def _requires_vpc(statement: Statement) -> bool:
    return any(names_vpc(condition) and condition.operator in _FROM for condition in statement.conditions)


def _only_services(statement: Statement) -> bool:
    named = statement.principals
    return named is not None and bool(named.services) and named.everyone == named.services
