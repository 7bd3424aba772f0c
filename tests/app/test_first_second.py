"""A long-running command told to stop while it still imports its libraries, as a container's first process too."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
TELLING = """
import os, signal, sys

class StopAtImport:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["STOP_AT_IMPORT"]:
            sys.meta_path.remove(self)
            for _ in range(int(os.environ["STOP_TIMES"])):
                os.kill(os.getpid(), signal.SIGTERM)

sys.meta_path.insert(0, StopAtImport())
"""
"""Python runs this before anything else: the process is told to stop at exactly that import."""


def first_process() -> list[str]:
    """What makes the command that follows the first process of a namespace, as it is in a container."""
    mine = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    prefix = ["unshare", *mine, "--pid", "--fork", "--kill-child"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("`unshare --pid` is not to be had here: no process can be made a first one")
    return prefix


@pytest.fixture(params=["any process", "first process"])
def prefix(request: pytest.FixtureRequest) -> list[str]:
    return first_process() if request.param == "first process" else []


def told_to_stop(command: list[str], at_import: str, folder: Path, times: int = 1) -> subprocess.CompletedProcess[str]:
    (folder / "sitecustomize.py").write_text(TELLING)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(folder),
        "STOP_AT_IMPORT": at_import,
        "STOP_TIMES": str(times),
        "PREDICTIONS_QUEUE_URL": "http://127.0.0.1:1/123456789012/predictions",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "UPLOADS_BUCKET": "retainwise-uploads",
        "DATABASE_URL": f"sqlite:///{folder / 'store.sqlite3'}",
    }
    return subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(("command", "at_import"), [("work", "typer"), ("work", "boto3"), ("relay", "sqlalchemy")])
def test_it_stops_orderly_without_having_begun(prefix: list[str], command: str, at_import: str, tmp_path: Path) -> None:
    ended = told_to_stop([*prefix, sys.executable, "-m", "app", command, "--json"], at_import, tmp_path)
    assert ended.returncode == 0, ended.stderr
    answer = json.loads(ended.stdout)
    assert answer["stopped_by"] == "signal"
    assert answer["outcomes" if command == "work" else "codes"] == {}


def test_a_second_signal_ends_it_there_and_then(prefix: list[str], tmp_path: Path) -> None:
    ended = told_to_stop([*prefix, sys.executable, "-m", "app", "work"], "boto3", tmp_path, times=2)
    assert (ended.returncode, ended.stdout) == (128 + signal.SIGTERM, "")


def test_other_commands_end_as_any_program_does(tmp_path: Path) -> None:
    ended = told_to_stop([sys.executable, "-m", "app", "predictions"], "sqlalchemy", tmp_path)
    assert ended.returncode == -signal.SIGTERM
