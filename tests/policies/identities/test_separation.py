import json
from dataclasses import replace

import pytest

from policies.identities.separation import SENDS_OR_CONSUMES
from tests.policies.judging import ARN, URL, Raw, allow, document, judged
from tests.policies.sound import queue_arn
from tests.policies.sound_roles import QUEUE_ARN, RECEIVE, SEND, SoundRole
from tests.policy_harness.declared import UNKNOWN, Declared
from tests.policy_harness.pack import PackUnderTest

SOUND = SoundRole("it")
ROLE, POLICY, ATTACHMENT = SOUND.everything()
INLINE_RECEIVE = {"name": "drain", "policy": document(dict(RECEIVE))}
MESSAGE = "both sends to"


def _known(attachment: Declared, role: str, policy: str) -> Declared:
    """The attachment as it is once everything exists."""
    known = {"role": role, "policyArn": f"arn:aws:iam::123456789012:policy/{policy}"}
    return replace(attachment, properties=known, sources={})


@pytest.mark.parametrize(
    "program",
    [
        (ROLE, POLICY, ATTACHMENT, SOUND.policy([RECEIVE], name="other"), SOUND.attachment(of="other")),
        (ROLE, POLICY, ATTACHMENT, SOUND.inline([RECEIVE])),
        (SOUND.role(inlinePolicies=[INLINE_RECEIVE]), POLICY, ATTACHMENT),
        (SOUND.role(inlinePolicies=[INLINE_RECEIVE, {"name": "fill", "policy": document(dict(SEND))}]),),
        (ROLE, SOUND.policy([SEND, RECEIVE]), ATTACHMENT),
        (
            ROLE,
            POLICY,
            _known(ATTACHMENT, SOUND.aws_name("task"), SOUND.aws_name("policy")),
            replace(
                SOUND.inline([RECEIVE]), properties={"role": SOUND.aws_name("task"), "policy": document(dict(RECEIVE))}
            ),
        ),
        (
            replace(
                SOUND.role(managedPolicyArns=[UNKNOWN], inlinePolicies=[INLINE_RECEIVE]),
                sources={"managedPolicyArns": ["it-policy"]},
            ),
            POLICY,
        ),
        (
            SOUND.role(inlinePolicies=[INLINE_RECEIVE]),
            POLICY,
            Declared(
                "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
                "it-policies",
                {"roleName": UNKNOWN, "policyArns": [UNKNOWN]},
                sources={"roleName": ["it-role"], "policyArns": ["it-policy"]},
            ),
        ),
    ],
    ids=[
        *("two policies", "inline", "in the role", "twice in the role", "one policy", "known", "listed in the role"),
        "listed apart",
    ],
)
def test_a_role_with_both_halves_is_told_however_it_came_to_them(program: tuple[Declared, ...]) -> None:
    told = judged(SENDS_OR_CONSUMES, *program)
    assert [one.split(MESSAGE)[0] for one in told] == [f"role {SOUND.aws_name('task')!r} "]


@pytest.mark.parametrize(
    "received",
    [
        {**RECEIVE, "Resource": queue_arn("another")},
        {**RECEIVE, "Action": "sqs:GetQueueAttributes"},
        {**RECEIVE, "Effect": "Deny"},
    ],
)
def test_halves_of_two_queues_pass_and_so_does_what_is_no_half(received: Raw) -> None:
    inline = replace(SOUND.inline([]), properties={"role": UNKNOWN, "policy": document(received)})
    assert judged(SENDS_OR_CONSUMES, ROLE, POLICY, ATTACHMENT, inline) == []


@pytest.mark.parametrize(
    "resource", ["*", "arn:aws:sqs:*:*:retainwise-*", "arn:aws:sqs:us-east-1:${aws:PrincipalAccount}:x"]
)
def test_queues_by_pattern_may_be_one_queue(resource: str) -> None:
    both = [dict(SEND), {**RECEIVE, "Resource": resource}]
    policy = replace(POLICY, properties={"name": "x", "policy": document(*both)})
    assert judged(SENDS_OR_CONSUMES, policy)


@pytest.mark.parametrize("type_token", ["aws:iam/userPolicy:UserPolicy", "aws:iam/groupPolicy:GroupPolicy"])
def test_users_and_groups_are_held_to_it_policy_by_policy(type_token: str) -> None:
    both = Declared(type_token, "it", {"policy": document(dict(SEND), dict(RECEIVE))})
    (told,) = judged(SENDS_OR_CONSUMES, both)
    assert told.startswith(f"whoever has this policy {MESSAGE}")


def test_two_roles_with_a_half_each_pass() -> None:
    other = SoundRole("other")
    drains = (other.role(), other.policy([RECEIVE]), other.attachment())
    assert judged(SENDS_OR_CONSUMES, *SOUND.everything(), *drains) == []


def test_a_role_that_is_not_the_stacks_is_told_once_at_what_gives_it_the_first_half() -> None:
    sending = replace(SOUND.inline([SEND]), name="first", properties={"role": "legacy", "policy": document(dict(SEND))})
    receiving = replace(sending, name="second", properties={"role": "legacy", "policy": document(dict(RECEIVE))})
    pack = PackUnderTest([SENDS_OR_CONSUMES.as_policy()])
    outcome = pack.preview([replace(sending, sources={}), replace(receiving, sources={})])
    assert [(one.resource, one.message.split(MESSAGE)[0]) for one in outcome.violations] == [
        ("first", "role 'legacy' ")
    ]


def _queue_policy(*statements: Raw) -> Declared:
    return Declared(
        "aws:sqs/queuePolicy:QueuePolicy", "queue-policy", {"queueUrl": URL, "policy": document(*statements)}
    )


def test_what_a_queue_policy_allows_a_role_counts_with_what_the_role_has() -> None:
    drains = allow(
        Principal={"AWS": f"arn:aws:iam::123456789012:role/path/{SOUND.aws_name('task')}"},
        Action="sqs:ReceiveMessage",
        Resource=QUEUE_ARN,
    )
    (told,) = judged(SENDS_OR_CONSUMES, *SOUND.everything(), _queue_policy(drains))
    assert told.startswith(f"role {SOUND.aws_name('task')!r} {MESSAGE} {QUEUE_ARN}")


def test_a_queue_policy_by_itself_gives_nobody_both_halves() -> None:
    sends = allow(Principal={"AWS": ["arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/b"]})
    receives = allow(Principal={"AWS": "arn:aws:iam::123456789012:role/b"}, Action="sqs:Receive*")
    (told,) = judged(SENDS_OR_CONSUMES, _queue_policy(sends, receives))
    assert told.startswith(f"arn:aws:iam::123456789012:role/b {MESSAGE} {ARN}")


def test_a_session_is_its_role() -> None:
    name = SOUND.aws_name("task")
    session = f"arn:aws:sts::123456789012:assumed-role/{name}/1"
    drains = allow(Principal={"AWS": session}, Action="sqs:ReceiveMessage", Resource=QUEUE_ARN)
    (told,) = judged(SENDS_OR_CONSUMES, *SOUND.everything(), _queue_policy(drains))
    assert told.startswith(f"role {name!r} {MESSAGE} {QUEUE_ARN}")

    fills = allow(Principal={"AWS": f"arn:aws:iam::123456789012:role/path/{name}"}, Resource=QUEUE_ARN)
    (told,) = judged(SENDS_OR_CONSUMES, _queue_policy(fills, drains))
    assert told.startswith(f"arn:aws:iam::123456789012:role/path/{name} {MESSAGE}")


def test_a_role_of_the_same_name_in_another_account_is_another() -> None:
    known = replace(ROLE, outputs={**ROLE.outputs, "arn": f"arn:aws:iam::123456789012:role/{SOUND.aws_name('task')}"})
    other = {"AWS": f"arn:aws:iam::999999999999:role/{SOUND.aws_name('task')}"}
    drains = allow(Principal=other, Action="sqs:ReceiveMessage", Resource=QUEUE_ARN)
    assert judged(SENDS_OR_CONSUMES, known, POLICY, ATTACHMENT, _queue_policy(drains)) == []


def test_where_it_is_not_known_to_whom_a_policy_goes_the_rest_is_told_first() -> None:
    lost = Declared(
        ATTACHMENT.type_token,
        "lost",
        {"role": UNKNOWN, "policyArn": UNKNOWN},
        sources={"role": ["p"], "policyArn": ["p"]},
    )
    somewhere = Declared("aws:ssm/parameter:Parameter", "p", {})
    program = [somewhere, SOUND.role(inlinePolicies=[INLINE_RECEIVE]), POLICY, ATTACHMENT, lost]
    outcome = PackUnderTest([SENDS_OR_CONSUMES.as_policy()]).preview(program)
    assert [one.resource for one in outcome.violations] == ["it-role"]
    assert "role" in outcome.undecided[0].message


def test_what_the_engine_exports_of_a_deployed_stack_is_judged_alike() -> None:
    both = json.loads(document(dict(SEND), dict(RECEIVE)))
    role = SOUND.role(inlinePolicies=[{}, {"name": "both", "policy": json.dumps(both)}], managedPolicyArns=[])
    assert len(judged(SENDS_OR_CONSUMES, role)) == 1
