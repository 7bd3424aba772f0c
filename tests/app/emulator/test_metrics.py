"""What the real commands measure of one day: as processes of their own, models in processes, against a server."""

import json
from collections import defaultdict
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.app.doubles.emf import read
from tests.app.emulator.job_stack import JobStack
from tests.app.emulator.test_dead_letters import BROKEN, MENDED
from tests.app.emulator.test_jobs import upload

pytestmark = pytest.mark.emulator


def measured(ended: CompletedProcess[str]) -> dict[tuple[str, str], float]:
    """The sums of what a process has told, by the metric and the values of its own dimensions."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for line in ended.stderr.splitlines():
        if '"_aws"' in line:
            for each in read(line):
                own = [value for name, value in each.dimensions.items() if name not in {"service.name", QUEUE}]
                sums[each.name, "/".join(own)] += sum(each.values)
    return sums


QUEUE = "messaging.destination.name"


def test_what_is_told_is_what_has_happened(job_stack: JobStack, tmp_path: Path) -> None:
    for environment in (job_stack.backend, job_stack.worker):
        environment |= {"METRICS": "emf", "METRICS_PERIOD_SECONDS": "1"}
    for name, content in (("good", MENDED), ("bad", BROKEN)):
        file = tmp_path / f"{name}.csv"
        file.write_text(content)
        upload(job_stack, file, "user_abc")
    relayed = job_stack.run(job_stack.backend, "relay", "--once", "--json")
    worked = job_stack.run(job_stack.worker, "work", "--drain", "--max-seconds", "60", "--json")
    answer = json.loads(worked.stdout)

    sent = measured(relayed)
    assert sent["messaging.client.sent.messages", "send"] == 2
    assert sent["retainwise.publish.requests", "published"] == 2
    assert sent["retainwise.kill_switch.on", ""] >= 1
    assert sent["retainwise.outbox.waiting", ""] == 0

    work = measured(worked)
    assert work["messaging.client.consumed.messages", "receive"] == answer["received"] == 4
    outcomes = {name: count for name, count in answer["outcomes"].items() if count}
    assert {name: work["retainwise.deliveries", name] for name in outcomes} == outcomes == {"completed": 1, "failed": 3}
    assert work["retainwise.dead_letters", "unusable-file"] == 1
    assert work["retainwise.settled.messages", "delete"] == 1
    assert work["retainwise.settled.messages", "change_visibility"] == 3
    assert 0 < work["messaging.process.duration", "process"] <= work["retainwise.prediction.duration", ""] < 120
    assert work["retainwise.slots", ""] >= 2
    for text in (relayed.stderr, worked.stderr):
        assert "user_abc" not in "".join(line for line in text.splitlines() if '"_aws"' in line)
