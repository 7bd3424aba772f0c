"""Ways to say a policy otherwise, by AWS's documented rules, for evaluators that do not know a way of saying it."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tests.access.differential.case import Case, Part, Statement, listed

NEVER_ASKED: Final = "sqs:ListQueues"
"""An action that no case asks for: a statement about it alone never applies."""
NOTHING: Final = "arn:aws:nothing:::nothing"
"""A value that nothing in a case is equal to."""
VARIABLE: Final = re.compile(r"\$\{([^,{}]+?)\s*(?:,\s*'([^']*)'\s*)?\}")
"""A policy variable: its key, and its default if it has one."""


@dataclass(frozen=True)
class Condition:
    """One operator, key and its values, as they are written."""

    operator: str
    key: str
    values: tuple[str, ...]

    def of(self, *, operator: str | None = None, values: Iterable[str] | None = None) -> "Condition":
        """The same key with another operator or other values."""
        return Condition(operator or self.operator, self.key, self.values if values is None else tuple(values))

    @property
    def prefix(self) -> str:
        """`forallvalues`, `foranyvalue`, or nothing."""
        return self.operator.lower().partition(":")[0] if ":" in self.operator else ""

    @property
    def base(self) -> str:
        """The operator without prefix and suffix, in lower case."""
        return self.operator.lower().rpartition(":")[2].removesuffix("ifexists")

    @property
    def negated(self) -> bool:
        """Whether it holds when nothing matches."""
        return "not" in self.base

    @property
    def if_exists(self) -> bool:
        """Whether it holds when the key is absent."""
        return self.operator.lower().endswith("ifexists")


ConditionChange = Callable[[Condition], Condition | bool]
"""Gives a condition in place of another, or what it comes to: always true or always false."""


def never(statement: Statement) -> Statement:
    """The statement, made to apply to nothing."""
    kept = {name: value for name, value in statement.items() if name not in {"Action", "NotAction", "Condition"}}
    return {**kept, "Action": NEVER_ASKED}


def with_conditions(case: Case, change: ConditionChange, parts: Collection[Part] = tuple(Part)) -> Case:
    """The case with each condition changed, dropped where it is always true, its statement where always false.

    Args:
        case: The case.
        change: What becomes of a condition.
        parts: In which policies.
    """

    def changed(part: Part, statement: Statement) -> Statement:
        if part not in parts:
            return statement
        said = [change(condition) for condition in conditions(statement)]
        if False in said:
            return never(statement)
        return with_block(statement, [one for one in said if isinstance(one, Condition)])

    return case.rewritten(changed)


def with_block(statement: Statement, said: Iterable[Condition]) -> Statement:
    """The statement with these conditions in place of its own."""
    block: dict[str, dict[str, list[str]]] = {}
    for condition in said:
        block.setdefault(condition.operator, {})[condition.key] = list(condition.values)
    rest = {name: value for name, value in statement.items() if name != "Condition"}
    return {**rest, "Condition": block} if block else rest


def conditions(statement: Statement) -> list[Condition]:
    """All conditions of a statement."""
    block = statement.get("Condition", {})
    if not isinstance(block, Mapping):
        raise TypeError(f"no condition block: {block!r}")
    return [
        Condition(operator, key, tuple(listed(values)))
        for operator, keys in block.items()
        for key, values in keys.items()
    ]


def with_resources(case: Case, change: Callable[[str], list[str]]) -> Case:
    """The case with others in place of each Resource and NotResource; where none is left, nothing matches."""

    def changed(_part: Part, statement: Statement) -> Statement:
        element = "Resource" if "Resource" in statement else "NotResource"
        rest = {name: value for name, value in statement.items() if name != element}
        left = [one for said in listed(statement.get(element)) for one in change(said)]
        if left:
            return {**rest, element: left}
        return never(statement) if element == "Resource" else {**rest, "Resource": "*"}

    return case.rewritten(changed)


def substituted(text: str, case: Case) -> str | None:
    """The text with the values of its policy variables, their special characters as `${*}`; None when one has no value.

    Source: IAM user guide, "Variables and tags", "Policy variables with no value" and "Specifying default values".
    """
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name, default = found[1], found[2]
        if name in {"*", "?", "$"}:
            return found[0]
        held = case.holds(name)
        if len(held) == 1:
            return escaped(held[0])
        missing = missing or bool(held) or default is None
        return escaped(default or "")

    said = VARIABLE.sub(value, text)
    return None if missing else said


def substituted_if_valued(text: str, case: Case, otherwise: str) -> str:
    """The text with the values of its variables; another where one has no value."""
    said = substituted(text, case)
    return otherwise if said is None else said


def escaped(text: str) -> str:
    """The text with its special characters as the variables that stand for the characters themselves."""
    return re.sub(r"[*?$]", lambda found: f"${{{found[0]}}}", text)
