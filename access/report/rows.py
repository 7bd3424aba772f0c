"""The matrix made short: actions that fare alike share a row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from access.evaluator import Reason
from access.matrix.callers import Caller
from access.matrix.cells import Cell, Matrix, Target

MANY = 4
"""More actions than this are counted, if the caller's other rows list theirs."""
ALLOWED, DENIED, NOT_ALLOWED, NO_SUCH = "✓", "✗", "·", ""
LEGEND = f"{ALLOWED} allowed by these statements, {DENIED} denied by these, {NOT_ALLOWED} allowed by none"


@dataclass(frozen=True)
class Row:
    """Actions of one caller at one target that fare alike from everywhere, by the same statements.

    Args:
        caller: Who.
        actions: Does what.
        cells: One of their cells for each origin, by its label.
        is_rest: Whether these are what the caller's other rows leave.
    """

    caller: Caller
    actions: tuple[str, ...]
    cells: Mapping[str, Cell]
    is_rest: bool

    @property
    def what(self) -> str:
        """The actions, in words."""
        if not self.is_rest or len(self.actions) <= MANY:
            return ", ".join(self.actions)
        return f"the other {len(self.actions)} actions"


def rows(matrix: Matrix, target: Target) -> Iterator[Row]:
    """The rows of one target, caller by caller."""
    for caller in matrix.callers:
        alike: dict[tuple[tuple[str, Reason, str], ...], list[str]] = {}
        cells = matrix.of(target, caller)
        for action, by_origin in cells.items():
            fate = tuple((origin, cell.decision.reason, cell.by) for origin, cell in by_origin.items())
            alike.setdefault(fate, []).append(action)
        groups = sorted(alike.values(), key=lambda actions: len(actions) > MANY)
        for position, actions in enumerate(groups, start=1):
            is_rest = position == len(groups) > 1
            yield Row(caller, tuple(actions), cells[actions[0]], is_rest)


def verdict(cell: Cell | None, separator: str = ", ") -> str:
    """A cell in one sign and the statements that decided it; empty for a caller who cannot come from there."""
    if cell is None:
        return NO_SUCH
    if cell.decision.reason is Reason.IMPLICIT_DENY:
        return NOT_ALLOWED
    labels = dict.fromkeys(one.label for one in cell.decision.by)
    return f"{ALLOWED if cell.allowed else DENIED} {separator.join(labels)}"


def in_short(matrix: Matrix, target: Target, caller: Caller) -> str:
    """What a caller may do, in one phrase: actions by where they may be done from, many of them by what is left out."""
    may: dict[tuple[str, ...], list[str]] = {}
    never = []
    for action, cells in matrix.of(target, caller).items():
        origins = tuple(origin for origin, cell in cells.items() if cell.allowed)
        if origins:
            may.setdefault(origins, []).append(action)
        else:
            never.append(action)
    phrases = []
    for origins, actions in sorted(may.items(), key=lambda one: len(one[1])):
        what = ", ".join(actions)
        if len(actions) > max(MANY, len(never)):
            what = f"all {'else ' if len(may) > 1 else ''}but {', '.join(never)}" if never else "everything"
        phrases.append(f"{what} ({_where(matrix, caller, origins)})")
    return "; ".join(phrases) or "nothing"


def _where(matrix: Matrix, caller: Caller, origins: tuple[str, ...]) -> str:
    missing = [one.label for one in matrix.origins if one.is_open_to(caller.principal) and one.label not in origins]
    if not missing:
        return "from everywhere"
    return f"not from {missing[0]}" if len(missing) == 1 else f"from {', '.join(origins)}"
