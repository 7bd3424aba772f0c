"""Whether one request is allowed, and by which statements: the formulas of `semantics`, asked of its facts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from access.meaning.formula import (
    And,
    Exactly,
    Formula,
    Like,
    NoneOf,
    Not,
    One,
    Or,
    Piece,
    Present,
    Run,
    Several,
    Some,
    Test,
    ValueOf,
    Within,
)
from access.meaning.semantics import Clause, ruling
from access.policy import PolicySet, StatementName
from access.request import Facts, Request


class Reason(StrEnum):
    """Why a request is allowed or denied."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit deny"
    IMPLICIT_DENY = "implicit deny"


@dataclass(frozen=True)
class Decision:
    """What became of a request.

    Args:
        allowed: Whether it is allowed.
        reason: Why.
        by: The statements that decided: all that deny, for an explicit deny; all that grant, when it is allowed; none
            for an implicit deny, and none where the account's root user is allowed by being root.
    """

    allowed: bool
    reason: Reason
    by: tuple[StatementName, ...] = ()


def evaluate(policies: PolicySet, request: Request) -> Decision:
    """Decides one request as IAM does.

    Args:
        policies: All policies that bear on it.
        request: The request.

    Raises:
        MalformedDocumentError: When a policy says what cannot be understood.
    """
    rules, facts = ruling(policies), request.facts
    if denying := _holding(rules.denials, facts):
        return Decision(allowed=False, reason=Reason.EXPLICIT_DENY, by=denying)
    if holds(rules.allowed, facts):
        return Decision(allowed=True, reason=Reason.ALLOWED, by=_holding(rules.grants, facts))
    return Decision(allowed=False, reason=Reason.IMPLICIT_DENY)


def _holding(clauses: Iterable[Clause], facts: Facts) -> tuple[StatementName, ...]:
    return tuple(clause.name for clause in clauses if holds(clause.holds, facts))


def holds(formula: Formula, facts: Facts) -> bool:
    """Whether a formula is true of these facts."""
    match formula:
        case Not(part):
            return not holds(part, facts)
        case And(parts):
            return all(holds(part, facts) for part in parts)
        case Or(parts):
            return any(holds(part, facts) for part in parts)
        case Present(fact):
            return bool(facts.get(fact))
        case Several(fact):
            return len(facts.get(fact, ())) > 1
        case Some(fact, test):
            return any(_passes(value, test, facts) for value in facts.get(fact, ()))


def _passes(value: str, test: Test, facts: Facts) -> bool:
    match test:
        case Like(pieces, ignore_case):
            texts = _substituted(pieces, facts)
            return texts is not None and _compiled(texts, ignore_case=ignore_case).fullmatch(value) is not None
        case NoneOf(tests):
            return not any(_passes(value, one, facts) for one in tests)
        case Within(measure, low, high, bounds_count):
            size = measure.of(value)
            if size is None or (low is not None and size < low) or (high is not None and size > high):
                return False
            return bounds_count or size not in {low, high}


def _substituted(pieces: tuple[Piece, ...], facts: Facts) -> tuple[Piece, ...] | None:
    """The pieces with the policy variables' values in their place; None where nothing can match."""
    substituted: list[Piece] = []
    for piece in pieces:
        if not isinstance(piece, ValueOf):
            substituted.append(piece)
            continue
        values = facts.get(piece.fact, ())
        text = piece.default if not values else values[0] if len(values) == 1 else None
        if text is None or (":" in text and not piece.across_colons):
            return None
        substituted.append(Exactly(text))
    return tuple(substituted)


@lru_cache(maxsize=4096)
def _compiled(pieces: tuple[Piece, ...], *, ignore_case: bool) -> re.Pattern[str]:
    flags = re.DOTALL | re.ASCII | (re.IGNORECASE if ignore_case else 0)
    return re.compile("".join(_expression(piece) for piece in pieces), flags)


def _expression(piece: Piece) -> str:
    match piece:
        case Exactly(text):
            return re.escape(text)
        case Run(of):
            return f"{of.expression}*"
        case One(of):
            return of.expression
        case ValueOf(fact):
            raise AssertionError(f"the value of {fact} was not put in its place")
