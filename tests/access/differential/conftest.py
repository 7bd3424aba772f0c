"""The evaluators that ours is compared with, as processes of their own, and how many cases are drawn."""

import os
from collections.abc import Iterator
from typing import NoReturn

import pytest

from local.emulator.process import start, stop
from local.paths import LocalPaths
from tests.access.differential.evaluator import Evaluator
from tests.access.differential.iam_simulate import evaluator as iam_simulate_process
from tests.access.differential.iam_simulate.installation import Installation
from tests.access.differential.ministack import evaluator as ministack_process
from tests.access.differential.ministack import local_stack

USUAL_CASES = 6000
CASES_VARIABLE = "DIFFERENTIAL_CASES"


@pytest.fixture(scope="session")
def case_numbers() -> range:
    """Which cases are compared: DIFFERENTIAL_CASES=100000, or =5000:6000 for those from 5000 on."""
    first, _, last = os.environ.get(CASES_VARIABLE, f"{USUAL_CASES}").rpartition(":")
    return range(int(first or 0), int(last))


@pytest.fixture(scope="session")
def iam_simulate() -> Iterator[Evaluator]:
    paths = LocalPaths()
    if not Installation(paths).is_made():
        _missing("iam-simulate is not installed: run `make test`")
    with iam_simulate_process.running(paths) as evaluator:
        yield evaluator


@pytest.fixture(scope="session")
def ministack() -> Iterator[Evaluator]:
    paths = _with_emulator_environment(LocalPaths())
    with ministack_process.running(paths) as evaluator:
        yield evaluator


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evaluator]:
    """A local stack of its own: what cases lay in it is left there."""
    paths = _with_emulator_environment(LocalPaths(run=tmp_path_factory.mktemp("differential")))
    emulator = start(paths, owner=os.getpid(), ports=(0, 0))
    try:
        with local_stack.running(emulator) as evaluator:
            yield evaluator
    finally:
        stop(paths)


def _with_emulator_environment(paths: LocalPaths) -> LocalPaths:
    if not (paths.emulator_environment / "bin" / "python").exists():
        _missing(f"the emulator's environment is missing ({paths.emulator_environment}): run `make setup`")
    return paths


def _missing(word: str) -> NoReturn:
    """Skips on a developer's machine; fails where everything has to be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(word)
    pytest.skip(word)
