"""What every evaluator looks like here."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from tests.access.differential.case import Answer, Case

Evaluator: TypeAlias = Callable[[Sequence[Case]], list[Answer]]
"""Answers cases, in order."""


class UnanswerableError(RuntimeError):
    """An evaluator has no answer to a case: the generator made something that it does not take."""
