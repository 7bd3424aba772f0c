"""The emulator's process: `python -m local.emulator.server …`, run by the emulator's own environment.

`process.py` starts it with two sockets that already listen, one a listener: nobody else can take the ports in between,
and whoever connects early waits instead of failing. It serves until it is told to stop (SIGINT, SIGTERM; quietly),
until its record vanishes or names another run (so a deleted checkout leaves no orphan), or until its owner ends.
"""

import argparse
import asyncio
import os
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hypercorn.asyncio import serve
from hypercorn.config import Config

from local.emulator import account, record
from local.emulator.decisions.log import DecisionLog

WATCH_SECONDS: Final = 1.0
"""How often the record and the owner are looked at."""

SETTINGS: Final = {
    "AUTH": "true",  # signatures and policies are checked, always
    "LOG_LEVEL": "WARNING",
    "MINISTACK_ACCOUNT_ID": account.ACCOUNT_ID,
    "MINISTACK_REGION": account.REGION,
    "MINISTACK_HOST": "127.0.0.1",  # with GATEWAY_PORT: what queue URLs begin with, whichever listener was asked
    "PERSIST_STATE": "0",
}
"""What MiniStack reads from its environment when it is imported."""


@dataclass(frozen=True)
class Options:
    """The command line.

    Args:
        record: Where this run's record is kept.
        instance: This run's id.
        public_fd: A listening socket, inherited: the public endpoint.
        vpc_fd: A listening socket, inherited: the VPC's endpoint.
        decisions: Where every decision about access is logged.
        owner: The process whose end ends this one, or None.
        journal: Where the account is kept, so that it outlives this process; None keeps it in memory only.
    """

    record: Path
    instance: str
    public_fd: int
    vpc_fd: int
    decisions: Path
    owner: int | None
    journal: Path | None

    @classmethod
    def parse(cls, arguments: list[str]) -> "Options":
        """Reads the command line.

        Args:
            arguments: Without the program's name.

        Returns:
            The options.

        Raises:
            SystemExit: They are incomplete.
        """
        parser = argparse.ArgumentParser(prog="local.emulator.server", description=__doc__)
        parser.add_argument("--record", type=Path, required=True)
        parser.add_argument("--instance", required=True)
        parser.add_argument("--public-fd", type=int, required=True)
        parser.add_argument("--vpc-fd", type=int, required=True)
        parser.add_argument("--decisions", type=Path, required=True)
        parser.add_argument("--owner", type=int)
        parser.add_argument("--journal", type=Path)
        return cls(**vars(parser.parse_args(arguments)))


def _port(fd: int) -> int:
    with socket.fromfd(fd, socket.AF_INET, socket.SOCK_STREAM) as listener:
        return int(listener.getsockname()[1])


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def _until_unwanted(options: Options, stop: asyncio.Event) -> None:
    while not stop.is_set():
        current = record.read(options.record)
        if current is None or current.instance != options.instance:
            stop.set()
        if options.owner is not None and not _alive(options.owner):
            stop.set()
        await asyncio.sleep(WATCH_SECONDS)


async def run(options: Options) -> None:
    """Serves until there is a reason to stop.

    Args:
        options: The command line.

    Raises:
        SeamError: The installed MiniStack is another one than the layer was written against.
    """
    public_port, vpc_port = _port(options.public_fd), _port(options.vpc_fd)
    os.environ |= SETTINGS | {"GATEWAY_PORT": str(public_port)}
    from local.emulator import application  # noqa: PLC0415 - MiniStack reads the settings above when it is imported

    changes = application.install(options.journal)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    record.write(options.record, record.Record(options.instance, os.getpid(), public_port, vpc_port))

    config = Config()
    config.bind = [f"fd://{options.public_fd}", f"fd://{options.vpc_fd}"]
    config.accesslog = None
    config.loglevel = "WARNING"  # an error of the layer's goes to the log, a word of greeting does not
    config.include_server_header = False
    config.keep_alive_timeout = 75.0  # longer than clients keep a pooled connection idle between two calls
    config.graceful_timeout = 0.2  # a long poll need not end first: its client sees a closed connection and retries
    beside = [asyncio.create_task(_until_unwanted(options, stop)), asyncio.create_task(application.keep_sampling())]
    try:
        serving = application.application(options.instance, vpc_port, DecisionLog(options.decisions), changes)
        await serve(serving, config, shutdown_trigger=stop.wait)
    finally:
        for task in beside:
            task.cancel()


if __name__ == "__main__":
    asyncio.run(run(Options.parse(sys.argv[1:])))
