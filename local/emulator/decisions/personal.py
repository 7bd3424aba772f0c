"""No personal data in the log: the keys of uploads and results begin with a user's id, so that is taken out.

What is left, `…/user_redacted/<upload>.csv`, still matches the grants, whose patterns end behind `user_`; the rest of a
key is an id that the application makes, and that its own log has too.
"""

import re
from typing import Final

_USER: Final = re.compile(r"""user_[^/"\s]+""")


def without_users(text: str) -> str:
    """Takes users' ids out.

    Args:
        text: An ARN or AWS's words.

    Returns:
        The text with `user_redacted` in their place.
    """
    return _USER.sub("user_redacted", text)
