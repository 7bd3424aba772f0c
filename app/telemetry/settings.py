"""What traces and metrics are configured with."""

from ipaddress import IPv4Address
from typing import Literal

from pydantic import Field, IPvAnyAddress
from pydantic_settings import BaseSettings

from app.setting_types import MetricsNamespace


class TelemetrySettings(BaseSettings):
    """The part of `app.settings.Settings` that says where traces and metrics go; read with the rest, not by itself."""

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
    metrics_namespace: MetricsNamespace = Field(
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

    @property
    def is_tracing_on(self) -> bool:
        """Whether traces are made: `OTEL_TRACES_EXPORTER` says where they go."""
        return self.otel_traces_exporter != "none" and not self.otel_sdk_disabled

    @property
    def metrics_go_to(self) -> Literal["emf", "prometheus", "none"]:
        """`METRICS`, or what it is by default: in a container of ECS, the log goes to CloudWatch."""
        return self.metrics or ("emf" if self.ecs_container_metadata_uri_v4 else "none")
