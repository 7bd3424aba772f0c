"""Run: a program in a fresh process, so that two programs share no state and a crash leaves the host alive."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import grpc
from pulumi.runtime.proto import language_pb2

from local.language_host import executor
from local.language_host.children import Children, Closed
from local.language_host.environment import child_environment


def run_program(
    request: language_pb2.RunRequest, engine: str, children: Children, context: grpc.ServicerContext
) -> language_pb2.RunResponse:
    """Run a program and wait for it; ends it when the engine takes its call back.

    The program's standard output and error are the host's own, which the engine shows line by line.

    Args:
        request: What the engine sent.
        engine: The engine's address, for the program's log messages.
        children: Where the process is kept.
        context: The call, to hear of its end.

    Returns:
        Nothing for a program that ran well; `bail` for one that failed and has told the user why; else an error.
    """
    if request.attach_debugger:
        return language_pb2.RunResponse(error="This language host starts no debugger: leave out --attach-debugger.")
    # -P: no entry of sys.path for the executor's own folder. -u: a crash loses no output.
    command = [sys.executable, "-P", "-u", executor.__file__, engine]
    folder = Path(request.pwd)
    try:
        process = children.start(
            command, folder=folder, environment=child_environment(os.environ), stdin=subprocess.PIPE, output=None
        )
    except Closed:
        return language_pb2.RunResponse(bail=True)
    except OSError as error:
        return language_pb2.RunResponse(error=f"The program could not be started in {folder}: {error}")
    context.add_callback(lambda: children.interrupt(process))
    with contextlib.suppress(BrokenPipeError):  # it has ended already, and its exit status tells
        process.communicate(request.SerializeToString())
    return _answer(children.reap(process))


def _answer(status: int) -> language_pb2.RunResponse:
    if status == 0:
        return language_pb2.RunResponse()
    if status in (executor.SHOWN, executor.INTERRUPTED, -signal.SIGINT):
        return language_pb2.RunResponse(bail=True)
    if status < 0:
        return language_pb2.RunResponse(error=f"The program was ended by {signal.Signals(-status).name}.")
    return language_pb2.RunResponse(error=f"The program's process ended with exit status {status}.")
