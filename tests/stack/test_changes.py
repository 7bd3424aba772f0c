"""What a changed setting does, and what happens when somebody changes things behind the engine's back."""

import json
import shutil
from pathlib import Path

import pytest

from tests.stack.expected import DEPLOYED_ACCOUNT, QUEUE
from tests.stack.trial import NewTrial, Trial

pytestmark = pytest.mark.engine

RENAMED = Path(__file__).parent / "programs" / "named_by_setting.py"


def visibility(trial: Trial) -> str:
    sqs = trial.clients().sqs
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"][
        "VisibilityTimeout"
    ]


def ids(trial: Trial) -> dict[str, str]:
    """The ids of what the state holds, by the names in the program."""
    resources = json.loads(trial.runs("stack", "export"))["deployment"]["resources"]
    return {one["urn"].rsplit("::", 1)[-1]: one["id"] for one in resources if "id" in one}


def test_a_changed_setting_updates_in_place(deployed: Trial, another_program: Path) -> None:
    before = ids(deployed)
    changed = deployed.with_program(another_program)
    setting = ("--config", "retainwise:visibilityTimeoutSeconds=120")
    assert changed.up(*setting) == {"updated": 1}
    assert visibility(deployed) == "120"
    assert ids(deployed) == before
    assert deployed.up() == {"updated": 1}
    assert visibility(deployed) == "300"


def test_another_environments_names_replace_all_that_is_named(deployed: Trial, another_program: Path) -> None:
    renamed = deployed.with_program(another_program)
    operations = renamed.plan("--config", "retainwise:environment=dev")
    for name in ("predictions-queue", "predictions-dlq", "predictions-producer-role", "predictions-oldest-message-age"):
        assert "replace" in operations[name]
    assert operations["predictions-dlq-redrive-allow"] == "replace"


def test_a_changed_name_replaces_the_queue_if_it_may_be_had(new_trial: NewTrial, another_program: Path) -> None:
    shutil.copy(RENAMED, another_program / "__main__.py")
    trial = new_trial().with_program(another_program)
    trial.up("--config", "trial:name=retainwise-local-first")
    assert trial.account()["queues"] == {"retainwise-local-first", "retainwise-local-first-dlq"}
    changes = trial.up("--config", "trial:name=retainwise-local-second")
    assert changes == {"replaced": 3}
    assert trial.account()["queues"] == {"retainwise-local-second", "retainwise-local-second-dlq"}
    told = trial.refuses("up", "--yes", "--skip-preview", "--config", "trial:name=another-prefix")
    assert "another-prefix" in told
    assert "AccessDenied" in told
    assert not {name for name in trial.account()["queues"] if "another-prefix" in name}


def test_a_change_behind_the_engines_back_is_shown_and_mended(deployed: Trial) -> None:
    administrator = deployed.clients()
    url = administrator.sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    administrator.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "42"})
    administrator.cloudwatch.delete_alarms(AlarmNames=[f"{QUEUE}-dlq-not-empty"])

    told = deployed.runs("preview", "--refresh", "--diff")
    assert "visibilityTimeoutSeconds: 42 => 300" in told
    assert "+ aws:cloudwatch/metricAlarm:MetricAlarm: (create)" in told
    assert told.split("Resources:")[-1].split()[:8] == ["+", "1", "to", "create", "~", "1", "to", "update"]
    assert visibility(deployed) == "42"

    deployed.stack.refresh()
    assert deployed.up() == {"updated": 1, "created": 1}
    assert visibility(deployed) == "300"
    assert deployed.account() == DEPLOYED_ACCOUNT
