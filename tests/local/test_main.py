import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local import __main__ as entry
from local.demo import DemoFailedError
from local.emulator.process import Emulator, EmulatorError
from local.emulator.sessions import Role, SessionError
from local.engine import Engine, EngineUnavailableError
from local.lock import LockedError, held
from local.paths import LocalPaths
from local.stack import LocalStack, Outputs, StackCommandError
from local.stages import Stages

EMULATOR = Emulator("http://127.0.0.1:4590", "http://127.0.0.1:4591", "instance-1", 4711)
OUTPUTS: Outputs = {
    "predictions_queue_url": "http://127.0.0.1:4590/123456789012/retainwise-local-predictions",
    "container_environment": [{"name": "ENABLE_SQS", "value": "true"}],
}


class Local:
    """What stands behind the commands here: no engine, no process. What was done is noted, in order."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.emulator: Emulator | None = EMULATOR
        self.deployed = True

    def running(self, _paths: LocalPaths) -> Emulator | None:
        return self.emulator

    def start(self, _paths: LocalPaths) -> Emulator:
        self.done.append("started")
        self.emulator = EMULATOR
        return EMULATOR

    def stop(self, _paths: LocalPaths) -> bool:
        self.done.append("stopped")
        return True

    def ensure_engine(self, paths: LocalPaths, _report: Callable[[str], None]) -> Engine:
        self.done.append("engine")
        return Engine(paths.binaries / "pulumi", "3.259.0", "built")


class Pretended(LocalStack):
    """A stack without an engine."""

    local: Local

    def note(self, word: str) -> None:
        self.local.done.append(f"{word} {'locked' if self.inherited_fds else 'unlocked'}")

    def environment(self, role: Role = Role.DEPLOYER, outputs: Outputs | None = None) -> dict[str, str]:
        del outputs
        return {"AWS_ACCESS_KEY_ID": f"{role}'s key", "HOME": "/home/person", "PULUMI_HOME": "/a room/$HOME"}

    def exists(self) -> bool:
        return self.local.deployed

    def outputs(self) -> Outputs:
        assert self.local.deployed
        return OUTPUTS

    def up(self) -> None:
        self.note("up")

    def preview(self, *arguments: str) -> None:
        self.note(" ".join(("preview", *arguments)))

    def destroy(self) -> None:
        self.note("destroyed")


@pytest.fixture
def paths(tmp_path: Path) -> LocalPaths:
    return LocalPaths(project=tmp_path, run=tmp_path / "run")


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch, paths: LocalPaths) -> Local:
    made = Local()
    monkeypatch.setattr(Pretended, "local", made, raising=False)
    monkeypatch.setattr(entry, "paths", paths)
    monkeypatch.setattr(entry, "LocalStack", Pretended)
    for name in ("running", "start", "stop", "ensure_engine"):
        monkeypatch.setattr(entry, name, getattr(made, name))
    monkeypatch.setattr(entry, "bootstrap", lambda _: made.done.append("bootstrapped"))
    monkeypatch.setattr(entry, "ready_stack", lambda _stack, _report: made.done.append("mended"))
    return made


def run(*words: str) -> int:
    """Run a command as `python -m local` does; its exit code."""
    with pytest.raises(SystemExit) as ended:
        entry.main(lambda: entry.cli(list(words)))
    code = ended.value.code
    assert isinstance(code, int)
    return code


@contextmanager
def raising(error: BaseException) -> Iterator[Callable[[], None]]:
    def fail() -> None:
        raise error

    yield fail


@pytest.mark.parametrize(
    "error",
    [
        EmulatorError("the emulator did not answer"),
        EngineUnavailableError("there is no engine"),
        LockedError("`make demo` is still at work"),
        SessionError("AccessDenied", "no"),
        DemoFailedError("1 of the success criteria is not met"),
        StackCommandError(["up"], 255, ""),
    ],
)
def test_a_failure_that_a_person_can_act_on_ends_in_one_line(
    capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    with raising(error) as fail, pytest.raises(SystemExit) as ended:
        entry.main(fail)
    assert ended.value.code == 1
    assert capsys.readouterr() == ("", f"error: {error}\n")


def test_what_a_captured_command_said_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    error = StackCommandError(["refresh"], 255, "error: the queue is not there\n")
    with raising(error) as fail, pytest.raises(SystemExit):
        entry.main(fail)
    assert "error: the queue is not there" in capsys.readouterr().err


def test_a_fault_of_ours_keeps_its_traceback() -> None:
    with raising(RuntimeError("a fault")) as fail, pytest.raises(RuntimeError, match="a fault"):
        entry.main(fail)


@pytest.mark.parametrize("text", ["arn:aws:kms :key: 1", "[bold]x[/bold]", "word " * 60])
def test_what_is_said_stands_there_as_it_is(capsys: pytest.CaptureFixture[str], text: str) -> None:
    entry.say(text)
    assert capsys.readouterr().err == f"{text}\n"


def test_an_interrupted_command_says_how_to_go_on(
    local: Local, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del local
    with raising(KeyboardInterrupt()) as fail:
        monkeypatch.setattr(entry, "ensure_engine", lambda *_: fail())
        assert run("setup") == 130
    assert capsys.readouterr().err == "interrupted; run the same command again to go on\n"


def test_set_up_starts_nothing(local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("setup") == 0
    assert local.done == ["engine"]
    assert capsys.readouterr().err == "engine: pulumi 3.259.0 (built)\n"


def test_up_takes_what_runs(local: Local) -> None:
    assert run("up") == 0
    assert local.done == ["engine", "bootstrapped", "mended", "up locked"]


def test_up_starts_what_does_not_run_and_says_where(local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    local.emulator = None
    assert run("up") == 0
    assert local.done == ["engine", "started", "bootstrapped", "mended", "up locked"]
    assert EMULATOR.public_url in capsys.readouterr().err


def test_preview_mends_first_and_changes_nothing(local: Local) -> None:
    assert run("preview") == 0
    assert local.done == ["engine", "bootstrapped", "mended", "preview locked"]


@pytest.mark.parametrize("command", ["up", "preview", "demo", "down"])
def test_no_two_at_once(
    local: Local,
    paths: LocalPaths,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    monkeypatch.setattr(entry, "RUN_LOCK_WAIT_SECONDS", 0.0)
    with held(paths.run_lock, purpose="make demo", wait_seconds=0, report=pytest.fail):
        assert run(command) == 1
    assert "error: `make demo` (process" in capsys.readouterr().err
    assert set(local.done) <= {"engine"}


def test_down_waits_for_a_run_that_starts_the_emulator(
    local: Local, paths: LocalPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.emulator = None
    state = paths.state / "kept"
    state.mkdir(parents=True)
    monkeypatch.setattr(entry, "RUN_LOCK_WAIT_SECONDS", 0.0)
    with held(paths.run_lock, purpose="make up", wait_seconds=0, report=pytest.fail):
        assert run("down") == 1
    assert state.exists()
    assert local.done == []


def test_down_destroys_then_stops(local: Local) -> None:
    assert run("down") == 0
    assert local.done == ["engine", "bootstrapped", "mended", "destroyed locked", "stopped"]


def test_down_after_the_emulator_is_gone_forgets_the_state(
    local: Local, paths: LocalPaths, capsys: pytest.CaptureFixture[str]
) -> None:
    local.emulator = None
    (paths.state / ".pulumi").mkdir(parents=True)
    for _ in range(2):
        assert run("down") == 0
        assert not paths.state.exists()
    assert local.done == ["stopped"] * 2
    assert "forgetting the stack's state" in capsys.readouterr().err


def test_stop_stops_and_leaves_the_state(local: Local, paths: LocalPaths) -> None:
    paths.state.mkdir(parents=True)
    assert run("stop") == 0
    assert local.done == ["stopped"]
    assert paths.state.exists()


def test_the_demo_runs_on_a_mended_stack_with_its_stages_timed(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    def run_demo(stack: Pretended, stages: Stages, _report: Callable[[str], None]) -> None:
        stack.note("demo")
        assert list(stages.seconds) == [
            "get the Pulumi engine",
            "start the local AWS",
            "see that the stack's state is true",
        ]

    monkeypatch.setattr(entry, "run_demo", run_demo)
    assert run("demo") == 0
    assert local.done[-2:] == ["mended", "demo locked"]


def test_env_gives_exports_that_a_shell_takes_as_they_are(
    local: Local, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", "/home/person")
    assert run("env", "producer") == 0
    exports, said = capsys.readouterr()
    assert "HOME=/home" not in exports  # it is so already
    show = 'printf "%s|" "$AWS_ACCESS_KEY_ID" "$PULUMI_HOME" "$ENABLE_SQS" "${AWS_PROFILE-none}"'
    shell = f"AWS_PROFILE=mine; eval {shlex.quote(exports)}; {show}"
    answer = subprocess.run(["/bin/sh", "-c", shell], capture_output=True, text=True, check=True)
    assert answer.stdout == "producer's key|/a room/$HOME|true|none|"
    assert said == answer.stderr == ""
    assert local.done == []


def test_env_before_the_first_deployment_is_the_deployers(local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    local.deployed = False
    assert run("env") == 0
    exports = capsys.readouterr().out
    assert "deployer" in exports
    assert "ENABLE_SQS" not in exports


def test_env_without_an_emulator_prints_nothing_to_evaluate(local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    local.emulator = None
    assert run("env") == 1
    assert capsys.readouterr() == ("", "error: the emulator is not running; run `make up` first\n")


def test_an_unknown_role_is_answered_with_those_there_are(local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    del local
    assert run("env", "king") == 2
    printed, said = capsys.readouterr()
    assert printed == ""
    assert "king" in said
    assert "break-glass" in said
    assert "Traceback" not in said


def test_status_tells_what_runs(local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("status") == 0
    said = capsys.readouterr().err
    assert f"emulator: pid 4711, {EMULATOR.public_url} (public)" in said
    assert f"predictions_queue_url: {OUTPUTS['predictions_queue_url']}" in said
    local.emulator = None
    assert run("status") == 0
    assert capsys.readouterr().err == "emulator: not running (make up starts it)\n"


def test_status_before_the_first_deployment_says_so(local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    local.deployed = False
    assert run("status") == 0
    assert "stack: not deployed" in capsys.readouterr().err
