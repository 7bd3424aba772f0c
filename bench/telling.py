"""What all benchmarks say, and take, in the same way."""

import argparse
import sys


def say(line: str) -> None:
    """Tell whoever waits how it goes, on stderr."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def tell(name: str, figures: str) -> None:
    """Tell what was measured, on stdout.

    Args:
        name: What was.
        figures: The figures, in lines.
    """
    sys.stdout.write(f"\n{name}\n{figures}\n")
    sys.stdout.flush()


def positive(text: str) -> int:
    """A number from 1 on, for argparse.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)
