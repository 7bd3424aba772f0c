"""The host under the real engine, as a user meets it: on the command line."""

import json
import os
import shlex
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from local.paths import PROJECT, LocalPaths

pytestmark = pytest.mark.engine

PATIENCE_SECONDS = 60.0


class CommandLine:
    """`pulumi` with a project, a pack, a state and a language host of the test's own."""

    def __init__(self, folder: Path, binary: Path) -> None:
        self.folder = folder
        self.program, self.pack = folder / "program", folder / "pack"
        binaries = folder / "bin"
        for made in (self.program, self.pack, binaries, folder / "state"):
            made.mkdir()
        # The engine looks for its language hosts beside itself first, so it is linked here and not found elsewhere.
        os.link(binary, binaries / "pulumi") if _linkable(binary, binaries) else (binaries / "pulumi").symlink_to(
            binary
        )
        launcher = binaries / "pulumi-language-python"
        root, python = shlex.quote(str(PROJECT)), shlex.quote(sys.executable)
        launcher.write_text(f'#!/bin/sh\nPYTHONPATH={root} exec {python} -m local.language_host "$@"\n')
        launcher.chmod(0o755)
        (self.program / "Pulumi.yaml").write_text(
            "name: sample\nruntime: {name: python, options: {virtualenv: nowhere}}\n"
        )
        (self.pack / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 0.0.1\n")
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "AWS_", "PYTHON"))},
            "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        self.succeeds("stack", "init", "dev")

    def write(self, program: str, pack: str = "") -> None:
        (self.program / "__main__.py").write_text(textwrap.dedent(program))
        (self.pack / "__main__.py").write_text(textwrap.dedent(pack))

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [str(self.folder / "bin" / "pulumi"), *arguments, "--non-interactive", "--color=never"],
            cwd=self.program,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def ends(self, *arguments: str) -> tuple[int, str]:
        with self.start(*arguments) as process:
            told, _ = process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode, told

    def succeeds(self, *arguments: str) -> str:
        status, told = self.ends(*arguments)
        assert status == 0, told
        return told

    def fails(self, *arguments: str) -> str:
        status, told = self.ends(*arguments)
        assert status != 0, told
        return told

    def diagnostics(self, told: str) -> list[str]:
        """What the user is told went wrong, without the lines that showed it while it happened."""
        _, _, rest = told.partition("Diagnostics:\n")
        block, _, _ = rest.partition("\nOutputs:")
        block, _, _ = block.partition("\nResources:")
        return [line.strip() for line in block.splitlines() if line.strip()][1:]


def _linkable(binary: Path, folder: Path) -> bool:
    return binary.stat().st_dev == folder.stat().st_dev


@pytest.fixture
def pulumi(tmp_path: Path) -> CommandLine:
    binary = LocalPaths().binaries / "pulumi"
    if not binary.exists():
        word = f"the Pulumi engine is missing ({binary}): run `make test`"
        if os.environ.get("CI") == "true":
            pytest.fail(word)
        pytest.skip(word)
    return CommandLine(tmp_path, binary)


THING = """
import pulumi

class Thing(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("sample:index:Thing", name)
        self.register_outputs({})

Thing("weak")
"""

PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def strong(resource, report):
    if resource.name == "weak":
        report("make it strong")

PolicyPack(
    name="sample",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[ResourceValidationPolicy(name="strong", description="Things are strong.", validate=strong)],
)
"""


def test_outputs_configuration_and_secrets_go_through(pulumi: CommandLine) -> None:
    pulumi.write(
        """
        import sys, pulumi
        configuration = pulumi.Config()
        print("said aloud")
        print("said aside", file=sys.stderr)
        pulumi.export("greeting", configuration.require("greeting"))
        pulumi.export("token", configuration.require_secret("token"))
        pulumi.export("stack", [pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization()])
        """
    )
    pulumi.succeeds("config", "set", "greeting", "good morning")
    pulumi.succeeds("config", "set", "--secret", "token", "s3cret")
    told = pulumi.succeeds("up", "--yes")
    assert "said aloud" in told
    assert "said aside" in told
    assert "s3cret" not in told
    shown = json.loads(pulumi.succeeds("stack", "output", "--json"))
    assert shown == {"greeting": "good morning", "token": "[secret]", "stack": ["sample", "dev", "organization"]}
    revealed = json.loads(pulumi.succeeds("stack", "output", "--json", "--show-secrets"))
    assert revealed == {**shown, "token": "s3cret"}


def test_what_a_program_raises_is_shown_once_in_the_users_terms(pulumi: CommandLine) -> None:
    main = pulumi.program / "__main__.py"
    pulumi.write("def work():\n    raise ValueError('no such thing')\n\nwork()\n")
    told = pulumi.diagnostics(pulumi.fails("preview"))
    frames = [line for line in told if line.startswith("File ")]
    assert frames == [f'File "{main}", line 4, in <module>', f'File "{main}", line 2, in work']
    assert told[-1] == "ValueError: no such thing"

    pulumi.write("import pulumi\nraise pulumi.RunError('vpcId: say which VPC')\n")
    assert pulumi.diagnostics(pulumi.fails("preview")) == ["error: vpcId: say which VPC"]

    pulumi.write("import pulumi\nnumbers = (1,\n")
    told = pulumi.diagnostics(pulumi.fails("preview"))
    assert f'File "{main}", line 2' in told
    assert told[-1] == "SyntaxError: '(' was never closed"


def test_a_pack_runs_and_a_broken_rule_stops_the_deployment(pulumi: CommandLine) -> None:
    pulumi.write(THING, PACK)
    told = pulumi.fails("up", "--yes", "--policy-pack", str(pulumi.pack))
    assert "[mandatory]  strong  (sample:index:Thing: weak)" in told
    assert "make it strong" in told
    assert "Thing" not in pulumi.succeeds("stack", "export")

    pulumi.write(THING.replace('"weak"', '"good"'), PACK)
    assert "sample@v0.0.1" in pulumi.succeeds("up", "--yes", "--policy-pack", str(pulumi.pack))
    assert "sample:index:Thing::good" in pulumi.succeeds("stack", "export")


def test_a_pack_that_crashes_stops_the_deployment_with_its_traceback(pulumi: CommandLine) -> None:
    pulumi.write(THING, "raise ValueError('no rules today')\n")
    told = pulumi.fails("preview", "--policy-pack", str(pulumi.pack))
    assert f'File "{pulumi.pack / "__main__.py"}", line 1, in <module>' in told
    assert "ValueError: no rules today" in told
    assert "failed to start" in told


def test_about_names_the_interpreter_and_what_is_installed(pulumi: CommandLine) -> None:
    pulumi.write("")
    told = pulumi.succeeds("about")
    assert f"executable='{sys.executable}'" in told
    assert "pulumi_aws" in told


@pytest.mark.parametrize("work", ["time.sleep(60)", "while True: pass"])
def test_ctrl_c_ends_program_and_pack_quietly_and_at_once(pulumi: CommandLine, work: str) -> None:
    pulumi.write(f"import os, time\nopen('pid', 'w').write(str(os.getpid()))\n{work}\n", PACK)
    with pulumi.start("preview", "--policy-pack", str(pulumi.pack)) as process:
        program = pulumi.program / "pid"
        end = time.monotonic() + PATIENCE_SECONDS
        while not program.exists() or not program.read_text():
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        told, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode != 0
    assert "Traceback" not in told
    assert "KeyboardInterrupt" not in told
    assert pulumi.diagnostics(told) == ["error: context canceled"]
    with pytest.raises(ProcessLookupError):
        os.kill(int(program.read_text()), 0)
