"""The small scripts by which the engine finds what is ours: the language host and the provider plugin.

The language host stands beside the engine and runs program and pack with the project's own environment, whatever
`virtualenv` Pulumi.yaml names. The provider plugin lives in the local stack's own PULUMI_HOME, so that a real
deployment can never pick it up.
"""

import os
import shlex
from importlib.metadata import version
from pathlib import Path

from local.paths import LocalPaths


def write_launchers(paths: LocalPaths) -> None:
    """Write the language host's and the provider plugin's launchers, and the AWS command line's."""
    plugin = paths.pulumi_home / "plugins" / f"resource-aws-v{version('pulumi-aws')}"
    _write(paths.binaries / "pulumi-language-python", _launcher(paths, "local.language_host"))
    _write(plugin / "pulumi-resource-aws", _launcher(paths, "local.provider"))
    _write(paths.binaries / "aws", _aws_launcher(paths))


def _launcher(paths: LocalPaths, module: str) -> str:
    project, python = shlex.quote(str(paths.project)), shlex.quote(str(paths.environment / "bin" / "python"))
    # -P: the engine starts it in the program's folder, whose modules are not to be taken for ours.
    return f'#!/bin/sh\nPYTHONPATH={project}${{PYTHONPATH:+:$PYTHONPATH}} exec {python} -P -m {module} "$@"\n'


def _aws_launcher(paths: LocalPaths) -> str:
    """Version 1 of it puts a host of its own for SQS above AWS_ENDPOINT_URL, though not above an option."""
    # As a module: its script does not start from a path with a space in it.
    python = shlex.quote(str(paths.emulator_environment / "bin" / "python"))
    options = '${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"}'
    return f'#!/bin/sh\nexec {python} -P -m awscli {options} "$@"\n'


def _write(file: Path, text: str) -> None:
    if file.exists() and file.read_text() == text:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")  # two runs may write at once
    unfinished.write_text(text)
    unfinished.chmod(0o755)
    unfinished.replace(file)
