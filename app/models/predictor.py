"""What the worker asks of a model, and all that it knows of one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


class UnusableFileError(ValueError):
    """The file cannot be predicted from, today or tomorrow: the message says where and why, for its owner to read."""


class StoppedError(Exception):
    """The model was told to stop, and did."""


@dataclass(frozen=True)
class Scores:
    """What a model makes of a file.

    Args:
        csv: The scores, one line a customer, UTF-8 with a header.
        summary: What they say in sum; values that JSON can hold.
    """

    csv: bytes
    summary: Mapping[str, object]


class Predictor(Protocol):
    """A model that scores a file of customers. The same file gives the same scores, so a repetition is harmless."""

    def predict(self, content: bytes, should_stop: Callable[[], bool]) -> Scores:
        """Score a file.

        Called from several threads at once. For a file of bounded size it takes bounded time and memory, whatever
        the file holds.

        Args:
            content: The file.
            should_stop: Asked often; when it says True, the result is not wanted any more.

        Raises:
            UnusableFileError: The file cannot be predicted from.
            StoppedError: `should_stop` said so.
        """
        ...
