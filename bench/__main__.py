"""Measures what things cost.

python -m bench [NAME …] [OPTION …]

{names}

All are measured where none is named. Options go on to each: `python -m bench publish --help` lists them. Nothing else
should run on the machine meanwhile.
"""

import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import takewhile

from bench.telling import say

BENCHMARKS = {
    "publish": "what publishing costs beside boto3's send_message",
    "consume": "what consuming costs beside boto3's receive and delete in tens",
    "policy_pack": "what the policy pack adds to a preview; takes minutes",
}
"""What can be measured: the modules of this folder that do it, and what they tell."""


def main(words: Sequence[str], run: Callable[[Sequence[str]], int] = subprocess.call) -> int:
    """Run benchmarks one after the other, each in a process of its own, so that none measures another's garbage.

    Args:
        words: The names of those that are wanted, then options that go on to each.
        run: Runs a command and returns its exit status.

    Returns:
        The exit status: 0, or the first that was not.
    """
    names = list(takewhile(lambda word: not word.startswith("-"), words))
    options = words[len(names) :]
    if not names and {"-h", "--help"} & set(options):
        say(_help())
        return 0
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        say(f"there is no benchmark {unknown[0]!r}; choose from {', '.join(BENCHMARKS)}")
        return 2
    statuses = []
    for name in names or BENCHMARKS:
        say(f"\n{name}: {BENCHMARKS[name]}")
        statuses.append(run([sys.executable, "-m", f"bench.{name}", *options]))
    return next((status for status in statuses if status), 0)


def _help() -> str:
    width = max(map(len, BENCHMARKS))
    names = "\n".join(f"  {name:{width}}  {what}" for name, what in BENCHMARKS.items())
    return (__doc__ or "").format(names=names)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
