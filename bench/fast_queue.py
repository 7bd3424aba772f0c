"""A queue that is faster than its clients: ElasticMQ where it can be had, else a stub; in a process of its own."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import elasticmq, stub_queue

_QUEUE = "predictions"
_ACCOUNT = "123456789012"


@dataclass(frozen=True)
class FastQueue:
    """A queue.

    Args:
        server: What serves it, in words.
        endpoint_url: Where the server listens.
        url: The queue's URL.
    """

    server: str
    endpoint_url: str
    url: str


@contextmanager
def fast_queue(folder: Path) -> Iterator[FastQueue]:
    """Serve a queue within.

    Args:
        folder: Where what has to be installed goes.
    """
    port = _free_port()
    endpoint = f"http://127.0.0.1:{port}"
    url = f"{endpoint}/{_ACCOUNT}/{_QUEUE}"
    try:
        serving, server = elasticmq.running(elasticmq.install(folder), port, _QUEUE), "ElasticMQ"
    except elasticmq.ElasticMqMissingError as error:
        serving, server = _stub(port), f"a stub, since ElasticMQ cannot be had: {error}"
    with serving:
        yield FastQueue(server, endpoint, url)


@contextmanager
def _stub(port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "bench.stub_queue", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None  # noqa: S101 - it is a pipe, as asked for
        try:
            if server.stdout.readline().strip() != stub_queue.READY:
                raise RuntimeError("the stub did not start")
            yield
        finally:
            server.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
