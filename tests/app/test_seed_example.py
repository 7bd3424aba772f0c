"""The example that the requirements give, as written but for the import paths."""

import re
import warnings
from collections.abc import Iterator

import pytest

import app.client
import app.settings

EXAMPLE = """
# Test 1: Configuration validation
from app.settings import settings
print(f"SQS Enabled: {settings.is_sqs_enabled}")
# Expected: True

# Test 2: Client initialization
from app.client import sqs_client
client = sqs_client.get_client()
print(f"Client: {client}")
# Expected: <botocore.client.SQS object>

# Test 3: Message validation
from app.message import PredictionSQSMessage
from datetime import datetime
from uuid import uuid4

message = PredictionSQSMessage(
    prediction_id=uuid4(),
    user_id="user_2abcdef1234567890",
    upload_id=uuid4(),
    s3_file_path="s3://retainwise-uploads/user_abc/test.csv",
    timestamp=datetime.utcnow(),
    priority="normal"
)
print(f"Valid message: {message.json()}")
# Expected: JSON output
"""


@pytest.fixture
def container_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PREDICTIONS_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/predictions")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("ENABLE_SQS", "true")
    app.settings.load_settings.cache_clear()
    yield
    app.client.sqs_client.shutdown()
    app.settings.load_settings.cache_clear()


@pytest.mark.usefixtures("container_environment")
def test_runs_as_written(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "datetime.datetime.utcnow", DeprecationWarning)  # the example's own, 3.12 on
        exec(compile(EXAMPLE, "example", "exec"), {})  # noqa: S102 - the example above, nothing from outside
    enabled, client, message = capsys.readouterr().out.splitlines()
    assert enabled == "SQS Enabled: True"
    assert re.fullmatch(r"Client: <botocore\.client\.SQS object at 0x[0-9a-f]+>", client)
    assert message.startswith('Valid message: {"prediction_id":"')
    assert message.endswith('Z","priority":"normal"}')
