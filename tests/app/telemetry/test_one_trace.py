"""Upload, publish and work are one trace, whoever publishes, whenever, and however often."""

import signal
from collections.abc import Iterator, Sequence
from itertools import chain
from uuid import uuid4

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, DEFAULT_ON, ParentBased
from opentelemetry.trace import NoOpTracerProvider, SpanKind
from structlog.testing import LogCapture

from app.models import UnusableFileError
from app.publishing import PublishCode
from app.store import Prediction, State
from app.telemetry.trace_context import TraceContext
from app.telemetry.tracing import Tracing
from tests.app.doubles.scene import BUCKET, CONTENT, OWNER, Scene
from tests.app.doubles.sqs import QUEUE_URL, aws_error
from tests.app.doubles.traced import Memory, TracedScene, attributes_of, context_of, linked, parent_of
from tests.app.servers.postgresql import PostgreSQL

SEND, CREATE, RECEIVE, PROCESS = (f"{name} predictions" for name in ("send", "create", "receive", "process"))


def uploaded(traced: TracedScene) -> tuple[Prediction, TraceContext]:
    """A prediction that was asked for in a trace of its own."""
    with traced.backend.tracing.span("upload"):
        prediction = traced.add()
    return prediction, context_of(traced.backend.called("upload")[-1])


def trace_ids(spans: Sequence[ReadableSpan]) -> set[str]:
    return {context_of(span).trace_id for span in spans}


def shapes(spans: Sequence[ReadableSpan]) -> list[tuple[str, SpanKind]]:
    return [(span.name, span.kind) for span in spans]


def id_of(span: ReadableSpan) -> str:
    return context_of(span).span_id


def test_what_is_published_at_once_is_a_child_of_its_upload_and_its_work_a_child_of_that(traced: TracedScene) -> None:
    prediction, upload = uploaded(traced)
    result = traced.publisher.publish_prediction(prediction.prediction_id)
    traced.traced_worker().run()

    publish, send = traced.backend.one("publish"), traced.backend.one(SEND)
    process = traced.works.one(PROCESS)
    assert [parent_of(span) for span in (publish, send, process)] == [upload.span_id, id_of(publish), id_of(send)]
    assert linked(process) == [(upload.trace_id, id_of(send))]
    of_the_job = [span for span in traced.works.spans if parent_of(span) == id_of(process)]
    assert shapes(of_the_job) == [
        ("S3.GetObject", SpanKind.CLIENT),
        ("predict", SpanKind.INTERNAL),
        ("S3.PutObject", SpanKind.CLIENT),
        ("commit prediction", SpanKind.INTERNAL),
    ]
    assert (send.kind, process.kind) == (SpanKind.PRODUCER, SpanKind.CONSUMER)
    assert trace_ids([*traced.backend.spans, process, *of_the_job]) == {upload.trace_id}
    assert attributes_of(publish)["retainwise.correlation_id"] == result.correlation_id

    others = [traced.works.one(name) for name in (RECEIVE, "claim predictions", "delete predictions")]
    assert [linked(span) for span in others] == [[(upload.trace_id, id_of(send))]] * 3
    assert upload.trace_id not in trace_ids(others)
    assert [span.kind for span in others] == [SpanKind.CLIENT, SpanKind.INTERNAL, SpanKind.CLIENT]


def test_spans_have_the_names_and_attributes_of_the_conventions(traced: TracedScene) -> None:
    prediction, _ = uploaded(traced)
    message_id = traced.publisher.publish_prediction(prediction.prediction_id).message_id
    traced.traced_worker().run()
    shared = {
        "messaging.system": "aws_sqs",
        "messaging.destination.name": "predictions",
        "aws.sqs.queue.url": QUEUE_URL,
        "server.address": "sqs.us-east-1.amazonaws.com",
        "server.port": 443,
        "cloud.region": "us-east-1",
    }

    def expected(name: str, operation: str, **more: object) -> dict[str, object]:
        named = {"messaging.operation.name": name, "messaging.operation.type": operation}
        return {**shared, **named, **{key.replace("__", "."): value for key, value in more.items()}}

    single: dict[str, object] = {"messaging__message__id": message_id}
    batch: dict[str, object] = {"messaging__batch__message_count": 1}
    own: dict[str, object] = {
        "retainwise__receives": 1,
        "retainwise__prediction_id": str(prediction.prediction_id),
        "retainwise__attempt": 1,
        "retainwise__outcome": "completed",
    }
    assert attributes_of(traced.backend.one(SEND)) == expected("send", "send", **single)
    assert attributes_of(traced.works.one(RECEIVE)) == expected("receive", "receive", **batch)
    assert attributes_of(traced.works.one(PROCESS)) == expected("process", "process", **single, **own)
    assert attributes_of(traced.works.one("delete predictions")) == expected("delete", "settle", **batch)
    assert attributes_of(traced.works.one("S3.GetObject")) == {
        "rpc.system": "aws-api",
        "rpc.service": "S3",
        "rpc.method": "GetObject",
        "aws.s3.bucket": BUCKET,
        "cloud.region": "us-east-1",
    }


def test_a_relay_hours_later_carries_each_trace_on_and_its_batch_has_links_to_all(traced: TracedScene) -> None:
    asked = [uploaded(traced) for _ in range(3)]
    traced.clock.advance(5 * 3600)
    traced.relay(traced.traced_publisher(traced.relays)).run(once=True)
    traced.traced_worker().run()

    (send,) = [span for span in traced.relays.spans if span.name == SEND]
    creates = traced.relays.called(CREATE)
    assert {(context_of(each).trace_id, parent_of(each)) for each in creates} == {
        (upload.trace_id, upload.span_id) for _, upload in asked
    }
    assert {each.kind for each in creates} == {SpanKind.PRODUCER}
    assert send.kind is SpanKind.CLIENT
    assert attributes_of(send)["messaging.batch.message_count"] == 3
    assert linked(send) == [(context_of(each).trace_id, id_of(each)) for each in creates]
    assert [attributes_of(link)["messaging.message.id"] for link in send.links] == [
        "message-1",
        "message-2",
        "message-3",
    ]
    publish = traced.relays.one("publish")
    assert parent_of(send) == id_of(publish)
    assert all((context_of(publish).trace_id, id_of(publish)) in linked(each) for each in creates)

    processes = traced.works.called(PROCESS)
    assert {(context_of(each).trace_id, parent_of(each)) for each in processes} == {
        (context_of(each).trace_id, id_of(each)) for each in creates
    }
    assert len(linked(traced.works.called(RECEIVE)[0])) == 3


def test_on_postgresql_it_is_one_trace_too(postgresql: PostgreSQL) -> None:
    with postgresql.database() as url:
        traced = TracedScene(url)
        prediction, upload = uploaded(traced)
        traced.relay(traced.traced_publisher(traced.relays)).run(once=True)
        traced.traced_worker().run()
        assert traced.now_of(prediction.prediction_id).state is State.COMPLETED
        assert context_of(traced.works.one(PROCESS)).trace_id == upload.trace_id
        traced.engine.dispose()


def test_an_outage_makes_spans_of_what_is_tried_only(traced: TracedScene) -> None:
    for _ in range(25):
        uploaded(traced)
    traced.sqs.faults["SendMessageBatch"] = [aws_error("InternalError", status=500)]
    traced.publisher.publish_due()
    assert len(traced.backend.called(CREATE)) == 10
    assert attributes_of(traced.backend.one(SEND))["error.type"] == "InternalError"


def test_what_was_not_traced_before_is_of_its_batchs_trace(traced: TracedScene) -> None:
    for _ in range(2):
        traced.untraced_predictions.add(
            prediction_id=uuid4(), user_id=OWNER, upload_id=uuid4(), s3_file_path=f"s3://{BUCKET}/{OWNER}/x.csv"
        )
    list(traced.publisher.publish_pending())
    publish = traced.backend.one("publish")
    assert [parent_of(each) for each in traced.backend.called(CREATE)] == [id_of(publish)] * 2


def test_backfills_are_traced_message_by_message_and_batch_by_batch(traced: TracedScene) -> None:
    asked = [uploaded(traced)[0] for _ in range(12)]
    results = list(traced.publisher.publish_pending())
    assert {result.code for result in results} == {PublishCode.PUBLISHED}
    sends = traced.backend.called(SEND)
    assert [attributes_of(span)["messaging.batch.message_count"] for span in sends] == [10, 2]
    assert len(traced.backend.called(CREATE)) == len(asked)


@pytest.mark.parametrize("within", [True, False])
def test_a_request_that_publishes_is_parent_in_its_own_trace_and_linked_to_in_another(
    traced: TracedScene,
    within: bool,  # noqa: FBT001 - a case
) -> None:
    with traced.backend.tracing.span("request"):
        prediction, upload = uploaded(traced)
        if within:
            traced.publisher.publish_prediction(prediction.prediction_id)
    if not within:
        with traced.backend.tracing.span("another request"):
            traced.publisher.publish_prediction(prediction.prediction_id)
    publish = traced.backend.one("publish")
    assert context_of(publish).trace_id == upload.trace_id
    if within:
        assert parent_of(publish) == id_of(traced.backend.one("request"))
        assert linked(publish) == []
    else:
        another = traced.backend.one("another request")
        assert parent_of(publish) == upload.span_id
        assert linked(publish) == [(context_of(another).trace_id, id_of(another))]


def fail_once(traced: TracedScene) -> None:
    def action(content: bytes, _should_stop: object) -> None:
        del content
        traced.predictor.action = lambda _content, _stop: None
        raise ZeroDivisionError(OWNER)

    traced.predictor.action = action


def test_a_message_that_is_renewed_is_worked_on_in_the_same_trace(traced: TracedScene) -> None:
    prediction, upload = uploaded(traced)
    traced.publisher.publish_prediction(prediction.prediction_id)
    for _ in range(2):  # two deliveries that are interrupted before they begin
        (delivery,) = traced.queue.receive(1, 0, 300)
        traced.queue.hide(delivery, 0)
    fail_once(traced)
    worker = traced.traced_worker()
    assert worker.run().outcomes["renewed"] == 1
    traced.clock.advance(60)
    traced.relay(traced.traced_publisher(traced.relays)).run(once=True)
    assert traced.traced_worker().run().outcomes["completed"] == 1

    assert [attributes_of(each)["retainwise.attempt"] for each in traced.works.called("claim prediction")] == [1]
    first, second = traced.works.called(PROCESS)
    assert {context_of(each).trace_id for each in (first, second)} == {upload.trace_id}
    assert parent_of(traced.relays.one("publish")) == upload.span_id
    assert parent_of(second) == id_of(traced.relays.one(SEND))
    assert attributes_of(first)["retainwise.reason"] == "unexpected-error"
    assert traced.now_of(prediction.prediction_id).state is State.COMPLETED


def test_a_provider_that_makes_no_spans_passes_on_what_others_have_begun_and_begins_nothing(
    traced: TracedScene, app_logs: LogCapture
) -> None:
    prediction, upload = uploaded(traced)
    traced.backend.tracing = Tracing(NoOpTracerProvider())
    traced.as_backend()
    other = traced.add()
    publisher = traced.traced_publisher(traced.backend)
    app_logs.entries.clear()
    for each in (prediction, other):
        publisher.publish_prediction(each.prediction_id)
    assert [TraceContext.of_attributes(message.attributes) for message in traced.sqs.messages] == [upload, None]
    assert [line.get("trace_id") for line in app_logs.entries] == [upload.trace_id, None]


def test_those_who_trace_nothing_pass_on_what_others_have_begun(traced: TracedScene) -> None:
    asked = [uploaded(traced) for _ in range(2)]
    plain = Scene.make_publisher(traced)
    plain.publish_prediction(asked[0][0].prediction_id)
    traced.relay(plain).run(once=True)
    traced.traced_worker().run()
    assert {(context_of(each).trace_id, parent_of(each)) for each in traced.works.called(PROCESS)} == {
        (upload.trace_id, upload.span_id) for _, upload in asked
    }


def test_where_nothing_is_traced_nothing_is_sent_and_nothing_asked_for(scene: Scene) -> None:
    scene.published()
    scene.add()
    scene.relay().run(once=True)
    assert [message.attributes for message in scene.sqs.messages] == [{}, {}]
    scene.drained().run()
    asked = [arguments["attributes"] for name, arguments in scene.sqs.calls if name == "ReceiveMessage"]
    assert asked == [[]] * len(asked)


def test_what_was_not_traced_when_it_was_asked_for_begins_a_trace_when_it_is_sent(traced: TracedScene) -> None:
    prediction = traced.untraced_predictions.add(
        prediction_id=uuid4(), user_id=OWNER, upload_id=uuid4(), s3_file_path=f"s3://{BUCKET}/{OWNER}/x.csv"
    )
    traced.s3.objects[BUCKET, f"{OWNER}/x.csv"] = CONTENT
    traced.publisher.publish_prediction(prediction.prediction_id)
    traced.traced_worker().run()
    publish = traced.backend.one("publish")
    assert publish.parent is None
    assert context_of(traced.works.one(PROCESS)).trace_id == context_of(publish).trace_id


HOSTILE: list[dict[str, object]] = [
    {"traceparent": {"DataType": "Binary", "BinaryValue": b"\xff" * 100}},
    {"traceparent": {"DataType": "String", "StringValue": "hostile" * 10_000}},
    {"traceparent": {"DataType": "String", "StringValue": f"00-{'0' * 32}-{'0' * 16}-01"}},
    {
        "traceparent": {"DataType": "String", "StringValue": f"00-{'a' * 32}-{'b' * 16}-01"},
        "tracestate": {"DataType": "String", "StringValue": "hostile=\x1b[2J,hostile"},
    },
    {"traceparent": "hostile", "tracestate": 7},
]


def test_hostile_attributes_break_nothing_and_are_told_nowhere(
    traced: TracedScene, app_logs: LogCapture, caplog: pytest.LogCaptureFixture
) -> None:
    for attributes in HOSTILE:
        prediction, _ = uploaded(traced)
        traced.publisher.publish_prediction(prediction.prediction_id)
        traced.sqs.messages[-1].attributes = attributes
    report = traced.traced_worker().run()
    assert report.outcomes["completed"] == len(HOSTILE)
    parents = [span.parent for span in traced.works.called(PROCESS)]
    assert [parent.trace_id for parent in parents if parent] == [int("a" * 32, 16)]
    assert "hostile" not in str(app_logs.entries) + caplog.text + "".join(told(traced.works))


def test_log_lines_of_what_is_traced_carry_its_ids(traced: TracedScene, app_logs: LogCapture) -> None:
    prediction, upload = uploaded(traced)
    traced.publisher.publish_prediction(prediction.prediction_id)
    traced.traced_worker().run()
    lines = {line["event"]: line for line in app_logs.entries}
    for event in ("upload.stored", "publisher.published", "prediction.claimed", "prediction.completed"):
        assert lines[event]["trace_id"] == upload.trace_id, event
    assert lines["prediction.completed"]["span_id"] == id_of(traced.works.one(PROCESS))
    assert lines["publisher.published"]["span_id"] == id_of(traced.backend.one("publish"))
    assert "trace_id" not in lines["worker.stopped"]


def told(memory: Memory) -> Iterator[str]:
    """All that spans tell."""
    for span in memory.spans:
        links = chain.from_iterable((link.attributes or {}).items() for link in span.links)
        events = [(event.name, event.attributes) for event in span.events]
        yield f"{span.name} {dict(span.attributes or {})} {span.status.description} {list(links)} {events}"


def test_nothing_that_is_told_is_personal(traced: TracedScene) -> None:
    """Neither users nor paths, which name them, nor bodies, nor what files hold, nor what exceptions say of them."""
    for content in (CONTENT, b"unusable", b"crash", b"gone", b"down"):
        with traced.backend.tracing.span("upload"):
            prediction = traced.add(content)
        if content == b"gone":
            traced.s3.objects.pop((BUCKET, prediction.s3_file_path.split("/", 3)[3]))
        traced.publisher.publish_prediction(prediction.prediction_id)

    def action(content: bytes, _should_stop: object) -> None:
        if content == b"unusable":
            raise UnusableFileError(f"{OWNER} has line 2 wrong")
        if content == b"crash":
            raise ZeroDivisionError(OWNER)

    traced.predictor.action = action
    traced.sqs.put(f'{{"user_id": "{OWNER}"}}')
    traced.s3.faults["GetObject"] = [aws_error("SlowDown", "GetObject", 503, f"no {OWNER}")]
    traced.sqs.faults["ChangeMessageVisibility"] = [aws_error("InternalError", message=OWNER)]
    traced.traced_worker().run()
    outcomes = {attributes_of(span)["retainwise.outcome"] for span in traced.works.called(PROCESS)}
    assert outcomes == {"completed", "failed", "rejected", "retried"}
    for memory in (traced.backend, traced.works):
        for line in told(memory):
            assert OWNER not in line
            assert "user_" not in line
            assert ".csv" not in line
            assert "line 2" not in line


def test_failures_are_told_by_classes_of_which_there_are_few(traced: TracedScene) -> None:
    prediction, _ = uploaded(traced)
    traced.sqs.faults["SendMessage"] = [aws_error("RequestThrottled", "SendMessage")]
    traced.publisher.publish_prediction(prediction.prediction_id)
    send = traced.backend.one(SEND)
    assert (send.status.is_ok, attributes_of(send)["error.type"]) == (False, "RequestThrottled")

    traced.publisher.publish_prediction(prediction.prediction_id)

    def unusable(content: bytes, _should_stop: object) -> None:
        raise UnusableFileError(f"{content!r}")

    traced.predictor.action = unusable
    traced.sqs.faults["ReceiveMessage"] = [aws_error("InternalError")]
    traced.sqs.max_receive_count = 1
    traced.traced_worker().run()
    process, predict = traced.works.one(PROCESS), traced.works.one("predict")
    assert attributes_of(process)["error.type"] == "failed"
    assert attributes_of(process)["retainwise.reason"] == "unusable-file"
    assert attributes_of(predict)["error.type"] == "UnusableFileError"
    failed_poll, poll = traced.works.called(RECEIVE)
    assert attributes_of(failed_poll)["error.type"] == "InternalError"
    assert poll.status.is_unset
    assert traced.works.one("change_visibility predictions").status.is_unset
    assert all(span.events == () for span in traced.works.spans)


def test_a_batch_that_is_taken_in_part_says_of_each_link_whether_it_was(traced: TracedScene) -> None:
    asked = [uploaded(traced)[0] for _ in range(2)]
    traced.sqs.refuse = lambda body: (
        {"Code": "InvalidMessageContents", "SenderFault": True} if str(asked[1].prediction_id) in body else None
    )
    list(traced.publisher.publish_pending())
    (send,) = traced.backend.called(SEND)
    told_of_links = sorted((attributes_of(link) for link in send.links), key=len)
    assert told_of_links == [{}, {"messaging.message.id": "message-1"}]
    assert send.status.is_unset


def test_a_trace_that_is_not_recorded_stays_so_in_every_process(database_url: str) -> None:
    traced = TracedScene(database_url, ParentBased(ALWAYS_OFF))
    traced.works = Memory(DEFAULT_ON)
    with traced.backend.tracing.span("upload") as upload:
        prediction = traced.add()
    traced.publisher.publish_prediction(prediction.prediction_id)
    carried = TraceContext.of_attributes(traced.sqs.messages[0].attributes)
    assert carried is not None
    assert (int(carried.trace_id, 16), carried.flags & 1) == (upload.get_span_context().trace_id, 0)
    traced.traced_worker().run()
    assert traced.now_of(prediction.prediction_id).state is State.COMPLETED
    assert traced.backend.spans == ()
    assert traced.works.called(PROCESS) == []
    traced.engine.dispose()


def test_what_is_given_back_at_a_stop_is_told_in_its_trace(traced: TracedScene) -> None:
    prediction, upload = uploaded(traced)
    traced.publisher.publish_prediction(prediction.prediction_id)
    worker = traced.traced_worker()
    traced.sqs.before_receive = lambda: traced.shutdown.request(signal.SIGTERM)
    assert worker.run().given_back == 1
    given_back = traced.works.one("change_visibility predictions")
    assert context_of(given_back).trace_id == upload.trace_id


def test_an_idle_worker_makes_no_spans(traced: TracedScene) -> None:
    traced.traced_worker().run()
    assert traced.sqs.count("ReceiveMessage") > 1
    assert traced.works.spans == ()
