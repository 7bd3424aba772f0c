"""Whether a Deny spares anybody by who he is."""

import re
from collections.abc import Iterable

from access.documents import ANYBODY, Condition, Statement
from access.evaluator import holds
from access.request import Principal
from policies.language.satisfiable import bare_operator, formula_of
from policies.reading.callers import account_of, is_account, whole_account
from policies.reading.patterns import RUN

# What tells one caller from another; a Deny that asks for one of them may spare somebody.
_WHO = re.compile(
    r"aws:(principal(arn|account|orgid|orgpaths|type|tag/.+|isawsservice|servicename|servicenameslist)|userid|username)"
)
# Keys whose negation spares a caller of the queue's account only if it spares them all.
_NAME_NOBODY_HERE = frozenset({"aws:principalaccount", "aws:principalservicename", "aws:principalservicenameslist"})
_UNKNOWN_OF_CALLERS = frozenset({"aws:principalorgid", "aws:principalorgpaths"})


def shuts_out_all(deny: Statement, queues: Iterable[str]) -> bool:
    """Whether a Deny keeps out every role of the queues' account.

    Args:
        deny: The statement.
        queues: What the policy names as Resource.

    Raises:
        MalformedDocumentError: A condition cannot be read.
    """
    whom = deny.principals.aws if deny.principals else ()
    account = next(filter(None, map(account_of, queues)), None)
    accounts = {one for one in map(whole_account, whom) if one}
    if ANYBODY not in whom and not (account in accounts if account else accounts):
        return False
    stranger = _stranger(account or _account_asked_for(deny))
    return not any(
        _is_about_plain_text(one) or _spares_somebody(one, stranger, variables=deny.variables)
        for one in deny.conditions
    )


def _account_asked_for(deny: Statement) -> str:
    """The account that a Deny asks for, where the queue's own is not known."""
    asked = (value for one in deny.conditions if one.key == "aws:principalaccount" for value in one.values)
    return next(filter(is_account, asked), "000000000000")


def _stranger(account: str) -> Principal:
    """A role of the account that no policy names."""
    return Principal.role_session(f"arn:aws:iam::{account}:role/\N{REPLACEMENT CHARACTER}", "any", role_id="AROA")


def _is_about_plain_text(condition: Condition) -> bool:
    return condition.key == "aws:securetransport" and condition.values == ("false",)


def _spares_somebody(condition: Condition, stranger: Principal, *, variables: bool) -> bool:
    """Whether a condition of a Deny spares somebody by who he is: whoever is not named, or by a negation who is."""
    if not _WHO.fullmatch(condition.key):
        return False
    if condition.key not in _UNKNOWN_OF_CALLERS and not holds(
        formula_of(condition, variables=variables), stranger.facts
    ):
        return True
    is_negated = "not" in bare_operator(condition.operator)
    return is_negated and condition.key not in _NAME_NOBODY_HERE and RUN not in condition.values
