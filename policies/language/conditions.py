"""Conditions that can hold: an Allow that never applies grants nothing, a Deny that never applies denies nothing."""

import re
from collections.abc import Mapping
from ipaddress import ip_network
from itertools import groupby
from operator import attrgetter

from pulumi_policy import Severity

from access.documents import ANYBODY, Condition, MalformedDocumentError, Statement
from access.evaluator import holds
from policies.language.condition_keys import BY_SERVICE, KEYS, NOT_THROUGH_ENDPOINT, THROUGH_ENDPOINT, ConditionKey
from policies.language.known import Possible, known_of, known_of_queues
from policies.language.satisfiable import bare_operator, can_hold_together, family, formula_of, holds_when_absent
from policies.reading.documents import ALL_CARRIERS, Document, on_documents
from policies.reading.patterns import ONE, RUN
from policies.rule import ResourceRule, Violations
from policies.settings import RuleSettings

_EXCLUSIVE = (
    (THROUGH_ENDPOINT, NOT_THROUGH_ENDPOINT, "a request through a VPC endpoint has no aws:SourceIp"),
    (THROUGH_ENDPOINT, BY_SERVICE, "a service that asks as itself comes through no VPC endpoint"),
)
# RFC 1918 and RFC 4193.
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
_COMPARES_LITERALLY = frozenset(
    {"stringequals", "stringnotequals", "stringequalsignorecase", "stringnotequalsignorecase"}
)


def conditions_can_hold(document: Document, _settings: RuleSettings) -> Violations:
    """The conditions of every statement can be read, fit their keys, and can hold all at once.

    What is found (IAM user guide, "Condition operators" and "AWS global condition context keys"):

    - an operator that does not exist, a value that it cannot compare, an empty list of values;
    - an operator that does not fit its key's type, such as StringEquals on aws:SourceIp, or that knows one value where
      the key may have several;
    - a value that its key never has: a VPC's id under aws:SourceVpce, a session's ARN under aws:PrincipalArn, a
      wildcard where the operator knows none, a private address under aws:SourceIp;
    - conditions on one key that exclude each other: two values at once, a date before and after, present and absent;
    - keys that are never there together, such as aws:SourceVpc and aws:SourceIp; or never with whom the statement is
      for, such as aws:SourceArn for a role, or aws:SourceVpc for a service;
    - values that the key never has with whom, or with which queue, the statement is for: another role's ARN, another
      account, another region.

    No public scanner looks for these, so there is no id to cite; IAM Access Analyzer's policy checks tell a few.
    """
    for statement in document.statements:
        unread = False
        for condition in statement.conditions:
            if problem := _unreadable(condition, statement) or _misfit(condition):
                unread = True
                yield f"{document.at(statement)} has a condition that cannot be met as it is meant: {problem}"
        if not unread and (problem := _problem(statement)):
            effect = "allows nothing" if statement.allows else "denies nothing"
            yield f"{document.at(statement)} {effect}, as its conditions never hold together: {problem}"


def _unreadable(condition: Condition, statement: Statement) -> str | None:
    try:
        formula_of(condition, variables=statement.variables)
    except MalformedDocumentError as error:
        return f"{_words(condition)}: {error}"
    return None


def _misfit(condition: Condition) -> str | None:
    key = KEYS.get(condition.key)
    operator = bare_operator(condition.operator)
    if key is None or operator == "null":
        return None
    if family(operator) not in key.type.value:
        return f"{_words(condition)}: {key.name} is compared by {' or '.join(sorted(key.type.value))} operators"
    if key.several and ":" not in condition.operator:
        return f"{_words(condition)}: {key.name} may have several values; begin with ForAnyValue: or ForAllValues:"
    for value in condition.values:
        if reason := _never_has(key, value, operator):
            return f"{_words(condition)}: {key.name} is never {value}; {reason}"
    return None


def _never_has(key: ConditionKey, value: str, operator: str) -> str | None:
    """Why a key never has a value; None where it may."""
    if key.form and "${" not in value:
        form, words = key.form
        if operator in _COMPARES_LITERALLY and (RUN in value or ONE in value):
            return "a wildcard is plain text to this operator"
        if not value.startswith(RUN) and not re.fullmatch(form, value):
            return f"it is {words}"
    if key.name == "aws:SourceIp" and _is_private(value):
        return "it is a public address; aws:VpcSourceIp is the private one"
    return None


def _is_private(value: str) -> bool:
    network = ip_network(value, strict=False)
    return any(network[0] in one and network[-1] in one for one in _PRIVATE)


def _problem(statement: Statement) -> str | None:
    return _contradiction(statement) or _never_there(statement) or _never_of_whom(statement) or _elsewhere(statement)


def _contradiction(statement: Statement) -> str | None:
    by_key = sorted(statement.conditions, key=attrgetter("key"))
    for key, group in groupby(by_key, key=attrgetter("key")):
        conditions = list(group)
        known = KEYS.get(key)
        if not can_hold_together(conditions, variables=statement.variables, always=known is not None and known.always):
            return " and ".join(map(_words, conditions))
    return None


def _never_there(statement: Statement) -> str | None:
    needed = {one.key: one for one in statement.conditions if not _holds_when_absent(one, statement)}
    for some, others, reason in _EXCLUSIVE:
        if (left := some & needed.keys()) and (right := others & needed.keys()):
            return f"{_words(needed[min(left)])} and {_words(needed[min(right)])}: {reason}"
    if (by_service := BY_SERVICE & needed.keys()) and _names_callers_only(statement):
        return f"{_words(needed[min(by_service)])}: the key is there when a service asks as itself, and none is named"
    return None


def _never_of_whom(statement: Statement) -> str | None:
    """The condition that a request of none of those fulfils whom the statement names."""
    named = statement.principals.everyone if statement.principals else ()
    failing = [_failing(statement, known_of(one, statement.conditions)) for one in named]
    if failing and (never := failing[0]) and all(failing):
        return f"{_words(never)}: it is never true of {', '.join(named)}"
    return None


def _elsewhere(statement: Statement) -> str | None:
    """The condition that no request for the queues fulfils that the statement names."""
    if never := _failing(statement, known_of_queues(statement)):
        return f"{_words(never)}: it is never true of a request for {', '.join(statement.resources)}"
    return None


def _failing(statement: Statement, known: Mapping[str, Possible]) -> Condition | None:
    """The first condition that is false whichever way its key can be."""
    return next((one for one in statement.conditions if one.key in known and _is_false(one, statement, known)), None)


def _is_false(condition: Condition, statement: Statement, known: Mapping[str, Possible]) -> bool:
    if any("${" in value for value in condition.values):
        return False
    formula = formula_of(condition, variables=statement.variables)
    return not any(holds(formula, {condition.key: values}) for values in known[condition.key])


def _holds_when_absent(condition: Condition, statement: Statement) -> bool:
    return holds_when_absent(condition, variables=statement.variables)


def _names_callers_only(statement: Statement) -> bool:
    principals = statement.principals
    return principals is not None and bool(principals.aws) and ANYBODY not in principals.aws and not principals.services


def _words(condition: Condition) -> str:
    return f"{condition.operator} {condition.key} {', '.join(condition.values) or 'nothing'}"


CONDITIONS_CAN_HOLD = ResourceRule(
    name="policy-conditions-can-hold",
    description="The conditions of every statement can hold.",
    remediation="Write values that the key can have, with an operator of its type, and drop what excludes the rest.",
    severity=Severity.HIGH,
    controls=(),
    settings=RuleSettings,
    types=ALL_CARRIERS,
    check=on_documents(conditions_can_hold),
)
