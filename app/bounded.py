"""Other people's text, made fit for a log, a table or an error: of bounded length, one line, printable."""

DEFAULT_LIMIT = 200


def bounded(text: object, limit: int = DEFAULT_LIMIT) -> str:
    r"""The text with everything unprintable escaped, cut at a length.

    Escapes matter as much as the length: a line break would forge a log line, a terminal's control sequence would
    rewrite the screen, a lone surrogate cannot be encoded, and a direction mark shows a word that is not there.

    Args:
        text: What to show.
        limit: The most characters to take from it.

    Returns:
        The text, with `… (n more)` behind it where it was cut.
    """
    whole = str(text)
    head = whole[:limit]
    if not head.isprintable():
        head = "".join(character if character.isprintable() else _escaped(character) for character in head)
    return f"{head}… ({len(whole) - limit} more)" if len(whole) > limit else head


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
