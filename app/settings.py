"""The settings, read from the environment once and checked before anything else happens."""

import re
from functools import cache
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, Field, IPvAnyAddress, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.bounded import bounded
from app.errors import UserMistakeError
from app.s3_path import check_bucket_name

_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d{1,2}")
_QUEUE_PATH = re.compile(r"/(\d{12})/([A-Za-z0-9_-]{1,80})")
_PARAMETER = re.compile(r"[A-Za-z0-9_./-]{1,1011}")
_NAMESPACE = re.compile(r"[A-Za-z0-9._/#:-]{1,255}")
_DATABASE_SCHEME = re.compile(r"(sqlite|postgresql)(\+[a-z0-9]+)?://")
_PLAIN_HTTP_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_SECRET_FIELDS = frozenset({"database_url"})


class SettingsError(UserMistakeError):
    """A setting is missing or wrong: the message names the variable, the value given and what is allowed."""


def _check_queue_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
        parts = urlsplit("")
    if host is None or parts.query or parts.fragment or parts.username or not _QUEUE_PATH.fullmatch(parts.path):
        raise ValueError("it is no queue's URL")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _PLAIN_HTTP_HOSTS):
        raise ValueError("plain http is for this machine only")
    return url


def _check_region(region: str) -> str:
    if not _REGION.fullmatch(region):
        raise ValueError("it is no region's name")
    return region


def _check_parameter(name: str) -> str:
    if not _PARAMETER.fullmatch(name):
        raise ValueError("it is no parameter's name")
    return name


def _check_namespace(name: str) -> str:
    if name.startswith("AWS/") or not _NAMESPACE.fullmatch(name):
        raise ValueError("it is no namespace for metrics of one's own")
    return name


def _check_database_url(url: SecretStr) -> SecretStr:
    if not _DATABASE_SCHEME.match(url.get_secret_value()):
        raise ValueError("it is no database's URL")
    return url


class Settings(BaseSettings):
    """What the publisher and the worker are configured with; each field is the environment variable of its name.

    `Settings.from_environment()` reads them and tells all that is wrong in one line. Credentials and endpoints are not
    here: boto3 reads its own `AWS_…` variables.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, populate_by_name=True)

    predictions_queue_url: Annotated[str | None, AfterValidator(lambda url: url and _check_queue_url(url))] = Field(
        default=None,
        description="https://sqs.<region>.amazonaws.com/<12-digit account>/<queue name>, a standard queue's",
    )
    aws_region: Annotated[str | None, AfterValidator(lambda name: name and _check_region(name))] = Field(
        default=None,
        validation_alias=AliasChoices("AWS_REGION", "AWS_DEFAULT_REGION"),
        description="a region's name, such as us-east-1",
    )
    enable_sqs: bool = Field(
        default=True, description="true or false, where false keeps predictions queued in the store"
    )
    enable_sqs_parameter: Annotated[str | None, AfterValidator(lambda name: name and _check_parameter(name))] = Field(
        default=None, description="the name of a Systems Manager parameter, such as /retainwise/prod/enable-sqs"
    )
    kill_switch_cache_seconds: float = Field(
        default=10.0, ge=1, le=300, allow_inf_nan=False, description="seconds from 1 to 300"
    )
    message_group_by_user: bool = Field(
        default=False, description="true or false, where true has SQS serve the users fairly (fair queues)"
    )
    uploads_bucket: Annotated[str | None, AfterValidator(lambda name: name and check_bucket_name(name))] = Field(
        default=None, description="an S3 bucket's name"
    )
    upload_max_bytes: int = Field(
        default=10 * 1024 * 1024, ge=1, le=100 * 1024 * 1024, description="bytes from 1 to 104857600 (100 MiB)"
    )
    database_url: Annotated[SecretStr, AfterValidator(_check_database_url)] = Field(
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
    otel_traces_exporter: Literal["none", "otlp", "console"] = Field(
        default="none",
        description="none, otlp (to OTEL_EXPORTER_OTLP_ENDPOINT, over HTTP), or console (to stderr)",
    )
    otel_sdk_disabled: bool = Field(default=False, description="true or false, where true ends all tracing")
    metrics: Literal["emf", "prometheus", "none"] | None = Field(
        default=None,
        description="emf (lines in CloudWatch's embedded metric format on stderr), prometheus (to be asked on "
        "METRICS_PORT), or none; by default emf where ECS runs this, else none",
    )
    metrics_period_seconds: float = Field(
        default=60.0,
        ge=1,
        le=3600,
        allow_inf_nan=False,
        description="seconds from 1 to 3600: how often emf is written",
    )
    metrics_namespace: Annotated[str, AfterValidator(_check_namespace)] = Field(
        default="RetainWise/Predictions",
        description="CloudWatch's namespace for emf: 1 to 255 of A-Z a-z 0-9 . - _ / # : that do not begin with AWS/",
    )
    metrics_port: int = Field(
        default=9464, ge=1, le=65535, description="a port from 1 to 65535, on which /metrics is answered"
    )
    metrics_address: IPvAnyAddress = Field(
        default=IPv4Address("127.0.0.1"),
        description="an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them",
    )
    ecs_container_metadata_uri_v4: str | None = Field(
        default=None, description="what ECS sets: where a container can ask about itself"
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
    def is_tracing_on(self) -> bool:
        """Whether traces are made: `OTEL_TRACES_EXPORTER` says where they go."""
        return self.otel_traces_exporter != "none" and not self.otel_sdk_disabled

    @property
    def metrics_go_to(self) -> Literal["emf", "prometheus", "none"]:
        """`METRICS`, or what it is by default: in a container of ECS, the log goes to CloudWatch."""
        return self.metrics or ("emf" if self.ecs_container_metadata_uri_v4 else "none")

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
