import pytest
from google.protobuf import struct_pb2
from google.protobuf.json_format import ParseDict

from local.provider.properties import UNKNOWN, UnsupportedValue, Value, decode, encode

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the protocol's mark of a secret
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def wire(value: dict[str, object]) -> struct_pb2.Struct:
    return ParseDict(value, struct_pb2.Struct())


def test_plain_values_come_back_as_they_went() -> None:
    values: dict[str, Value] = {
        "text": "a",
        "empty": "",
        "whole": 300,
        "part": 0.5,
        "yes": True,
        "no": False,
        "list": ["a", 1, [True]],
        "map": {"a": {"b": "c"}, "none": {}},
    }
    assert decode(encode(values)) == (values, frozenset())


def test_whole_numbers_and_booleans_keep_their_types() -> None:
    values = decode(encode({"whole": 1, "yes": True})).values
    assert type(values["whole"]) is int
    assert type(values["yes"]) is bool


def test_nulls_are_left_out_both_ways() -> None:
    assert decode(wire({"gone": None, "kept": "a"})).values == {"kept": "a"}
    assert list(encode({"gone": None, "kept": "a"}).fields) == ["kept"]


@pytest.mark.parametrize(
    "sentinel",
    [
        UNKNOWN_TEXT,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    ],
)
def test_every_sentinel_is_unknown_at_any_depth(sentinel: str) -> None:
    values = decode(wire({"arn": sentinel, "tags": {"of": sentinel}, "list": ["a", sentinel]})).values
    assert values == {"arn": UNKNOWN, "tags": {"of": UNKNOWN}, "list": ["a", UNKNOWN]}


def test_unknown_is_written_as_the_sdk_reads_it() -> None:
    assert encode({"arn": UNKNOWN}).fields["arn"].string_value == UNKNOWN_TEXT


def test_secrets_are_unwrapped_and_remembered_by_property() -> None:
    secret = {SIGNATURE: SECRET, "value": "s"}
    values, secrets = decode(wire({"policy": secret, "tags": {"a": "b", "key": secret}, "name": "n"}))
    assert values == {"policy": "s", "tags": {"a": "b", "key": "s"}, "name": "n"}
    assert secrets == {"policy", "tags"}


def test_secret_properties_are_wrapped_again() -> None:
    struct = encode({"policy": "s", "name": "n"}, frozenset({"policy"}))
    assert struct.fields["policy"].struct_value.fields[SIGNATURE].string_value == SECRET
    assert decode(struct) == ({"policy": "s", "name": "n"}, frozenset({"policy"}))


def test_outputs_give_their_value_or_are_unknown() -> None:
    values, secrets = decode(
        wire(
            {
                "known": {SIGNATURE: OUTPUT, "value": "v", "dependencies": ["urn"]},
                "unknown": {SIGNATURE: OUTPUT, "dependencies": []},
                "secret": {SIGNATURE: OUTPUT, "value": "s", "secret": True},
            }
        )
    )
    assert values == {"known": "v", "unknown": UNKNOWN, "secret": "s"}
    assert secrets == {"secret"}


def test_a_resource_reference_stands_for_its_id() -> None:
    reference = {SIGNATURE: REFERENCE, "urn": "urn:x", "id": "worker"}
    assert decode(wire({"role": reference})).values == {"role": "worker"}


@pytest.mark.parametrize(("signature", "called"), [(ASSET, "an asset"), (ARCHIVE, "an archive")])
def test_files_are_refused_with_the_property_that_holds_one(signature: str, called: str) -> None:
    with pytest.raises(UnsupportedValue, match=rf"tags\.a is {called}"):
        decode(wire({"tags": {"a": {SIGNATURE: signature, "text": "x"}}}))
