"""Starting, finding and stopping the emulator's process, whatever happened to it before."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from local.emulator import record
from local.emulator.process import Emulator, EmulatorError, log_path, record_path, running, start, stop
from local.emulator.record import Record
from local.paths import LocalPaths

FREE = (0, 0)


@pytest.fixture
def paths(tmp_path: Path, emulator: Emulator) -> Iterator[LocalPaths]:  # noqa: ARG001 - skips where there is no emulator
    """A local account of this test's own, stopped afterwards."""
    own = LocalPaths(run=tmp_path)
    yield own
    stop(own)


def eventually(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Waits for another process, within bounds."""
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    return holds()


def gone(pid: int) -> bool:
    """Whether a process has ended; a child that nobody has waited for yet has ended too."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.emulator
def test_start_gives_the_running_one(paths: LocalPaths) -> None:
    first = start(paths, ports=FREE)
    assert start(paths, ports=FREE) == first
    assert running(paths) == first
    assert psutil.Process(first.pid).is_running()
    assert first.public_url != first.vpc_url
    assert first.public_url.startswith("http://127.0.0.1:")


@pytest.mark.emulator
def test_two_starts_at_once_give_one_emulator(paths: LocalPaths) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: start(paths, ports=FREE), range(2)))
    assert both[0] == both[1]


@pytest.mark.emulator
def test_stop_is_quiet_and_says_whether_there_was_one(paths: LocalPaths) -> None:
    started = start(paths, ports=FREE)
    assert stop(paths)
    assert gone(started.pid)
    assert running(paths) is None
    assert not stop(paths)
    assert log_path(paths).read_text() == ""
    again = start(paths, ports=FREE)
    assert (again.public_url, again.vpc_url) == (started.public_url, started.vpc_url)


@pytest.mark.emulator
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_without_a_word(paths: LocalPaths, number: signal.Signals) -> None:
    started = start(paths, ports=FREE)
    os.kill(started.pid, number)
    assert eventually(lambda: gone(started.pid))
    assert log_path(paths).read_text() == ""


@pytest.mark.emulator
def test_a_killed_emulator_is_noticed_and_started_on_the_same_ports(paths: LocalPaths) -> None:
    first = start(paths, ports=FREE)
    os.kill(first.pid, signal.SIGKILL)
    assert eventually(lambda: gone(first.pid))
    assert running(paths) is None
    second = start(paths, ports=FREE)
    assert (second.public_url, second.vpc_url) == (first.public_url, first.vpc_url)
    assert second.instance != first.instance


@pytest.mark.emulator
def test_a_hung_emulator_is_replaced(paths: LocalPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.emulator.process.ANSWER_SECONDS", 0.2)
    monkeypatch.setattr("local.emulator.process.STOP_SECONDS", 0.2)
    first = start(paths, ports=FREE)
    os.kill(first.pid, signal.SIGSTOP)
    assert running(paths) is None
    second = start(paths, ports=FREE)
    assert second.pid != first.pid
    assert gone(first.pid)


@pytest.mark.emulator
def test_a_port_that_is_taken_is_left_alone(paths: LocalPaths) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        started = start(paths, ports=(taken, 0))
    assert started.public_url != f"http://127.0.0.1:{taken}"
    assert running(paths) == started


@pytest.mark.emulator
def test_it_ends_when_its_record_vanishes(paths: LocalPaths) -> None:
    started = start(paths, ports=FREE)
    record_path(paths).unlink()
    assert eventually(lambda: gone(started.pid))


@pytest.mark.emulator
def test_it_ends_when_its_record_names_another_run(paths: LocalPaths) -> None:
    started = start(paths, ports=FREE)
    found = record.read(record_path(paths))
    assert found is not None
    record.write(record_path(paths), Record("another", 1, found.public_port, found.vpc_port))
    assert eventually(lambda: gone(started.pid))
    assert record.read(record_path(paths)) is not None  # not its own to remove


@pytest.mark.emulator
def test_it_ends_with_its_owner(paths: LocalPaths) -> None:
    owner = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = start(paths, ports=FREE, owner=owner.pid)
    owner.communicate(b"\n")
    assert eventually(lambda: gone(started.pid))


@pytest.mark.emulator
def test_it_sees_nothing_of_its_starters_aws_settings(paths: LocalPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAFROMTHESHELL")
    monkeypatch.setenv("PERSIST_STATE", "1")
    environment = psutil.Process(start(paths, ports=FREE).pid).environ()
    assert not [name for name in environment if name.startswith("AWS_")]
    assert "PERSIST_STATE" not in environment


@pytest.mark.emulator
def test_it_listens_on_the_loopback_device_only(paths: LocalPaths) -> None:
    process = psutil.Process(start(paths, ports=FREE).pid)
    listening = [each.laddr.ip for each in process.net_connections() if each.status == psutil.CONN_LISTEN]
    assert listening == ["127.0.0.1", "127.0.0.1"]


@pytest.mark.emulator
def test_something_else_at_the_recorded_port_is_not_the_emulator(paths: LocalPaths, emulator: Emulator) -> None:
    record_path(paths).parent.mkdir(parents=True)
    port = int(emulator.public_url.rsplit(":", 1)[1])
    record.write(record_path(paths), Record("another", os.getpid(), port, port))
    assert running(paths) is None
    assert not stop(paths)  # and what has the recorded process id is not ended


@pytest.mark.emulator
def test_a_server_that_cannot_start_says_why(paths: LocalPaths, tmp_path: Path) -> None:
    (tmp_path / "project" / "local" / "emulator").mkdir(parents=True)
    (tmp_path / "project" / "local" / "emulator" / "server.py").write_text("raise SystemExit('no luck today')\n")
    (tmp_path / "project" / ".local").symlink_to(paths.tools)
    broken = LocalPaths(project=tmp_path / "project", run=tmp_path)
    with pytest.raises(EmulatorError, match=r"ended with status 1: no luck today; its log is .*emulator\.log"):
        start(broken, ports=FREE)


@pytest.mark.emulator
def test_a_server_that_never_answers_is_given_up(paths: LocalPaths, tmp_path: Path) -> None:
    (tmp_path / "project" / "local" / "emulator").mkdir(parents=True)
    (tmp_path / "project" / "local" / "emulator" / "server.py").write_text("import time; time.sleep(60)\n")
    (tmp_path / "project" / ".local").symlink_to(paths.tools)
    broken = LocalPaths(project=tmp_path / "project", run=tmp_path)
    with pytest.raises(EmulatorError, match=r"did not answer within 0\.3 s"):
        start(broken, ports=FREE, timeout_seconds=0.3)


def test_a_missing_environment_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match="the emulator's environment is missing"):
        start(LocalPaths(project=tmp_path, run=tmp_path), ports=FREE)


def test_without_a_record_nothing_runs(tmp_path: Path) -> None:
    assert running(LocalPaths(run=tmp_path)) is None
    assert not stop(LocalPaths(run=tmp_path))
