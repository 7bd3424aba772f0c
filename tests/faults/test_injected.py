"""What the proxy injects is what boto3 takes for what it stands for."""

import http.client
import json
import os
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from app.aws_failures import AwsFailure, FailureKind
from tests.faults import injected
from tests.faults.injected import Fault, Rule
from tests.faults.proxies import Proxy

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "PATH": os.environ["PATH"]}
KINDS = {
    "SQS throttles": FailureKind.THROTTLED,
    "SQS fails (500)": FailureKind.UNAVAILABLE,
    "SQS is unavailable (503)": FailureKind.UNAVAILABLE,
    "SQS: the token has expired": FailureKind.REFUSED,
    "S3 throttles (503)": FailureKind.THROTTLED,
    "S3 fails (500)": FailureKind.UNAVAILABLE,
    "S3: the token has expired": FailureKind.REFUSED,
}
NOT_RETRIED = {"SQS: the token has expired", "S3: the token has expired"}


class _Upstream(BaseHTTPRequestHandler):
    """Answers whatever is asked with a hundred bytes."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._read_body()
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"x" * 100)

    def _read_body(self) -> None:
        """Take what is passed on, an empty body in chunks, off the connection: it is no request of its own."""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                self.rfile.read(size + 2)
            self.rfile.readline()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """One for all tests here; each gives it rules of its own."""
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), _Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    made = Proxy(
        "proxy",
        tmp_path_factory.mktemp("proxy"),
        arguments=("--upstream", f"http://127.0.0.1:{upstream.server_port}", "--resign"),
        environment=CREDENTIALS,
        faults=[],
        main_operations={},
        seed=1,
    )
    try:
        made.wait_until_ready()
        yield made
    finally:
        made.stop()
        upstream.shutdown()
        upstream.server_close()


def give(proxy: Proxy, rules: Sequence[Rule]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=5)
    connection.request("POST", "/_microburst/rules", json.dumps(rules), {"Content-Type": "application/json"})
    assert connection.getresponse().status == 200
    connection.close()


def client_of(service: str, proxy: Proxy) -> BaseClient:
    made: BaseClient = boto3.Session("key", "secret", region_name="us-east-1").client(  # type: ignore[call-overload]  # a name that is not known here
        service,
        endpoint_url=proxy.url,
        config=Config(retries={"mode": "standard", "total_max_attempts": 2}, proxies={}),
    )
    return made


def always(name: str) -> Fault:
    faults = [*injected.for_working(1.0, slow_seconds=1), *injected.for_publishing(1.0)]
    return next(fault for fault in faults if fault.name == name).in_weather(10_000)


def ask(client: BaseClient) -> object:
    if client.meta.service_model.service_name == "s3":
        return client.get_object(Bucket="bucket", Key="key")["Body"].read()  # type: ignore[attr-defined]  # made at runtime
    return client.receive_message(QueueUrl="http://127.0.0.1/123456789012/queue")  # type: ignore[attr-defined]  # as above


@pytest.mark.parametrize("name", KINDS)
def test_a_refusal_is_told_and_tried_again_as_awss_own(proxy: Proxy, name: str) -> None:
    give(proxy, always(name).as_rules({}))
    client = client_of("s3" if name.startswith("S3") else "sqs", proxy)
    with pytest.raises(ClientError) as raised:
        ask(client)
    client.close()
    assert AwsFailure.of(raised.value).kind is KINDS[name]
    assert raised.value.response["ResponseMetadata"]["RetryAttempts"] == (0 if name in NOT_RETRIED else 1)


def test_what_is_passed_on_keeps_its_length(proxy: Proxy) -> None:
    give(proxy, [])
    client = client_of("s3", proxy)
    assert ask(client) == b"x" * 100
    client.close()


def test_a_slow_file_is_told_by_its_user(proxy: Proxy) -> None:
    slow = injected.for_working(0, slow_seconds=0)[0]
    give(proxy, [{**slow.rule, "latency": 0, "reset": True}])
    client = client_of("s3", proxy)
    assert ask(client) == b"x" * 100
    with pytest.raises(ConnectionClosedError):
        client.get_object(Bucket="bucket", Key=f"{injected.SLOW_PREFIX}1/file.csv")  # type: ignore[attr-defined]  # made at runtime
    client.close()
