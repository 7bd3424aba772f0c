import pytest

from access.policy import Policy, StatementName
from access.usage.cloudtrail import parse_events
from access.usage.observed import Grant, RoleGrants, RoleUsage, observed
from app.user_agent import APPLICATION_ID
from local.paths import PROJECT
from tests.access.trail import ACCOUNT, QUEUE, ROLE, Record, decided, lines, record, refused

SEND = {
    "Sid": "Send",
    "Effect": "Allow",
    "Action": ["sqs:SendMessage", "sqs:GetQueueUrl"],
    "Resource": QUEUE,
    "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
}
UPLOADS = "arn:aws:s3:::uploads/user_*"
UPLOADED = [
    {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::uploads/user_1/file.csv"},
    {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::uploads"},
]


def policy(*statements: object, name: str = "own") -> Policy:
    return Policy.parse(name, {"Statement": list(statements)})


def usage(
    *records: Record, identity: object = SEND, resource: object = None, application: str | None = None
) -> RoleUsage:
    resource_policies = (policy(resource, name="queue"),) if resource else ()
    grants = RoleGrants(ROLE, (policy(identity),), resource_policies, application)
    (found,) = observed(parse_events(lines(*records), source="events"), [grants])
    return found


def unused(found: RoleUsage) -> set[tuple[str, str]]:
    return {(one.action, one.resource) for one in found.unused}


def test_a_grant_is_an_action_on_a_resource_and_used_by_a_call_that_it_covers() -> None:
    assert unused(usage()) == {("sqs:sendmessage", QUEUE), ("sqs:getqueueurl", QUEUE)}
    found = usage(record("SendMessageBatch"))
    assert found.unused == (Grant(StatementName("own", "Send"), "sqs:getqueueurl", QUEUE),)
    assert found.calls == 1
    assert usage(record(), record("GetQueueUrl")).unused == ()


def test_each_resource_of_a_statement_is_a_grant_of_its_own() -> None:
    both = SEND | {"Resource": [QUEUE, f"{QUEUE}-dlq"], "Action": "sqs:SendMessage"}
    assert unused(usage(record(), identity=both)) == {("sqs:sendmessage", f"{QUEUE}-dlq")}


def test_wildcards_and_variables_are_used_by_what_they_cover() -> None:
    put = record("PutObject", "s3.amazonaws.com", resources=UPLOADED)
    for action, resource in (("s3:Put*", UPLOADS), ("S3:PUTOBJECT", "arn:aws:s3:::${aws:PrincipalTag/bucket}/*")):
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        assert usage(put, identity=statement).unused == ()
        assert len(usage(record(), identity=statement).unused) == 1


def test_negations_are_one_grant_in_words() -> None:
    statement = {"Effect": "Allow", "NotAction": ["sqs:*", "iam:*"], "NotResource": "arn:aws:s3:::secrets/*"}
    assert unused(usage(record(), identity=statement)) == {("all but sqs:*, iam:*", "all but arn:aws:s3:::secrets/*")}
    put = record("PutObject", "s3.amazonaws.com", resources=UPLOADED[:1])
    assert usage(put, identity=statement).unused == ()


def test_a_refused_call_uses_nothing_and_is_listed_with_how_often() -> None:
    found = usage(record("GetQueueUrl"), refused(), refused(), refused("PurgeQueue", vpcEndpointId="vpce-1"))
    assert unused(found) == {("sqs:sendmessage", QUEUE)}
    first, second = found.refused
    assert (first.action, first.resource, first.vpc_endpoint, first.times) == ("sqs:SendMessage", QUEUE, None, 2)
    assert first.message == "User: x is not authorized to perform: y"
    assert (second.action, second.vpc_endpoint, second.times) == ("sqs:PurgeQueue", "vpce-1", 1)
    assert str(second) == f"sqs:PurgeQueue on {QUEUE}, through vpce-1: once"


def test_a_refusal_names_the_statements_that_denied_it() -> None:
    by = decided("sqs:SendMessage", "DenyPlainText", decision="explicitDeny")
    (refusal,) = usage(refused(additionalEventData=by)).refused
    assert [one.label for one in refusal.by] == ["DenyPlainText"]
    assert str(refusal) == f"sqs:SendMessage on {QUEUE}, through no VPC endpoint, by DenyPlainText: once"


def test_a_refusal_of_an_object_is_told_once() -> None:
    (refusal,) = usage(refused("GetObject", source="s3.amazonaws.com", resources=UPLOADED)).refused
    assert refusal.resource == "arn:aws:s3:::uploads/user_1/file.csv"


def test_other_errors_come_after_permission_was_found() -> None:
    assert usage(refused(code="ThrottlingException"), record("GetQueueUrl")).unused == ()


def test_the_statements_that_an_event_names_alone_were_used() -> None:
    twin = SEND | {"Sid": "Twin"}
    grants = RoleGrants(ROLE, (policy(SEND, twin, name="backend"),))
    call = record(additionalEventData=decided("sqs:SendMessage", "Twin"))
    (named,) = observed(parse_events(lines(call), source="events"), [grants])
    assert {(one.statement.label, one.action) for one in named.unused} == {
        ("Send", "sqs:sendmessage"),
        ("Send", "sqs:getqueueurl"),
        ("Twin", "sqs:getqueueurl"),
    }
    (unnamed,) = observed(parse_events(lines(record()), source="events"), [grants])
    assert {one.action for one in unnamed.unused} == {"sqs:getqueueurl"}


def test_statements_of_the_same_label_in_two_policies_are_not_taken_for_each_other() -> None:
    unnamed = {key: value for key, value in SEND.items() if key != "Sid"} | {"Action": "sqs:SendMessage"}
    first, second = policy(unnamed, name="backend"), policy(unnamed, name="arn:aws:iam::123456789012:policy/team/spare")
    call = record(additionalEventData=decided("sqs:SendMessage", "statement 1"))
    (found,) = observed(parse_events(lines(call), source="events"), [RoleGrants(ROLE, (first, second))])
    assert [one.statement.policy for one in found.unused] == [second.name]


def test_an_event_that_names_no_resource_counts_for_all() -> None:
    call = record("GetParameter", "ssm.amazonaws.com", resources=None)
    read = {"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:1:parameter/x"}
    assert usage(call, identity=read).unused == ()


@pytest.mark.parametrize(
    ("principal", "is_a_grant"),
    [
        ({"Principal": {"AWS": ROLE}}, True),
        ({"Principal": "*"}, True),
        ({"Principal": {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/backend/task"}}, True),
        ({"Principal": {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/backend-of-others/task"}}, False),
        ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}, False),
        ({"Principal": {"AWS": f"{ROLE}-of-others"}}, False),
        ({"Principal": {"Service": "sns.amazonaws.com"}}, False),
        ({"NotPrincipal": {"AWS": ROLE}}, False),
        ({"NotPrincipal": {"AWS": f"{ROLE}-of-others"}}, True),
    ],
)
def test_a_resources_policy_grants_to_whom_it_names(principal: dict[str, object], *, is_a_grant: bool) -> None:
    statement = {"Sid": "In", "Effect": "Allow", "Action": "sqs:PurgeQueue", "Resource": QUEUE, **principal}
    found = usage(record(), record("GetQueueUrl"), resource=statement)
    assert [one.statement for one in found.unused] == ([StatementName("queue", "In")] if is_a_grant else [])


def test_denies_are_no_grants() -> None:
    assert usage(identity=SEND | {"Effect": "Deny"}).unused == ()


def test_only_the_applications_calls_count_where_it_is_named() -> None:
    probe = refused("PurgeQueue", userAgent="Boto3/1.44.5")
    by_hand = record(userAgent="aws-cli/2.0")
    found = usage(probe, by_hand, record("GetQueueUrl"), application="orders")
    assert (found.calls, found.refused, unused(found)) == (1, (), {("sqs:sendmessage", QUEUE)})
    everybody = usage(probe, by_hand, record("GetQueueUrl"))
    assert (everybody.calls, len(everybody.refused), everybody.unused) == (3, 1, ())


def test_each_role_has_its_own_calls() -> None:
    other = f"arn:aws:iam::{ACCOUNT}:role/service/worker"
    grants = [RoleGrants(role, (policy(SEND),)) for role in (ROLE, other)]
    call = record(role=other)
    mine, theirs = observed(parse_events(lines(call), source="events"), grants)
    assert (mine.role_arn, mine.calls, theirs.role_arn, theirs.calls) == (ROLE, 0, other, 1)


def test_make_access_asks_for_the_calls_of_the_application_by_the_name_that_it_gives_itself() -> None:
    assert f"ACCESS_APPLICATION={APPLICATION_ID}" in (PROJECT / "Makefile").read_text().split()
