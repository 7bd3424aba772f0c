import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.demo.application import Application, ApplicationError
from local.demo.sessions import Sessions
from local.emulator.process import Emulator
from local.emulator.sessions import Role
from local.paths import LocalPaths
from local.stack import LocalStack, Outputs
from tests.local.commands import script

EMULATOR = Emulator("http://127.0.0.1:4590", "http://127.0.0.1:4591", "instance-1", 4711)
OUTPUTS: Outputs = {"container_environment": [{"name": "ENABLE_SQS", "value": "true"}]}


@dataclass(frozen=True)
class Pretended(LocalStack):
    """A stack whose sessions name their role."""

    def environment(self, role: Role = Role.DEPLOYER, outputs: Outputs | None = None) -> dict[str, str]:
        assert outputs is OUTPUTS
        return {"PATH": "/usr/bin:/bin", "AWS_ACCESS_KEY_ID": f"{role}'s"}


@pytest.fixture
def application(tmp_path: Path) -> Application:
    stack = Pretended(LocalPaths(project=tmp_path, run=tmp_path / "run"), EMULATOR)
    folder = tmp_path / "a run"
    folder.mkdir()
    return Application(Sessions(stack, OUTPUTS), folder)


def program(monkeypatch: pytest.MonkeyPatch, folder: Path, body: str) -> None:
    """Put a script in Python's place."""
    monkeypatch.setattr("sys.executable", str(script(folder / "python", body)))


def test_a_command_runs_as_its_role_in_the_containers_environment(
    application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = '{"words": "%s", "who": "%s", "on": "%s", "database": "%s"}'
    body = f"""printf '{answer}' "$*" "$AWS_ACCESS_KEY_ID" "$ENABLE_SQS" "$DATABASE_URL" """
    program(monkeypatch, tmp_path, body)
    assert application.ask(Role.PRODUCER, "publish", "--user", "user_2") == {
        "words": "-m app publish --user user_2 --json",
        "who": "producer's",
        "on": "true",
        "database": application.sessions.stack.paths.database_url,
    }


def test_a_failed_command_says_who_where_and_the_last_it_logged(
    application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(monkeypatch, tmp_path, "for n in 1 2 3 4 5 6 7; do echo line $n >&2; done; exit 3")
    with pytest.raises(ApplicationError) as caught:
        application.ask(Role.CONSUMER, "work", "--drain")
    first, *lines = str(caught.value).splitlines()
    log = application.folder / "consumer-work.log"
    assert first == f"`python -m app work --drain` as consumer ended with 3; see {log}:"
    assert lines == [f"line {n}" for n in range(3, 8)]


def test_logs_of_all_commands_are_kept_and_read(
    application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [{"event": "worker.started", "level": "info"}, {"event": "worker.failed", "level": "error"}]
    told = "\n".join(["a plain line", *(json.dumps(one) for one in entries)])
    (tmp_path / "told").write_text(f"{told}\n")
    program(monkeypatch, tmp_path, f"cat '{tmp_path}/told' >&2; echo '{{}}'")
    application.ask(Role.CONSUMER, "work")
    application.ask(Role.CONSUMER, "work")
    application.ask(Role.PRODUCER, "queue")
    assert application.logs == entries * 3
