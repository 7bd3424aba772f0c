"""Remedies on the real engine: what a configuration lets a rule mend is deployed mended, and all else as it was."""

import json
import shutil
from pathlib import Path

import pytest

from tests.policies.sound import Sound, queue_arn
from tests.stack.trial import PACK, NewTrial, Trial, copied_program

pytestmark = pytest.mark.engine

MENDED = ("resource-has-tags", "queue-is-encrypted", "queue-long-polling")
PROGRAM = Path(__file__).parent / "programs" / "unkept_queue.py"


@pytest.fixture(scope="module")
def unkept(new_trial: NewTrial, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    program = copied_program(tmp_path_factory.mktemp("unkept") / "program")
    shutil.copy(PROGRAM, program / "__main__.py")
    return new_trial().with_program(program)


@pytest.fixture(scope="module")
def mending(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The options that switch the remedies on, and every other rule off."""
    configured = tmp_path_factory.mktemp("pack") / "pack.json"
    configured.write_text(json.dumps({"all": "disabled", **dict.fromkeys(MENDED, "remediate")}))
    return (*PACK, "--policy-pack-config", str(configured))


def test_nothing_is_mended_unless_it_is_switched_on(unkept: Trial) -> None:
    told = unkept.refuses("preview", *PACK)
    assert "remediate" not in told
    for rule in MENDED:
        assert rule in told


def test_what_is_mended_is_deployed_so_and_the_next_update_changes_nothing(
    unkept: Trial, mending: tuple[str, ...]
) -> None:
    told = unkept.runs("preview", *mending)
    assert told.count("[remediate]") == len(MENDED)
    # A tag that comes later keeps the rule from telling, at the preview, which tags there will be.
    assert "can't run remediation 'resource-has-tags'" in told

    assert unkept.up(*mending) == {"created": 3}
    sqs = unkept.clients().sqs
    for name, own in (("first", {}), ("second", {"Owner": "a secret", "After": queue_arn("retainwise-local-first")})):
        url = sqs.get_queue_url(QueueName=f"retainwise-local-{name}")["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert (attributes["ReceiveMessageWaitTimeSeconds"], attributes["SqsManagedSseEnabled"]) == ("20", "true")
        assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {**Sound("it").tags, **own}

    kept = json.dumps(unkept.stack.export())
    assert "a secret" not in kept
    assert unkept.plan(*mending) == {}
