"""The command as a person runs it."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest

from access import judgement
from access.__main__ import main
from access.matrix.expected import COMMITTED
from tests.access.sound import ACCOUNT, ENDPOINT, PREFIX, REGION, VPC, role_arn, without_statement
from tests.access.stack_documents import (
    QUEUE,
    QUEUE_POLICY,
    deployed_resources,
    planned_resources,
    preview,
    replaced,
    resource,
    state,
    step,
)

PROJECT = Path(__file__).parents[2]
SETTINGS = f"""
config:
  aws:region: {REGION}
  shop:environment: dev
  shop:accountId: "{ACCOUNT}"
  shop:vpcId: {VPC}
  shop:vpcEndpointId: {ENDPOINT}
  shop:uploadsBucket: {PREFIX}uploads
  shop:deployerArns: [{role_arn("deployer")}]
  shop:breakGlassArns: [{role_arn("break-glass")}]
  shop:operatorArns: [{role_arn("operator")}]
"""
WEAKENED = resource(
    f"{QUEUE_POLICY}::queue",
    queueUrl=f"https://sqs/{PREFIX}predictions",
    policy=without_statement("queue", "DenyPurgeQueue"),
)


PLAINTEXT = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": "no JSON"}
ODD = {
    "deep.json": "[" * 200_000,
    "secret.json": state(
        replaced(deployed_resources(), {**WEAKENED, "inputs": WEAKENED["inputs"] | {"policy": PLAINTEXT}})
    ),
    "counted.json": json.dumps({"steps": [], "changeSummary": {"same": "x"}}),
    "nameless.json": state([{"urn": "x", "type": "x"}]),
    "foreign.json": state(deployed_resources()).replace("dev::shop::", "dev::other::"),
}
"""Files that nobody should be given."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(SETTINGS)
    (tmp_path / "state.json").write_text(state(deployed_resources()))
    (tmp_path / "weakened.json").write_text(state(replaced(deployed_resources(), WEAKENED)))
    return tmp_path


@dataclass(frozen=True)
class Done:
    """What came of the command."""

    code: int
    output: str
    errors: str

    @property
    def mistake(self) -> str:
        """The one line in which a mistake is told."""
        assert (self.code, self.output) == (2, "")
        (line,) = self.errors.splitlines()
        return line


Run: TypeAlias = Callable[..., Done]


@pytest.fixture
def run(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command on the project, without the proofs, which take seconds."""
    for name in ("ACCESS_STATE", "ACCESS_EVENTS", "ACCESS_APPLICATION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(judgement, "prove", lambda _: ())

    def command(*arguments: str, given: str = "") -> Done:
        monkeypatch.setattr("sys.argv", ["access", "--project", str(project), *arguments])
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return Done(int(ended.value.code or 0), told.out, told.err)

    return command


def test_a_sound_stack_is_as_expected(project: Path, run: Run) -> None:
    done = run("--state", str(project / "state.json"), "--check", "--format", "short")
    assert (done.code, done.errors) == (0, "")
    assert "every cell is as expected" in done.output


def test_a_stack_that_was_weakened_fails_by_its_invariants_alone(project: Path) -> None:
    command = [sys.executable, "-m", "access", "--project", str(project), "--state", str(project / "weakened.json")]
    done = subprocess.run([*command, "--format", "json"], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    found = json.loads(done.stdout)
    assert found["differences"] is None
    assert "false" in {one["verdict"] for one in found["invariants"]}


def test_a_pull_request_is_judged_by_its_preview_and_told_what_it_widens(project: Path, run: Run) -> None:
    steps = [step("same", one) for one in deployed_resources() if one["urn"] != WEAKENED["urn"]]
    text = preview(*steps, step("update", WEAKENED))
    output = project / "comment.md"
    arguments = ("--preview", "-", "--check", "--format", "markdown", "--output", str(output))
    done = run(*arguments, given=text)
    assert (done.code, done.output) == (1, "")
    lines = [line for line in output.read_text().splitlines() if "| PurgeQueue |" in line and "was denied" in line]
    assert {line.split("|")[2].strip() for line in lines} == {"operator", "deployer", "administrator"}


def test_a_stack_is_judged_before_it_exists(run: Run) -> None:
    text = preview(*(step("create", one) for one in planned_resources()))
    assert run("--preview", "-", "--check", "--format", "short", given=text).code == 0


def test_the_expected_matrix_is_written_on_demand_and_holds_from_then_on(project: Path, run: Run) -> None:
    expected = ("--expected", str(project / "expected.json"))
    weakened = ("--state", str(project / "weakened.json"))
    assert run(*weakened, *expected, "--check").mistake.endswith("for you to look at and commit")
    run(*weakened, *expected, "--update")
    assert "every cell is as expected" in run(*weakened, *expected, "--check", "--format", "short").output
    again = run("--state", str(project / "state.json"), *expected, "--check", "--format", "short")
    assert "is denied by DenyPurgeQueue" in again.output


def test_whoever_this_environment_does_without_keeps_what_is_expected_of_them(project: Path, run: Run) -> None:
    path = project / "expected.json"
    arguments = ("--state", str(project / "state.json"), "--expected", str(path), "--update", "--format", "short")
    run(*arguments)
    before = path.read_text()
    without = [line for line in SETTINGS.splitlines() if "breakGlassArns" not in line and "operatorArns" not in line]
    (project / "Pulumi.dev.yaml").write_text("\n".join(without))
    done = run(*arguments)
    assert done.errors == "kept as they were, since this environment has none: operator, break-glass\n"
    assert path.read_text() == before


def test_what_differs_from_the_base_branch_is_told_and_passes(project: Path, run: Run) -> None:
    """The pull request has changed what is expected along with what is allowed."""
    expected = project / "expected.json"
    weakened = ("--state", str(project / "weakened.json"), "--expected", str(expected))
    run(*weakened, "--update")
    done = run(*weakened, "--check", "--base", str(COMMITTED), "--format", "markdown")
    told, _, rest = done.output.partition("✅ By its state: every cell is as expected")
    assert done.code == 0
    assert {line.split("|")[2].strip() for line in told.splitlines() if "| PurgeQueue |" in line} == {
        "operator",
        "deployer",
        "administrator",
    }
    assert rest


def test_what_nobody_has_thought_of_ends_in_one_line_and_not_as_a_difference(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("access.command.assemble", broken)
    said = run("--state", str(project / "state.json")).mistake
    assert said.startswith("error: RuntimeError: two lines; this is a fault of the program")


def test_options_take_the_settings_place(project: Path, run: Run) -> None:
    other = role_arn("emergency")
    done = run("--state", str(project / "state.json"), "--break-glass", other, "--format", "json")
    callers = {one["label"]: one["principal"] for one in json.loads(done.output)["callers"]}
    assert callers["break-glass"] == other


def test_without_a_source_the_usual_state_is_read(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "what shall be read?" in run().mistake
    monkeypatch.setenv("ACCESS_STATE", str(project / "state.json"))
    assert run("--format", "short").code == 0


def test_calls_show_what_is_granted_and_never_used(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCESS_EVENTS", str(project / "calls.jsonl"))
    arguments = ("--state", str(project / "state.json"), "--observed", "--format", "short")
    assert "nothing was called yet" in run(*arguments).mistake
    (project / "calls.jsonl").write_text("")
    done = run(*arguments)
    assert done.code == 0
    assert "granted and never used: sqs:sendmessage" in done.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--state", "none.json"), "none.json does not exist: nothing is deployed"),
        (("--preview", "none.json"), "none.json does not exist; `pulumi preview --json --show-sames` gives"),
        (("--state", "Pulumi.yaml"), "Pulumi.yaml is not JSON"),
        (("--preview", "state.json"), "state.json is no preview"),
        (("--state", "state.json", "--live"), "not both"),
        (("--state", "-", "--preview", "-"), "cannot both be read from standard input"),
        (("--live",), "--live needs --stack NAME"),
        (("--state", "state.json", "--stack", "prod"), "what was read is the stack dev, not prod"),
        (("--state", "state.json", "--check", "--update"), "give one of them"),
        (("--state", "state.json", "--observed"), "--observed needs --events FILE"),
        (("--state", "state.json", "--output", "none/report"), "none/report cannot be written"),
        (("--state", "state.json", "--operator", "alice"), "alice is given as operator"),
        (("--state", "state.json", "--project", "elsewhere"), "elsewhere/Pulumi.yaml does not exist"),
        (
            ("--state", "state.json", "--operator", "alice", "--people"),
            "'alice' is given as one whose policies",
        ),
        (("--live", "--stack", "dev"), "The config profile (nosuch) could not be found; look at AWS_PROFILE"),
        (("--state", "deep.json"), "deep.json is not JSON"),
        (("--state", "secret.json"), "policy of QueuePolicy queue is a secret whose plaintext is not JSON"),
        (("--preview", "counted.json"), "its changeSummary counts 'x' that stay the same"),
        (("--state", "nameless.json"), "nameless.json has a resource with the URN 'x'"),
        (("--state", "foreign.json"), "what was read is a stack of the project other, not of shop"),
        (("--state", "state.json", "--expected", "deep.json", "--check"), "deep.json is no expected matrix"),
        (("--state", "state.json", "--base", "expected.json"), "give it with --format markdown"),
        (("--state", "state.json", "--observed", "--events", "deep.json"), "deep.json, line 1 is not JSON"),
        (("--state", "state.json", "--since", "today"), "--since is 'today'; it is a time of the form"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nosuch" if "--live" in arguments else "default")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(project / "aws.ini"))
    (project / "aws.ini").write_text("[default]\n")
    for name, text in ODD.items():
        (project / name).write_text(text)
    placed = (str(project / one) if one.endswith((".json", ".yaml", "/report")) else one for one in arguments)
    assert words in run(*placed).mistake


def test_a_policy_that_nobody_can_understand_is_told_in_one_line(project: Path, run: Run) -> None:
    odd = {
        "Sid": "Odd",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": "*",
        "Condition": {"Odd": {"a": "b"}},
    }
    raw = resource(QUEUE, name=f"{PREFIX}predictions", policy=json.dumps({"Statement": [odd]}))
    (project / "odd.json").write_text(state([raw]))
    assert "what cannot be understood" in run("--state", str(project / "odd.json")).mistake
