"""A queue's ARN, taken apart."""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

_FORM = re.compile(r"arn:[^:]+:sqs:(?P<region>[^:]*):(?P<account>[^:]*):(?P<name>[^:]+)")

PlacePart: TypeAlias = Literal["region", "account"]
"""What says where a queue is."""

PLACE_PARTS: Final[tuple[PlacePart, ...]] = ("region", "account")


@dataclass(frozen=True)
class QueueArn:
    """A queue's ARN, taken apart.

    Args:
        region: Its region.
        account: Its account.
        name: The queue's name.
    """

    region: str
    account: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "QueueArn | None":
        """Take an ARN apart; None where it is no queue's."""
        match = _FORM.fullmatch(text)
        return cls(**match.groupdict()) if match else None

    def part(self, which: PlacePart) -> str:
        """The region or the account."""
        return self.region if which == "region" else self.account
