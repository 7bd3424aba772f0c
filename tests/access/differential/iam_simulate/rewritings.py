"""What AWS documents and iam-simulate alone does otherwise, said so that it understands it."""

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Final

from tests.access.differential.case import Case, Kind, Part, Statement, listed
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


def federated_by_namesake(case: Case) -> Case:
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


def absent_key_of_any_value(case: Case) -> Case:
    """What `ForAnyValue:…IfExists` comes to where the key is absent: it holds."""

    def change(condition: Condition) -> Condition | bool:
        absent = not case.holds(condition.key)
        return True if condition.prefix == "foranyvalue" and condition.if_exists and absent else condition

    return with_conditions(case, change)


def variables_without_value(case: Case) -> Case:
    """What has a variable without a value, as a value that matches nothing."""

    def valued(text: str) -> str:
        return NOTHING if substituted(text, case) is None else text

    said = with_resources(case, lambda one: [valued(one)])
    return with_conditions(said, lambda condition: condition.of(values=(valued(one) for one in condition.values)))


def variables_with_empty_value(case: Case) -> Case:
    """Variables whose value is the empty text, left away."""

    def change(text: str) -> str:
        return VARIABLE.sub(lambda found: "" if case.holds(found[1]) == ("",) else found[0], text)

    said = with_resources(case, lambda one: [change(one)])
    return with_conditions(said, lambda condition: condition.of(values=(change(one) for one in condition.values)))


def seconds_since_1970(case: Case) -> Case:
    """Instants as the W3C writes them, wherever they are counted in seconds."""

    def written(value: str) -> str:
        return datetime.fromtimestamp(int(value), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value.isdigit() else value

    def change(condition: Condition) -> Condition | bool:
        if not condition.base.startswith("date"):
            return condition
        return condition.of(values=(written(one) for one in condition.values))

    epoch = {key: tuple(written(one) for one in values) for key, values in case.context.items() if key in COUNTED}
    return replace(with_conditions(case, change), context={**case.context, **epoch})


def variables_in_resources(case: Case) -> Case:
    """Resources with the values of their variables."""
    return with_resources(case, lambda resource: [substituted_if_valued(resource, case, resource)])


def whole_arns(case: Case) -> Case:
    """Resources of six parts, where a `*` at a part's end stands for several."""
    return with_resources(case, _expansions)


def _expansions(resource: str) -> list[str]:
    parts = resource.split(":")
    missing = 6 - len(parts)
    if resource == "*" or missing <= 0:
        return [resource]
    ends = [at for at, part in enumerate(parts) if part.endswith("*")]
    return [":".join([*parts[: at + 1], *["*"] * missing, *parts[at + 1 :]]) for at in ends] or [NOTHING]


def addresses_as_blocks(case: Case) -> Case:
    """Addresses to compare with, as the block that holds nothing else."""

    def change(condition: Condition) -> Condition | bool:
        if not condition.base.endswith("ipaddress"):
            return condition
        return condition.of(values=(str(ip_network(one)) for one in condition.values))

    return with_conditions(case, change)


def variables_in_arns(case: Case) -> Case:
    """ARNs to compare with, with the values of their variables."""

    def change(condition: Condition) -> Condition | bool:
        if not condition.base.startswith("arn"):
            return condition
        return condition.of(values=(substituted_if_valued(one, case, one) for one in condition.values))

    return with_conditions(case, change)
