from dataclasses import replace

from components.grants import JobStorage, QueueAccess, consumer_statements, producer_statements
from components.statements import CONSUMER_ACTIONS, PRODUCER_ACTIONS, Statement, VpcOrigin, document

ACCOUNT = "arn:aws:iam::123456789012:role/"
ACCESS = QueueAccess(
    queue_arn="arn:aws:sqs:us-east-1:123456789012:jobs",
    dlq_arn="arn:aws:sqs:us-east-1:123456789012:jobs-dlq",
    producer_arn=f"{ACCOUNT}backend",
    consumer_arn=f"{ACCOUNT}worker",
    origin=VpcOrigin("vpc-0a1b2c3d4e5f60718", "vpce-0a1b2c3d4e5f60718"),
    deployer_arns=[f"{ACCOUNT}deployer"],
    break_glass_arns=[f"{ACCOUNT}break-glass"],
    operator_arns=[f"{ACCOUNT}operator"],
)
STORAGE = JobStorage("arn:aws:s3:::b/user_*", "arn:aws:s3:::b/results/*", "arn:aws:ssm:us-east-1:1:parameter/x")


def _actions(statement: Statement) -> set[str]:
    action = statement["Action"]
    return {action} if isinstance(action, str) else set(action)


def _of(statements: list[Statement], sid: str) -> Statement:
    (found,) = [one for one in statements if one["Sid"] == sid]
    return found


def test_what_a_role_may_do_on_the_queue_stands_alike_in_its_own_policy_and_in_the_queues() -> None:
    queue = ACCESS.queue_statements()
    producer = producer_statements(ACCESS, STORAGE, region="us-east-1", kms_key_arn=None)
    consumer = consumer_statements(ACCESS, STORAGE, region="us-east-1", kms_key_arn=None)
    for own, theirs in (
        (_of(producer, "SendToQueue"), _of(queue, "AllowProducer")),
        (_of(consumer, "ConsumeFromQueue"), _of(queue, "AllowConsumer")),
    ):
        assert _actions(own) == _actions(theirs)
        assert own["Resource"] == theirs["Resource"]
        assert own["Condition"] == theirs["Condition"]


def test_neither_role_can_do_the_others_half() -> None:
    producer = producer_statements(ACCESS, STORAGE, region="us-east-1", kms_key_arn=None)
    consumer = consumer_statements(ACCESS, STORAGE, region="us-east-1", kms_key_arn=None)
    assert not {action for one in producer for action in _actions(one)} & set(CONSUMER_ACTIONS)
    assert not {action for one in consumer for action in _actions(one)} & set(PRODUCER_ACTIONS)


def test_neither_role_is_named_on_the_dead_letter_queue() -> None:
    text = document(ACCESS.dlq_statements())
    assert ACCESS.producer_arn not in text
    assert ACCESS.consumer_arn not in text
    assert all(ACCESS.dlq_arn not in document([one]) for one in ACCESS.queue_statements())


def test_only_the_operator_reads_the_dead_letter_queue_and_nobody_sends_to_it() -> None:
    statements = ACCESS.dlq_statements()
    assert _of(statements, "DenyConsumeToOthers")["Condition"]["ArnNotEquals"] == {
        "aws:PrincipalArn": f"{ACCOUNT}operator"
    }
    assert "ArnNotEquals" not in _of(statements, "DenySendToAll")["Condition"]


def test_an_operator_may_give_back_what_it_looked_at() -> None:
    allowed = _of(ACCESS.dlq_statements(), "AllowOperator")
    assert _actions(allowed) == set(CONSUMER_ACTIONS) | {"sqs:GetQueueUrl", "sqs:GetQueueAttributes"}


def test_a_redrive_may_send_back_on_the_operators_behalf() -> None:
    spared = _of(ACCESS.queue_statements(), "DenySendToOthers")["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
    assert spared == [f"{ACCOUNT}backend", f"{ACCOUNT}operator"]


def test_a_key_of_ones_own_is_used_only_through_sqs() -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/1"
    producer = producer_statements(ACCESS, STORAGE, region="us-east-1", kms_key_arn=key)
    consumer = consumer_statements(ACCESS, STORAGE, region="us-east-1", kms_key_arn=key)
    assert _actions(_of(producer, "UseQueueKey")) == {"kms:Decrypt", "kms:GenerateDataKey"}
    assert _actions(_of(consumer, "UseQueueKey")) == {"kms:Decrypt"}
    assert _of(consumer, "UseQueueKey")["Condition"] == {
        "StringEquals": {"kms:ViaService": "sqs.us-east-1.amazonaws.com"}
    }


def test_the_policies_keep_within_sqss_quotas() -> None:
    # SQS developer guide, "Quotas related to policies".
    for statements in (ACCESS.queue_statements(), ACCESS.dlq_statements()):
        assert len(document(statements).encode()) <= 8192
        assert len(statements) <= 20
        assert all(len(_actions(one)) <= 7 for one in statements)
        assert sum(len(keys) for one in statements for keys in one.get("Condition", {}).values()) <= 10


def test_without_operators_nobody_reads_the_dead_letter_queue() -> None:
    statements = replace(ACCESS, operator_arns=()).dlq_statements()
    assert {one["Sid"] for one in statements if one["Effect"] == "Allow"} == set()
    assert _actions(_of(statements, "DenyConsumeToAll")) == set(CONSUMER_ACTIONS)
