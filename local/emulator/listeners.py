"""The two sockets that the emulator serves on: opened before its process starts, which inherits them."""

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

from local.emulator.record import Record

LOOPBACK: Final = "127.0.0.1"


class ListenError(RuntimeError):
    """There is no port to listen on; the message says what to do."""


def _port_pairs(last: Record | None, ports: tuple[int, int]) -> Iterator[tuple[int, int]]:
    if last is not None:
        yield last.public_port, last.vpc_port
    yield ports
    yield 0, 0


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def open_listeners(last: Record | None, ports: tuple[int, int]) -> tuple[socket.socket, socket.socket]:
    """Opens the public listener's socket and the VPC listener's.

    On the ports used last, else on those given, else on free ones.

    Args:
        last: The account's last run, or None.
        ports: What a first run prefers; 0 takes a free one.

    Returns:
        Two sockets that listen already, so that nobody else can take their ports.

    Raises:
        ListenError: There is no port to listen on.
    """
    for public, vpc in _port_pairs(last, ports):
        with ExitStack() as opened:
            try:
                pair = opened.enter_context(_listen(public)), opened.enter_context(_listen(vpc))
            except OSError as error:
                if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise ListenError(f"cannot listen on {LOOPBACK}: {error}") from error
                continue
            opened.pop_all()
            return pair
    raise ListenError(f"no free port on {LOOPBACK}: end what listens there, then try again")
