"""Whether messages may be published now."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.aws_failures import AWS_ERRORS, AwsFailure
from app.doctor.answers import unanswered
from app.doctor.finding import Finding
from app.kill_switch import WORDS
from app.settings import Settings

if TYPE_CHECKING:
    from types_boto3_ssm.client import SSMClient

CHECK = "kill_switch"


def examine(ssm: "SSMClient", settings: Settings) -> Iterator[Finding]:
    """Look at `ENABLE_SQS` and the parameter."""
    name = settings.enable_sqs_parameter
    if not settings.enable_sqs:
        yield Finding.warning(CHECK, "ENABLE_SQS is false: predictions stay queued in the store", "set it to true")
    elif name is None:
        yield Finding.ok(CHECK, "on; no parameter is configured")
    else:
        yield _judge_parameter(ssm, name)


def _judge_parameter(ssm: "SSMClient", name: str) -> Finding:
    to_mend = f"set the parameter {name} to true, or to false to stop publishing"
    try:
        value = ssm.get_parameter(Name=name)["Parameter"]["Value"]
    except AWS_ERRORS as error:
        failure = AwsFailure.of(error)
        if failure.code == "ParameterNotFound":
            return Finding.failed(CHECK, f"there is no parameter {name}: nothing is published", to_mend)
        return unanswered(CHECK, failure, f"reading the parameter {name}")
    match WORDS.get(value.strip().lower()):
        case True:
            return Finding.ok(CHECK, f"on: {name} says so")
        case False:
            return Finding.warning(CHECK, f"off: {name} says so; predictions stay queued in the store", to_mend)
        case None:
            return Finding.failed(CHECK, f"{name} says neither true nor false: nothing is published", to_mend)
