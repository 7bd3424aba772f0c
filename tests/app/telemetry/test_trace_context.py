"""What is a trace's context, wherever it comes from, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.telemetry.trace_context import TRACESTATE_LENGTH, TraceContext

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{SPAN}-01"


def attribute(value: object, data_type: object = "String") -> dict[str, object]:
    return {"DataType": data_type, "StringValue": value}


def test_a_context_is_read_in_all_its_parts_and_written_as_it_was() -> None:
    found = TraceContext.of_attributes({"traceparent": attribute(PARENT), "tracestate": attribute("a=1,b@c=x y")})
    assert found == TraceContext(PARENT, "a=1,b@c=x y")
    assert (found.trace_id, found.span_id, found.flags) == (TRACE, SPAN, 1)
    assert found.attributes == {"traceparent": attribute(PARENT), "tracestate": attribute("a=1,b@c=x y")}
    assert TraceContext.of_attributes(found.attributes) == found


def test_its_attributes_count_by_names_types_and_values() -> None:
    assert TraceContext(PARENT).size == len("traceparent" + "String" + PARENT)
    assert TraceContext(PARENT, "a=1").size == len("traceparent" + "String" + PARENT + "tracestate" + "String" + "a=1")


@pytest.mark.parametrize(
    "value",
    [
        "",
        PARENT[:-1],
        PARENT + "0",
        PARENT + "\n",
        PARENT + "-extra",
        PARENT.upper(),
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}-0g",
        f"00-{TRACE[:-1]}\N{FULLWIDTH DIGIT ONE}-{SPAN}-01",
        f"00_{TRACE}_{SPAN}_01",
        "\x1b[2J" + PARENT,
        PARENT * 20_000,
        PARENT.encode(),
        7,
        None,
        [PARENT],
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_traceparent_in_every_detail_is_none(value: object) -> None:
    assert TraceContext.read(value) is None
    assert TraceContext.of_attributes({"traceparent": attribute(value)}) is None


@pytest.mark.parametrize(
    "state",
    [
        "",
        "a",
        "a=",
        "=1",
        "A=1",
        "a=1,a=2",
        "a=1\nb=2",
        "a=\x1b[2J",
        "a=\N{LATIN SMALL LETTER E WITH ACUTE}",
        ",".join(f"k{number}=1" for number in range(33)),
        "a=" + "x" * TRACESTATE_LENGTH,
        ",".join(f"{key}=" + "x" * (TRACESTATE_LENGTH // 3) for key in "abc"),
        7,
        b"a=1",
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_tracestate_that_is_none_is_left_out_and_the_trace_goes_on(state: object) -> None:
    assert TraceContext.read(PARENT, state) == TraceContext(PARENT)


@pytest.mark.parametrize("data_type", ["Binary", "Number", "String.mine", "", None, 7])
def test_an_attribute_of_another_type_is_none(data_type: object) -> None:
    assert TraceContext.of_attributes({"traceparent": attribute(PARENT, data_type)}) is None


@pytest.mark.parametrize(
    "attributes",
    [
        None,
        [],
        "traceparent",
        {"traceparent": PARENT},
        {"traceparent": {"DataType": "Binary", "BinaryValue": PARENT.encode()}},
        {"traceparent": {"DataType": "String", "BinaryValue": PARENT.encode()}},
        {"tracestate": attribute("a=1")},
    ],
    ids=lambda value: repr(value)[:40],
)
def test_attributes_of_another_shape_hold_none(attributes: object) -> None:
    assert TraceContext.of_attributes(attributes) is None


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["DataType", "StringValue"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["traceparent", "tracestate", "other"]), _ANYTHING) | _ANYTHING)
def test_nothing_that_a_message_may_hold_raises(attributes: object) -> None:
    assert TraceContext.of_attributes(attributes) is None


@given(st.text(max_size=600) | st.from_regex(r"[a-z]=[a-z ]{1,5}(,[a-z]{1,2}=[a-z]){0,40}", fullmatch=True))
def test_what_is_kept_can_always_be_carried(state: str) -> None:
    found = TraceContext.read(PARENT, state)
    assert found is not None
    kept = found.tracestate
    assert kept is None or (kept.isascii() and kept.isprintable() and 0 < len(kept) <= TRACESTATE_LENGTH)
