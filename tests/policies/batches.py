"""Cases that one program can hold: of one stack, under one configuration of the pack."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.policies.case import Case


@dataclass
class Batch:
    """Cases that are judged together.

    Args:
        stack: The stack's name.
        cases: The cases.
        configuration: What the pack is told, by rule.
    """

    stack: str
    cases: list[Case] = field(default_factory=list)
    configuration: dict[str, Mapping[str, object]] = field(default_factory=dict)

    def takes(self, case: Case) -> bool:
        """Whether the case may join: no rule is configured in two ways, and none for those that want none."""
        return (
            self.stack == case.stack
            and bool(self.configuration) == bool(case.settings)
            and self.configuration.get(case.rule, case.settings) == case.settings
        )

    def add(self, case: Case) -> None:
        """Let the case join."""
        self.cases.append(case)
        if case.settings:
            self.configuration[case.rule] = case.settings


def batches(cases: Iterable[Case]) -> Sequence[Batch]:
    """The fewest batches that take every case in order."""
    made: list[Batch] = []
    for case in cases:
        batch = next((one for one in made if one.takes(case)), None)
        if batch is None:
            made.append(batch := Batch(case.stack))
        batch.add(case)
    return made
