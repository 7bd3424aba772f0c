"""Every environment's stack keeps the rules as the pack is configured for it, and nothing is left in doubt."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from local.paths import PROJECT
from tests.stack.expected import ACCOUNT
from tests.stack.trial import NewTrial, Trial, copied_program

pytestmark = pytest.mark.engine

PLACEHOLDER_ACCOUNT = re.compile(r"\b(\d)\1{11}\b")


@pytest.fixture(scope="module")
def account(new_trial: NewTrial) -> Trial:
    return new_trial()


def in_this_account(file: Path, target: Path) -> Path:
    """A file with the local account in the place of the one that it names."""
    target.write_text(PLACEHOLDER_ACCOUNT.sub(ACCOUNT, file.read_text()))
    return target


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_the_pack_lets_the_environment_pass(account: Trial, tmp_path: Path, environment: str) -> None:
    program = copied_program(tmp_path / "program")
    in_this_account(PROJECT / f"Pulumi.{environment}.yaml", program / f"Pulumi.{environment}.yaml")
    configuration = in_this_account(PROJECT / "policies" / "config" / f"{environment}.json", tmp_path / "pack.json")
    trial = Trial(replace(account.stack, program=program, name=environment))
    trial.stack.make()
    pack = ("--policy-pack", str(PROJECT / "policies"), "--policy-pack-config", str(configuration))
    told = trial.runs("preview", *pack)
    assert "retainwise-queues@" in told
    assert "can't run policy" not in told
    assert "[advisory]" not in told
