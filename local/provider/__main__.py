"""`python -m local.provider`: serve the plugin to the engine that started it.

The engine reads the port from the first line of standard output and ends the plugin with SIGINT. An engine that is
killed cannot do that, so the plugin also ends when its parent process is gone.
"""

import logging
import os
import signal
import sys
import threading
from concurrent import futures

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from local.provider.server import Provider

_THREADS = 32
_MESSAGE_BYTES = 400 * 1024 * 1024  # the engine's own limit
_PARENT_CHECK_SECONDS = 1.0


def serve() -> int:
    """Serve until the engine says stop or is gone.

    Returns:
        The process's exit status.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    limits = [("grpc.max_receive_message_length", _MESSAGE_BYTES), ("grpc.max_send_message_length", _MESSAGE_BYTES)]
    server = grpc.server(futures.ThreadPoolExecutor(_THREADS), options=limits)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(os.environ), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    parent = os.getppid()
    while not stop.wait(_PARENT_CHECK_SECONDS):
        if os.getppid() != parent:
            break
    server.stop(grace=None)
    return 0


if __name__ == "__main__":
    # Threads that wait for AWS must not hold the process: the engine counts the seconds until a plugin ends.
    status = serve()
    sys.stdout.flush()
    os._exit(status)
