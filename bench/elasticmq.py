"""ElasticMQ, an SQS on this machine that is fast enough to measure clients by (Maven Central, Apache 2.0)."""

import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_VERSION = "1.6.14"
_DOWNLOAD_SECONDS = 300
_START_SECONDS = 60
_READY = "started in"
_POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>bench</groupId><artifactId>elasticmq</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>org.elasticmq</groupId><artifactId>elasticmq-server_2.13</artifactId><version>{_VERSION}</version>
  </dependency></dependencies>
</project>
"""
_CONFIGURATION = """include classpath("application.conf")
node-address {{ host = "127.0.0.1", port = {port} }}
rest-sqs {{ bind-hostname = "127.0.0.1", bind-port = {port} }}
rest-stats {{ enabled = false }}
aws {{ region = us-east-1, accountId = 123456789012 }}
queues {{ {queue} {{ }} }}
"""


class ElasticMqMissingError(Exception):
    """It cannot be had: the message says why."""


def install(folder: Path) -> Path:
    """Get it, once: 39 jars, half a minute.

    Args:
        folder: Where to.

    Returns:
        The folder of the jars.

    Raises:
        ElasticMqMissingError: There is no Java, no Maven, or Maven cannot get the jars.
    """
    jars = folder / "jars"
    if not (shutil.which("java") and shutil.which("mvn")):
        raise ElasticMqMissingError("java and mvn are not on PATH")
    if not jars.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "pom.xml").write_text(_POM)
        arriving = folder / "arriving"
        command = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={arriving}"]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_DOWNLOAD_SECONDS)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise ElasticMqMissingError(f"Maven cannot get it ({type(error).__name__})") from error
        arriving.rename(jars)
    return jars


@contextmanager
def running(jars: Path, port: int, queue: str) -> Iterator[None]:
    """Run it within, with one queue, listening on the loopback interface.

    Args:
        jars: Where it is installed.
        port: Where it listens.
        queue: The queue's name.

    Raises:
        ElasticMqMissingError: It did not start.
    """
    configuration = jars.parent / f"{port}.conf"
    configuration.write_text(_CONFIGURATION.format(port=port, queue=queue))
    java = ["java", "-Xmx256m", f"-Dconfig.file={configuration}", "-cp", f"{jars}/*", "org.elasticmq.server.Main"]
    with subprocess.Popen(java, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        assert server.stdout is not None  # noqa: S101 - it is a pipe, as asked for
        drain = threading.Thread(target=deque, args=(server.stdout, 0))  # a full pipe would stop the server
        too_late = threading.Timer(_START_SECONDS, server.kill)
        too_late.start()
        try:
            if not any(_READY in line for line in server.stdout):
                raise ElasticMqMissingError("it did not start")
            too_late.cancel()
            drain.start()
            yield
        finally:
            too_late.cancel()
            server.terminate()
            if drain.ident is not None:
                drain.join()
            configuration.unlink()
