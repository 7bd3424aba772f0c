"""`python -m local.language_host <engine address>`: serve to the engine that started it.

The engine reads the port from the first line of standard output and ends the host with SIGINT to its process group. An
engine that is killed cannot do that, so the host also ends when its parent process is gone.
"""

import os
import signal
import sys
import threading
from concurrent import futures

import grpc
from pulumi.runtime.proto import language_pb2_grpc

from local.language_host.children import Children
from local.language_host.host import LanguageHost

_THREADS = 64  # a program and each pack hold one for as long as they run
_MESSAGE_BYTES = 400 * 1024 * 1024  # the engine's own limit
_PARENT_CHECK_SECONDS = 1.0


def serve(engine: str) -> int:
    """Serve until the engine says stop or is gone; then end what still runs.

    Args:
        engine: The engine's address; empty if it is told by Handshake.

    Returns:
        The process's exit status.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    children = Children()
    limits = [("grpc.max_receive_message_length", _MESSAGE_BYTES), ("grpc.max_send_message_length", _MESSAGE_BYTES)]
    server = grpc.server(futures.ThreadPoolExecutor(_THREADS), options=limits)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(engine, children), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    parent = os.getppid()
    while not stop.wait(_PARENT_CHECK_SECONDS):
        if os.getppid() != parent:
            break
    server.stop(grace=None)
    children.close()
    return 0


if __name__ == "__main__":
    # The engine's address comes last, after flags about tracing that are not for this host.
    address = sys.argv[-1] if len(sys.argv) > 1 and not sys.argv[-1].startswith("-") else ""
    status = serve(address)
    sys.stdout.flush()
    os._exit(status)  # threads that stream a plugin's output must not hold the process
