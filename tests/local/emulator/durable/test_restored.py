"""What the changes of a journal add up to."""

import time

from hypothesis import given
from hypothesis import strategies as st

from local.emulator.durable import restored
from local.emulator.durable.changes import Op, decode, encode
from local.emulator.durable.restored import Restored

QUEUE = ("123456789012", "us-east-1", "http://queue")
OTHER = ("123456789012", "us-east-1", "http://other")


def after(*ops: Op, at: float = 1.0) -> Restored:
    state = Restored()
    for op in ops:
        state.apply(op, at)
    return state


def sent(identifier: str, **fields: object) -> Op:
    return restored.MESSAGE, QUEUE, identifier, {"id": identifier, "body": "b", "receipt_handle": None, **fields}


def test_a_message_is_as_it_was_changed_last() -> None:
    received = (restored.MESSAGE, QUEUE, "m", {"receipt_handle": "h", "receive_count": 1})
    state = after((restored.QUEUE, QUEUE, {"name": "q"}), sent("m"), received)
    assert state.queues[QUEUE].messages == {"m": {"id": "m", "body": "b", "receipt_handle": "h", "receive_count": 1}}


def test_messages_stay_in_the_order_of_their_arrival() -> None:
    change = (restored.MESSAGE, QUEUE, "a", {"visible_at": 2.0})
    state = after((restored.QUEUE, QUEUE, {}), sent("b"), sent("a"), sent("c"), change)
    assert list(state.queues[QUEUE].messages) == ["b", "a", "c"]


def test_a_handle_is_known_from_its_receive_on_however_often_its_message_changes() -> None:
    state = after((restored.QUEUE, QUEUE, {}), sent("m", receipt_handle="h"), at=5.0)
    state.apply((restored.MESSAGE, QUEUE, "m", {"receipt_handle": "h", "visible_at": 9.0}), 9.0)
    state.apply((restored.MESSAGES_GONE, QUEUE, ["m"]), 9.0)
    assert state.queues[QUEUE].issued == {"h": 5.0}


def test_what_a_long_poll_does_to_a_queue_that_is_gone_is_nothing() -> None:
    late = (restored.MESSAGE, QUEUE, "m", {"receive_count": 2})
    assert after(late, (restored.MESSAGES_GONE, QUEUE, ["m"])) == Restored()
    made_anew = after((restored.QUEUE, QUEUE, {}), sent("m"), (restored.QUEUE_GONE, QUEUE), (restored.QUEUE, QUEUE, {}))
    made_anew.apply(late, 1.0)
    assert made_anew.queues[QUEUE].messages == {}


def test_credentials_that_have_expired_are_left_out_of_the_sum() -> None:
    state = after(
        (restored.SESSION, "old", {"Expiration": time.time() - 1}),
        (restored.SESSION, "new", {"Expiration": time.time() + 100}),
        (restored.SESSION, "lasting", {}),
    )
    assert [op[1] for op in state.ops()] == ["new", "lasting"]


queues = st.sampled_from([QUEUE, OTHER])
names = st.sampled_from(["a", "b", "c"])
fields = st.dictionaries(st.sampled_from(["body", "visible_at", "receipt_handle"]), names)
ops = st.one_of(
    st.tuples(st.just(restored.QUEUE), queues, fields),
    st.tuples(st.just(restored.QUEUE_GONE), queues),
    st.tuples(st.just(restored.MESSAGE), queues, names, fields),
    st.tuples(st.just(restored.MESSAGES_GONE), queues, st.lists(names)),
    st.tuples(st.just(restored.ISSUED), queues, st.dictionaries(names, st.floats(0, 9))),
    st.tuples(st.just(restored.SESSION), names, st.just({})),
    st.tuples(st.just(restored.ENTRY), names, names, names, st.none() | st.binary(max_size=3)),
    st.tuples(st.just(restored.OBJECT), queues, names, st.none() | fields),
)


@given(st.lists(ops, max_size=30))
def test_the_sum_of_a_journal_says_the_same_as_the_journal(journal: list[Op]) -> None:
    state = after(*journal)
    again = Restored()
    for op in state.ops():
        at, read = decode(encode([op]))
        for one in read:
            again.apply(one, at)
    assert again.queues == state.queues
    assert [(kind, *said) for kind, *said in again.ops()] == [(kind, *said) for kind, *said in state.ops()]
