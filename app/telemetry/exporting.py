"""Getting spans out of this process, so that neither the work nor its end waits for a collector."""

import os
import sys
import threading
from collections.abc import Sequence

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter, SpanExportResult
from structlog.typing import FilteringBoundLogger

from app.bounded import bounded
from app.settings import Settings, SettingsError
from app.telemetry.otel_variables import check_otlp, check_sampler
from app.telemetry.resource import make_resource

log: FilteringBoundLogger = structlog.get_logger(__name__)

FLUSH_SECONDS = 3.0
"""How long the end of a process waits for its last spans to be taken."""


class WatchedExporter(SpanExporter):
    """An exporter that says once that spans do not get through, and once that they do again. Raises nothing.

    Args:
        exporter: What exports.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._is_failing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export some spans. Those that do not get through are dropped: they are not worth the work's memory."""
        kind: str | None = None
        try:
            result = self._exporter.export(spans)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not reach what is traced
            result, kind = SpanExportResult.FAILURE, type(error).__name__
        is_failing = result is not SpanExportResult.SUCCESS
        if is_failing and not self._is_failing:
            log.warning("traces.export_failed", spans=len(spans), kind=kind)
        elif self._is_failing and not is_failing:
            log.info("traces.export_resumed")
        self._is_failing = is_failing
        return result

    def shutdown(self) -> None:
        """Export no more, and give up what is being tried again."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing is kept here."""
        return self._exporter.force_flush(timeout_millis)


def make_provider(settings: Settings) -> TracerProvider:
    """What makes and exports spans, as OpenTelemetry's own variables describe it.

    Spans are exported in the background, in batches; when the collector does not keep up, the oldest are dropped.

    Raises:
        SettingsError: One of those variables is wrong.
    """
    exporter = _exporter(settings)
    try:
        check_sampler(os.environ)
        provider = TracerProvider(resource=make_resource(), shutdown_on_exit=False)
        provider.add_span_processor(BatchSpanProcessor(WatchedExporter(exporter)))
    except ValueError as error:  # by OTEL_BSP_… and OTEL_SPAN_…_LIMIT, whose names the SDK has in its words
        raise SettingsError(f"the OTEL_… variables cannot be had together: {bounded(error)}") from error
    return provider


def close(provider: TracerProvider, seconds: float = FLUSH_SECONDS) -> None:
    """Export what is left; nothing is made after this.

    Args:
        provider: What made the spans.
        seconds: How long to wait for it. The SDK itself would wait for half a minute.
    """
    closing = threading.Thread(target=provider.shutdown, name="traces-closing", daemon=True)
    closing.start()
    closing.join(seconds)
    if closing.is_alive():
        log.warning("traces.not_flushed", seconds=seconds)


def _exporter(settings: Settings) -> SpanExporter:
    if settings.otel_traces_exporter == "console":  # to stderr, a line each: stdout belongs to the commands' answers
        return ConsoleSpanExporter(out=sys.stderr, formatter=_as_line)
    check_otlp(os.environ)
    return OTLPSpanExporter()


def _as_line(span: ReadableSpan) -> str:
    return f"{span.to_json(indent=None)}\n"
