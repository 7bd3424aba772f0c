"""The stack's configuration, read once, checked whole, before anything is made.

`Pulumi.yaml` declares every key with its type, default and description; this model is what the program sees of them.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeAlias, cast

import pulumi
from pulumi.runtime.config import CONFIG
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel, to_snake
from pydantic_core import ErrorDetails

from components.naming import Names, Place
from components.queue_alarms import DEFAULT_OLDEST_MESSAGE_AGE_SECONDS
from components.queue_limits import QueueTiming, timing_problems

Environment: TypeAlias = Literal["local", "dev", "staging", "prod"]
PROTECTED_ENVIRONMENTS = frozenset({"prod"})
QUEUE_TIMING_FIELDS = frozenset(QueueTiming.__dataclass_fields__)

_PRINCIPAL_ARN = r"^arn:aws[a-z-]*:iam::\d{12}:(role|user)/[\w+=,.@/-]+$"
_ALLOWED = {
    "environment": "one of local, dev, staging, prod",
    "account_id": "the twelve digits of the AWS account to deploy to",
    "region": "an AWS region such as us-east-1",
    "vpc_id": "a VPC id: vpc- and 8 or 17 hexadecimal digits",
    "vpc_endpoint_id": "the id of the VPC's interface endpoint for SQS: vpce- and 8 or 17 hexadecimal digits. Without"
    " an endpoint, requests carry no aws:SourceVpc, and a condition on the VPC would shut everybody out",
    "uploads_bucket": "the name of an existing S3 bucket: 3 to 63 lower-case letters, digits, dots and hyphens",
    "deployer_arns": "a list with at least one ARN of an IAM role or user that deploys this stack",
    "break_glass_arns": "a list of ARNs of IAM roles or users",
    "operator_arns": "a list of ARNs of IAM roles or users",
    "kms_key_arn": "the ARN of a KMS key: arn:aws:kms:<region>:<account>:key/<id>",
    "alarm_topic_arn": "the ARN of an SNS topic: arn:aws:sns:<region>:<account>:<name>",
    "oldest_message_age_alarm_seconds": "60 to 1209600 seconds",
    "enable_sqs": "true or false",
    "protect": "true or false",
    "tags": "a map of at most 40 tags, names and values being text",
}


def _parsed_json(value: object) -> object:
    """Lists and maps arrive as JSON text, as the engine hands over structured configuration."""
    if not isinstance(value, str):
        return value
    try:
        return cast("object", json.loads(value))
    except json.JSONDecodeError:
        return value


PrincipalArns: TypeAlias = Annotated[
    tuple[Annotated[str, Field(pattern=_PRINCIPAL_ARN)], ...], BeforeValidator(_parsed_json)
]


class SettingsError(pulumi.RunError):
    """The configuration is not usable. Its message names each key, the value given and what is allowed."""


class StackSettings(BaseModel):
    """Everything that tells one environment from another. `Pulumi.yaml` says what each key means."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True)

    environment: Environment
    account_id: str = Field(pattern=r"^\d{12}$")
    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")
    vpc_id: str = Field(pattern=r"^vpc-([0-9a-f]{8}|[0-9a-f]{17})$")
    vpc_endpoint_id: str = Field(pattern=r"^vpce-([0-9a-f]{8}|[0-9a-f]{17})$")
    uploads_bucket: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    deployer_arns: PrincipalArns = Field(min_length=1)
    break_glass_arns: PrincipalArns = ()
    operator_arns: PrincipalArns = ()
    visibility_timeout_seconds: int = QueueTiming.visibility_timeout_seconds
    message_retention_seconds: int = QueueTiming.message_retention_seconds
    receive_wait_time_seconds: int = QueueTiming.receive_wait_time_seconds
    max_receive_count: int = QueueTiming.max_receive_count
    dlq_message_retention_seconds: int = QueueTiming.dlq_message_retention_seconds
    kms_key_arn: str | None = Field(default=None, pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[\w-]+$")
    alarm_topic_arn: str | None = Field(default=None, pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+(\.fifo)?$")
    oldest_message_age_alarm_seconds: int = Field(default=DEFAULT_OLDEST_MESSAGE_AGE_SECONDS, ge=60, le=1_209_600)
    enable_sqs: bool = True
    protect: bool | None = None
    tags: Annotated[dict[str, str], BeforeValidator(_parsed_json)] = Field(default_factory=dict, max_length=40)

    @model_validator(mode="after")
    def _principals_are_of_this_account(self) -> Self:
        for field in ("deployer_arns", "break_glass_arns", "operator_arns"):
            for arn in getattr(self, field):
                if f"::{self.account_id}:" not in arn:
                    raise ValueError(
                        f"{to_camel(field)} holds {arn!r}, which is not of account {self.account_id}; allowed are"
                        " principals of the account that accountId names"
                    )
        return self

    @property
    def place(self) -> Place:
        """Where the stack lives."""
        return Place(self.account_id, self.region)

    def names(self, project: str) -> Names:
        """What the stack's resources are called."""
        return Names(project, self.environment)

    @property
    def queue_timing(self) -> QueueTiming:
        """The figures of the queue and its dead-letter queue."""
        return QueueTiming(**self.model_dump(include=set(QUEUE_TIMING_FIELDS)))

    @property
    def protects_queues(self) -> bool:
        """Whether the engine refuses to delete the queues: as configured, else in production."""
        return self.environment in PROTECTED_ENVIRONMENTS if self.protect is None else self.protect

    def all_tags(self, project: str) -> dict[str, str]:
        """The tags of everything that takes tags; a configured tag wins over one of ours."""
        return {"Project": project, "Environment": self.environment, "ManagedBy": "pulumi", **self.tags}


def parse_settings(values: Mapping[str, object], *, project: str, allowed_account_ids: object = None) -> StackSettings:
    """The settings of a stack's configuration.

    Args:
        values: Configuration values by their keys as in `Pulumi.yaml`, without the project's prefix, and `region`.
        project: The project's name, for the messages.
        allowed_account_ids: What `aws:allowedAccountIds` holds.

    Raises:
        SettingsError: With a line for each thing that is wrong: the key, the value given, what is allowed.
    """
    try:
        settings = StackSettings.model_validate(dict(values))
    except ValidationError as error:
        raise _refusal(project, [_line(project, detail) for detail in error.errors(include_url=False)]) from None
    lines = [
        f"{project}:{to_camel(problem.field)} is {problem.given!r}; allowed is {problem.allowed}"
        for problem in timing_problems(settings.queue_timing)
    ]
    if _texts(allowed_account_ids) != [settings.account_id]:
        lines.append(
            f"aws:allowedAccountIds is {allowed_account_ids!r}; it must repeat {project}:accountId, so that credentials"
            f" of another account are refused before anything is changed: pulumi config set --path --type string"
            f" 'aws:allowedAccountIds[0]' {settings.account_id}"
        )
    if lines:
        raise _refusal(project, lines)
    return settings


def load_settings() -> StackSettings:
    """The settings of the stack that is being deployed.

    Raises:
        SettingsError: See `parse_settings`.
    """
    project = pulumi.get_project()
    prefix = f"{project}:"
    # Every key of the project is read, not only the known ones, so that a misspelt key is refused, not ignored.
    values: dict[str, object] = {
        key.removeprefix(prefix): value for key, value in CONFIG.get().items() if key.startswith(prefix)
    }
    provider = pulumi.Config("aws")
    if region := provider.get("region"):
        values["region"] = region
    return parse_settings(values, project=project, allowed_account_ids=provider.get_object("allowedAccountIds"))


def _texts(value: object) -> object:
    """A list's members as text: the CLI stores an account id that is set by a path as a number."""
    return [str(one) for one in value] if isinstance(value, list) else value


def _refusal(project: str, lines: list[str]) -> SettingsError:
    listed = "\n".join(f"  {line}" for line in dict.fromkeys(lines))
    return SettingsError(
        f"the configuration of stack {pulumi.get_stack()!r} of project {project!r} is not usable:\n{listed}"
    )


def _line(project: str, detail: ErrorDetails) -> str:
    if not detail["loc"]:  # of no single key: the model's own check, whose message begins with the key it is about
        return f"{project}:{str(detail['msg']).removeprefix('Value error, ')}"
    field = to_snake(str(detail["loc"][0]))
    key = "aws:region" if field == "region" else f"{project}:{to_camel(field)}"
    if detail["type"] == "extra_forbidden":
        known = ", ".join(to_camel(name) for name in StackSettings.model_fields if name != "region")
        return f"{project}:{detail['loc'][0]} is not a setting; known are {known}"
    allowed = _ALLOWED.get(field, "a whole number")
    if detail["type"] == "missing":
        return f"{key} is not set; it must be {allowed}"
    return f"{key} is {detail['input']!r}; allowed is {allowed}"
