from local.engine.progress import GoProgress


def after(progress: GoProgress, *lines: str) -> GoProgress:
    for line in lines:
        progress.line(f"{line}\n")
    return progress


def test_finding_out_counts_downloads() -> None:
    progress = after(
        GoProgress(),
        "go: downloading github.com/pulumi/pulumi/pkg/v3 v3.259.0",
        "go: downloading cel.dev/expr v0.25.2",
        "unsafe",
        "internal/goarch",
        "vendor/golang.org/x/net/http/httpguts",
        "gopkg.in/yaml.v3",
    )
    assert str(progress) == "2 modules downloaded"
    assert progress.packages == 3


def test_building_counts_packages_and_ends_with_linking() -> None:
    progress = after(GoProgress(total=4), "errors", "github.com/a/b")
    assert str(progress) == "2 of 4 packages compiled (50 %)"
    assert str(after(progress, "go: downloading x v1", "io", "github.com/c")) == "all 4 packages compiled, linking"


def test_complaints_are_no_packages_and_the_last_lines_are_kept() -> None:
    progress = after(GoProgress(total=4), "# github.com/a/b", "b.go:3:2: undefined: x", "go: module lookup disabled")
    assert progress.packages == 0
    assert list(progress.last)[-1] == "go: module lookup disabled"
    assert len(after(progress, *map(str, range(99))).last) == 15
