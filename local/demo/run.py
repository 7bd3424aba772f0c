"""The demo from beginning to end."""

import shutil
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias, TypedDict, cast

from rich.console import Console

from access.sources import SourceError
from local.demo import observe
from local.demo.application import Answer, Application, ApplicationError
from local.demo.criteria import Criterion, Findings, Letters, judge
from local.demo.leftovers import clear_leftovers
from local.demo.main_job import drain, new_run_name, publish, store_uploads
from local.demo.probes import Principal, attempt_all
from local.demo.proof import prove_access
from local.demo.sessions import Sessions
from local.demo.summary import show_summary
from local.emulator.sessions import Role
from local.stack import TASK_ROLE_OUTPUTS, LocalStack, Outputs
from local.stages import Stages

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

Records: TypeAlias = list[dict[str, object]]

BAD_MESSAGES = 2
PLAIN_WIDTH = 140
"""How wide the summary is where no terminal says."""


class DemoFailedError(Exception):
    """Something is not as it must be. The message says what."""


def run_demo(stack: LocalStack, stages: Stages, report: Callable[[str], None]) -> None:
    """Deploy, publish, consume, look, and say whether all is as it must be.

    Args:
        stack: The local stack, ready.
        stages: Announces and times what is done.
        report: Told of details.

    Raises:
        DemoFailedError: When a criterion is not met or a command of the application fails.
        StackCommandError: When the deployment fails.
    """
    with stages.stage("deploy the stack, under the policy pack"):
        stack.up()
    sessions = Sessions(stack, stack.outputs())
    with stages.stage("clear what earlier runs left"):
        clear_leftovers(sessions, sessions.queue_url, sessions.dlq_url, report)
    try:
        findings = _main_job(sessions, stages)
    except (ApplicationError, SourceError) as error:
        raise DemoFailedError(str(error)) from None
    criteria = list(judge(findings))
    show_summary(
        Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH), findings, criteria, stages
    )
    if failed := [one for one in criteria if not one.met]:
        raise DemoFailedError(_not_met(failed))


def _main_job(sessions: Sessions, stages: Stages) -> Findings:
    application, queue_url = _application(sessions), sessions.queue_url
    started = datetime.now(UTC)
    with stages.stage("store the sample as uploads of several users"):
        uploads = store_uploads(application)
    with stages.stage("publish a request for each, and two bad ones"):
        requests = publish(application, sessions.clients(Role.PRODUCER).sqs, queue_url, uploads)
    with stages.stage("run the worker until the queue is drained"):
        work = drain(application)
    with stages.stage("let everybody try what they may and may not do"):
        attempts = list(attempt_all(queue_url, lambda one: _client(sessions, one)))
    with stages.stage("prove who may do what, by the documents"):
        access = prove_access(sessions)
    with stages.stage("look at what AWS says"):
        return Findings(
            requests=requests,
            work=work,
            attempts=attempts,
            access=access,
            **_application_says(application),
            **_aws_says(sessions, started),
        )


def _client(sessions: Sessions, principal: Principal) -> "SQSClient":
    return sessions.clients(principal.role, inside_vpc=principal.inside_vpc).sqs


class _ApplicationSays(TypedDict):
    predictions: Records
    rejections: Records
    error_events: list[str]
    queue_seen_by_app: Answer


def _application_says(application: Application) -> _ApplicationSays:
    with ThreadPoolExecutor() as questions:
        predictions = questions.submit(application.ask, Role.CONSUMER, "predictions")
        rejections = questions.submit(application.ask, Role.CONSUMER, "rejections")
        queue = questions.submit(application.ask, Role.PRODUCER, "queue")
    return {
        "predictions": cast("Records", predictions.result()["predictions"]),
        "rejections": cast("Records", rejections.result()["rejections"]),
        "queue_seen_by_app": queue.result(),
        "error_events": [
            str(line.get("event")) for line in application.logs if line.get("level") in {"error", "critical"}
        ],
    }


class _AwsSays(TypedDict):
    outputs: Outputs
    type_counts: Mapping[str, int]
    attributes: Mapping[str, str]
    attached_policies: Mapping[str, list[str]]
    queue_policies: Mapping[str, bool]
    alarm_states: Mapping[str, str]
    activity: Mapping[str, float]
    letters: Letters


def _aws_says(sessions: Sessions, started: datetime) -> _AwsSays:
    administrator = sessions.clients(Role.ADMINISTRATOR)
    attributes = observe.queue_attributes(administrator, sessions.queue_url)
    dlq_attributes = observe.queue_attributes(administrator, sessions.dlq_url)
    role_arns = [str(sessions.outputs[output]) for output in TASK_ROLE_OUTPUTS.values()]
    return {
        "outputs": sessions.outputs,
        "type_counts": observe.type_counts(sessions.stack),
        "attributes": attributes,
        "attached_policies": observe.attached_policies(administrator, role_arns),
        "queue_policies": observe.queue_policies(attributes, dlq_attributes),
        "alarm_states": observe.alarm_states(administrator),
        "activity": observe.activity(administrator, started),
        "letters": observe.dead_letters(sessions.clients(Role.OPERATOR), sessions.dlq_url, BAD_MESSAGES),
    }


def _application(sessions: Sessions) -> Application:
    """The application with a fresh database: what earlier runs recorded belongs to messages that are gone."""
    demo = sessions.stack.paths.demo
    shutil.rmtree(demo, ignore_errors=True)
    folder = demo / new_run_name()
    folder.mkdir(parents=True)
    return Application(sessions, folder)


def _not_met(failed: list[Criterion]) -> str:
    lines = "\n".join(f"  {one.group}: {one.name} — seen: {one.seen}" for one in failed)
    return f"{len(failed)} of the success criteria are not met:\n{lines}"
