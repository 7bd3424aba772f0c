"""How spans leave the process: to whom, and that nothing waits for it or breaks by it."""

import io
import json
import logging
import socket
import sys
import time
from collections.abc import Iterator

import pytest
from structlog.testing import LogCapture

from app.settings import Settings, SettingsError
from app.telemetry.exporting import close, make_provider
from app.telemetry.sdk_logs import sdk_logs_told
from app.telemetry.tracing import Tracing
from app.wiring.tracing import tracing_of
from tests.app.servers.otlp import Collector, collecting

OTLP = Settings(otel_traces_exporter="otlp")
CONSOLE = Settings(otel_traces_exporter="console")


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as found:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", found.url)
        yield found


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> str:
    """An endpoint at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
    return url


def trace(settings: Settings, name: str = "work") -> None:
    with tracing_of(settings) as tracing:
        assert tracing is not None
        with tracing.span(name, attributes={"retainwise.attempt": 3}):
            pass


def events(logs: LogCapture) -> list[str]:
    return [line["event"] for line in logs.entries]


def test_a_collector_gets_each_span_whole_at_the_end_at_the_latest(collector: Collector, app_logs: LogCapture) -> None:
    trace(OTLP)
    work = collector.one("work")
    assert work.service == "retainwise-predictions"
    assert [(each.key, each.value.int_value) for each in work.span.attributes] == [("retainwise.attempt", 3)]
    assert collector.paths == ["/v1/traces"]
    assert events(app_logs) == []


def test_the_standard_variables_are_heeded(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "worker")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"{collector.url}/mine")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    trace(OTLP)
    assert (collector.one("work").service, collector.paths) == ("worker", ["/mine"])
    monkeypatch.delenv("OTEL_SERVICE_NAME")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=theirs,peer.service.name=x")
    trace(OTLP, "by attributes")
    assert collector.one("by attributes").service == "theirs"
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "peer.service.name=x")
    trace(OTLP, "by nobody")
    assert collector.one("by nobody").service == "retainwise-predictions"
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0")
    trace(OTLP, "unsampled")
    assert collector.called("unsampled") == []


@pytest.mark.parametrize("settings", [Settings(), Settings(otel_traces_exporter="otlp", otel_sdk_disabled=True)])
def test_off_is_off(settings: Settings) -> None:
    with tracing_of(settings) as tracing:
        assert tracing is None


def test_the_console_has_a_line_of_json_for_each_span_beside_the_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    trace(CONSOLE)
    (line,) = out.getvalue().splitlines()
    told = json.loads(line)
    assert (told["name"], told["attributes"]) == ("work", {"retainwise.attempt": 3})
    assert told["resource"]["attributes"]["service.name"] == "retainwise-predictions"


def test_nobody_there_is_said_once_without_a_traceback_and_hardly_waited_for(
    nobody: str, app_logs: LogCapture, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.2")
    with sdk_logs_told():
        provider = make_provider(OTLP)
        tracing = Tracing(provider)
        for _ in range(3):
            with tracing.span("work"):
                pass
            provider.force_flush()
        close(provider)
    assert events(app_logs).count("traces.export_failed") == 1
    complaints = [line for line in app_logs.entries if line["event"] == "telemetry.sdk_complained"]
    assert 1 <= len(complaints) <= 3
    assert all(len(line["detail"]) <= 300 and "exception" not in line for line in complaints)
    assert capfd.readouterr().err == ""
    assert nobody


def test_a_collector_that_comes_back_is_said_too(collector: Collector, app_logs: LogCapture) -> None:
    collector.status = 400
    with sdk_logs_told():
        provider = make_provider(OTLP)
        tracing = Tracing(provider)
        for status in (400, 400, 200):
            collector.status = status
            with tracing.span("work"):
                pass
            provider.force_flush()
        close(provider)
    told = [event for event in events(app_logs) if event.startswith("traces.")]
    assert told == ["traces.export_failed", "traces.export_resumed"]
    assert len(collector.called("work")) == 1


def test_the_end_does_not_wait_for_a_collector_that_does_not_answer(collector: Collector, app_logs: LogCapture) -> None:
    collector.answers.clear()
    with sdk_logs_told():
        provider = make_provider(OTLP)
        with Tracing(provider).span("work"):
            pass
        began = time.monotonic()
        close(provider, seconds=0.1)
        assert time.monotonic() - began < 5  # the SDK by itself would wait for ten
        collector.answers.set()
    assert "traces.not_flushed" in events(app_logs)


def test_work_does_not_wait_for_it_either_and_what_is_too_much_is_dropped(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    collector.answers.clear()
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "10")
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "5")
    with sdk_logs_told():
        provider = make_provider(OTLP)
        tracing = Tracing(provider)
        began = time.monotonic()
        for _ in range(500):
            with tracing.span("work"):
                pass
        assert time.monotonic() - began < 5
        collector.answers.set()
        close(provider)
    assert 0 < len(collector.called("work")) <= 20


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", "http://localhost:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[", "http://localhost:4318"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://collector", "https://"),
        ("OTEL_TRACES_SAMPLER", "sometimes", "parentbased_traceidratio"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "100000", "max_export_batch_size"),
        ("OTEL_SPAN_LINK_COUNT_LIMIT", "many", "OTEL_SPAN_LINK_COUNT_LIMIT"),
    ],
)
def test_a_variable_that_cannot_be_meant_is_told_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match="OTEL_") as told, tracing_of(OTLP):
        pass
    assert allowed in str(told.value)


@pytest.mark.parametrize("ratio", ["2", "-0.1", "half", "nan", "1e-1"])
def test_a_share_of_the_traces_lies_between_none_and_all(monkeypatch: pytest.MonkeyPatch, ratio: str) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", ratio)
    with pytest.raises(SettingsError, match=r"OTEL_TRACES_SAMPLER_ARG is .*from 0 to 1"), tracing_of(CONSOLE):
        pass


def test_a_password_in_an_endpoint_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "me:secret@collector:4318")
    with pytest.raises(SettingsError, match="not shown") as told, tracing_of(OTLP):
        pass
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("name", ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"])
@pytest.mark.parametrize("value", ["hunter2", "authorization: hunter2", "x-tenant=a,hunter2", "=hunter2"])
def test_headers_that_cannot_be_meant_are_told_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, app_logs: LogCapture, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=rf"{name} is not shown.*<name>=<value>") as told, tracing_of(OTLP):
        pass
    assert "hunter2" not in str(told.value) + str(app_logs.entries)


@pytest.mark.parametrize("value", ["authorization=Bearer%20hunter2", "authorization=Basic aHVudGVyMg==, x-tenant=a,"])
def test_headers_go_along(collector: Collector, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", value)
    trace(OTLP)
    assert collector.headers[0]["authorization"] in {"Bearer hunter2", "Basic aHVudGVyMg=="}


def test_an_exporter_that_is_none_is_told_with_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "zipkin")
    with pytest.raises(SettingsError, match=r"OTEL_TRACES_EXPORTER is 'zipkin'.*none, otlp .* or console"):
        Settings.from_environment()


def test_what_the_sdk_complains_of_is_a_bounded_line_of_the_log_once(app_logs: LogCapture) -> None:
    sdk = logging.getLogger("opentelemetry.somewhere")
    with sdk_logs_told():
        for number in range(3):
            sdk.error("no %s", f"\x1b[2J{number}" * 1000, exc_info=ValueError("a secret"))
        sdk.warning("not enough %s %s", 1)
        sdk.info("never mind")
    first, second = app_logs.entries
    assert (first["event"], first["of"]) == ("telemetry.sdk_complained", "opentelemetry.somewhere")
    assert first["detail"].startswith("no \\x1b[2J0")
    assert second["detail"] == "not enough %s %s"
    assert "secret" not in str(app_logs.entries)
    assert sdk.parent is not None
    assert sdk.parent.handlers == []
