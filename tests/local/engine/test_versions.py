import re

import pytest

from local.engine.build import MODULE
from local.engine.go_tool import NEEDED
from local.engine.versions import PINNED, Version, fits, parse_version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v3.259.0\n", Version(3, 259, 0)),
        ("3.260.1-alpha.1", Version(3, 260, 1)),
        ("go version go1.26.8 linux/amd64", Version(1, 26, 8)),
        ("", None),
        ("go version devel", None),
    ],
)
def test_a_version_is_found_in_what_a_program_says(text: str, version: Version | None) -> None:
    assert parse_version(text) == version


@pytest.mark.parametrize(
    ("version", "fitting"),
    [("3.259.0", True), ("3.259.4", True), ("3.300.0", True), ("3.258.9", False), ("4.0.0", False), ("2.999.0", False)],
)
def test_the_pinned_and_later_ones_of_its_major_version_fit(version: str, *, fitting: bool) -> None:
    parsed = parse_version(version)
    assert parsed
    assert fits(parsed) is fitting


def test_the_module_builds_what_is_pinned_with_the_go_that_is_asked_for() -> None:
    module = (MODULE / "go.mod").read_text()
    assert f"require github.com/pulumi/pulumi/pkg/v3 v{PINNED}\n" in module
    assert re.search(r"^go (.*)$", module, re.MULTILINE)[1] == str(NEEDED)  # type: ignore[index]  # None fails as well


def test_every_module_is_verified() -> None:
    sums = (MODULE / "go.sum").read_text()
    required = re.findall(r"^\t?(?:require )?(\S+/\S+) (v\S+)", (MODULE / "go.mod").read_text(), re.MULTILINE)
    assert len(required) > 200
    missing = [name for name, version in required if f"{name} {version} h1:" not in sums]
    assert missing == []
