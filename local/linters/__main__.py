"""The commands behind `make linters` and `make lint`: `python -m local.linters setup|workflows`."""

import sys
from collections.abc import Sequence

from local.linters.actionlint import ActionlintUnavailableError, ensure_actionlint
from local.linters.environment import make_document_linters
from local.linters.workflows import lint_workflows
from local.lock import LockedError
from local.paths import LocalPaths
from local.virtual_environment import SetupError

USAGE = "usage: python -m local.linters setup|workflows"


def say(line: str) -> None:
    """Tell the person what is going on, on standard error."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def main(arguments: Sequence[str], paths: LocalPaths | None = None) -> int:
    """Make the linters, or lint the workflows.

    Args:
        arguments: `setup` makes all of them; `workflows` makes actionlint and lints `.github`.
        paths: Where; the checkout's own folders by default.

    Returns:
        The exit code: 0 where all is well, 1 where a linter found something or cannot be had, 2 for a wrong call.
    """
    paths = paths or LocalPaths()
    try:
        match list(arguments):
            case ["setup"]:
                make_document_linters(paths, say)
                ensure_actionlint(paths, say)
            case ["workflows"]:
                return _lint(paths)
            case _:
                say(USAGE)
                return 2
    except (ActionlintUnavailableError, LockedError, SetupError) as error:
        say(f"error: {error}")
        return 1
    return 0


def _lint(paths: LocalPaths) -> int:
    found = lint_workflows(paths.project, ensure_actionlint(paths, say), paths.environment / "bin")
    for one in found:
        say(f"{one.linter}: no findings" if one.passed else f"{one.linter}:\n{one.said.rstrip()}")
    return 0 if all(one.passed for one in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
