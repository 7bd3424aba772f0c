"""MiniStack's evaluator, asked through a process of the emulator's environment."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from local.paths import LocalPaths
from tests.access.differential.case import Answer, Case, Kind, Part
from tests.access.differential.evaluator import Evaluator
from tests.access.differential.generation.vocabulary import ALL_KEYS
from tests.access.differential.line_process import Json, LineProcess

PROGRAM: Final = "tests.access.differential.ministack.answer"
UNKNOWN: Final = (Part.ENDPOINT, Part.SERVICE_CONTROL, Part.RESOURCE_CONTROL)
"""The parts that MiniStack has no notion of."""


def understandable(case: Case) -> Case | None:
    """The case without the policies that MiniStack has no notion of; None where it does not know the caller's kind."""
    return None if case.caller.kind is Kind.ANONYMOUS else case.without(*UNKNOWN)


@contextmanager
def running(paths: LocalPaths) -> Iterator[Evaluator]:
    """The evaluator, as long as the block runs. The emulator's environment must be there."""
    python = paths.emulator_environment / "bin" / "python"
    with LineProcess([str(python), "-m", PROGRAM], paths.project) as process:

        def answer(cases: Sequence[Case]) -> list[Answer]:
            return [Answer(str(said["decision"])) for said in process.ask([_question(case) for case in cases])]

        yield answer


def _question(case: Case) -> Json:
    caller = case.caller
    resource_policy = case.documents(Part.RESOURCE)
    return {
        "principal_arn": caller.arn,
        "principal_account": caller.account,
        "service": caller.arn if caller.kind is Kind.SERVICE else None,
        "action": case.action,
        "resource": case.resource,
        "account": case.account,
        "keys": {
            key.lower(): list(values) if ALL_KEYS[key].several else values[0] for key, values in case.context.items()
        },
        "resource_policy": resource_policy[0] if resource_policy else None,
        "identity": case.documents(Part.IDENTITY),
        "boundary": case.documents(Part.BOUNDARY),
        "session": case.documents(Part.SESSION),
    }
