"""Runs microburst, one for each role: it signs anew what it passes on, with that role's credentials."""

import http.client
import json
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import yaml

from tests.faults.injected import Fault

PROJECT = Path(__file__).parents[2]
_START_SECONDS = 30.0


class ProxyError(RuntimeError):
    """microburst did not start, or does not answer."""


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Proxy:
    """One microburst, from its start to `stop`.

    Args:
        name: What its files in the folder are called.
        folder: Where its configuration and log lie.
        arguments: What it is started with beside its ports and its rules.
        environment: The credentials that it signs with, and PATH.
        faults: What it injects.
        main_operations: What it is mostly asked for, by service.
        seed: Where its chance comes from.
    """

    def __init__(  # noqa: PLR0913 - what a proxy is started with
        self,
        name: str,
        folder: Path,
        *,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        faults: Sequence[Fault],
        main_operations: Mapping[str, str],
        seed: int,
    ) -> None:
        self.name = name
        self.port = free_port()
        is_http = "--protocol" not in arguments
        self._control_port = self.port if is_http else free_port()
        rules = [(fault.name, dict(rule)) for fault in faults for rule in fault.as_rules(main_operations)]
        self._names = [name for name, _rule in rules]
        configuration = folder / f"{name}.yaml"
        configuration.write_text(yaml.safe_dump({"rules": [rule for _name, rule in rules]}))
        self._log: IO[bytes] = (folder / f"{name}.log").open("wb")
        command = [sys.executable, "-m", "tests.faults.proxy", str(seed), *arguments, "--port", str(self.port)]
        if not is_http:
            command += ["--control-port", str(self._control_port)]
        self._process = subprocess.Popen(
            [*command, "--config", str(configuration)],
            cwd=PROJECT,
            env=dict(environment),
            stdin=subprocess.PIPE,  # it ends with whoever holds this open, however that ends
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    @property
    def url(self) -> str:
        """Where it listens, as an endpoint."""
        return f"http://127.0.0.1:{self.port}"

    def wait_until_ready(self) -> None:
        """Wait until it answers.

        Raises:
            ProxyError: It ended, or does not answer.
        """
        ends = time.monotonic() + _START_SECONDS
        while time.monotonic() < ends and self._process.poll() is None:
            try:
                self._ask("health")
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            else:
                return
        raise ProxyError(f"microburst does not answer; see {self._log.name}")

    def fired(self) -> Counter[str]:
        """How often each fault fired, those that never did included."""
        counts: Counter[str] = Counter(dict.fromkeys(self._names, 0))
        rules = self._ask("rules")
        assert isinstance(rules, list)
        for name, rule in zip(self._names, rules, strict=True):
            counts[name] += rule["fired_count"]
        return counts

    def stop(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _ask(self, what: str) -> object:
        connection = http.client.HTTPConnection("127.0.0.1", self._control_port, timeout=5)
        try:
            connection.request("GET", f"/_microburst/{what}")
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()
