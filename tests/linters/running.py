"""The linters as processes of their own environment, and what they find in one form."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.linters.declared import Resource
from tests.linters.documents import TRUST, with_a_resource
from tests.linters.terraform_plan import plan

SECONDS = 120.0
FAILING = 1
"""The exit code of both linters where they find something."""


@dataclass(frozen=True)
class Finding:
    """What a linter finds wrong.

    Args:
        linter: Which.
        rule: The rule's id.
        subject: The document's or the resource's name.
        detail: What it says, beyond the rule.
    """

    linter: str
    rule: str
    subject: str
    detail: str


@dataclass(frozen=True)
class Linters:
    """The linters of an environment.

    Args:
        programs: Its folder of programs.
        folder: Where they are given what they read; a new one each time.
    """

    programs: Path
    folder: Path

    def parliament(self, documents: Mapping[str, str]) -> list[Finding]:
        """What parliament finds in documents, the community's rules counted; the name of a trust policy ends so."""
        folder = self.folder / "documents"
        folder.mkdir(parents=True)
        for name, text in documents.items():
            readable = with_a_resource(text) if name.endswith(TRUST) else text
            (folder / f"{name}.json").write_text(readable, encoding="utf-8")
        said = self._run("parliament", "--directory", str(folder), "--json", "--include-community-auditors")
        return [_of_parliament(json.loads(line)) for line in said.splitlines()]

    def checkov(self, resources: Sequence[Resource]) -> tuple[list[Finding], list[Finding]]:
        """What checkov finds in resources, and what it looked for in vain."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "plan.json"
        file.write_text(json.dumps(plan(resources)), encoding="utf-8")
        said = self._run(
            "checkov", "--framework=terraform_plan", "--output=json", "--compact", "--skip-download", f"--file={file}"
        )
        report = json.loads(said)
        assert report["summary"]["parsing_errors"] == 0
        assert report["summary"]["resource_count"] == len(resources)
        failed, passed = report["results"]["failed_checks"], report["results"]["passed_checks"]
        return list(map(_of_checkov, failed)), list(map(_of_checkov, passed))

    def _run(self, program: str, *arguments: str) -> str:
        environment = {**os.environ, "HOME": str(self.folder), "PYTHONWARNINGS": "ignore", "LOG_LEVEL": "ERROR"}
        ended = subprocess.run(
            [str(self.programs / program), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert ended.returncode in {0, FAILING}, ended.stderr
        assert "Traceback" not in ended.stderr, ended.stderr
        return ended.stdout


def _of_parliament(said: Mapping[str, Any]) -> Finding:
    detail = said["detail"] if isinstance(said["detail"], str) else json.dumps(said["detail"])
    return Finding("parliament", said["issue"], Path(said["location"]["filepath"]).stem, detail)


def _of_checkov(said: Mapping[str, Any]) -> Finding:
    return Finding("checkov", said["check_id"], said["resource"].partition(".")[2], said["check_name"])


def each(findings: Sequence[Finding]) -> Iterator[str]:
    """Findings in words, for a failed test's message."""
    yield from (f"{one.linter} {one.rule} in {one.subject}: {one.detail}" for one in findings)
