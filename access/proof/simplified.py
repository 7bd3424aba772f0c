"""And, or, not, with what is certainly true or false left out."""

from collections.abc import Iterable

from access.meaning.formula import FALSE, TRUE, And, Formula, Not, Or


def negation(part: Formula) -> Formula:
    """The opposite."""
    if part == TRUE:
        return FALSE
    return TRUE if part == FALSE else Not(part)


def conjunction(parts: Iterable[Formula]) -> Formula:
    """All of these, as short as it can be said. What comes after the first that is false is not looked at."""
    kept = []
    for part in parts:
        if part == FALSE:
            return FALSE
        if part != TRUE:
            kept.append(part)
    return kept[0] if len(kept) == 1 else And(tuple(kept))


def disjunction(parts: Iterable[Formula]) -> Formula:
    """One of these at least, as short as it can be said. What comes after the first that is true is not looked at."""
    kept = []
    for part in parts:
        if part == TRUE:
            return TRUE
        if part != FALSE:
            kept.append(part)
    return kept[0] if len(kept) == 1 else Or(tuple(kept))
