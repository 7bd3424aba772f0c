"""The pack on the real engine: what breaks a rule fails at the very first preview, and nothing is made.

The programs come from the rules' cases (tests/policies/cases.py): one that declares whatever keeps the rules, one that
declares whatever breaks them, for each configuration of the pack that the cases ask for.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from local.stack import StackCommandError
from policies import RULES
from tests.policies.batches import Batch, batches
from tests.policies.cases import CASES
from tests.policy_harness.declared import Declared
from tests.stack.expected import EMPTY_ACCOUNT
from tests.stack.trial import PACK, NewTrial, Trial, copied_program

pytestmark = pytest.mark.engine

PROGRAMS = Path(__file__).parent / "programs"
BATCHES = batches(CASES)
_BREACH = re.compile(r"- \[(?P<level>\w+)\] \[severity: \w+\] +(?P<rule>\S+) +\(\S+: (?P<resource>\S+)\)")

Found = Mapping[tuple[str, str], str]


@pytest.fixture(scope="module")
def untouched(new_trial: NewTrial) -> Trial:
    return new_trial()


@pytest.fixture(scope="module")
def under(untouched: Trial, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Trial]:
    """The stack under one of the programs that stand beside this file."""

    def make(name: str) -> Trial:
        program = copied_program(tmp_path_factory.mktemp(name) / "program")
        shutil.copy(PROGRAMS / f"{name}.py", program / "__main__.py")
        return untouched.with_program(program)

    return make


Previewed = Callable[[Batch, Iterable[Declared]], str]


@pytest.fixture(scope="module")
def previewed(under: Callable[[str], Trial]) -> Previewed:
    """What the first preview of resources prints under the pack as a batch configures it, whether or not it passes."""

    def preview(batch: Batch, resources: Iterable[Declared]) -> str:
        trial = under("declared")
        if batch.stack != trial.stack.name:
            shutil.copy(trial.stack.program / "Pulumi.local.yaml", trial.stack.program / f"Pulumi.{batch.stack}.yaml")
            trial = Trial(replace(trial.stack, name=batch.stack))
            if not trial.stack.exists():
                trial.stack.make()
        (trial.stack.program / "declared.json").write_text(json.dumps([asdict(one) for one in resources]))
        configuration = trial.stack.program / "pack.json"
        configuration.write_text(json.dumps(batch.configuration))
        try:
            return trial.runs("preview", *PACK, "--policy-pack-config", str(configuration))
        except StackCommandError as error:
            return error.output

    return preview


def mandatory(told: str) -> Found:
    """The messages of the mandatory violations, by rule and resource; several of one pair are joined."""
    found: dict[tuple[str, str], str] = {}
    pair: tuple[str, str] | None = None
    for line in told.rsplit("Policies:", maxsplit=1)[-1].split("Diagnostics:", maxsplit=1)[0].splitlines():
        if match := _BREACH.search(line):
            pair = (match["rule"], match["resource"]) if match["level"] == "mandatory" else None
        elif pair:
            found[pair] = f"{found.get(pair, '')}\n{line.strip()}"
    return found


@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: f"{batch.stack}-{len(batch.cases)}")
def test_what_breaks_a_rule_is_mandatory_at_the_first_preview_and_says_what_to_change(
    previewed: Previewed, batch: Batch
) -> None:
    found = mandatory(previewed(batch, (one for case in batch.cases for one in case.broken)))
    assert set(found) == {(case.rule, case.at) for case in batch.cases}
    for case in batch.cases:
        assert case.says in found[case.rule, case.at]


@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: f"{batch.stack}-{len(batch.cases)}")
def test_what_keeps_the_rules_passes(previewed: Previewed, batch: Batch) -> None:
    told = previewed(batch, (one for case in batch.cases for one in case.kept))
    assert mandatory(told) == {}
    assert "retainwise-queues@" in told
    assert "error:" not in told


def test_every_rule_is_broken_here() -> None:
    assert {case.rule for batch in BATCHES for case in batch.cases} == {rule.name for rule in RULES}


def test_an_update_that_only_the_whole_stack_shows_to_be_wrong_makes_nothing(under: Callable[[str], Trial]) -> None:
    broken = under("queue_alone")
    with pytest.raises(StackCommandError):
        broken.stack.up()
    assert broken.account() == EMPTY_ACCOUNT
    assert not broken.types()


def test_no_rule_is_left_in_doubt_at_the_first_preview_of_the_stack(untouched: Trial) -> None:
    told = untouched.runs("preview", *PACK)
    assert "retainwise-queues@" in told
    assert "can't run policy" not in told
    assert "advisory" not in told
