"""Traces: spans, and the contexts by which those of several processes become one trace.

Whatever is traced is so by a subclass beside the plain class (`traced.py` in the rooms), which is put in its place when
tracing is on. So what is not traced does not pay for it, and does not know of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from opentelemetry.context import Context
from opentelemetry.semconv.attributes.error_attributes import ERROR_TYPE
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    TracerProvider,
    TraceState,
    format_span_id,
    format_trace_id,
    get_current_span,
    set_span_in_context,
    use_span,
)
from opentelemetry.util.types import AttributeValue
from structlog.contextvars import bound_contextvars

from app.telemetry.trace_context import TraceContext

Attributes = Mapping[str, AttributeValue]

_SCOPE = "retainwise.predictions"


class Tracing:
    """Makes spans. Safe to use from several threads.

    Attributes hold ids, counts and stable codes: never a body, a user, a path, or what an exception says.

    Args:
        provider: Where spans go; OpenTelemetry's own, of the SDK or of a process that is instrumented already.
    """

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer(_SCOPE)

    @contextmanager
    def span(
        self,
        name: str,
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes | None = None,
        parent: TraceContext | None = None,
        links: Sequence[Link] = (),
    ) -> Iterator[Span]:
        """A span around what is done meanwhile. Log lines carry its `trace_id` and `span_id`; an exception is an error.

        Args:
            name: Its name, of which there are few.
            kind: Its kind.
            attributes: What is known beforehand.
            parent: What it continues. Where a span of the same trace is open, that one is the parent; one of another
                trace is linked to, so that neither trace loses sight of the other.
            links: What else it has to do with.
        """
        span = self.start(name, kind=kind, attributes=attributes, parent=parent, links=links)
        with (
            use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False),
            bound_contextvars(**_ids(span)),
        ):
            try:
                yield span
            except BaseException as error:
                failed(span, type(error).__qualname__)
                raise

    def start(  # noqa: PLR0913 - what a span consists of
        self,
        name: str,
        *,
        kind: SpanKind,
        attributes: Attributes | None = None,
        parent: TraceContext | None = None,
        links: Sequence[Link] = (),
        start_time: int | None = None,
    ) -> Span:
        """Begin a span that is nobody's surroundings; whoever begins it ends it.

        Args:
            name: As for `span`.
            kind: As for `span`.
            attributes: As for `span`.
            parent: As for `span`.
            links: As for `span`.
            start_time: When it began, in nanoseconds since 1970; by default now.
        """
        context: Context | None = None
        if parent is not None:
            surroundings = get_current_span().get_span_context()
            if format_trace_id(surroundings.trace_id) != parent.trace_id:
                context = set_span_in_context(NonRecordingSpan(_span_context(parent)), Context())
                if surroundings.is_valid:
                    links = (*links, Link(surroundings))
        return self._tracer.start_span(
            name, context=context, kind=kind, attributes=attributes, links=links, start_time=start_time
        )


def _ids(span: Span) -> dict[str, str]:
    """What log lines carry; nothing of a provider that makes no spans."""
    ids = span.get_span_context()
    return {"trace_id": format_trace_id(ids.trace_id), "span_id": format_span_id(ids.span_id)} if ids.is_valid else {}


def current_trace() -> TraceContext | None:
    """Where in which trace this thread is at work; None where it is in none."""
    return trace_of(get_current_span())


def trace_of(span: Span) -> TraceContext | None:
    """A span as the context of what it brings about; None for one that is none."""
    ids = span.get_span_context()
    if not ids.is_valid:
        return None
    parent = f"00-{format_trace_id(ids.trace_id)}-{format_span_id(ids.span_id)}-{ids.trace_flags:02x}"
    return TraceContext.read(parent, ids.trace_state.to_header() or None)


def link_to(trace: TraceContext | None, attributes: Attributes | None = None) -> list[Link]:
    """The link to a context; none where there is none."""
    return [] if trace is None else [Link(_span_context(trace), attributes)]


def failed(span: Span, kind: str) -> None:
    """Say that what a span stands for has failed.

    Args:
        span: The span.
        kind: Which class of failures: of these there are few, and none tells of anybody.
    """
    span.set_status(StatusCode.ERROR)
    span.set_attribute(ERROR_TYPE, kind)


def _span_context(trace: TraceContext) -> SpanContext:
    return SpanContext(
        trace_id=int(trace.trace_id, 16),
        span_id=int(trace.span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(trace.flags),
        trace_state=TraceState.from_header([trace.tracestate]) if trace.tracestate else None,
    )
