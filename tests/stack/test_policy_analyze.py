"""The pack on what is deployed: `pulumi policy analyze`, on a stack and on an exported state."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from local.stack import engine_environment
from tests.stack.expected import QUEUE
from tests.stack.trial import PACK, NewTrial, Trial

pytestmark = pytest.mark.engine


def analyze(trial: Trial, *arguments: str) -> str:
    return trial.runs("policy", "analyze", *trial.stack.pack_arguments, *arguments)


def violations(trial: Trial, state: Path) -> str:
    """What is wrong with an exported state; takes the engine and the pack, but no stack and no account."""
    analyzed = subprocess.run(
        [
            str(trial.stack.paths.binaries / "pulumi"),
            "policy",
            "analyze",
            *trial.stack.pack_arguments,
            "--file",
            str(state),
            "--color=never",
        ],
        cwd=state.parent,
        env=engine_environment(trial.stack.paths),
        capture_output=True,
        text=True,
        check=False,
    )
    assert analyzed.returncode != 0
    return analyzed.stdout


def test_a_deployed_stack_keeps_every_rule_and_none_is_in_doubt(deployed: Trial) -> None:
    told = analyze(deployed)
    assert "retainwise-queues@" in told
    assert "mandatory" not in told
    assert "can't run policy" not in told


@pytest.fixture
def exported(deployed: Trial, tmp_path: Path) -> Callable[[str, str, object], Path]:
    """The deployed stack's state with one property changed, as an input and as an output."""

    def export(name: str, prop: str, value: object) -> Path:
        state = json.loads(deployed.runs("stack", "export"))
        (resource,) = [one for one in state["deployment"]["resources"] if one["urn"].endswith(f"::{name}")]
        for properties in (resource["inputs"], resource["outputs"]):
            if prop in properties:
                properties[prop] = value
        file = tmp_path / "state.json"
        file.write_text(json.dumps(state))
        return file

    return export


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (("predictions-queue", "receiveWaitTimeSeconds", 0), "queue-long-polling"),
        (("predictions-dlq", "messageRetentionSeconds", 345_600), "dead-letter-queue-retention"),
        (("predictions-dlq-not-empty", "threshold", 100), "dead-letter-queue-alarm"),
    ],
)
def test_an_exported_state_is_judged_without_the_stack(
    deployed: Trial, exported: Callable[[str, str, object], Path], change: tuple[str, str, object], rule: str
) -> None:
    assert rule in violations(deployed, exported(*change))


def test_what_was_changed_behind_the_engine_s_back_is_found_after_a_refresh(new_trial: NewTrial) -> None:
    trial = new_trial()
    trial.up(*PACK)
    sqs = trial.clients().sqs
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    policy = json.loads(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"])
    policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] != "DenyPurgeQueue"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    analyze(trial)  # the state does not know yet

    trial.runs("refresh", "--yes", "--skip-preview")
    told = trial.refuses("policy", "analyze", *trial.stack.pack_arguments)
    assert "does not deny sqs:PurgeQueue" in told
