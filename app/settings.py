"""The settings, read from the environment once and checked before anything else happens."""

from functools import cache
from typing import TYPE_CHECKING, Literal, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsConfigDict

from app.bounded import bounded
from app.errors import UserMistakeError
from app.setting_types import BucketName, DatabaseUrl, ParameterName, QueueUrl, Region
from app.telemetry.settings import TelemetrySettings

_SECRET_FIELDS = frozenset({"database_url"})


class SettingsError(UserMistakeError):
    """A setting is missing or wrong: the message names the variable, the value given and what is allowed."""


class Settings(TelemetrySettings):
    """What the publisher and the worker are configured with; each field is the environment variable of its name.

    `Settings.from_environment()` reads them and tells all that is wrong in one line. Credentials and endpoints are not
    here: boto3 reads its own `AWS_…` variables.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, populate_by_name=True)

    predictions_queue_url: QueueUrl | None = Field(
        default=None,
        description="https://sqs.<region>.amazonaws.com/<12-digit account>/<queue name>, a standard queue's",
    )
    aws_region: Region | None = Field(
        default=None,
        validation_alias=AliasChoices("AWS_REGION", "AWS_DEFAULT_REGION"),
        description="a region's name, such as us-east-1",
    )
    enable_sqs: bool = Field(
        default=True, description="true or false, where false keeps predictions queued in the store"
    )
    enable_sqs_parameter: ParameterName | None = Field(
        default=None, description="the name of a Systems Manager parameter, such as /retainwise/prod/enable-sqs"
    )
    kill_switch_cache_seconds: float = Field(
        default=10.0, ge=1, le=300, allow_inf_nan=False, description="seconds from 1 to 300"
    )
    message_group_by_user: bool = Field(
        default=False, description="true or false, where true has SQS serve the users fairly (fair queues)"
    )
    uploads_bucket: BucketName | None = Field(default=None, description="an S3 bucket's name")
    upload_max_bytes: int = Field(
        default=10 * 1024 * 1024, ge=1, le=100 * 1024 * 1024, description="bytes from 1 to 104857600 (100 MiB)"
    )
    database_url: DatabaseUrl = Field(
        default=SecretStr("sqlite:///predictions.sqlite3"),
        description="sqlite:///<file> or postgresql://<user>:<password>@<host>/<database>",
    )
    message_max_age_seconds: int = Field(
        default=(4 + 14) * 24 * 3600,
        ge=60,
        le=28 * 24 * 3600,
        description="seconds from 60 to 2419200: the retention of the queue plus that of its dead-letter queue",
    )
    worker_concurrency: int = Field(default=2, ge=1, le=64, description="a whole number from 1 to 64")
    worker_poll_seconds: int = Field(default=20, ge=0, le=20, description="seconds from 0 to 20, SQS's longest poll")
    worker_shutdown_seconds: float = Field(
        default=25.0,
        ge=0,
        le=120,
        allow_inf_nan=False,
        description="seconds from 0 to 120, less than the container's stop timeout (ECS: 30 by default, 120 at most); "
        "the rest of a poll that is under way counts",
    )
    worker_job_seconds: float = Field(
        default=900.0, ge=1, le=12 * 3600 - 60, allow_inf_nan=False, description="seconds from 1 to 43140"
    )
    worker_model_in: Literal["threads", "processes"] = Field(
        default="processes",
        description="processes, which can be ended and use all processors, or threads, for models that mostly wait",
    )
    worker_process_jobs: int = Field(
        default=200,
        ge=1,
        le=1_000_000,
        description="a whole number from 1 to 1000000, after which a process is replaced",
    )
    worker_process_megabytes: int = Field(
        default=1024, ge=64, le=1_000_000, description="MiB from 64 to 1000000, above which a process is replaced"
    )
    worker_health_port: int | None = Field(
        default=None, ge=1, le=65535, description="a port from 1 to 65535, on which /live and /ready are answered"
    )
    ecs_agent_uri: str | None = Field(default=None, description="what ECS sets: the address of the task's agent")
    at_risk_below: float = Field(default=0.5, ge=0, le=1, allow_inf_nan=False, description="a probability from 0 to 1")

    @classmethod
    def from_environment(cls) -> Self:
        """Read the environment.

        Raises:
            SettingsError: A variable's value is not allowed; all such variables are named.
        """
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError("; ".join(_told(fault) for fault in error.errors(include_url=False))) from None

    @property
    def is_sqs_enabled(self) -> bool:
        """Whether predictions are to be published: `ENABLE_SQS` is on and there is a queue. See the kill switch too."""
        return self.enable_sqs and self.predictions_queue_url is not None

    @property
    def sqs_queue_name(self) -> str | None:
        """The queue's name, as its URL gives it; None where no queue is configured."""
        return self.predictions_queue_url.rsplit("/", 1)[-1] if self.predictions_queue_url else None

    @property
    def queue_url(self) -> str:
        """`PREDICTIONS_QUEUE_URL`, where it is needed.

        Raises:
            SettingsError: It is not set.
        """
        return _needed(self.predictions_queue_url, "predictions_queue_url")

    @property
    def region(self) -> str:
        """`AWS_REGION`, where it is needed.

        Raises:
            SettingsError: It is not set.
        """
        return _needed(self.aws_region, "aws_region")

    @property
    def bucket(self) -> str:
        """`UPLOADS_BUCKET`, where it is needed.

        Raises:
            SettingsError: It is not set.
        """
        return _needed(self.uploads_bucket, "uploads_bucket")


def _field(name: str) -> FieldInfo | None:
    return Settings.model_fields.get(name.lower())


def _needed(value: str | None, name: str) -> str:
    if value is None:
        field = _field(name)
        raise SettingsError(f"{name.upper()} is not set; give {field.description if field else 'it'}")
    return value


def _told(fault: ErrorDetails) -> str:
    name = str(fault["loc"][0]) if fault["loc"] else "the settings"
    field = _field(name)
    given = (
        "not shown, it may hold a password" if name.lower() in _SECRET_FIELDS else repr(bounded(fault["input"], 120))
    )
    allowed = f" Allowed: {field.description}" if field else ""
    return f"{name.upper()} is {given}: {fault['msg'].removeprefix('Value error, ')}.{allowed}"


@cache
def load_settings() -> Settings:
    """The process's settings, read at the first call.

    Raises:
        SettingsError: A variable's value is not allowed.
    """
    return Settings.from_environment()


if TYPE_CHECKING:
    settings: Settings


def __getattr__(name: str) -> Settings:
    """`settings`, read from the environment when it is first asked for, so that importing this module never fails."""
    if name == "settings":
        return load_settings()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
