"""Property values as the protocol carries them: protobuf Structs, with unknowns, secrets and outputs by signature.

The signatures are the protocol's own (pulumi/pulumi, sdk/proto and sdk/python/lib/pulumi/runtime/rpc.py).
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

from google.protobuf import struct_pb2


class Unknown(Enum):
    """The type of `UNKNOWN`: an enum of one member, so that type checkers can narrow by identity."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
"""Stands for a value that exists only after the deployment, as a new queue's ARN at its first preview."""

Value: TypeAlias = "bool | int | float | str | Unknown | list[Value] | dict[str, Value] | None"
Values: TypeAlias = Mapping[str, Value]

_UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWN_TEXTS = frozenset(
    {
        _UNKNOWN_TEXT,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # a boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # a number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # an array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # an asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # an archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # an object
    }
)
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the protocol's mark of a secret, not one itself
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
_FILES = {"c44067f5952c0a294b673a41bacd8c17": "an asset", "0def7320c3a5731c473e5ecbe6d01bc7": "an archive"}


class UnsupportedValue(ValueError):  # noqa: N818 - it names the value's fault, as ValueError does
    """A property carries an asset or an archive, which none of the served resource types takes."""


class Properties(NamedTuple):
    """Decoded properties.

    Args:
        values: Plain values by property name; `UNKNOWN` where only the deployment will tell. Nulls are left out.
        secrets: Names of the top-level properties that hold a secret at any depth.
    """

    values: dict[str, Value]
    secrets: frozenset[str]


def decode(struct: struct_pb2.Struct) -> Properties:
    """Read a Struct.

    Args:
        struct: Properties as a request carries them.

    Returns:
        The values without the protocol's wrappers, and which of them are secret.

    Raises:
        UnsupportedValue: A property carries an asset or an archive.
    """
    values: dict[str, Value] = {}
    secrets: set[str] = set()
    for name, wire in struct.fields.items():
        value, secret = _decode(name, wire)
        if value is not None:
            values[name] = value
        if secret:
            secrets.add(name)
    return Properties(values, frozenset(secrets))


def encode(values: Values, secrets: frozenset[str] = frozenset()) -> struct_pb2.Struct:
    """Write a Struct.

    Args:
        values: Plain values by property name; `UNKNOWN` becomes the protocol's sentinel, None is left out.
        secrets: Names of the properties to mark as secret, so that the state holds them encrypted.

    Returns:
        The Struct to answer with.
    """
    struct = struct_pb2.Struct()
    for name, value in values.items():
        if value is None:
            continue
        plain: Value = {_SIGNATURE: _SECRET, "value": value} if name in secrets else value
        struct.fields[name].CopyFrom(_encode(plain))
    return struct


def _decode(path: str, wire: struct_pb2.Value) -> tuple[Value, bool]:
    match wire.WhichOneof("kind"):
        case "bool_value":
            return wire.bool_value, False
        case "number_value":
            number = wire.number_value
            return (int(number) if number.is_integer() else number), False
        case "string_value":
            return (UNKNOWN if wire.string_value in _UNKNOWN_TEXTS else wire.string_value), False
        case "list_value":
            items = [_decode(f"{path}[{index}]", item) for index, item in enumerate(wire.list_value.values)]
            return [value for value, _ in items], any(secret for _, secret in items)
        case "struct_value":
            return _decode_object(path, wire.struct_value)
        case _:
            return None, False


def _decode_object(path: str, struct: struct_pb2.Struct) -> tuple[Value, bool]:
    fields = struct.fields
    signature = fields[_SIGNATURE].string_value if _SIGNATURE in fields else ""
    if signature == _SECRET:
        return _decode(path, fields["value"])[0], True
    if signature == _OUTPUT:
        if "value" not in fields:
            return UNKNOWN, fields["secret"].bool_value
        value, secret = _decode(path, fields["value"])
        return value, secret or fields["secret"].bool_value
    if signature == _REFERENCE:  # a resource stands for its id wherever a plain value is wanted
        return _decode(path, fields["id"] if "id" in fields else fields["urn"])
    if signature in _FILES:
        raise UnsupportedValue(f"{path} is {_FILES[signature]}; the local AWS provider takes plain values only")
    members = {key: _decode(f"{path}.{key}", member) for key, member in fields.items()}
    return {key: value for key, (value, _) in members.items()}, any(secret for _, secret in members.values())


def _encode(value: Value) -> struct_pb2.Value:
    wire = struct_pb2.Value()
    match value:
        case None:
            wire.null_value = struct_pb2.NULL_VALUE
        case bool():
            wire.bool_value = value
        case int() | float():
            wire.number_value = value
        case str():
            wire.string_value = value
        case Unknown():
            wire.string_value = _UNKNOWN_TEXT
        case list():
            wire.list_value.CopyFrom(struct_pb2.ListValue(values=map(_encode, value)))
        case dict():
            wire.struct_value.CopyFrom(struct_pb2.Struct(fields={key: _encode(item) for key, item in value.items()}))
    return wire
