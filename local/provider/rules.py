"""What a property's value may be: small checks that run before AWS is asked, with the official provider's limits."""

import re
from collections.abc import Callable, Collection
from typing import TypeAlias

from local.provider.documents import MalformedDocument, parse
from local.provider.properties import Value

Rule: TypeAlias = Callable[[Value], str | None]
"""Takes a known value of the property's kind; gives the reason why it is refused, or None."""

_ARN = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:(\d{12}|aws|aws-managed|ec2)?:.+")
"""The account may be AWS's own, as in `arn:aws:iam::aws:policy/…` and `arn:aws:automate:us-east-1:ec2:stop`."""


def between(least: int, most: int, unit: str) -> Rule:
    """Allow a range.

    Args:
        least: The least value allowed.
        most: The greatest value allowed.
        unit: What is counted, for the message.

    Returns:
        The rule.
    """

    def rule(value: Value) -> str | None:
        if isinstance(value, int | float) and least <= value <= most:
            return None
        return f"{value} is out of range; allowed are {least} to {most} {unit}"

    return rule


def at_least(least: int) -> Rule:
    """Allow whatever is not below a limit.

    Args:
        least: The least value allowed.

    Returns:
        The rule.
    """

    def rule(value: Value) -> str | None:
        return (
            None
            if isinstance(value, int | float) and value >= least
            else f"{value} is out of range; the least allowed is {least}"
        )

    return rule


def one_of(allowed: Collection[str]) -> Rule:
    """Allow a few words.

    Args:
        allowed: The words, in the order in which a message should name them.

    Returns:
        The rule.
    """

    def rule(value: Value) -> str | None:
        return None if value in allowed else f"{value!r} is not allowed; allowed are {', '.join(allowed)}"

    return rule


def length(least: int, most: int) -> Rule:
    """Allow a length.

    Args:
        least: The fewest characters.
        most: The most characters.

    Returns:
        The rule.
    """

    def rule(value: Value) -> str | None:
        size = len(value) if isinstance(value, str) else 0
        return None if least <= size <= most else f"it has {size} characters; allowed are {least} to {most}"

    return rule


def matching(pattern: str, words: str) -> Rule:
    """Allow what matches a pattern.

    Args:
        pattern: A regular expression for the whole value.
        words: What the pattern allows, for the message.

    Returns:
        The rule.
    """
    compiled = re.compile(pattern)

    def rule(value: Value) -> str | None:
        return None if isinstance(value, str) and compiled.fullmatch(value) else f"{value!r} is not allowed; {words}"

    return rule


def period(value: Value) -> str | None:
    """Allow a metric's period: 10, 20 or 30 seconds, or whole minutes.

    Args:
        value: The period in seconds.

    Returns:
        Why it is refused, or None.
    """
    if isinstance(value, int) and (value in {10, 20, 30} or (value > 0 and value % 60 == 0)):
        return None
    return f"{value} is not allowed; allowed are 10, 20, 30 and the multiples of 60 (seconds)"


def arn(value: Value) -> str | None:
    """Allow an ARN.

    Args:
        value: The text.

    Returns:
        Why it is refused, or None.
    """
    if isinstance(value, str) and _ARN.fullmatch(value):
        return None
    return f"{value!r} is not an ARN; an ARN has the form arn:<partition>:<service>:<region>:<account>:<resource>"


def json_object(value: Value) -> str | None:
    """Allow a JSON object.

    Args:
        value: The document.

    Returns:
        Why it is refused, or None.
    """
    try:
        parsed = parse(value) if isinstance(value, str) else None
    except MalformedDocument as error:
        return str(error)
    return None if isinstance(parsed, dict) else "it is not a JSON object"
