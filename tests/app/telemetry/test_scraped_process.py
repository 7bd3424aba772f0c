"""A process of its own, asked by Prometheus."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

PROJECT = Path(__file__).parents[3]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def asked(port: int, relay: subprocess.Popen[str]) -> str:
    """What it answers, once it does."""
    ends = time.monotonic() + 60
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                return str(answer.read().decode())
        except URLError:
            assert relay.poll() is None, relay.communicate()[1]
            assert time.monotonic() < ends
            time.sleep(0.05)  # another process is starting: nothing here tells when it has


def test_a_relay_answers_for_as_long_as_it_runs(tmp_path: Path) -> None:
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PREDICTIONS_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/predictions",
        "AWS_REGION": "us-east-1",
        "ENABLE_SQS": "false",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'store.sqlite3'}",
        "METRICS": "prometheus",
        "METRICS_PORT": str(port),
        "OTEL_SERVICE_NAME": "relay",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "app", "relay"],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as relay:
        try:
            text = ""
            while "retainwise_kill_switch_on" not in text:
                text = asked(port, relay)
            samples = {
                sample.name: sample for family in text_string_to_metric_families(text) for sample in family.samples
            }
            relay.send_signal(signal.SIGTERM)
            _, told = relay.communicate(timeout=30)
        finally:
            relay.kill()
    assert relay.returncode == 0, told
    assert samples["retainwise_kill_switch_on"].value == 0
    assert samples["retainwise_outbox_waiting"].value == 0
    assert samples["retainwise_outbox_waiting"].labels == {
        "messaging_system": "aws_sqs",
        "messaging_destination_name": "predictions",
    }
    assert samples["target_info"].labels == {"service_name": "relay"}
    assert '"event": "metrics.answering"' in told
    assert "_aws" not in told
