import botocore.session

from access.matrix.actions import ACCOUNT_ACTIONS, ALL_ACTIONS, MESSAGE_ACTIONS, QUEUE_ACTIONS


def test_every_operation_of_sqs_is_an_action_but_the_batches() -> None:
    operations = botocore.session.get_session().get_service_model("sqs").operation_names
    assert sorted(ALL_ACTIONS) == sorted(one for one in operations if not one.endswith("Batch"))


def test_every_batch_is_a_batch_of_an_action() -> None:
    operations = botocore.session.get_session().get_service_model("sqs").operation_names
    batches = {one.removesuffix("Batch") for one in operations if one.endswith("Batch")}
    assert batches
    assert batches <= set(MESSAGE_ACTIONS)


def test_no_action_is_listed_twice() -> None:
    assert len({*QUEUE_ACTIONS, *ACCOUNT_ACTIONS}) == len(ALL_ACTIONS)
