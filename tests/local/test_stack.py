import json
import os
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from local import stack as stacks
from local.emulator.process import Emulator
from local.emulator.sessions import Role, SessionError
from local.paths import LocalPaths
from local.stack import LocalStack, StackCommandError, application_environment, engine_environment
from tests.local.commands import script

EMULATOR = Emulator("http://127.0.0.1:4590", "http://127.0.0.1:4591", "instance-1", 4711)
SESSION = {"AWS_ACCESS_KEY_ID": "session", "AWS_ENDPOINT_URL": EMULATOR.public_url}


@pytest.fixture
def paths(tmp_path: Path) -> LocalPaths:
    return LocalPaths(project=tmp_path / "a project", run=tmp_path / "run")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Role, str | None]]:
    """Which sessions were asked for; each is answered with the same one."""
    asked: list[tuple[Role, str | None]] = []

    def answer(emulator: Emulator, role: Role, *, task_role_arn: str | None = None) -> dict[str, str]:
        assert emulator is EMULATOR
        asked.append((role, task_role_arn))
        return SESSION

    monkeypatch.setattr(stacks, "session_environment", answer)
    return asked


@pytest.fixture
def stack(paths: LocalPaths, asked: list[tuple[Role, str | None]]) -> LocalStack:
    del asked
    program = paths.project / "program"
    program.mkdir(parents=True)
    return LocalStack(paths, EMULATOR, program=program, policy_pack=None)


@pytest.fixture
def calls(paths: LocalPaths) -> Callable[[], list[str]]:
    """The arguments that `pulumi` was called with, a line a call."""
    file = paths.project / "calls"
    return lambda: file.read_text().splitlines() if file.exists() else []


def pulumi(paths: LocalPaths, body: str = ":") -> None:
    calls = shlex.quote(str(paths.project / "calls"))
    script(paths.binaries / "pulumi", f'echo "$*" >> {calls}\n{body}')


def test_nothing_of_the_callers_aws_or_pulumi_is_let_in(paths: LocalPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "PULUMI_ACCESS_TOKEN", "PULUMI_BACKEND_URL", "PULUMI_STACK"):
        monkeypatch.setenv(name, "the caller's")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    given = engine_environment(paths)
    assert "the caller's" not in given.values()
    assert not any(name.startswith("AWS_") for name in given)
    assert given["HTTPS_PROXY"] == "http://proxy"


def test_the_engine_keeps_to_the_ignored_folder(paths: LocalPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    given = engine_environment(paths)
    assert given["PULUMI_HOME"] == str(paths.pulumi_home)
    assert given["PULUMI_BACKEND_URL"] == f"file://{paths.state}?metadata=skip"
    assert given["PATH"].split(os.pathsep) == [
        str(paths.binaries),
        str(paths.environment / "bin"),
        "/usr/bin",
        "/bin",
    ]


def test_pulumi_runs_as_the_deployer_in_the_programs_folder(
    stack: LocalStack, paths: LocalPaths, asked: list[tuple[Role, str | None]]
) -> None:
    pulumi(paths, 'pwd; echo "$AWS_ACCESS_KEY_ID $PULUMI_HOME"; cat')
    assert stack.capture("whoami").splitlines() == [str(stack.program), f"session {paths.pulumi_home}"]
    assert asked == [(Role.DEPLOYER, None)]


def test_a_task_roles_session_is_that_of_the_role_that_the_stack_made(
    stack: LocalStack, asked: list[tuple[Role, str | None]]
) -> None:
    outputs: dict[str, object] = {"backend_task_role_arn": "arn:producer", "worker_task_role_arn": "arn:consumer"}
    for role in (Role.PRODUCER, Role.CONSUMER, Role.OPERATOR):
        assert stack.environment(role, outputs).items() >= SESSION.items()
    assert asked == [(Role.PRODUCER, "arn:producer"), (Role.CONSUMER, "arn:consumer"), (Role.OPERATOR, None)]


@pytest.mark.parametrize("outputs", [None, {}, {"backend_task_role_arn": "arn:producer"}])
def test_a_task_role_that_is_not_there_yet_says_what_to_run(
    stack: LocalStack, outputs: dict[str, object] | None
) -> None:
    with pytest.raises(SessionError, match="the stack has no consumer yet; deploy it first: make up"):
        stack.environment(Role.CONSUMER, outputs)


def test_the_applications_environment_is_the_containers() -> None:
    entries = [{"name": "ENABLE_SQS", "value": "true"}, {"name": "AWS_REGION", "value": "us-east-1"}]
    assert application_environment({"container_environment": entries}) == {
        "ENABLE_SQS": "true",
        "AWS_REGION": "us-east-1",
    }
    assert application_environment({}) == {}


def test_a_pack_that_is_not_configured_for_the_stack_runs_with_a_word(
    stack: LocalStack, paths: LocalPaths, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = replace(stack, policy_pack=paths.project / "policies")
    assert packed.pack_arguments == ("--policy-pack", str(packed.policy_pack))
    assert "config/local.json is missing: the policy pack runs with its rules' defaults" in capsys.readouterr().err
    configuration = paths.project / "policies" / "config" / "local.json"
    configuration.parent.mkdir(parents=True)
    configuration.write_text("{}")
    assert packed.pack_arguments[-2:] == ("--policy-pack-config", str(configuration))
    assert capsys.readouterr().err == ""


def test_updates_and_previews_run_under_the_pack(
    stack: LocalStack, paths: LocalPaths, calls: Callable[[], list[str]]
) -> None:
    pulumi(paths)
    packed = replace(stack, policy_pack=paths.project / "policies")
    packed.up()
    packed.preview("--diff")
    stack.up()
    assert calls() == [
        f"up --yes --policy-pack {packed.policy_pack} --stack local --non-interactive",
        f"preview --policy-pack {packed.policy_pack} --diff --stack local --non-interactive",
        "up --yes --stack local --non-interactive",
    ]


def test_destroy_forgets_the_state_but_keeps_the_settings(
    stack: LocalStack, paths: LocalPaths, calls: Callable[[], list[str]]
) -> None:
    pulumi(paths)
    stack.destroy()
    assert calls() == [
        "destroy --yes --stack local --non-interactive",
        "stack rm --yes --preserve-config --stack local",
    ]


def test_a_failed_destroy_keeps_the_state(stack: LocalStack, paths: LocalPaths, calls: Callable[[], list[str]]) -> None:
    pulumi(paths, "exit 1")
    with pytest.raises(StackCommandError):
        stack.destroy()
    assert len(calls()) == 1


@pytest.mark.parametrize(
    ("names", "exists"),
    [([], False), (["local"], True), (["organization/retainwise/local"], True), (["local-2", "prod"], False)],
)
def test_a_stack_exists_if_the_backend_lists_it(
    stack: LocalStack, paths: LocalPaths, names: list[str], *, exists: bool
) -> None:
    answer = json.dumps([{"name": name} for name in names])
    pulumi(paths, f"echo {shlex.quote(answer)}; echo a warning >&2")
    assert stack.exists() is exists


def test_what_pulumi_answers_is_read(stack: LocalStack, paths: LocalPaths, calls: Callable[[], list[str]]) -> None:
    answers = {"stack output --json": '{"predictions_queue_url": "http://queue"}', "stack export": '{"deployment": {}}'}
    pulumi(paths, "\n".join(f"case \"$*\" in '{words}'*) echo '{answer}';; esac" for words, answer in answers.items()))
    assert stack.outputs() == {"predictions_queue_url": "http://queue"}
    assert stack.export() == {"deployment": {}}
    assert calls() == ["stack output --json --stack local", "stack export --stack local"]


def test_a_new_stack_gets_its_state_folder(
    stack: LocalStack, paths: LocalPaths, calls: Callable[[], list[str]]
) -> None:
    pulumi(paths)
    stack.make()
    assert paths.state.is_dir()
    assert calls() == ["stack init local"]


def test_a_refresh_asks_nothing(stack: LocalStack, paths: LocalPaths, calls: Callable[[], list[str]]) -> None:
    pulumi(paths)
    stack.refresh()
    assert calls() == ["refresh --yes --skip-preview --non-interactive --stack local"]


def test_a_state_is_replaced_by_the_one_that_is_given(
    stack: LocalStack, paths: LocalPaths, calls: Callable[[], list[str]]
) -> None:
    given = shlex.quote(str(paths.project / "given"))
    pulumi(paths, f"cat > {given}")
    stack.replace_state({"deployment": {"resources": []}})
    assert calls() == ["stack import --stack local"]
    assert json.loads((paths.project / "given").read_text()) == {"deployment": {"resources": []}}


def test_a_failed_command_is_named_and_keeps_what_it_said(stack: LocalStack, paths: LocalPaths) -> None:
    pulumi(paths, "echo found nothing; echo error: no such thing >&2; exit 255")
    with pytest.raises(
        StackCommandError,
        match=r"^`pulumi stack export --stack local` ended with exit code 255:\nfound nothing\nerror: no",
    ) as e:
        stack.export()
    assert e.value.exit_code == 255
    assert e.value.output == "found nothing\nerror: no such thing\n"


def test_pulumi_keeps_the_run_lock_open(stack: LocalStack, paths: LocalPaths) -> None:
    reading, writing = os.pipe()
    pulumi(paths, f"echo kept > /dev/fd/{writing}")
    try:
        replace(stack, inherited_fds=(writing,)).up()
        os.close(writing)
        assert os.read(reading, 100) == b"kept\n"
    finally:
        os.close(reading)
