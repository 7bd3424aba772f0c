"""What the policy pack adds to a preview of the whole stack: `python -m bench policy_pack`.

Two cases: the first preview, where everything is to be made, and one of a stack that is up, where nothing is to be
done. Both on the real engine, against an emulator of their own.
"""

import argparse
import os
import tempfile
from pathlib import Path

from bench.side_by_side import compare
from bench.telling import positive, say, tell
from local.emulator.bootstrap import bootstrap
from local.emulator.process import start, stop
from local.engine import ensure_engine
from local.mending import ready_stack
from local.paths import LocalPaths
from local.stack import LocalStack

PAIRS = 10


def main(pairs: int) -> None:
    """Measure, and print both ratios.

    Args:
        pairs: How many previews with and without the pack.
    """
    with tempfile.TemporaryDirectory() as run:
        paths = LocalPaths(run=Path(run))
        ensure_engine(paths, say)
        emulator = start(paths, owner=os.getpid(), ports=(0, 0))
        try:
            bootstrap(emulator)
            stack = LocalStack(paths, emulator)
            ready_stack(stack, lambda _: None)
            _measure(stack, "first preview", pairs)
            stack.capture("up", "--yes", "--skip-preview", "--non-interactive")
            _measure(stack, "preview without changes", pairs)
        finally:
            stop(paths)


def _measure(stack: LocalStack, what: str, pairs: int) -> None:
    comparison = compare(
        lambda: stack.capture("preview", "--non-interactive"),
        lambda: stack.capture("preview", "--non-interactive", *stack.pack_arguments),
        pairs=pairs,
    )
    tell(what, comparison.told("without the pack", "with the pack"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench policy_pack", description=__doc__)
    parser.add_argument("--pairs", type=positive, default=PAIRS, help="how often each is measured (%(default)s)")
    main(parser.parse_args().pairs)
