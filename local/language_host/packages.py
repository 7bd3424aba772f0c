"""What is installed: the provider plugins that the SDKs need, and the packages that a program stands on."""

import importlib.util
import json
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from pulumi.runtime.proto import language_pb2, plugin_pb2

_WITHOUT_PLUGIN = frozenset({"pulumi-policy", "pulumi-esc-sdk"})
_RELEASE = re.compile(r"\d+(\.\d+)*")


def required_packages() -> list[plugin_pb2.PackageDependency]:
    """List the provider plugins that the installed SDKs need, each in the version its SDK was made from.

    An SDK says so in its `pulumi-plugin.json`; what that leaves out comes from the distribution's name and version.

    Returns:
        The plugins, by name.
    """
    found = [package for installed in distributions() for package in _required(installed)]
    return sorted(found, key=lambda package: package.name)


def _required(installed: Distribution) -> Iterator[plugin_pb2.PackageDependency]:
    described = _description(installed.name)
    name = _normal(installed.name)
    by_name = name.startswith("pulumi-") and name not in _WITHOUT_PLUGIN
    if described is None:
        described = {"resource": by_name}
    if not described.get("resource"):
        return
    version = str(described.get("version") or _plugin_version(installed.version) or "")
    if not version:
        return  # a pre-release does not tell its plugin's version; the program's own request then does
    yield plugin_pb2.PackageDependency(
        name=str(described.get("name") or name.removeprefix("pulumi-")),
        kind="resource",
        version=f"v{version.removeprefix('v')}",
        server=str(described.get("server") or ""),
    )


def _description(distribution: str) -> dict[str, object] | None:
    try:
        spec = importlib.util.find_spec(distribution.replace("-", "_"))
    except (ImportError, ValueError):
        return None
    for folder in (spec and spec.submodule_search_locations) or ():
        file = Path(folder) / "pulumi-plugin.json"
        if file.is_file():
            content = json.loads(file.read_text())
            return content if isinstance(content, dict) else None
    return None


def _plugin_version(version: str) -> str | None:
    if not _RELEASE.fullmatch(version):
        return None
    return ".".join([*version.split("."), "0", "0"][: max(3, version.count(".") + 1)])


def program_dependencies(*, transitive: bool) -> list[language_pb2.DependencyInfo]:
    """List what is installed beside the program.

    Args:
        transitive: Also list what is there only because another package requires it.

    Returns:
        Names and versions, by name.
    """
    installed = {_normal(found.name): found for found in distributions()}
    required = set() if transitive else set(_requirements(installed.values()))
    return [
        language_pb2.DependencyInfo(name=found.name, version=found.version)
        for name, found in sorted(installed.items())
        if name not in required
    ]


def _requirements(installed: Iterable[Distribution]) -> Iterator[str]:
    for found in installed:
        for requirement in found.requires or ():
            name, _, marker = requirement.partition(";")
            if "extra" not in marker:
                yield _normal(re.split(r"[^A-Za-z0-9._-]", name.strip(), maxsplit=1)[0])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
