"""What MiniStack's evaluator does otherwise than AWS documents."""

import re
from dataclasses import replace
from typing import Final

from tests.access.differential.case import Case, Kind, Part, Statement, listed
from tests.access.differential.comparison import Difference
from tests.access.differential.documented import (
    CONDITION_OPERATORS,
    EVALUATION,
    FEDERATION,
    NOT_PRINCIPAL,
    RESOURCE,
    SEVERAL_VALUES,
    SQS_LIMITATIONS,
    VARIABLES,
    empty_value,
    federated_without_session_policy,
    not_principal,
    owners_alone,
    unlimited_grant,
    without_set_operator,
)
from tests.access.differential.naming import with_principals
from tests.access.differential.rewriting import (
    NOTHING,
    Condition,
    substituted_if_valued,
    with_conditions,
    with_resources,
)

STAND_INS: Final = {"*": "\N{ASTERISK OPERATOR}", "?": "\N{FULLWIDTH QUESTION MARK}", "$": "$"}
"""Characters that are no wildcards, in place of those that are: MiniStack has no way to write `${*}`."""


def _variables(case: Case) -> Case:
    """The values of variables in their place, and stand-ins for the characters that are wildcards elsewhere."""

    def change(condition: Condition) -> Condition | bool:
        if not condition.base.startswith(("string", "arn")):
            return condition
        wild = "like" in condition.base or condition.base.startswith("arn")
        values = (substituted_if_valued(one, case, NOTHING) for one in condition.values)
        return condition.of(values=(_unescaped(one, wild=wild) for one in values))

    said = with_resources(case, lambda one: [_unescaped(substituted_if_valued(one, case, NOTHING), wild=True)])
    context = {key: tuple(_unescaped(one, wild=False) for one in values) for key, values in case.context.items()}
    return replace(with_conditions(said, change), context=context)


def _unescaped(text: str, *, wild: bool) -> str:
    """The text with stand-ins for `${*}` and the like, and for plain wildcards too where they have no meaning."""
    pattern = r"\$\{([*?$])\}" if wild else r"\$\{([*?$])\}|([*?])"
    return re.sub(pattern, lambda found: STAND_INS[found[1] or found[2]], text)


def _arns_part_by_part(case: Case) -> Case:
    """ARNs to compare with, but for those that the request's ARN matches only across its colons."""

    def change(condition: Condition) -> Condition | bool:
        if not condition.base.startswith("arn"):
            return condition
        held = case.holds(condition.key)
        return condition.of(
            values=(one if all(_by_parts(one, arn) for arn in held) else NOTHING for one in condition.values)
        )

    return with_conditions(case, change)


def _by_parts(pattern: str, arn: str) -> bool:
    parts = zip(pattern.split(":", 5), arn.split(":", 5), strict=False)
    return all(_matches(of_pattern, of_arn) for of_pattern, of_arn in parts)


def _resources_within_parts(case: Case) -> Case:
    """Resources, but for those that match only because a wildcard within a part crosses a colon."""
    return with_resources(case, lambda one: [one if _matches(one, case.resource) else NOTHING])


def _matches(pattern: str, text: str) -> bool:
    """Whether a pattern matches when only a `*` at the end of a part may cross a colon."""
    expression = ""
    for at, one in enumerate(pattern):
        crossing = pattern[at + 1 : at + 2] in {":", ""}
        expression += {"*": ".*" if crossing else "[^:]*", "?": "[^:]"}.get(one, re.escape(one))
    return re.fullmatch(expression, text) is not None


def _federated_by_name(case: Case) -> Case:
    """The federated session's own ARN beside that of the user behind it."""
    caller = case.caller
    if caller.kind is not Kind.FEDERATED:
        return case

    def named_too(statement: Statement) -> Statement:
        principal = statement.get("Principal")
        names = listed(principal.get("AWS")) if isinstance(principal, dict) else []
        if caller.issuer_arn not in names or not isinstance(principal, dict):
            return statement
        return {**statement, "Principal": {**principal, "AWS": [*names, caller.arn]}}

    return with_principals(case, named_too, Part.RESOURCE)


KNOWN: Final = (
    Difference(
        name="owner's actions",
        page=SQS_LIMITATIONS,
        documented="cross-account permissions do not apply to `DeleteQueue`, `SetQueueAttributes`, `TagQueue`, …",
        theirs="allows them to another account when both sides' policies do; the local stack adds the rule",
        rewrite=owners_alone,
    ),
    Difference(
        name="federated without a session policy",
        page=FEDERATION,
        documented="without a session policy a federated user has only what a resource grants to it by name",
        theirs="gives it all that its user has",
        rewrite=federated_without_session_policy,
    ),
    Difference(
        name="NotPrincipal",
        page=NOT_PRINCIPAL,
        documented="a statement with NotPrincipal is about everybody who is not listed",
        theirs="leaves such a statement out",
        rewrite=not_principal,
    ),
    Difference(
        name="grant to everybody",
        page=EVALUATION,
        documented="what a resource's policy grants to `*` is not limited by a boundary or a session's policy",
        theirs="limits it, as it does a grant to a federated session",
        rewrite=unlimited_grant,
    ),
    Difference(
        name="user of a federated session",
        page=EVALUATION,
        documented="a grant to the IAM user who asked for the token reaches the federated session",
        theirs="does not know whose session it is",
        rewrite=_federated_by_name,
    ),
    Difference(
        name="empty value",
        page=CONDITION_OPERATORS,
        documented="an empty text is a null data set: `Null` and `ForAllValues` hold, `ForAnyValue` does not",
        theirs="takes it for a value like others",
        rewrite=empty_value,
    ),
    Difference(
        name="policy variables",
        page=VARIABLES,
        documented="variables stand for the values of condition keys, `${*}` and the like for the characters",
        theirs="takes them for plain text",
        rewrite=_variables,
    ),
    Difference(
        name="ARN part by part",
        page=CONDITION_OPERATORS,
        documented="the ARN operators check each of the six parts by itself",
        theirs="lets a wildcard cross the colons",
        rewrite=_arns_part_by_part,
    ),
    Difference(
        name="wildcard within a part",
        page=RESOURCE,
        documented="in a Resource only a `*` at the end of a part can cross a colon",
        theirs="lets every wildcard cross it",
        rewrite=_resources_within_parts,
    ),
    Difference(
        name="several values without a set operator",
        page=SEVERAL_VALUES,
        documented="a key that may have several values needs a set operator; what happens without one is left open",
        theirs="compares the list's text; ours compares if there is one value, and matches none of several",
        rewrite=without_set_operator,
        settled=False,
    ),
)
