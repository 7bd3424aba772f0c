"""Starts, finds and stops the emulator's process, one for each local account.

The process outlives whoever started it. Its record says where it serves; whether it really does is always asked of the
process itself, whose answer must carry the record's instance id: a port taken over by something else is never mistaken
for the emulator.
"""

import http.client
import json
import os
import subprocess
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Final

import psutil
from filelock import FileLock, Timeout

from local.emulator import record
from local.emulator.listeners import LOOPBACK, ListenError, open_listeners
from local.emulator.record import Record
from local.paths import LocalPaths

USUAL_PORTS: Final = (4590, 4591)
"""The ports of a first start: the public listener's and the VPC listener's."""
ANSWER_SECONDS: Final = 3.0
"""How long a running emulator may take to say that it is there."""
STOP_SECONDS: Final = 5.0
"""How long it may take to end before it is killed."""
KEPT_FROM_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "TMPDIR", "HOME")
"""What the server sees of its starter's environment: above all no AWS_… variable, whose key MiniStack would take for a
root user's, and no setting of MiniStack's own."""


class EmulatorError(RuntimeError):
    """The emulator cannot be started or stopped; the message says what to do."""


@dataclass(frozen=True)
class Emulator:
    """A running emulator.

    Args:
        public_url: The listener that stands for AWS's public endpoints.
        vpc_url: The listener that stands for the VPC's endpoint: requests through it carry aws:SourceVpc(e).
        instance: A fresh id per process start; when it changes, the account is empty unless it is a durable one.
        pid: The server's process id.
    """

    public_url: str
    vpc_url: str
    instance: str
    pid: int


def record_path(paths: LocalPaths) -> Path:
    """Says where an account's process record is kept.

    Args:
        paths: The local account's folders.

    Returns:
        The record's path; deleting the file ends the emulator within a second or two.
    """
    return paths.emulator / "emulator.json"


def log_path(paths: LocalPaths) -> Path:
    """Says where an account's emulator logs.

    Args:
        paths: The local account's folders.

    Returns:
        The log's path; each start begins it anew.
    """
    return paths.emulator / "emulator.log"


def _emulator(found: Record) -> Emulator:
    return Emulator(
        public_url=f"http://{LOOPBACK}:{found.public_port}",
        vpc_url=f"http://{LOOPBACK}:{found.vpc_port}",
        instance=found.instance,
        pid=found.pid,
    )


def _answers(found: Record, timeout_seconds: float) -> bool:
    """Whether the process at the record's public port is the record's run."""
    connection = http.client.HTTPConnection(LOOPBACK, found.public_port, timeout=timeout_seconds)
    try:
        connection.request("GET", "/_local/health")
        body = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
    return isinstance(body, dict) and body.get("instance") == found.instance


def running(paths: LocalPaths) -> Emulator | None:
    """Finds an account's emulator.

    Args:
        paths: The local account's folders.

    Returns:
        The emulator, or None if it is not running, or does not answer with the recorded instance id.
    """
    found = record.read(record_path(paths))
    if found is None or not _answers(found, ANSWER_SECONDS):
        return None
    return _emulator(found)


def _spawn(
    paths: LocalPaths, instance: str, listeners: tuple[socket, socket], owner: int | None, *, durable: bool
) -> subprocess.Popen[bytes]:
    python = paths.emulator_environment / "bin" / "python"
    if not python.exists():
        raise EmulatorError(f"the emulator's environment is missing ({python}): run `make setup` first")
    descriptors = [listener.fileno() for listener in listeners]
    command = [str(python), "-m", "local.emulator.server", "--record", str(record_path(paths)), "--instance", instance]
    command += ["--public-fd", str(descriptors[0]), "--vpc-fd", str(descriptors[1])]
    command += ["--decisions", str(paths.decisions)]
    if owner is not None:
        command += ["--owner", str(owner)]
    if durable:
        command += ["--journal", str(paths.journal)]
    environment = {name: os.environ[name] for name in KEPT_FROM_ENVIRONMENT if name in os.environ}
    with log_path(paths).open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=paths.project,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=descriptors,
            start_new_session=True,
        )


def _last_words(paths: LocalPaths) -> str:
    lines = [line for line in log_path(paths).read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"


def _await(paths: LocalPaths, process: subprocess.Popen[bytes], expected: Record, timeout_seconds: float) -> None:
    """Waits for the first answer: a connection is held by the listening socket until the server takes it."""
    deadline = time.monotonic() + timeout_seconds
    while process.poll() is None:
        left = deadline - time.monotonic()
        if left <= 0:
            process.kill()
            process.wait()
            raise EmulatorError(
                f"the emulator did not answer within {timeout_seconds:g} s; its log is {log_path(paths)}"
            )
        if _answers(expected, left):
            return
    raise EmulatorError(
        f"the emulator ended with status {process.returncode}: {_last_words(paths)}; its log is {log_path(paths)}"
    )


def start(
    paths: LocalPaths,
    *,
    timeout_seconds: float = 30.0,
    owner: int | None = None,
    ports: tuple[int, int] = USUAL_PORTS,
    durable: bool = False,
) -> Emulator:
    """Starts an account's emulator, or gives the one that runs.

    Args:
        paths: The local account's folders.
        timeout_seconds: How long the start may take, in seconds.
        owner: A process id: the emulator ends when that process does. None, the default, lets it run on.
        ports: The public listener's and the VPC listener's, at a first start; 0 takes a free one. Later starts prefer
            the ports used last, since the stack's state names them, and any start falls back to free ones.
        durable: Keeps the account in the account's folder, so that it outlives the process however that ends, and goes
            on with what an earlier durable run kept. The default keeps nothing and leaves what was kept alone. It does
            not change an emulator that runs.

    Returns:
        The running emulator. Its account is empty if its instance id is new and nothing was kept: `bootstrap` fills it.

    Raises:
        EmulatorError: It cannot be started; the message says why and where its log is.
    """
    paths.emulator.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(paths.emulator / "start.lock", timeout=timeout_seconds):
            return running(paths) or _start(paths, timeout_seconds, owner, ports, durable=durable)
    except Timeout as error:
        raise EmulatorError(
            f"another start of this emulator has been going on for {timeout_seconds:g} s; wait for it, then try again"
        ) from error


def _start(
    paths: LocalPaths, timeout_seconds: float, owner: int | None, ports: tuple[int, int], *, durable: bool
) -> Emulator:
    last = record.read(record_path(paths))
    stop(paths)  # what is recorded but does not answer, hung perhaps, holds the ports
    try:
        public, vpc = open_listeners(last, ports)
    except ListenError as error:
        raise EmulatorError(str(error)) from error
    instance = str(uuid.uuid4())
    with public, vpc:  # the child has its own copies: when it ends, the ports are free and waiting clients are told
        process = _spawn(paths, instance, (public, vpc), owner, durable=durable)
        expected = Record(instance, process.pid, public.getsockname()[1], vpc.getsockname()[1])
    _await(paths, process, expected, timeout_seconds)
    process.returncode = 0  # it lives on by design: no ResourceWarning when this handle is collected
    return _emulator(expected)


def _recorded_process(found: Record) -> psutil.Process | None:
    """The record's process, if it is that still: process ids are reused, instance ids are not."""
    try:
        process = psutil.Process(found.pid)
        return process if found.instance in process.cmdline() else None
    except psutil.Error:
        return None


def stop(paths: LocalPaths) -> bool:
    """Stops an account's emulator. What it held is gone with it, unless it is a durable one.

    Its record stays, for the next start's ports.

    Args:
        paths: The local account's folders.

    Returns:
        Whether one was running.
    """
    found = record.read(record_path(paths))
    process = _recorded_process(found) if found is not None else None
    if process is not None:
        try:
            process.terminate()
            process.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)
        except psutil.NoSuchProcess:
            pass
    return process is not None
