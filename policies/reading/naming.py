"""What an Allow leaves unnamed: actions by pattern, or all but some of the actions or resources."""

from collections.abc import Iterator

from access.documents import Statement
from policies.reading.patterns import is_pattern


def unnamed(allow: Statement) -> Iterator[str]:
    """The ends of sentences that say what the statement does not name; resources by pattern are not looked at."""
    if allow.not_actions:
        yield "allows every action but some (NotAction); list the actions it needs"
    if allow.not_resources:
        yield "allows every resource but some (NotResource); list the ARNs it needs"
    if actions := [action for action in allow.actions if is_pattern(action)]:
        yield f"allows {', '.join(actions)}; list the actions it needs, one by one"
