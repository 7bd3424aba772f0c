"""Text that means nothing to GitHub: no markup, no link, nobody called by name.

Names, Sids and values of conditions come from policies, and whoever opens a pull request writes those. What is made of
letters and harmless signs is left as it is. Everything else becomes code: there GitHub sees neither Markdown nor HTML,
links nothing, and sends nobody a message for an `@` (GitHub docs, "Basic writing and formatting syntax"). An escaped
`@` would not do: GitHub looks for names after it has taken escapes away.
"""

import re
from html import escape

_HARMLESS = re.compile(r"[\w ,.;:()'\"{}/?%=+→·✓✗…-]*")
_HARMFUL_ALL_THE_SAME = re.compile(r"_|://|\bwww\.", re.IGNORECASE)
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069]+")


def plain(text: str) -> str:
    """Text on one line, for a paragraph, a list or a table of Markdown."""
    line = _one_line(text)
    if _is_harmless(line):
        return line
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    content = line.replace("|", "¦")  # a table's cell ends at every other, code or not
    return f"{fence} {content} {fence}" if "`" in content else f"{fence}{content}{fence}"


def plain_in_html(text: str) -> str:
    """Text on one line, for an element of HTML."""
    line = _one_line(text)
    return escape(line) if _is_harmless(line) else f"<code>{escape(line)}</code>"


def _one_line(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _is_harmless(line: str) -> bool:
    return bool(_HARMLESS.fullmatch(line)) and not _HARMFUL_ALL_THE_SAME.search(line)
