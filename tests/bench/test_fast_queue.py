from pathlib import Path

import boto3
import pytest

from bench import elasticmq
from bench.fast_queue import fast_queue


def cannot(*_given: object) -> Path:
    raise elasticmq.ElasticMqMissingError("java is not on PATH")


def starts_not(*_given: object) -> None:
    raise elasticmq.ElasticMqMissingError("it did not start")


@pytest.mark.parametrize("missing", ["cannot be installed", "does not start"])
def test_the_stub_serves_where_elasticmq_cannot_be_had_and_says_so(
    missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(elasticmq, "install", cannot if missing == "cannot be installed" else lambda folder: folder)
    monkeypatch.setattr(elasticmq, "running", starts_not)
    with fast_queue(tmp_path) as queue:
        assert queue.server.startswith("a stub, since ElasticMQ cannot be had: ")
        sqs = boto3.client(
            "sqs",
            region_name="us-east-1",
            endpoint_url=queue.endpoint_url,
            aws_access_key_id="none",
            aws_secret_access_key="none",  # noqa: S106 - the stub asks for none
        )
        assert sqs.send_message(QueueUrl=queue.url, MessageBody="a")["MessageId"]
        sqs.close()
