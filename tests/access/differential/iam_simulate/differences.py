"""What iam-simulate does otherwise than AWS documents."""

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
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
    without_escapes,
    without_set_operator,
)
from tests.access.differential.naming import with_principals
from tests.access.differential.rewriting import (
    NOTHING,
    VARIABLE,
    Condition,
    never,
    substituted,
    substituted_if_valued,
    with_conditions,
    with_resources,
)

COUNTED: Final = frozenset({"aws:EpochTime"})
"""The keys that count seconds."""


def _federated_by_namesake(case: Case) -> Case:
    """A federated session of the user whom iam-simulate takes for the one behind it: one of its own name, no path."""
    caller = case.caller
    if caller.kind is not Kind.FEDERATED:
        return case
    namesake = f"arn:aws:iam::{caller.account}:user/{caller.name}"

    def renamed(statement: Statement) -> Statement:
        principal = statement.get("Principal")
        if not isinstance(principal, dict) or "AWS" not in principal:
            return statement
        others = [one for one in listed(principal["AWS"]) if one != namesake]
        names = [namesake if one == caller.issuer_arn else one for one in others]
        return {**statement, "Principal": {**principal, "AWS": names}} if names else never(statement)

    said = with_principals(case, renamed, Part.RESOURCE)
    return replace(said, caller=replace(caller, issuer_arn=namesake))


def _absent_key_of_any_value(case: Case) -> Case:
    """What `ForAnyValue:…IfExists` comes to where the key is absent: it holds."""

    def change(condition: Condition) -> Condition | bool:
        absent = not case.holds(condition.key)
        return True if condition.prefix == "foranyvalue" and condition.if_exists and absent else condition

    return with_conditions(case, change)


def _variables_without_value(case: Case) -> Case:
    """What has a variable without a value, as a value that matches nothing."""

    def valued(text: str) -> str:
        return NOTHING if substituted(text, case) is None else text

    said = with_resources(case, lambda one: [valued(one)])
    return with_conditions(said, lambda condition: condition.of(values=(valued(one) for one in condition.values)))


def _variables_with_empty_value(case: Case) -> Case:
    """Variables whose value is the empty text, left away."""

    def change(text: str) -> str:
        return VARIABLE.sub(lambda found: "" if case.holds(found[1]) == ("",) else found[0], text)

    said = with_resources(case, lambda one: [change(one)])
    return with_conditions(said, lambda condition: condition.of(values=(change(one) for one in condition.values)))


def _seconds_since_1970(case: Case) -> Case:
    """Instants as the W3C writes them, wherever they are counted in seconds."""

    def written(value: str) -> str:
        return datetime.fromtimestamp(int(value), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value.isdigit() else value

    def change(condition: Condition) -> Condition | bool:
        if not condition.base.startswith("date"):
            return condition
        return condition.of(values=(written(one) for one in condition.values))

    epoch = {key: tuple(written(one) for one in values) for key, values in case.context.items() if key in COUNTED}
    return replace(with_conditions(case, change), context={**case.context, **epoch})


def _variables_in_resources(case: Case) -> Case:
    """Resources with the values of their variables."""
    return with_resources(case, lambda resource: [substituted_if_valued(resource, case, resource)])


def _whole_arns(case: Case) -> Case:
    """Resources of six parts, where a `*` at a part's end stands for several."""
    return with_resources(case, _expansions)


def _expansions(resource: str) -> list[str]:
    parts = resource.split(":")
    missing = 6 - len(parts)
    if resource == "*" or missing <= 0:
        return [resource]
    ends = [at for at, part in enumerate(parts) if part.endswith("*")]
    return [":".join([*parts[: at + 1], *["*"] * missing, *parts[at + 1 :]]) for at in ends] or [NOTHING]


def _addresses_as_blocks(case: Case) -> Case:
    """Addresses to compare with, as the block that holds nothing else."""

    def change(condition: Condition) -> Condition | bool:
        if not condition.base.endswith("ipaddress"):
            return condition
        return condition.of(values=(str(ip_network(one)) for one in condition.values))

    return with_conditions(case, change)


def _variables_in_arns(case: Case) -> Case:
    """ARNs to compare with, with the values of their variables."""

    def change(condition: Condition) -> Condition | bool:
        if not condition.base.startswith("arn"):
            return condition
        return condition.of(values=(substituted_if_valued(one, case, one) for one in condition.values))

    return with_conditions(case, change)


KNOWN: Final = (
    Difference(
        name="owner's actions",
        page=SQS_LIMITATIONS,
        documented="cross-account permissions do not apply to `DeleteQueue`, `SetQueueAttributes`, `TagQueue`, …",
        theirs="allows them to another account when both sides' policies do",
        rewrite=owners_alone,
    ),
    Difference(
        name="user of a federated session",
        page=EVALUATION,
        documented="a grant to the IAM user who asked for the token reaches the federated session",
        theirs="takes the session's own name for the user's, and no path",
        rewrite=_federated_by_namesake,
    ),
    Difference(
        name="federated without a session policy",
        page=FEDERATION,
        documented="without a session policy a federated user has only what a resource grants to it by name",
        theirs="gives it all that its user has",
        rewrite=federated_without_session_policy,
    ),
    Difference(
        name="NotPrincipal with Deny",
        page=NOT_PRINCIPAL,
        documented="account, role and session might each be looked at, so all are to be listed",
        theirs="spares whoever is listed in one of these ways; ours spares only whoever is listed in all",
        rewrite=not_principal,
        settled=False,
    ),
    Difference(
        name="ForAnyValue with IfExists",
        page=CONDITION_OPERATORS,
        documented="`IfExists` can be added to every operator but `Null`, and holds where the key is absent",
        theirs="ignores it after `ForAnyValue`, as AWS does by its author's account",
        rewrite=_absent_key_of_any_value,
    ),
    Difference(
        name="direct grant in a session",
        page=EVALUATION,
        documented="what a resource's policy grants to the session itself is not limited by the session's policy",
        theirs="requires the session's policy to allow everything",
        rewrite=unlimited_grant,
    ),
    Difference(
        name="variable without a value",
        page=VARIABLES,
        documented="nothing equals a value that is not there, so negated operators match, and so does NotResource",
        theirs="lets negated operators and NotResource fail",
        rewrite=_variables_without_value,
    ),
    Difference(
        name="empty value",
        page=CONDITION_OPERATORS,
        documented="an empty text is a null data set: `Null` and `ForAllValues` hold, `ForAnyValue` does not",
        theirs="takes it for a value like others",
        rewrite=empty_value,
    ),
    Difference(
        name="variable with an empty value",
        page=VARIABLES,
        documented="a variable without a value takes its default; of an empty value nothing is said",
        theirs="takes it for no value; ours puts the empty text in its place",
        rewrite=_variables_with_empty_value,
        settled=False,
    ),
    Difference(
        name="seconds since 1970",
        page=CONDITION_OPERATORS,
        documented="the date operators take W3C dates and seconds since 1970",
        theirs="reads whole numbers as milliseconds, so that they never meet a W3C date",
        rewrite=_seconds_since_1970,
    ),
    Difference(
        name="variable in a Resource",
        page=VARIABLES,
        documented="policy variables can be used in the Resource element",
        theirs="cuts the ARN's last part at its first colon or slash, which may be a variable's own",
        rewrite=_variables_in_resources,
    ),
    Difference(
        name="wildcard across parts",
        page=RESOURCE,
        documented="a `*` at the end of an ARN's part can stand for what follows the colon too",
        theirs="matches part by part; an ARN of fewer parts matches only if a `*` ends it, in NotResource never",
        rewrite=_whole_arns,
    ),
    Difference(
        name="address of the other family",
        page=CONDITION_OPERATORS,
        documented="`NotIpAddress` holds for all addresses but those given",
        theirs="lets it fail for an IPv6 address where one IPv4 address is given, and the other way round",
        rewrite=_addresses_as_blocks,
    ),
    Difference(
        name="variable in an ARN to compare with",
        page=VARIABLES,
        documented="policy variables can be used with the ARN operators",
        theirs="cuts the ARN at its colons before it looks for variables, which have colons of their own",
        rewrite=_variables_in_arns,
    ),
    Difference(
        name="escape without wildcards",
        page=VARIABLES,
        documented="`${*}`, `${?}` and `${$}` stand for the characters wherever a policy variable can stand",
        theirs="compares with the text `${*}` itself where the operator has no wildcards",
        rewrite=without_escapes,
    ),
    Difference(
        name="several values without a set operator",
        page=SEVERAL_VALUES,
        documented="a key that may have several values needs a set operator; what happens without one is left open",
        theirs="never matches without one; ours compares if there is one value, and matches none of several",
        rewrite=without_set_operator,
        settled=False,
    ),
)
