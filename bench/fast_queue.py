"""A queue that is faster than its clients: ElasticMQ where it can be had, else a stub; in a process of its own."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import elasticmq, stub_queue
from local.paths import PROJECT

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
    with ExitStack() as serving:
        try:
            serving.enter_context(elasticmq.running(elasticmq.install(folder), port, _QUEUE))
            queue = _at(port, "ElasticMQ")
        except elasticmq.ElasticMqMissingError as error:
            queue = serving.enter_context(stub(f"a stub, since ElasticMQ cannot be had: {error}"))
        yield queue


@contextmanager
def stub(server: str = "a stub") -> Iterator[FastQueue]:
    """Serve a queue within, by the stub, in a process of its own.

    Args:
        server: How it is to be called.
    """
    port = _free_port()
    command = [sys.executable, "-m", "bench.stub_queue", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe, as asked for
        try:
            if process.stdout.readline().strip() != stub_queue.READY:
                raise RuntimeError("the stub did not start")
            yield _at(port, server)
        finally:
            process.terminate()


def _at(port: int, server: str) -> FastQueue:
    endpoint = f"http://127.0.0.1:{port}"
    return FastQueue(server, endpoint, f"{endpoint}/{_ACCOUNT}/{_QUEUE}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
