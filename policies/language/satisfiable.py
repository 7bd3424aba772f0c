"""Whether conditions on one key can hold together, by trying every value that could make a difference.

What a condition means is `access.conditions`' business; here is only what to try, and when that is all there is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from ipaddress import ip_network
from itertools import islice, pairwise, product

from access.documents import Condition
from access.evaluator import holds
from access.meaning.conditions import condition_formula
from access.meaning.measures import Measure
from policies.reading.patterns import overlap

_LITERAL = frozenset({"stringequals", "stringequalsignorecase", "bool", "binaryequals"})
_PATTERN = frozenset({"stringlike", "arnlike", "arnequals"})
_MEASURES = {"numeric": Measure.NUMBER, "date": Measure.INSTANT}
_FAMILIES = ("string", "arn", "bool", "binary", "ip", "numeric", "date", "null")
_ORDERED = frozenset(_MEASURES)
_ANOTHER_TEXT = "\N{NULL}"
_MISSING: list[tuple[str, ...]] = [(), ("",)]  # to Null an empty value is none


formula_of = lru_cache(maxsize=2048)(condition_formula)
"""`access.conditions.condition_formula`, worked out once for each condition: several rules ask for the same ones."""


def family(operator: str) -> str:
    """What an operator compares: `string`, `arn`, `bool`, `binary`, `ip`, `numeric`, `date` or `null`."""
    bare = bare_operator(operator).removeprefix("not")
    return next((one for one in _FAMILIES if bare.startswith(one)), bare)


def bare_operator(operator: str) -> str:
    """An operator without its set prefix and IfExists."""
    return operator.rpartition(":")[2].removesuffix("ifexists")


def holds_when_absent(condition: Condition, *, variables: bool) -> bool:
    """Whether a condition holds where its key is absent.

    Raises:
        MalformedDocumentError: When it cannot be read.
    """
    return holds(formula_of(condition, variables=variables), {})


def can_hold_together(conditions: Sequence[Condition], *, variables: bool, always: bool = False) -> bool:
    """Whether conditions on one key can hold together. Where that cannot be told, they can.

    Args:
        conditions: The conditions, all of one key.
        variables: Whether policy variables are known to the policy's version.
        always: Whether the key is on every request.

    Raises:
        MalformedDocumentError: When a condition cannot be read.
    """
    formulas = [formula_of(one, variables=variables) for one in conditions]
    tried = [(value,) for value in (*_values(conditions), _ANOTHER_TEXT)] + ([] if always else _MISSING)
    if any(all(holds(formula, {conditions[0].key: values}) for formula in formulas) for values in tried):
        return True
    if any(":" in one.operator for one in conditions):  # a key with several values may do what none of them does
        return not any(_is_about_absence(one) for one in conditions)
    is_there = always or any(not holds(formula, {}) for formula in formulas)
    if is_there:  # then IfExists takes nothing from a condition
        conditions = [replace(one, operator=bare_operator(one.operator)) for one in conditions]
    return not (_is_all_there_is(conditions) or _patterns_part(conditions))


def _is_about_absence(condition: Condition) -> bool:
    return condition.operator == "null" and {one.lower() for one in condition.values} == {"true"}


def _is_all_there_is(conditions: Sequence[Condition]) -> bool:
    """Whether no value can hold that has not been tried."""
    if any("${" in value for one in conditions for value in one.values):
        return False
    families = {family(one.operator) for one in conditions} - {"null"}
    listed = any(one.operator in _LITERAL or _is_about_absence(one) for one in conditions)
    return listed or families <= _ORDERED or families == {"ip"}


def _patterns_part(conditions: Sequence[Condition]) -> bool:
    """Whether there are two conditions whose patterns no text matches both of."""
    patterns = [one.values for one in conditions if one.operator in _PATTERN]
    return any(
        not any(overlap(left, right) for left, right in product(some, others))
        for position, some in enumerate(patterns)
        for others in patterns[position + 1 :]
    )


def _values(conditions: Sequence[Condition]) -> Iterator[str]:
    sizes: list[Fraction] = []
    listed = sum(len(one.values) for one in conditions)
    for condition in conditions:
        kind = family(condition.operator)
        if kind == "ip":
            yield from _edges(condition.values)
        elif kind in _MEASURES:
            sizes += [size for one in condition.values if (size := _MEASURES[kind].of(one)) is not None]
        elif bare_operator(condition.operator).endswith("ignorecase"):  # one spelling more than others can rule out
            yield from (text for value in condition.values for text in islice(_spellings(value), listed + 1))
        else:
            yield from condition.values
    yield from _points(sorted(set(sizes)))


def _spellings(text: str) -> Iterator[str]:
    """A text in every mixture of capitals and small letters."""
    letters = ((one, other) if (other := one.swapcase()) != one else (one,) for one in text)
    return ("".join(chosen) for chosen in product(*letters))


def _points(sizes: Sequence[Fraction]) -> Iterator[str]:
    """Every size, one between each two, one before and one after them all."""
    if sizes:
        between = [(low + high) / 2 for low, high in pairwise(sizes)]
        for one in (*sizes, *between, sizes[0] - 1, sizes[-1] + 1):
            yield f"{Decimal(one.numerator) / Decimal(one.denominator):f}"


def _edges(networks: Iterable[str]) -> Iterator[str]:
    """The first and the last address of each network, and their neighbours."""
    for text in networks:
        network = ip_network(text, strict=False)
        yield from (str(network[0]), str(network[-1]))
        if network[0] != network.supernet(new_prefix=0)[0]:
            yield str(network[0] - 1)
        if network[-1] != network.supernet(new_prefix=0)[-1]:
            yield str(network[-1] + 1)
