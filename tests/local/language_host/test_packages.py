"""Which plugin an SDK needs, by what it says of itself."""

import json
import sys
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from local.language_host.packages import _required


def described(folder: Path, distribution: str, version: str, plugin: dict[str, object] | None) -> list[tuple[str, str]]:
    information = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    package = folder / distribution.replace("-", "_")
    package.mkdir()
    (package / "__init__.py").touch()
    if plugin is not None:
        (package / "pulumi-plugin.json").write_text(json.dumps(plugin))
    return [(found.name, found.version) for found in _required(PathDistribution(information))]


@pytest.mark.parametrize(
    ("distribution", "version", "plugin", "expected"),
    [
        ("pulumi-zzone", "1.2.3", {"resource": True, "name": "zz", "version": "4.5.6"}, [("zz", "v4.5.6")]),
        ("other-zzsdk", "1.2.3", {"resource": True, "name": "zz", "version": "v4.5.6"}, [("zz", "v4.5.6")]),
        ("pulumi-zztwo", "2.1", {"resource": True}, [("zztwo", "v2.1.0")]),
        ("pulumi_zzthree", "1.2.3", None, [("zzthree", "v1.2.3")]),
        ("pulumi-zzfour", "1.2.3a4", None, []),
        ("pulumi-zzfive", "1.2.3", {"resource": False}, []),
        ("zz-plain", "1.2.3", None, []),
    ],
)
def test_an_sdks_plugin_comes_from_its_description_its_name_and_its_version(  # noqa: PLR0913, PLR0917 - the table's columns
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    distribution: str,
    version: str,
    plugin: dict[str, object] | None,
    expected: list[tuple[str, str]],
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert described(tmp_path, distribution, version, plugin) == expected
