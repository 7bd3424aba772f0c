import json

import pytest

from access.sources import SourceError
from access.sources.resources import read_preview, read_state
from tests.access.stack_documents import (
    DLQ,
    QUEUE,
    UNKNOWN,
    deployed_resources,
    planned_resources,
    preview,
    resource,
    state,
    step,
    urn,
)


def test_a_state_says_whose_it_is_and_what_is_in_it() -> None:
    stack = read_state(state(deployed_resources()), "the state")
    assert (stack.name, stack.project) == ("dev", "shop")
    assert {one.urn for one in stack.of("aws:sqs/queue:Queue")} == {urn(QUEUE), urn(DLQ)}


def test_the_file_in_which_a_backend_keeps_a_stack_says_the_same() -> None:
    kept = {"version": 3, "checkpoint": {"latest": {"resources": deployed_resources()}}}
    assert read_state(json.dumps(kept), "the file") == read_state(state(deployed_resources()), "the state")


def test_what_aws_answered_counts_more_than_what_was_asked() -> None:
    queue = {**resource(QUEUE, policy="asked", name="one"), "outputs": {"policy": "answered"}}
    found = read_state(state([queue]), "the state").resources[urn(QUEUE)]
    assert (found.text("policy"), found.text("name")) == ("answered", "one")


def test_what_is_about_to_be_deleted_after_a_replacement_is_left_out() -> None:
    old = {**resource(QUEUE, name="old"), "delete": True}
    stack = read_state(state([resource(QUEUE, name="new"), old]), "the state")
    assert stack.resources[urn(QUEUE)].text("name") == "new"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"deployment": 7}', state([])])
def test_what_is_no_state_is_refused_in_words(text: str) -> None:
    with pytest.raises(SourceError, match=r"^the file "):
        read_state(text, "the file")


def test_a_preview_is_what_will_be() -> None:
    text = preview(
        step("same", resource(QUEUE, name="kept")),
        step("create", resource(DLQ, name="made")),
        step("delete", resource("aws:sqs/queue:Queue::old", name="gone")),
    )
    names = [one.text("name") for one in read_preview(text, "the preview").of("aws:sqs/queue:Queue")]
    assert names == ["kept", "made"]


@pytest.mark.parametrize(
    "order", [["create-replacement", "delete-replaced"], ["delete-replaced", "create-replacement"]]
)
def test_a_replacement_leaves_the_new_one(order: list[str]) -> None:
    steps = {
        "create-replacement": step("create-replacement", resource(QUEUE, name="new")),
        "delete-replaced": {**step("delete", resource(QUEUE, name="old")), "op": "delete-replaced"},
    }
    stack = read_preview(preview(*(steps[one] for one in order)), "the preview")
    assert stack.resources[urn(QUEUE)].text("name") == "new"


def test_a_preview_that_leaves_out_what_stays_the_same_needs_the_state_beside_it() -> None:
    text = preview(step("update", resource(QUEUE, name="changed")), same=8)
    with pytest.raises(SourceError, match="--show-sames, or give the state too"):
        read_preview(text, "the preview")
    before = read_state(state(deployed_resources()), "the state")
    stack = read_preview(text, "the preview", before)
    assert stack.resources[urn(QUEUE)].text("name") == "changed"
    assert len(stack.resources) == len(before.resources)


@pytest.mark.parametrize("text", ["no", "{}", '{"steps": "none"}', preview()])
def test_what_is_no_preview_is_refused_in_words(text: str) -> None:
    with pytest.raises(SourceError, match=r"^the file "):
        read_preview(text, "the file")


def test_what_only_deployment_will_tell_is_no_text() -> None:
    stack = read_preview(preview(*(step("create", one) for one in planned_resources())), "the preview")
    policy = next(one for one in stack.of("aws:sqs/queuePolicy:QueuePolicy"))
    assert policy.is_unknown("queueUrl")
    assert policy.text("queueUrl") is None
    with pytest.raises(SourceError, match="queueUrl of QueuePolicy queue is not known before deployment"):
        policy.known_text("queueUrl")


def test_a_document_given_as_a_map_is_json() -> None:
    found = read_state(state([resource(QUEUE, policy={"Statement": []})]), "the state").resources[urn(QUEUE)]
    assert found.text("policy") == '{"Statement": []}'
    assert found.text("nothing") is None


def test_a_secret_is_read_where_it_is_shown_and_told_where_it_is_not() -> None:
    mark = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
    raw = resource(QUEUE, shown={**mark, "plaintext": '"text"'}, hidden={**mark, "ciphertext": "v1:x"})
    found = read_state(state([raw]), "the state").resources[urn(QUEUE)]
    assert found.text("shown") == "text"
    with pytest.raises(SourceError, match="hidden of Queue queue is encrypted; export the state with --show-secrets"):
        found.text("hidden")


def test_an_unknown_list_is_empty() -> None:
    raw = resource(QUEUE, roles=UNKNOWN, names=["one", "two"])
    found = read_state(state([raw]), "the state").resources[urn(QUEUE)]
    assert (found.items("roles"), found.items("names"), found.items("none")) == ((), ("one", "two"), ())
