"""Runs one Pulumi program, in a process of its own: `python -P -u executor.py <engine address>`, RunRequest on stdin.

It is started as a file, with the standard library and the SDK as its only imports, so that nothing of the host's is in
the program's way: neither a module nor an entry of `sys.path`. The request comes through a pipe rather than through
arguments and environment variables, so that secrets show in neither and a large configuration fits.
"""

# Before the SDK is imported, which takes a while: a stop must be quiet from the start.
import signal

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import asyncio
import logging
import os
import runpy
import sys
import sysconfig
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType, TracebackType
from typing import Never

import grpc
import pulumi
from pulumi import log, runtime
from pulumi.runtime.proto import language_pb2

SHOWN = 32
"""The exit status of a program that failed and has told the user why."""
INTERRUPTED = 128 + signal.SIGINT


def program_file(folder: Path, entry_point: str) -> Path:
    """Find the file to run.

    Args:
        folder: The program's directory.
        entry_point: A file in it, or `.`.

    Returns:
        The file.

    Raises:
        pulumi.RunError: There is no such file.
    """
    path = (folder / entry_point).resolve()
    if path.is_dir():
        path /= "__main__.py"
    if not path.is_file():
        raise pulumi.RunError(f"unable to find main python program `{path.name}` in `{path.parent}`")
    return path


def users_traceback(error: BaseException, folder: Path) -> str:
    """Format an error from where the user's code begins, its causes likewise.

    Args:
        error: What the program raised.
        folder: The program's directory.

    Returns:
        The traceback, ending with a newline. Whole if no frame is the user's, save for the frames of this file.
    """
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        one = pending.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        one.__traceback__ = _from_user(one, folder)
        pending += [one.__cause__, one.__context__]
    return "".join(traceback.format_exception(error))


def _from_user(error: BaseException, folder: Path) -> TracebackType | None:
    frame = error.__traceback__
    while frame is not None and not _is_users(frame, folder):
        frame = frame.tb_next
    if frame is not None or isinstance(error, SyntaxError):  # a syntax error names its file and line itself
        return frame
    frame = error.__traceback__
    while frame is not None and frame.tb_frame.f_code.co_filename in (__file__, "<frozen runpy>"):
        frame = frame.tb_next
    return frame


def _is_users(frame: TracebackType, folder: Path) -> bool:
    file = Path(frame.tb_frame.f_code.co_filename)
    installed = (sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))  # often within the project
    return file.is_relative_to(folder) and not any(map(file.is_relative_to, (*installed, __file__)))


def configure(request: language_pb2.RunRequest, engine: str) -> None:
    """Hook the SDK up to the engine, with the stack's names, its configuration and which of it is secret."""
    runtime.set_all_config(dict(request.config), list(request.configSecretKeys))
    runtime.configure(
        runtime.Settings(
            project=request.project,
            stack=request.stack,
            monitor=request.monitor_address,
            engine=engine,
            parallel=request.parallel,
            dry_run=request.dryRun,
            organization=request.organization or "organization",
            root_directory=request.info.root_directory,
        )
    )


def execute(request: language_pb2.RunRequest) -> int:
    """Run the program in the configured SDK until all its resources are settled.

    Args:
        request: What the engine sent.

    Returns:
        The exit status: 0, or `SHOWN` after the engine has been told the error.
    """
    folder = Path(request.info.program_directory or request.pwd).resolve()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # As the SDK expects it: each resource operation in flight holds a thread or more.
    loop.set_default_executor(ThreadPoolExecutor(max_workers=max(request.parallel, 1) * 4))
    # A failed program leaves futures that nobody awaits; what matters of them has been reported.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        file = program_file(folder, request.info.entry_point or request.program or ".")
        sys.argv = [str(file), *request.args]
        sys.path.insert(0, str(file.parent))
        loop.run_until_complete(runtime.run_in_stack(lambda: _run(file)))
    except pulumi.RunError as error:
        return _tell(str(error))
    except SystemExit as end:
        return _ended_itself(end)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the program's, and the user is told
        if isinstance(error, grpc.RpcError) and error.code() == grpc.StatusCode.UNAVAILABLE:
            return SHOWN  # the engine is stopping, or has stopped, and says itself why
        return _tell("Program failed with an unhandled exception:\n" + users_traceback(error, folder))
    return 0


def _run(file: Path) -> None:
    try:
        runpy.run_path(str(file), run_name="__main__")
    except KeyboardInterrupt:
        # The SDK would now wait for the engine's answers, which do not come any more.
        _end_at_once()


def _ended_itself(end: SystemExit) -> int:
    if end.code in (None, 0):
        return 0
    if isinstance(end.code, str):
        return _tell(end.code)
    return _tell(f"The program ended itself with exit status {end.code}.")


def _tell(message: str) -> int:
    try:
        log.error(message)
    except grpc.RpcError:  # the engine is gone; the terminal may still be there
        sys.stderr.write(message.rstrip() + "\n")
    return SHOWN


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough; the host kills what does not end
    raise KeyboardInterrupt


def _end_at_once() -> Never:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)  # threads that wait for the engine's answers would hold the process


def main() -> int:
    """Read the request, run the program.

    Returns:
        The exit status.
    """
    signal.signal(signal.SIGINT, _interrupt)
    try:
        request = language_pb2.RunRequest.FromString(sys.stdin.buffer.read())
        os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
        os.chdir(request.pwd)
        configure(request, sys.argv[1])
        return execute(request)
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    status = main()
    if status == INTERRUPTED:
        _end_at_once()
    sys.exit(status)
