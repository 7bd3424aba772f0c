"""What AWS documents and both other evaluators do otherwise, said so that they understand it."""

import re
from typing import Final

from tests.access.differential.case import Case, Kind, Part, Statement, document, statements
from tests.access.differential.generation import vocabulary
from tests.access.differential.naming import named, plain_principals, with_principals
from tests.access.differential.rewriting import Condition, never, with_conditions

USER_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
SQS_GUIDE: Final = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide"

CONDITION_KEYS: Final = f"{USER_GUIDE}/reference_policies_condition-keys.html"
CONDITION_OPERATORS: Final = f"{USER_GUIDE}/reference_policies_elements_condition_operators.html"
EVALUATION: Final = f"{USER_GUIDE}/reference_policies_evaluation-logic_policy-eval-denyallow.html"
FEDERATION: Final = "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html"
NOT_PRINCIPAL: Final = f"{USER_GUIDE}/reference_policies_elements_notprincipal.html"
RESOURCE: Final = f"{USER_GUIDE}/reference_policies_elements_resource.html"
SEVERAL_VALUES: Final = f"{USER_GUIDE}/reference_policies_condition-single-vs-multi-valued-context-keys.html"
SQS_KEYS: Final = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html"
SQS_LIMITATIONS: Final = f"{SQS_GUIDE}/sqs-limitations-of-custom-policies.html"
VARIABLES: Final = f"{USER_GUIDE}/reference_policies_variables.html"

_ALLOW_ALL: Final = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def owners_alone(case: Case) -> Case:
    """A queue policy's Allows of what the owner's account alone may do, made to be about nothing for other accounts."""
    if case.action not in vocabulary.OWNERS_ALONE or not case.crosses_accounts or not case.caller.has_policies:
        return case
    return with_principals(case, lambda one: never(one) if one["Effect"] == "Allow" else one, Part.RESOURCE)


def not_principal(case: Case) -> Case:
    """A resource's policy without NotPrincipal."""
    return plain_principals(case, Part.RESOURCE)


def unlimited_grant(case: Case) -> Case:
    """What the resource's policy grants to the caller directly, alone: nothing else grants, and no limit is too narrow.

    Denies stay where they are.
    """
    if case.crosses_accounts or not (case.documents(Part.SESSION) or case.documents(Part.BOUNDARY)):
        return case
    alone = _directly_granted(case)
    for part in (Part.BOUNDARY, Part.SESSION):
        widened = [document(*statements(one), _ALLOW_ALL) for one in alone.documents(part)]
        alone = alone.with_documents(part, *widened) if widened else alone
    return alone


def federated_without_session_policy(case: Case) -> Case:
    """What a federated user without a session policy has: what the resource's policy grants to it directly, alone."""
    if case.caller.kind is not Kind.FEDERATED or case.documents(Part.SESSION):
        return case
    return _directly_granted(case)


def _directly_granted(case: Case) -> Case:
    """The case in which nothing grants but the resource's policy, and that to the caller itself or to everybody."""

    def grants_directly(statement: Statement) -> bool:
        return "NotPrincipal" in statement or bool(named(statement["Principal"], case.caller) & {"anybody", "itself"})

    def change(part: Part, statement: Statement) -> Statement:
        grants = part is Part.RESOURCE and grants_directly(statement)
        if statement["Effect"] == "Deny" or grants or part not in {Part.RESOURCE, Part.IDENTITY}:
            return statement
        return never(statement)

    return case.rewritten(change)


def empty_value(case: Case) -> Case:
    """What a set operator or Null comes to on a key whose only value is the empty text."""

    def change(condition: Condition) -> Condition | bool:
        if case.holds(condition.key) != ("",):
            return condition
        if condition.base == "null":
            return "true" in (value.lower() for value in condition.values)
        return condition.prefix == "forallvalues" if condition.prefix else condition

    return with_conditions(case, change)


def without_set_operator(case: Case) -> Case:
    """A key that may hold several values, without a set operator: compared if it holds one, else never matched."""

    def change(condition: Condition) -> Condition | bool:
        key = next((of for name, of in vocabulary.ALL_KEYS.items() if name.lower() == condition.key.lower()), None)
        if key is None or not key.several or condition.prefix or condition.base == "null":
            return condition
        match len(case.holds(condition.key)):
            case 0:
                return condition
            case 1:
                return condition.of(operator=f"ForAnyValue:{condition.operator}")
            case _:
                return False

    return with_conditions(case, change)


def without_escapes(case: Case) -> Case:
    """Texts for operators that have no wildcards, with `*`, `?` and `$` as themselves."""

    def change(condition: Condition) -> Condition | bool:
        if not re.fullmatch(r"string(not)?equals(ignorecase)?", condition.base):
            return condition
        return condition.of(values=(re.sub(r"\$\{([*?$])\}", r"\1", one) for one in condition.values))

    return with_conditions(case, change)
