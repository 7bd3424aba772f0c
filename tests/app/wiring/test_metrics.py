import socket
import sys
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import LogCapture

from app.errors import OperationFailedError
from app.settings import Settings
from app.telemetry.instruments import Description, Kind
from app.wiring.metrics import metrics_of, service_name
from tests.app.doubles.emf import read

SENT = Description("sent", Kind.COUNTER, "{message}", "Messages")
QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/retainwise-prod-predictions"


def settings(**others: object) -> Settings:
    return Settings.model_validate({"predictions_queue_url": QUEUE_URL, **others})


@pytest.fixture
def port() -> int:
    """One that was free a moment ago."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.mark.parametrize(
    ("given", "is_short"), [({}, False), ({"metrics": "none"}, False), ({"metrics": "prometheus"}, True)]
)
def test_nothing_is_measured_for_nobody(given: dict[str, str], *, is_short: bool) -> None:
    with metrics_of(settings(**given), is_short=is_short) as registry:
        assert registry is None


@pytest.mark.parametrize("is_short", [True, False])
def test_the_log_has_the_metrics_at_the_end(capsys: pytest.CaptureFixture[str], *, is_short: bool) -> None:
    with metrics_of(settings(metrics="emf"), is_short=is_short) as registry:
        assert registry is not None
        registry.counter(SENT).add()
    out, err = capsys.readouterr()
    assert out == ""
    (found,) = read(err.rstrip("\n"))
    assert found.dimensions == {
        "service.name": "retainwise-predictions",
        "messaging.destination.name": "retainwise-prod-predictions",
    }
    assert '"messaging.system":"aws_sqs"' in err


def test_a_terminal_is_spared_the_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, app_logs: LogCapture
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with metrics_of(settings(metrics="emf")) as registry:
        assert registry is None
    assert capsys.readouterr() == ("", "")
    assert [entry["event"] for entry in app_logs.entries] == ["metrics.not_written"]


def test_prometheus_finds_the_process_on_its_port(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "worker-of-tests")
    with metrics_of(settings(metrics="prometheus", metrics_port=port)) as registry:
        assert registry is not None
        registry.counter(SENT).add(amount=3)
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            families = {family.name: family for family in text_string_to_metric_families(answer.read().decode())}
    (sample,) = families["sent"].samples
    assert sample.value == 3
    assert sample.labels == {
        "messaging_system": "aws_sqs",
        "messaging_destination_name": "retainwise-prod-predictions",
    }
    assert families["target_info"].samples[0].labels == {"service_name": "worker-of-tests"}


def test_a_port_that_is_taken_is_told_in_words(port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with (
            pytest.raises(OperationFailedError, match=f"METRICS_PORT is {port}.*free port"),
            metrics_of(settings(metrics="prometheus", metrics_port=port)),
        ):
            pass


def test_an_address_of_another_machine_is_told_in_words(port: int) -> None:
    with (
        pytest.raises(OperationFailedError, match=r"METRICS_ADDRESS is 203\.0\.113\.7"),
        metrics_of(settings(metrics="prometheus", metrics_port=port, metrics_address="203.0.113.7")),
    ):
        pass


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({}, "retainwise-predictions"),
        ({"OTEL_SERVICE_NAME": "a"}, "a"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "x=1, service.name = my%20worker"}, "my worker"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=b", "OTEL_SERVICE_NAME": "a"}, "a"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "deployment.service.name=b,,="}, "retainwise-predictions"),
    ],
)
def test_the_service_has_the_name_that_opentelemetry_gives_it(environment: dict[str, str], name: str) -> None:
    assert service_name(environment) == name
