"""Structured logs on stderr: JSON lines in a container, readable ones on a terminal.

Every event has a stable name; the fields say the rest. `prediction_id` and `message_id` tie the lines of one job
together, and so do `trace_id` and `span_id` where it is traced. Neither message bodies nor file contents nor
credentials are logged, nor what exceptions say but on a terminal; other people's text is cut and escaped.

Client: `client.started`, `client.stopped`, `client.disabled`, `client.startup_failed`.
Kill switch: `kill_switch.changed`, `kill_switch.unreadable`.
Metrics: `metrics.answering`, `metrics.not_written`, `metrics.unreadable`.
Publisher: `upload.stored`, and with a `correlation_id` `publisher.published`, `publisher.published_many`,
`publisher.kept`, `publisher.refused`. Relay: `relay.started`, `relay.stopped`, `relay.store_failed`.
Worker: `worker.started`, `worker.stopping`, `worker.stopped`, `worker.receive_failed`, `worker.delete_failed`,
`worker.visibility_failed`, `worker.look_failed`, `worker.given_back`, `worker.release_failed`, `worker.store_is_down`,
`worker.batch_not_claimed`, `worker.process_replaced`, `worker.rhythm_failed`, `worker.slot_failed`,
`worker.giving_back_failed`, `worker.poll_left`. Beside it: `sweeper.renewed`, `sweeper.gave_up`,
`sweeper.store_failed`, `protection.changed`, `protection.failed`.
One delivery: `prediction.claimed`, `prediction.completed`, `prediction.duplicate`, `prediction.failed`,
`prediction.retried`, `prediction.busy`, `prediction.crashed`, `prediction.commit_failed`,
`prediction.refused_by_store`, `message.rejected`.
Traces: `traces.export_failed`, `traces.export_resumed`, `traces.not_flushed`, `telemetry.sdk_complained`.
Lease: `lease.lost`, `lease.heartbeat_failed`.
Dead letters: `dlq.sent_back`, `dlq.send_failed`, `dlq.delete_failed`, `dlq.give_back_failed`, `dlq.not_given_back`,
`dlq.no_records`, `dlq.move_started`, `dlq.moving`, `dlq.move_cancelled`, `dlq.look_failed`.
"""

import json
import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from app.bounded import bounded
from app.tracebacks import without_words

_FIELD_LIMIT = 500
_TRACEBACK_LIMIT = 8000

# Made once: `json.dumps` with any option makes one for each line, which takes as long as half of the encoding.
_encode = json.JSONEncoder(default=repr).encode


def _bound_fields(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if name == "exception":
            event[name] = str(value)[-_TRACEBACK_LIMIT:]
        elif isinstance(value, str) and not (value.isprintable() and len(value) <= _FIELD_LIMIT):
            event[name] = bounded(value, _FIELD_LIMIT)
    return event


def _as_json(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    return _encode(event)


def configure_logs(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Send this process's logs to a stream, stderr by default; stdout belongs to the commands' answers.

    Args:
        stream: Where to; a terminal gets readable lines, anything else JSON.
        level: The least level that is shown.
    """
    out = stream or sys.stderr
    terminal = out.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _keep if terminal else structlog.processors.ExceptionRenderer(without_words),
            _bound_fields,
            structlog.dev.ConsoleRenderer() if terminal else _as_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )


def _keep(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return event
