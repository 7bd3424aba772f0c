"""The demo from beginning to end."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from rich.console import Console

from local.demo import observe
from local.demo.application import Application, ApplicationError
from local.demo.criteria import Criterion, Findings, judge
from local.demo.leftovers import clear_leftovers
from local.demo.main_job import Requests, drain, new_run_name, publish, request_body, store_uploads
from local.demo.probes import Principal, attempt_all
from local.demo.summary import show_summary
from local.emulator.clients import Clients
from local.emulator.sessions import Role
from local.stack import LocalStack
from local.stages import Stages

BAD_MESSAGES = 2


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
    started = datetime.now(UTC)
    outputs = stack.outputs()
    queue_url, dlq_url = str(outputs["predictions_queue_url"]), str(outputs["predictions_dlq_url"])
    clear_leftovers(stack, queue_url, dlq_url, report)
    try:
        findings = _main_job(stack, stages, queue_url, dlq_url, started)
    except ApplicationError as error:
        raise DemoFailedError(str(error)) from None
    criteria = list(judge(findings))
    show_summary(Console(highlight=False), findings, criteria, stages.seconds)
    if failed := [one for one in criteria if not one.met]:
        raise DemoFailedError(_not_met(failed))


def _main_job(stack: LocalStack, stages: Stages, queue_url: str, dlq_url: str, started: datetime) -> Findings:
    application = _application(stack)
    producer = Clients(stack.environment(Role.PRODUCER))
    with stages.stage("store the sample as uploads of several users"):
        uploads = store_uploads(application)
    with stages.stage("publish a request for each, and two bad ones"):
        requests = publish(application, producer.sqs, queue_url, uploads)
    with stages.stage("run the worker until the queue is drained"):
        work = drain(application)
    with stages.stage("let everybody try what they may and may not do"):
        body = request_body(uploads[0], user_id=uploads[0]["user_id"])
        attempts = list(attempt_all(queue_url, lambda one: _clients(stack, one).sqs, body))
        drain(application)  # the producer was allowed to send one more; a completed prediction asks for no work
    with stages.stage("look at what AWS says"):
        return replace(
            _observed(stack, application, requests, queue_url, dlq_url, started), work=work, attempts=attempts
        )


def _observed(
    stack: LocalStack, application: Application, requests: Requests, queue_url: str, dlq_url: str, started: datetime
) -> Findings:
    administrator = Clients(stack.environment(Role.ADMINISTRATOR))
    outputs = stack.outputs()
    attributes = observe.queue_attributes(administrator, queue_url)
    dlq_attributes = observe.queue_attributes(administrator, dlq_url)
    role_arns = [str(outputs["backend_task_role_arn"]), str(outputs["worker_task_role_arn"])]
    predictions = application.ask(Role.CONSUMER, "predictions")["predictions"]
    rejections = application.ask(Role.CONSUMER, "rejections")["rejections"]
    return Findings(
        outputs=outputs,
        type_counts=observe.type_counts(stack),
        attributes=attributes,
        attached_policies=observe.attached_policies(administrator, role_arns),
        queue_policies=observe.queue_policies(attributes, dlq_attributes),
        alarm_states=observe.alarm_states(administrator),
        activity=observe.activity(administrator, started),
        requests=requests,
        work={},
        predictions=cast("list[dict[str, object]]", predictions),
        rejections=cast("list[dict[str, object]]", rejections),
        letters=observe.dead_letters(Clients(stack.environment(Role.OPERATOR)), dlq_url, BAD_MESSAGES),
        attempts=(),
        error_events=[
            str(line.get("event")) for line in application.logs if line.get("level") in {"error", "critical"}
        ],
        queue_seen_by_app=application.ask(Role.PRODUCER, "queue"),
    )


def _application(stack: LocalStack) -> Application:
    """The application with a fresh database: what earlier runs recorded belongs to messages that are gone."""
    shutil.rmtree(stack.paths.demo, ignore_errors=True)
    folder = stack.paths.demo / new_run_name()
    folder.mkdir(parents=True)
    return Application(stack, folder, stack.application_environment())


def _clients(stack: LocalStack, principal: Principal) -> Clients:
    emulator = stack.emulator
    url = emulator.vpc_url if principal.inside_vpc else emulator.public_url
    return Clients(stack.environment(principal.role) | {"AWS_ENDPOINT_URL": url})


def _not_met(failed: list[Criterion]) -> str:
    lines = "\n".join(f"  {one.group}: {one.name} — seen: {one.seen}" for one in failed)
    return f"{len(failed)} of the success criteria are not met:\n{lines}"
