"""The host as a process: the port on its first line, and a quiet end that leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import psutil
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from local.paths import PROJECT

COMMAND = [sys.executable, "-m", "local.language_host", "127.0.0.1:1"]
PATIENCE_SECONDS = 20.0
Written = Callable[..., Path]

WAITING = "import os, time\nprint(os.getpid())\ntime.sleep(60)\n"


@pytest.fixture
def process() -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        COMMAND, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as started:
        yield started
        started.kill()


def port_of(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def waiting_plugin(port: int, folder: Path) -> Iterator[language_pb2.RunPluginResponse]:
    """Start a plugin that waits; its first answer is its process id. The call lasts as long as the channel."""
    info = language_pb2.ProgramInfo(program_directory=str(folder))
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = language_pb2_grpc.LanguageRuntimeStub(channel)
        yield from stub.RunPlugin(language_pb2.RunPluginRequest(pwd=str(folder), kind="resource", info=info))


def ends(pid: int) -> bool:
    end = time.monotonic() + PATIENCE_SECONDS
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_and_ends_without_a_word(process: "subprocess.Popen[str]", how: signal.Signals) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{port_of(process)}") as channel:
        assert language_pb2_grpc.LanguageRuntimeStub(channel).GetPluginInfo(Empty()).version
    process.send_signal(how)
    rest, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, rest, errors) == (0, "", "")


@pytest.mark.parametrize("whole_group", [True, False])
def test_what_runs_ends_with_it_without_a_word(
    process: "subprocess.Popen[str]", written: Written, *, whole_group: bool
) -> None:
    answers = waiting_plugin(port_of(process), written(__main__=WAITING))
    pid = int(next(answers).stdout)
    if whole_group:  # as the engine does it
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert ends(pid)
    assert (process.returncode, errors) == (0, "")


def test_it_ends_with_what_it_runs_when_the_engine_was_killed(written: Written) -> None:
    engine = (
        "import subprocess, sys, time\n"
        "host = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True, start_new_session=True)\n"
        "print(host.stdout.readline().strip(), host.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", engine, *COMMAND]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        try:
            port, host = started.stdout.readline().split()
            answers = waiting_plugin(int(port), written(__main__=WAITING))
            pid = int(next(answers).stdout)
        finally:
            started.kill()
    assert ends(pid)
    assert ends(int(host))
