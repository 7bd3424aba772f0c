import threading

import pytest
from structlog.testing import LogCapture

from app.aws import make_sqs
from app.client import QueueUnreachableError, SQSClient
from app.settings import Settings, SettingsError
from tests.app.doubles.clock import FakeClock
from tests.app.doubles.scene import Scene, in_thread
from tests.app.doubles.sqs import QUEUE_URL, FakeSqs, aws_error
from tests.app.doubles.wire import WiredSqs, response


def client_of(url: str, region: str = "us-east-1") -> tuple[SQSClient, FakeSqs]:
    fake = FakeSqs(FakeClock())
    settings = Settings(predictions_queue_url=url, aws_region=region)
    return SQSClient(settings, make=lambda _region: fake.client), fake


def test_a_client_has_the_limits_that_it_should() -> None:
    made = make_sqs("eu-west-1")
    config = vars(made.meta.config)["_user_provided_options"]
    assert config["max_pool_connections"] == 50
    assert config["retries"] == {"total_max_attempts": 3, "mode": "standard"}
    assert config["read_timeout"] > 20
    assert made.meta.region_name == "eu-west-1"
    made.close()


def test_threads_that_ask_at_once_share_one_client() -> None:
    made: list[str] = []
    together = threading.Barrier(8)
    fake = FakeSqs(FakeClock())
    given: list[object] = []

    def make(region: str) -> object:
        made.append(region)
        return fake.client

    client = SQSClient(Settings(aws_region="us-east-1"), make=make)  # type: ignore[arg-type]  # a double

    def ask() -> None:
        together.wait()
        given.append(client.get_client())

    threads = [in_thread(ask) for _ in range(8)]
    for thread in threads:
        thread.join(10)
    assert made == ["us-east-1"]
    assert given == [fake] * 8


def test_shutdown_closes_and_the_next_use_makes_a_new_one(scene: Scene) -> None:
    scene.client.get_client()
    scene.client.shutdown()
    assert scene.sqs.closed
    scene.client.shutdown()
    assert scene.client.get_client() is scene.sqs.client


@pytest.mark.parametrize(
    "url",
    [
        QUEUE_URL,
        "https://us-east-1.queue.amazonaws.com/123456789012/predictions",
        "https://vpce-0a1b-xyz.sqs.us-east-1.vpce.amazonaws.com/123456789012/predictions",
        "http://127.0.0.1:4590/123456789012/predictions",
        "http://localhost:9324/123456789012/predictions",
    ],
)
def test_startup_takes_any_way_to_the_same_queue(url: str, app_logs: LogCapture) -> None:
    client, fake = client_of(url)
    client.startup()
    assert fake.calls == [("GetQueueUrl", {"name": "predictions"})]
    assert app_logs.entries[-1]["event"] == "client.started"


@pytest.mark.parametrize(
    ("url", "region", "told"),
    [
        ("https://sqs.us-east-1.amazonaws.com/999988887777/predictions", "us-east-1", "account 999988887777"),
        ("https://sqs.eu-west-1.amazonaws.com/123456789012/predictions", "us-east-1", "region eu-west-1"),
        ("https://sqs.us-east-1.amazonaws.com/123456789012/other", "us-east-1", "no queue 'other' in us-east-1"),
    ],
)
def test_startup_refuses_another_queue(url: str, region: str, told: str) -> None:
    client, _fake = client_of(url, region)
    with pytest.raises(SettingsError, match=told) as caught:
        client.startup()
    assert f"PREDICTIONS_QUEUE_URL is '{url}'" in str(caught.value)


def test_startup_tells_what_aws_said(app_logs: LogCapture) -> None:
    client, fake = client_of(QUEUE_URL)
    fake.faults["GetQueueUrl"] = [aws_error("AccessDenied", "GetQueueUrl", 403, "User: x is not authorized")]
    with pytest.raises(QueueUnreachableError, match="AccessDenied: User: x is not authorized"):
        client.startup()
    assert app_logs.entries[-1]["aws_code"] == "AccessDenied"


@pytest.mark.parametrize("damaged", [b"{}", b"null", b"", b'{"QueueUrl": '])
def test_a_damaged_answer_at_the_startup_is_told_as_such(damaged: bytes) -> None:
    settings = Settings(predictions_queue_url=QUEUE_URL, aws_region="us-east-1")
    wired = WiredSqs(lambda _operation, _fields: response(200, damaged))
    with pytest.raises(QueueUnreachableError, match="damaged"):
        SQSClient(settings, make=lambda _region: wired.client).startup()


def test_startup_asks_nothing_when_publishing_is_disabled() -> None:
    fake = FakeSqs(FakeClock())
    settings = Settings(predictions_queue_url=QUEUE_URL, aws_region="us-east-1", enable_sqs=False)
    SQSClient(settings, make=lambda _region: fake.client).startup()
    assert fake.calls == []


def test_without_a_region_the_variable_is_named() -> None:
    with pytest.raises(SettingsError, match="AWS_REGION is not set"):
        SQSClient(Settings()).get_client()
