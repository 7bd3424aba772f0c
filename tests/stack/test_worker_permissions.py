"""The stack without one of the worker's grants: the worker says so in AWS's words, and no message is lost."""

from pathlib import Path
from typing import cast

import pytest

from local.demo.application import Application, ApplicationError
from local.demo.leftovers import depth
from local.demo.sample import SAMPLE
from local.demo.sessions import Sessions
from local.emulator.sessions import Role
from tests.stack.trial import NewTrial

pytestmark = pytest.mark.engine

USER = "user_2permissions"


def without_grant(program: Path, action: str) -> None:
    """Take an action out of the consumer's grants, in the role's policy and in the queue's alike."""
    main = program / "__main__.py"
    taken = f"grants.CONSUMER_ACTIONS = tuple(one for one in grants.CONSUMER_ACTIONS if one != {action!r})"
    main.write_text(f"from components import grants\n\n{taken}\n\n{main.read_text()}")


@pytest.mark.parametrize("action", ["sqs:ReceiveMessage", "sqs:DeleteMessage"])
def test_a_worker_whose_role_lacks_an_action_fails_with_awss_words_and_loses_nothing(
    new_trial: NewTrial, tmp_path: Path, action: str
) -> None:
    trial = new_trial()
    without_grant(trial.stack.program, action)
    trial.up()
    trial.stack.paths.demo.mkdir(parents=True)
    sessions = Sessions(trial.stack, trial.stack.outputs())
    application = Application(sessions, tmp_path)
    upload = application.ask(Role.PRODUCER, "upload", str(SAMPLE), "--user", USER)
    assert application.ask(Role.PRODUCER, "publish")["published"] == 1

    with pytest.raises(ApplicationError):
        application.ask(Role.CONSUMER, "work", "--drain", "--max-seconds", "30")

    refusals = [line for line in application.logs if "AccessDenied" in str(line.get("aws_code"))]
    assert refusals, application.logs
    assert any(action.lower() in str(line["aws_message"]).lower() for line in refusals)
    assert depth(sessions.clients(Role.DEPLOYER).sqs, sessions.queue_url) == 1
    (prediction,) = cast("list[dict[str, str]]", application.ask(Role.PRODUCER, "predictions")["predictions"])
    assert prediction["prediction_id"] == upload["prediction_id"]
    assert prediction["state"] == ("QUEUED" if action == "sqs:ReceiveMessage" else "COMPLETED")
