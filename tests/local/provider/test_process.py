"""The plugin as a process: the port on its first line, and a quiet end, whoever ends it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import grpc
import psutil
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2_grpc

from local.paths import PROJECT

COMMAND = [sys.executable, "-m", "local.provider", "127.0.0.1:1"]
PATIENCE_SECONDS = 60.0


@pytest.fixture
def process() -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(COMMAND, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        yield started
        started.kill()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_port_serves_and_ends_without_a_word(
    process: "subprocess.Popen[str]", how: signal.Signals
) -> None:
    assert process.stdout is not None
    port = int(process.stdout.readline())
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        assert stub.GetPluginInfo(Empty()).version == "7.51.1"
    process.send_signal(how)
    rest, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, rest, errors) == (0, "", "")


@pytest.mark.parametrize("serving", [True, False], ids=["while it serves", "while it starts"])
def test_it_ends_when_the_engine_that_started_it_was_killed(*, serving: bool) -> None:
    engine = (
        "import subprocess, sys, time\n"
        "plugin = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True)\n"
        f"{'plugin.stdout.readline()' if serving else ''}\n"
        "print(plugin.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", engine, *COMMAND], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None
        plugin = psutil.Process(int(started.stdout.readline()))
        os.kill(started.pid, signal.SIGKILL)
    end = time.monotonic() + PATIENCE_SECONDS
    while plugin.is_running() and plugin.status() != psutil.STATUS_ZOMBIE and time.monotonic() < end:
        with_a_pause()
    assert not plugin.is_running() or plugin.status() == psutil.STATUS_ZOMBIE


def with_a_pause() -> None:
    """A real process needs real time to notice: polled, and bounded by the loop."""
    time.sleep(0.05)
