"""One trace through the real thing: processes, messages on a server, dead letters and redrives, to a real collector."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from app.dlq.queue import DeadLetterQueue
from tests.app.emulator.job_stack import JobStack, log_of
from tests.app.emulator.test_dead_letters import BROKEN, MENDED, letters, mend
from tests.app.emulator.test_jobs import outcomes_of, upload
from tests.app.servers.otlp import Collector, collecting

pytestmark = pytest.mark.emulator


@pytest.fixture
def collector(job_stack: JobStack) -> Iterator[Collector]:
    """A collector that backend and worker export to, each as a service of its own name. They are measured, too."""
    with collecting() as found:
        for service, environment in (("backend", job_stack.backend), ("worker", job_stack.worker)):
            environment |= {
                "OTEL_TRACES_EXPORTER": "otlp",
                "OTEL_EXPORTER_OTLP_ENDPOINT": found.url,
                "OTEL_SERVICE_NAME": service,
                "METRICS": "emf",
            }
        yield found


def names(stack: JobStack) -> tuple[str, str, str]:
    queue = stack.queue_url.rsplit("/", 1)[-1]
    return f"send {queue}", f"receive {queue}", f"process {queue}"


def test_an_upload_a_relay_and_a_worker_in_processes_of_their_own_make_one_trace(
    job_stack: JobStack, collector: Collector, tmp_path: Path
) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(MENDED)
    upload(job_stack, file, "user_abc")
    relayed = job_stack.run(job_stack.backend, "relay", "--once", "--json")
    worked = job_stack.run(job_stack.worker, "work", "--drain", "--max-seconds", "40", "--json")
    assert json.loads(worked.stdout)["outcomes"]["completed"] == 1, worked.stderr

    send, receive, process = names(job_stack)
    chain = [collector.one(name) for name in ("upload", "publish", send, process)]
    assert [each.service for each in chain] == ["backend"] * 3 + ["worker"]
    assert [each.parent_id for each in chain] == ["", *(each.span_id for each in chain[:-1])]
    assert {each.trace_id for each in chain} == {chain[0].trace_id}
    assert (chain[2].span.kind, chain[3].span.kind) == (Span.SPAN_KIND_PRODUCER, Span.SPAN_KIND_CONSUMER)
    assert [link.trace_id.hex() for link in collector.one(receive).span.links] == [chain[0].trace_id]
    work = {each.span.name for each in collector.received if each.parent_id == chain[3].span_id}
    assert work == {"S3.GetObject", "predict", "S3.PutObject", "commit prediction"}
    for ended, event in ((relayed, "publisher.published"), (worked, "prediction.completed")):
        assert [line["trace_id"] for line in log_of(ended) if line.get("event") == event] == [chain[0].trace_id]
        assert {line.get("level", "metrics") for line in log_of(ended)} == {"info", "metrics"}
    assert "user_" not in str(collector.received)


def test_a_dead_letter_tells_its_trace_and_goes_on_in_it_when_sqs_moves_it_back(
    job_stack: JobStack, collector: Collector, tmp_path: Path
) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(BROKEN)
    prediction = upload(job_stack, file, "user_abc")
    job_stack.answer(job_stack.backend, "publish")
    job_stack.drain()
    trace_id = collector.one("upload").trace_id
    (letter,) = letters(job_stack.answer(job_stack.operator, "dlq", "show", str(prediction.prediction_id)))
    assert letter["trace_id"] == trace_id

    mend(job_stack, prediction.prediction_id)
    job_stack.answer(job_stack.operator, "dlq", "redrive")
    assert outcomes_of(job_stack.drain()) == {"completed": 1}
    send, _, process = names(job_stack)
    deliveries = collector.called(process)
    assert len(deliveries) == 4  # three to the dead-letter queue, and one after it
    assert {each.trace_id for each in deliveries} == {trace_id}
    assert {each.parent_id for each in deliveries} == {collector.one(send).span_id}
    assert sum(each.span.status.code == Status.STATUS_CODE_ERROR for each in deliveries) == 3


def test_a_letter_is_sent_back_with_all_attributes_whatever_they_are(job_stack: JobStack) -> None:
    sent: Mapping[str, Mapping[str, object]] = {
        "traceparent": {"DataType": "String", "StringValue": f"00-{'a' * 32}-{'b' * 16}-01"},
        "tracestate": {"DataType": "String", "StringValue": "vendor=x"},
        "other": {"DataType": "Binary.png", "BinaryValue": b"\x00\xff"},
        "number": {"DataType": "Number", "StringValue": "7"},
    }
    root = job_stack.root.sqs
    for url in (job_stack.queue_url, job_stack.dlq_url):  # their policies let no root user near
        root.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    root.send_message(QueueUrl=job_stack.dlq_url, MessageBody="body", MessageAttributes=sent)  # type: ignore[arg-type]  # as its stubs would have them written
    dead_letters = DeadLetterQueue(root, url=job_stack.dlq_url, arn="", source_url=job_stack.queue_url, source_arn="")
    (letter,) = dead_letters.receive(1, 30)
    dead_letters.send_back(letter)
    (back,) = root.receive_message(QueueUrl=job_stack.queue_url, MessageAttributeNames=["All"])["Messages"]
    assert back["MessageAttributes"] == sent
