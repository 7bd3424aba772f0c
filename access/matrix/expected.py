"""The matrix as it is meant to be: one file in the repository, and what differs from it.

It names queues, callers and origins by labels, so that one file holds for every environment, and has one line for each
action that somebody may do. What is not in it is denied. It is made with the worst assumed of everybody whose policies
are outside the stack: what those say differs by account, and a queue has to withstand all of it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from access.matrix.callers import PEOPLE
from access.matrix.cells import Cell, Matrix
from access.matrix.elsewhere import ELSEWHERE
from access.sources.errors import SourceError

Expected: TypeAlias = Mapping[str, Mapping[str, Mapping[str, list[str]]]]
"""By target, caller and action: the origins from which it is allowed; elsewhere, the resources on which it is."""

COMMITTED = Path(__file__).parents[1] / "expected.json"
"""The repository's own."""
OPTIONAL_CALLERS = frozenset(PEOPLE)
"""Whom an environment may do without."""


@dataclass(frozen=True)
class Difference:
    """Cells of one action that are not as expected, and in the same way.

    Args:
        target: The queue, or `elsewhere`.
        caller: Who.
        action: Does what.
        origins: Coming from where; elsewhere, with what.
        allowed: Whether it is allowed now; None where there are no such cells any more.
        by: By which statements, in words; empty where none decides, or there are no cells.
    """

    target: str
    caller: str
    action: str
    origins: tuple[str, ...]
    allowed: bool | None
    by: str = ""

    @property
    def cells(self) -> str:
        """Which cells."""
        return f"{self.target}: {self.caller} {self.action} ({', '.join(self.origins)})"

    @property
    def change(self) -> str:
        """What was and what is, and by which statement."""
        if self.target == ELSEWHERE:
            return f"is new, by {self.by}" if self.allowed else "is gone"
        if self.allowed is None:
            return "was allowed → is gone: there is no such queue, caller or origin any more"
        was, now = ("denied", "allowed") if self.allowed else ("allowed", "denied")
        return f"was {was} → is {now} {f'by {self.by}' if self.by else 'as nothing allows it'}"

    def __str__(self) -> str:
        return f"{self.cells} {self.change}"


def as_expected(matrix: Matrix) -> Expected:
    """What a matrix allows, in the form of the file."""
    found: dict[str, dict[str, dict[str, list[str]]]] = {}
    for target in matrix.targets:
        for caller in (one for one in matrix.callers if not one.like):
            actions = found.setdefault(target.label, {}).setdefault(caller.label, {})
            for action, cells in matrix.of(target, caller).items():
                allowed = [cell.origin.label for cell in cells.values() if cell.allowed and not cell.origin.like]
                if allowed:
                    actions[action] = list(dict.fromkeys([*actions.get(action, []), *allowed]))
    for one in matrix.elsewhere:
        resources = found.setdefault(ELSEWHERE, {}).setdefault(one.caller, {}).setdefault(one.action, [])
        if one.resource not in resources:
            resources.append(one.resource)
    return found


def with_those_absent(found: Expected, before: Expected) -> tuple[Expected, tuple[str, ...]]:
    """What is expected, with what was expected of those whom this environment does without and others may have.

    Args:
        found: What this environment gives.
        before: What the file says.

    Returns:
        Both together, and the labels of those whose lines were kept.
    """
    here = {caller for by_caller in found.values() for caller in by_caller}
    there = {caller for by_caller in before.values() for caller in by_caller}
    kept = tuple(one for one in PEOPLE if one in there - here)
    together = {}
    for target, by_caller in found.items():
        old = before.get(target, {})
        order = (*(one for one in old if one in by_caller or one in kept), *by_caller)
        together[target] = {one: by_caller.get(one, old.get(one, {})) for one in dict.fromkeys(order)}
    return together, kept


def write_expected(path: Path, expected: Expected) -> None:
    """Write the file: one line an action, so that a pull request shows what it widens line by line.

    Raises:
        SourceError: When it cannot be written.
    """
    try:
        path.write_text(_laid_out(expected), encoding="utf-8")
    except OSError as error:
        raise SourceError(f"{path} cannot be written: {error.strerror}") from None


def read_expected(path: Path) -> Expected:
    """Read the file.

    Raises:
        SourceError: When it is missing or malformed.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(target): {
                str(caller): {str(action): [str(one) for one in origins] for action, origins in actions.items()}
                for caller, actions in by_caller.items()
            }
            for target, by_caller in found.items()
        }
    except FileNotFoundError:
        raise SourceError(f"{path} does not exist; --update writes it, for you to look at and commit") from None
    except (OSError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise SourceError(f"{path} is no expected matrix ({error}); --update writes it anew") from None


def differences(matrix: Matrix, expected: Expected) -> tuple[Difference, ...]:
    """Every cell that is not as expected, in the matrix's order; then what is gone, and what is granted elsewhere."""
    cells = {target: callers for target, callers in expected.items() if target != ELSEWHERE}
    return (*_wrong(matrix, cells), *_gone(matrix, cells), *_elsewhere(matrix, expected.get(ELSEWHERE, {})))


def _wrong(matrix: Matrix, expected: Expected) -> Iterator[Difference]:
    found: dict[tuple[str, str, str, bool, str], list[str]] = {}
    for cell in matrix.cells:
        if cell.allowed != _is_expected(cell, expected):
            key = (cell.target.label, _named(cell, matrix), cell.action, cell.allowed, cell.by)
            found.setdefault(key, []).append(cell.origin.label)
    for (target, caller, action, allowed, by), origins in found.items():
        yield Difference(target, caller, action, tuple(origins), allowed, by)


def _is_expected(cell: Cell, expected: Expected) -> bool:
    origins = expected.get(cell.target.label, {}).get(cell.caller.held_against, {}).get(cell.action, ())
    allowed = cell.origin.held_against in origins
    is_bound_only_from_above = bool(cell.caller.like or cell.origin.like)
    return cell.allowed and allowed if is_bound_only_from_above else allowed


def _named(cell: Cell, matrix: Matrix) -> str:
    """The caller's label, and who it is where several share it."""
    several = sum(one.label == cell.caller.label for one in matrix.callers) > 1
    return f"{cell.caller.label} {cell.caller.detail}" if several else cell.caller.label


def _gone(matrix: Matrix, expected: Expected) -> Iterator[Difference]:
    asked = {(one.target.label, one.caller.label, one.action, one.origin.label) for one in matrix.cells}
    absent = OPTIONAL_CALLERS - {one.label for one in matrix.callers}
    for target, by_caller in expected.items():
        for caller, actions in by_caller.items():
            for action, origins in actions.items() if caller not in absent else ():
                missing = tuple(one for one in origins if (target, caller, action, one) not in asked)
                if missing:
                    yield Difference(target, caller, action, missing, None)


def _elsewhere(matrix: Matrix, expected: Mapping[str, Mapping[str, list[str]]]) -> Iterator[Difference]:
    granted = {(one.caller, one.action, one.resource): one.by for one in matrix.elsewhere}
    wanted = {
        (caller, action, resource)
        for caller, actions in expected.items()
        for action, resources in actions.items()
        for resource in resources
    }
    for (caller, action, resource), by in granted.items():
        if (caller, action, resource) not in wanted:
            yield Difference(ELSEWHERE, caller, action, (resource,), allowed=True, by=by)
    for caller, action, resource in sorted(wanted - granted.keys()):
        yield Difference(ELSEWHERE, caller, action, (resource,), allowed=False)


def _laid_out(expected: Expected) -> str:
    def block(entries: list[str], indent: str) -> str:
        inner = ",\n".join(f"{indent}  {one}" for one in entries)
        return f"{{\n{inner}\n{indent}}}" if entries else "{}"

    targets = []
    for target, by_caller in expected.items():
        lines = []
        for caller, actions in by_caller.items():
            cells = [f"{json.dumps(action)}: {json.dumps(origins)}" for action, origins in actions.items()]
            lines.append(f"{json.dumps(caller)}: {block(cells, '    ')}")
        targets.append(f"{json.dumps(target)}: {block(lines, '  ')}")
    return block(targets, "") + "\n"
