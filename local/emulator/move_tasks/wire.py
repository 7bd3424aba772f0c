"""The three calls in SQS's older protocol: query parameters in, XML out. MiniStack knows neither."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from xml.sax.saxutils import escape

from ministack.services import sqs

from local.emulator import internals
from local.emulator.internals import Stored
from local.emulator.seams import wrap

PARAMETERS: Final[Mapping[str, Sequence[str]]] = {
    "StartMessageMoveTask": ("SourceArn", "DestinationArn", "MaxNumberOfMessagesPerSecond"),
    "ListMessageMoveTasks": ("SourceArn", "MaxResults"),
    "CancelMessageMoveTask": ("TaskHandle",),
}
"""What each action takes."""
_ENTRY: Final = "ListMessageMoveTasksResultEntry"

Answer = tuple[int, dict[str, str], bytes]
"""MiniStack's form of an answer: HTTP status, headers, body."""


def _reading(original: Callable[[str, Stored], Stored]) -> Callable[[str, Stored], Stored]:
    def normalise(action: str, params: Stored) -> Stored:
        given = {name: params[name] for name in PARAMETERS.get(action, ()) if name in params}
        return original(action, params) | {
            name: value[0] if isinstance(value, list) else value for name, value in given.items()
        }

    return normalise


def _elements(fields: Mapping[str, object]) -> str:
    return "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in fields.items())


def _writing(original: Callable[[str, Stored], Answer]) -> Callable[[str, Stored], Answer]:
    def to_xml(action: str, result: Stored) -> Answer:
        if action not in PARAMETERS:
            return original(action, result)
        inner = (
            "".join(f"<{_ENTRY}>{_elements(entry)}</{_ENTRY}>" for entry in result["Results"])
            if "Results" in result
            else _elements(result)
        )
        return internals.xml_answer(200, f"{action}Response", f"<{action}Result>{inner}</{action}Result>")

    return to_xml


def install() -> None:
    """Makes MiniStack read and write them.

    Raises:
        SeamError: The installed MiniStack is another one than this was written against.
    """
    wrap(sqs, "_normalise", ("action", "params"), _reading)
    wrap(sqs, "_to_xml", ("action", "result"), _writing)
