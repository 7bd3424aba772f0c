"""RunPlugin: a policy pack or a provider written in Python, in a process of its own, its output streamed back.

A pack is started at once. The official host first waits for the engine's ConfigureStack call and puts the stack's name
and configuration into the pack's environment; here `pulumi.Config` and `pulumi.get_stack` are empty in a pack. Rules
that are configured (`--policy-pack-config`) and rules that read resources do not notice.
"""

import os
import queue
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import grpc
from pulumi.runtime.proto import language_pb2

from local.language_host.children import Children, Closed
from local.language_host.environment import child_environment

_CHUNK_BYTES = 65536


class NotRunnable(Exception):  # noqa: N818 - it says what the folder is
    """A plugin's folder holds nothing that can be run."""


def plugin_command(kind: str, folder: Path, arguments: list[str]) -> list[str]:
    """Say how a plugin is run.

    Args:
        kind: `analyzer` for a policy pack; else `resource` and the like.
        folder: The plugin's directory.
        arguments: The engine's arguments, its address above all.

    Returns:
        The command line. A pack is run by the SDK's `pulumi.policy`, which wants the folder last; a folder with a
        `__main__.py` as it stands; a package by the SDK's `pulumi.run.plugin`, which hosts its components.

    Raises:
        NotRunnable: The folder is none of these.
    """
    python = [sys.executable, "-u"]
    if kind == "analyzer":
        return [*python, "-m", "pulumi.policy", *arguments, str(folder)]
    if (folder / "__main__.py").is_file():
        return [*python, str(folder), *arguments]
    try:
        name = tomllib.loads((folder / "pyproject.toml").read_text())["project"]["name"]
    except (FileNotFoundError, KeyError):
        raise NotRunnable(
            f"{folder} is no plugin: it needs a __main__.py, or a pyproject.toml that names its project"
        ) from None
    return [*python, "-m", "pulumi.run.plugin", str(name), *arguments]


def run_plugin(
    request: language_pb2.RunPluginRequest, children: Children, context: grpc.ServicerContext
) -> Iterator[language_pb2.RunPluginResponse]:
    """Run a plugin until it ends, or until the engine takes its call back: then it is killed.

    Args:
        request: What the engine sent.
        children: Where the process is kept.
        context: The call, to hear of its end.

    Yields:
        Output as it comes, then the exit status.
    """
    folder = Path(request.info.program_directory)
    if request.attach_debugger:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "this language host starts no debugger")
    environment = child_environment({**os.environ, **dict(entry.split("=", 1) for entry in request.env)})
    try:
        command = plugin_command(request.kind, folder, list(request.args))
        process = children.start(
            command,
            # A pack has always run in its own folder, other plugins in the program's.
            folder=folder if request.kind == "analyzer" else Path(request.pwd or folder),
            environment=environment,
            stdin=subprocess.DEVNULL,
            output=subprocess.PIPE,
        )
    except Closed:
        context.abort(grpc.StatusCode.CANCELLED, "the language host is stopping")
    except (NotRunnable, OSError) as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
    context.add_callback(process.kill)
    yield from _output(process)
    yield language_pb2.RunPluginResponse(exitcode=children.reap(process))


def _output(process: "subprocess.Popen[bytes]") -> Iterator[language_pb2.RunPluginResponse]:
    chunks: queue.Queue[language_pb2.RunPluginResponse | None] = queue.Queue()

    def pump(stream: IO[bytes], *, errors: bool) -> None:
        with stream:
            while chunk := os.read(stream.fileno(), _CHUNK_BYTES):
                answer = language_pb2.RunPluginResponse
                chunks.put(answer(stderr=chunk) if errors else answer(stdout=chunk))
        chunks.put(None)

    streams = [(process.stdout, False), (process.stderr, True)]
    for stream, errors in streams:
        if stream is not None:
            threading.Thread(target=pump, args=(stream,), kwargs={"errors": errors}, daemon=True).start()
    for _ in streams:
        while (chunk := chunks.get()) is not None:
            yield chunk
