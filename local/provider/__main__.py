"""`python -m local.provider`: serve the plugin to the engine that started it.

The engine reads the port from the first line of standard output and ends the plugin with SIGINT. An engine that is
killed cannot do that, so the plugin also ends when nobody is left to read its standard output.
"""

import logging
import os
import select
import signal
import sys
import threading
from concurrent import futures

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from local.provider.server import Provider

_THREADS = 32
_MESSAGE_BYTES = 400 * 1024 * 1024  # the engine's own limit


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
    try:
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
    except BrokenPipeError:  # the engine was killed meanwhile
        return 1
    threading.Thread(target=_watch_reader, args=(stop,), daemon=True).start()
    stop.wait()
    server.stop(grace=None)
    return 0


def _watch_reader(stop: threading.Event) -> None:
    """Wait until the reader of a piped standard output is gone, whenever it went; a terminal or a file has none."""
    reader = select.poll()
    reader.register(sys.stdout.fileno(), 0)  # errors and hang-ups are always reported
    reader.poll()
    stop.set()


if __name__ == "__main__":
    # Threads that wait for AWS must not hold the process: the engine counts the seconds until a plugin ends.
    os._exit(serve())
