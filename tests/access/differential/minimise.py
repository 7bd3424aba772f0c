"""Makes a case on which two evaluators differ as small as it gets while they still do, so that somebody can read it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from tests.access.differential.case import Case, Document, Statement, document, listed, statements
from tests.access.differential.generation.requests import caller_keys

Still = Callable[[Sequence[Case]], list[bool]]
"""Says of each case whether the evaluators still differ on it."""

LISTS: Final = ("Action", "NotAction", "Resource", "NotResource")


def minimised(case: Case, still: Still, *, keep_request: bool) -> Case:
    """The smallest case found by leaving out one thing at a time.

    Args:
        case: A case on which the evaluators differ.
        still: Says of smaller ones whether they still do.
        keep_request: Whether the request must stay as it is, since it is a real one.
    """
    smaller = [*_with_less_policy(case), *(() if keep_request else _with_fewer_keys(case))]
    kept = next((one for one, differs in zip(smaller, still(smaller), strict=True) if differs), None)
    return case if kept is None else minimised(kept, still, keep_request=keep_request)


def _with_less_policy(case: Case) -> Iterator[Case]:
    """The case with one thing left out of its policies, the large things first."""
    for part, documents in case.policies.items():
        for at in range(len(documents)):
            left = documents[:at] + documents[at + 1 :]
            yield case.with_documents(part, *left) if left else case.without(part)
        for at, one in enumerate(documents):
            for shorter in _shorter(one):
                yield case.with_documents(part, *documents[:at], shorter, *documents[at + 1 :])


def _with_fewer_keys(case: Case) -> Iterator[Case]:
    """The case with a condition key less."""
    of_caller = caller_keys(case.caller)
    for key in case.context:
        if key not in of_caller and key != "aws:ResourceAccount":
            yield replace(case, context={name: values for name, values in case.context.items() if name != key})


def _shorter(policy: Document) -> Iterator[Document]:
    said = list(statements(policy))
    for at, statement in enumerate(said):
        if len(said) > 1:
            yield document(*said[:at], *said[at + 1 :])
        for simpler in _simpler(statement):
            yield document(*said[:at], simpler, *said[at + 1 :])


def _simpler(statement: Statement) -> Iterator[Statement]:
    if "Sid" in statement:
        yield {name: value for name, value in statement.items() if name != "Sid"}
    condition = statement.get("Condition")
    if isinstance(condition, Mapping):
        for block in _without_one(condition):
            yield {**statement, "Condition": block} if block else _without(statement, "Condition")
    for name in LISTS:
        values = listed(statement.get(name))
        if len(values) > 1:
            for value in values:
                yield {**statement, name: [value]}


def _without_one(condition: Mapping[str, Mapping[str, object]]) -> Iterator[Mapping[str, object]]:
    for operator, keys in condition.items():
        for key, values in keys.items():
            left = _without(keys, key)
            yield {**condition, operator: left} if left else _without(condition, operator)
            if len(listed(values)) > 1:
                for value in listed(values):
                    yield {**condition, operator: {**keys, key: [value]}}


def _without(mapping: Mapping[str, object], key: str) -> Mapping[str, object]:
    return {name: value for name, value in mapping.items() if name != key}
