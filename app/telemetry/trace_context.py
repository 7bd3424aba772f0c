"""A trace's context on its way: in the store, and in the attributes of messages.

The form is W3C Trace Context (https://www.w3.org/TR/trace-context/). Reading it needs no OpenTelemetry, so that a
process that traces nothing can pass on what others have begun. What it is read from may be anybody's: whatever is not
a context in every detail is none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_sqs.type_defs import MessageAttributeValueTypeDef

TRACEPARENT = "traceparent"
TRACESTATE = "tracestate"
ATTRIBUTE_NAMES = (TRACEPARENT, TRACESTATE)
"""The message attributes that carry a context; SQS allows ten in all."""

TRACEPARENT_LENGTH = 55
TRACESTATE_LENGTH = 512
"""The most characters of a `tracestate`: what W3C asks everybody to pass on at least."""

_STRING = "String"
_MOST_MEMBERS = 32
_PARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_MEMBER = re.compile(
    r"([a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
    r"=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
)


@dataclass(frozen=True, slots=True)
class TraceContext:
    """Where in which trace something was begun. Made by `read`, and valid therefore.

    Args:
        traceparent: The trace, the span in it, and whether it is recorded: `00-<32 hex>-<16 hex>-<2 hex>`.
        tracestate: What tracing systems add for themselves, 512 characters at most; None for nothing.
    """

    traceparent: str
    tracestate: str | None = None

    @classmethod
    def read(cls, traceparent: object, tracestate: object = None) -> "TraceContext | None":
        """The context that these two are; None where the first is none. A second that is none is left out."""
        if not isinstance(traceparent, str) or not _PARENT.fullmatch(traceparent):
            return None
        return cls(traceparent, tracestate if isinstance(tracestate, str) and _is_state(tracestate) else None)

    @classmethod
    def of_attributes(cls, attributes: object) -> "TraceContext | None":
        """The context in a message's attributes, as SQS hands them out; None where they hold none. Raises nothing."""
        if not isinstance(attributes, Mapping):
            return None
        return cls.read(_text(attributes.get(TRACEPARENT)), _text(attributes.get(TRACESTATE)))

    @property
    def trace_id(self) -> str:
        """The trace's id, 32 hexadecimal digits."""
        return self.traceparent[3:35]

    @property
    def span_id(self) -> str:
        """The id of the span in it, 16 hexadecimal digits."""
        return self.traceparent[36:52]

    @property
    def flags(self) -> int:
        """W3C's flags; the lowest bit says that the trace is recorded."""
        return int(self.traceparent[53:], 16)

    @property
    def attributes(self) -> "dict[str, MessageAttributeValueTypeDef]":
        """The message attributes that carry it."""
        carried: dict[str, MessageAttributeValueTypeDef] = {
            TRACEPARENT: {"DataType": _STRING, "StringValue": self.traceparent}
        }
        if self.tracestate is not None:
            carried[TRACESTATE] = {"DataType": _STRING, "StringValue": self.tracestate}
        return carried

    @property
    def size(self) -> int:
        """The bytes that those attributes count towards SQS's limit: names, types and values."""
        size = len(TRACEPARENT) + len(_STRING) + len(self.traceparent)
        if self.tracestate is not None:
            size += len(TRACESTATE) + len(_STRING) + len(self.tracestate)
        return size


def _text(attribute: object) -> object:
    """The value of a message attribute of text, if it is one."""
    if not isinstance(attribute, Mapping) or attribute.get("DataType") != _STRING:
        return None
    return attribute.get("StringValue")


def _is_state(text: str) -> bool:
    if not 0 < len(text) <= TRACESTATE_LENGTH:
        return False
    members = [_MEMBER.fullmatch(member.strip(" \t")) for member in text.split(",")]
    keys = {member[1] for member in members if member}
    return len(keys) == len(members) <= _MOST_MEMBERS
