"""Grants that another statement of the same document takes back."""

from collections.abc import Iterator, Mapping, Sequence

from pulumi_policy import Severity

from access.documents import Condition, MalformedDocumentError, Statement
from access.evaluator import holds
from policies.language.condition_keys import BY_SERVICE, KEYS, NOT_THROUGH_ENDPOINT, THROUGH_ENDPOINT, KeyType
from policies.language.known import Possible, known_of
from policies.language.satisfiable import formula_of, holds_when_absent
from policies.reading.callers import account_of, is_role, role_of, whole_account
from policies.reading.documents import ALL_CARRIERS, Document, on_documents
from policies.reading.patterns import RUN, covers, overlap
from policies.reading.reach import is_about_anybody
from policies.rule import ResourceRule, Violations
from policies.settings import RuleSettings


def no_cancelled_grant(document: Document, _settings: RuleSettings) -> Violations:
    """No Allow is taken back, wholly or for somebody, by a Deny of the same document that always applies with it.

    An explicit Deny wins over any Allow (IAM user guide, "Policy evaluation logic"), so such a grant works for nobody,
    and shows that one of the two statements is not what was meant. A Deny always applies where it is about the same
    principal, action and resource, and each of its conditions is true whatever the request: of the principal's own
    ARN and account, of the values that the Allow asks for, or of keys that are missing with those. No public scanner
    looks for this, so there is no id to cite.
    """
    denies = [one for one in document.statements if not one.allows]
    for allow in document.allows:
        try:
            taken = list(_taken_back(allow, denies))
        except MalformedDocumentError:
            continue  # another rule tells
        for whom, actions, deny in taken:
            yield (
                f"{document.at(allow)} allows {whom}{', '.join(actions)}, and {deny.label} denies it always; change one"
                " of the two"
            )


def _taken_back(allow: Statement, denies: Sequence[Statement]) -> Iterator[tuple[str, list[str], Statement]]:
    asked = _asked_for(allow)
    for principal in allow.principals.everyone if allow.principals else ("",):
        for deny in denies:
            known = {**asked, **known_of(principal, deny.conditions)}
            if not (_is_about(deny, principal) and _covers_resources(deny, allow) and _always_applies(deny, known)):
                continue
            if actions := [one for one in allow.actions or (RUN,) if _covers(deny.actions, deny.not_actions, one)]:
                yield (f"{principal} " if principal else ""), actions, deny


def _is_about(deny: Statement, principal: str) -> bool:
    if not deny.principals:
        return not principal and deny.not_principals is None
    whom, account, role = deny.principals.everyone, account_of(principal), role_of(principal)
    return (
        is_about_anybody(deny)
        or principal in whom
        or (account is not None and account in map(whole_account, whom))
        or (role is not None and any(role_of(one) == role for one in whom if is_role(one)))
    )


def _covers_resources(deny: Statement, allow: Statement) -> bool:
    denied = deny.resources or (() if deny.not_resources else (RUN,))  # a trust policy's statements have none
    return all(_covers(denied, deny.not_resources, one) for one in allow.resources or (RUN,))


def _covers(listed: Sequence[str], excepted: Sequence[str], one: str) -> bool:
    if excepted:
        return not any(overlap(pattern, one) for pattern in excepted)
    return any(covers(pattern, one) for pattern in listed)


def _always_applies(deny: Statement, known: Mapping[str, Possible]) -> bool:
    return all(_is_always_true(one, known, variables=deny.variables) for one in deny.conditions)


def _is_always_true(condition: Condition, known: Mapping[str, Possible], *, variables: bool) -> bool:
    possible = known.get(condition.key) or _possible(condition.key)
    if possible is None or any("${" in value for value in condition.values):
        return False
    formula = formula_of(condition, variables=variables)
    return all(holds(formula, {condition.key: values}) for values in possible)


def _possible(key: str) -> Possible | None:
    """Every way that a key can be; None where there are too many."""
    about = KEYS.get(key)
    if about is None or about.type is not KeyType.TRUTH:
        return None
    return [("true",), ("false",)] if about.always else [("true",), ("false",), ()]


def _asked_for(allow: Statement) -> Mapping[str, Possible]:
    """What the keys say of any request that an Allow is about."""
    asked: dict[str, Possible] = {}
    needed = {one.key for one in allow.conditions if not holds_when_absent(one, variables=allow.variables)}
    if needed & THROUGH_ENDPOINT:
        asked |= {key: [()] for key in (*NOT_THROUGH_ENDPOINT, *BY_SERVICE)}
    if needed & NOT_THROUGH_ENDPOINT:
        asked |= {key: [()] for key in THROUGH_ENDPOINT}
    for one in allow.conditions:
        if one.operator in {"stringequals", "bool"} and not any("${" in value for value in one.values):
            asked[one.key] = [(value,) for value in one.values]
        elif one.operator == "null" and set(one.values) == {"true"}:
            asked[one.key] = [()]
    return asked


NO_CANCELLED_GRANT = ResourceRule(
    name="policy-grants-are-not-cancelled",
    description="No Allow is taken back by a Deny of the same policy.",
    remediation="Spare in the Deny whom the Allow is for, or drop the Allow.",
    severity=Severity.MEDIUM,
    controls=(),
    settings=RuleSettings,
    types=ALL_CARRIERS,
    check=on_documents(no_cancelled_grant),
)
