"""Access as read of a real stack, from its state, its previews and its account, and held against what is meant."""

import json
from pathlib import Path

import pytest

from access.deployed import Deployed
from access.matrix.cells import build
from access.matrix.expected import COMMITTED, differences, read_expected
from access.sources import Settings, load_settings
from access.sources.assembly import assemble
from access.sources.live import read_live
from access.sources.resources import read_preview, read_state
from local.demo.proof import prove_access
from local.demo.sessions import Sessions
from tests.stack.trial import NewTrial, Trial

pytestmark = pytest.mark.engine

WEAKENED = "from components import grants\n\ngrants.deny_destruction = lambda *_, **__: []\n\n"


def settings_of(trial: Trial) -> Settings:
    return load_settings(trial.stack.program, "local", {})


def from_state(trial: Trial) -> Deployed:
    return assemble(read_state(json.dumps(trial.stack.export()), "the state"), settings_of(trial), "")


def from_preview(trial: Trial) -> Deployed:
    text = trial.runs("preview", "--json", "--show-sames")
    return assemble(read_preview(text, "the preview"), settings_of(trial), "")


def widened(trial: Trial, stack: Deployed) -> set[tuple[str, str, str]]:
    found = differences(build(stack, settings_of(trial)), read_expected(COMMITTED))
    assert all(one.allowed for one in found)
    return {(one.target, one.caller, one.action) for one in found}


def test_what_is_deployed_is_what_is_expected(deployed: Trial) -> None:
    assert widened(deployed, from_state(deployed)) == set()


def test_the_account_says_the_same_as_the_state(deployed: Trial) -> None:
    live, state = read_live(deployed.clients(), settings_of(deployed)), from_state(deployed)
    assert (live.queues, live.roles) == (state.queues, state.roles)


def test_a_preview_that_changes_nothing_says_the_same_as_the_state(deployed: Trial) -> None:
    assert from_preview(deployed) == from_state(deployed)


def test_a_preview_of_a_new_stack_says_what_the_deployed_one_will(new_trial: NewTrial, deployed: Trial) -> None:
    assert from_preview(new_trial()) == from_state(deployed)


def test_a_preview_shows_what_a_change_widens_before_it_is_made(deployed: Trial, another_program: Path) -> None:
    main = another_program / "__main__.py"
    main.write_text(WEAKENED + main.read_text())
    changed = deployed.with_program(another_program)
    assert widened(changed, from_preview(changed)) == {
        (queue, caller, action)
        for queue in ("predictions", "predictions-dlq")
        for caller, actions in {
            "operator": ("PurgeQueue", "DeleteQueue"),
            "deployer": ("PurgeQueue",),
            "administrator": ("PurgeQueue", "DeleteQueue"),
        }.items()
        for action in actions
    }


def test_what_the_demo_proves_holds_with_the_policies_that_everybody_really_has(deployed: Trial) -> None:
    report = prove_access(Sessions(deployed.stack, deployed.stack.outputs()))
    assert report.differences == ()
    assert report.proofs
    assert [one.sentence for one in report.proofs if not one.holds] == []
    assert not [one for one in report.matrix.callers if one.assumed]


def test_make_access_reads_the_file_in_which_the_local_backend_keeps_the_stack(deployed: Trial) -> None:
    place = Path(".pulumi/stacks/retainwise/local.json")
    text = (deployed.stack.paths.state / place).read_text()
    kept = assemble(read_state(text, "the file"), settings_of(deployed), "")
    assert kept == from_state(deployed)
    assert f".local/state/{place}" in (deployed.stack.paths.project / "Makefile").read_text()
