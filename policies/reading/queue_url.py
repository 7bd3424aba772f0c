"""A queue's URL, taken apart."""

import re
from dataclasses import dataclass

_FORM = re.compile(r"https?://(?:sqs\.(?P<region>[a-z0-9-]+)\.)?[^/]*/(?P<account>\d{12})/(?P<name>[^/]+)")


@dataclass(frozen=True)
class QueueUrl:
    """A queue's URL, taken apart (SQS developer guide, "Amazon SQS queue and message identifiers").

    Args:
        name: The queue's name.
        region: Its region; None where the host does not tell, as an emulator's.
        account: Its account; None where the URL has none.
    """

    name: str
    region: str | None = None
    account: str | None = None

    @classmethod
    def parse(cls, text: str) -> "QueueUrl":
        """Take a URL apart; of what is none, the last part is taken for the name."""
        found = _FORM.fullmatch(text)
        return cls(**found.groupdict()) if found else cls(text.rsplit("/", 1)[-1])
