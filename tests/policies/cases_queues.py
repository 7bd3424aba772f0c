"""Cases of the rules on queues."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

from tests.policies.case import Case
from tests.policies.sound import LEFT_OUT, Sound, changed, queue_arn, redrive, redrive_allow, without
from tests.policy_harness.declared import Declared

KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-1111-2222-3333-444455556666"
KEY_OF_AWS = "arn:aws:kms:us-east-1:123456789012:alias/aws/sqs"
ANOTHER = queue_arn("retainwise-local-another")
Properties: TypeAlias = Mapping[str, object]
_AS_IS: Properties = MappingProxyType({})
ENCRYPTED: Properties = {"sqsManagedSseEnabled": LEFT_OUT, "kmsMasterKeyId": KEY}


def _queue_case(  # noqa: PLR0913 - what one case differs in from the others
    rule: str, prefix: str, says: str, broken: Properties, *, of: str = "queue", kept: Properties = _AS_IS
) -> Case:
    """A case in which the properties of one queue keep or break the rule."""
    everything = Sound(prefix).everything()
    return Sound(prefix).case(
        rule, kept=changed(everything, of, **kept), broken=changed(everything, of, **broken), at=of, says=says
    )


def _alone(sound: Sound) -> tuple[Declared, ...]:
    """The queue with nothing behind it."""
    return without(sound.everything(), "dlq", "dlq-redrive-allow", "dlq-policy", "dlq-not-empty")


def _with_redrive_apart(sound: Sound, document: str) -> tuple[Declared, ...]:
    """Everything, the queue's redrive policy being a resource of its own."""
    return (*changed(sound.everything(), "queue", redrivePolicy=LEFT_OUT), sound.redrive(document))


def _with_documents_inside(sound: Sound) -> tuple[Declared, ...]:
    """Everything, the queues carrying their documents themselves."""
    inside = changed(
        changed(sound.everything(), "queue", policy=sound.queue_policy().properties["policy"]),
        "dlq",
        policy=sound.dlq_policy().properties["policy"],
        redriveAllowPolicy=sound.redrive_allow().properties["redriveAllowPolicy"],
    )
    return without(inside, "queue-policy", "dlq-policy", "dlq-redrive-allow")


def _policies() -> tuple[Case, ...]:
    bare, inside = Sound("bare"), Sound("inside")
    documents_inside = _with_documents_inside(inside)
    return (
        bare.case(
            "queue-has-policy",
            broken=without(bare.everything(), "queue-policy"),
            at="queue",
            says="the queue has no queue policy",
        ),
        inside.case(
            "queue-has-policy",
            kept=documents_inside,
            broken=changed(documents_inside, "dlq", policy=LEFT_OUT),
            at="dlq",
            says="the queue has no queue policy",
        ),
    )


def _dead_letter_queues() -> tuple[Case, ...]:
    lonely, apart = Sound("lonely"), Sound("apart")
    return (
        lonely.case(
            "queue-has-dead-letter-queue",
            broken=changed(_alone(lonely), "queue", redrivePolicy=LEFT_OUT),
            at="queue",
            says="the queue has no dead-letter queue",
        ),
        apart.case(
            "queue-has-dead-letter-queue",
            kept=_with_redrive_apart(apart, redrive(apart.dlq_arn)),
            broken=changed(_alone(apart), "queue", redrivePolicy=LEFT_OUT),
            at="queue",
            says="the queue has no dead-letter queue",
        ),
    )


def _reach() -> tuple[Case, ...]:
    rule = "queue-reaches-dead-letter-queue"
    gone, itself, outside, types = Sound("gone"), Sound("itself"), Sound("outside"), Sound("types", fifo=True)
    to_another = changed(_alone(outside), "queue", redrivePolicy=redrive(ANOTHER))
    return (
        gone.case(rule, broken=_alone(gone), at="queue", says="is no queue of this stack; name one that is"),
        itself.case(
            rule,
            broken=changed(_alone(itself), "queue", redrivePolicy=redrive(itself.queue_arn)),
            at="queue",
            says="names the queue itself",
        ),
        outside.case(
            rule,
            settings={"outside": [ANOTHER]},
            kept=to_another,
            broken=changed(to_another, "queue", redrivePolicy=redrive(f"{ANOTHER}-still")),
            at="queue",
            says="is no queue of this stack",
        ),
        types.case(
            rule,
            kept=Sound("types", fifo=True, dlq_fifo=True).everything(),
            broken=types.everything(),
            at="queue",
            says="a FIFO queue's dead-letter queue must be FIFO too",
        ),
        _queue_case(
            rule,
            "region",
            "is in region eu-west-1 and the queue in us-east-1",
            {"redrivePolicy": redrive(queue_arn(Sound("region").dlq_name, region="eu-west-1"))},
        ),
        _queue_case(
            rule,
            "account",
            "is in account 999999999999 and the queue in 123456789012",
            {"redrivePolicy": redrive(queue_arn(Sound("account").dlq_name, account="999999999999"))},
        ),
    )


def _sources() -> tuple[Case, ...]:
    rule = "dead-letter-queue-names-sources"
    unnamed, anyone, strays, misses, beyond = (
        Sound(prefix) for prefix in ("unnamed", "openall", "strays", "misses", "beyond")
    )

    def allowing(sound: Sound, permission: str, *arns: str) -> tuple[Declared, ...]:
        return changed(sound.everything(), "dlq-redrive-allow", redriveAllowPolicy=redrive_allow(permission, *arns))

    return (
        unnamed.case(
            rule,
            broken=without(unnamed.everything(), "dlq-redrive-allow"),
            at="dlq",
            says="does not say whose failed messages it takes",
        ),
        anyone.case(rule, broken=allowing(anyone, "allowAll"), at="dlq", says="says allowAll; set"),
        strays.case(
            rule,
            broken=allowing(strays, "byQueue", strays.queue_arn, ANOTHER),
            at="dlq",
            says=f"names {ANOTHER}, which is no queue of this stack",
        ),
        misses.case(
            rule,
            broken=allowing(misses, "byQueue", ANOTHER),
            at="dlq",
            says="does not name misses-queue",
        ),
        beyond.case(
            rule,
            settings={"outside": ["arn:aws:sqs:*:*:retainwise-local-another"]},
            kept=allowing(beyond, "byQueue", beyond.queue_arn, ANOTHER),
            broken=allowing(beyond, "byQueue", beyond.queue_arn, f"{ANOTHER}-still"),
            at="dlq",
            says="another-still, which is no queue of this stack",
        ),
    )


def _tries_and_times() -> tuple[Case, ...]:
    count, longer = "queue-max-receive-count", "dead-letter-queue-retention"
    hasty, stubborn = Sound("hasty"), Sound("stubborn")
    slow = {"visibilityTimeoutSeconds": 43_200}
    return (
        _queue_case(
            count, "hasty", "maxReceiveCount is 1; set it to 2 to 10", {"redrivePolicy": redrive(hasty.dlq_arn, 1)}
        ),
        stubborn.case(
            count,
            kept=_with_redrive_apart(stubborn, redrive(stubborn.dlq_arn, 10)),
            broken=_with_redrive_apart(stubborn, redrive(stubborn.dlq_arn, 11)),
            at="queue-redrive",
            says="maxReceiveCount is 11; set it to 2 to 10",
        ),
        _queue_case(
            "queue-retention-limit",
            "hoarding",
            "keeps messages for 604801 s; set messageRetentionSeconds to 604800 or less",
            {"messageRetentionSeconds": 604_801},
        ),
        _queue_case(longer, "forgetful", "may expire on arrival", {"messageRetentionSeconds": 345_600}, of="dlq"),
        _queue_case(longer, "unsaid", "for 345600 s and its source", {"messageRetentionSeconds": LEFT_OUT}, of="dlq"),
        _queue_case(
            "queue-keeps-through-retries",
            "endless",
            "9 tries may take 388800 s",
            {**slow, "redrivePolicy": redrive(Sound("endless").dlq_arn, 9)},
            kept=slow,
        ),
    )


def _delivery() -> tuple[Case, ...]:
    visibility, polling = "queue-visibility-timeout", "queue-long-polling"
    return (
        _queue_case(visibility, "default", "hidden for 30 s", {"visibilityTimeoutSeconds": LEFT_OUT}),
        _queue_case(
            visibility,
            "brief",
            "hidden for 59 s",
            {"visibilityTimeoutSeconds": 59},
            kept={"visibilityTimeoutSeconds": 60},
        ),
        _queue_case(polling, "impatient", "receives wait 0 s", {"receiveWaitTimeSeconds": 0}),
        _queue_case(polling, "blind", "receives wait 0 s", {"receiveWaitTimeSeconds": LEFT_OUT}, of="dlq"),
        _queue_case(
            "queue-message-size",
            "heavy",
            "may have 1048576 bytes",
            {"maxMessageSize": 1_048_576},
            kept={"maxMessageSize": 262_144},
        ),
    )


def _encryption() -> tuple[Case, ...]:
    own = Sound("own", "staging")  # a stack of its own: the configuration would break the queues of others
    own_keys = changed(changed(own.everything(), "queue", **ENCRYPTED), "dlq", **ENCRYPTED)
    return (
        _queue_case(
            "queue-is-encrypted", "silent", "does not say how it is encrypted", {"sqsManagedSseEnabled": LEFT_OUT}
        ),
        _queue_case(
            "queue-is-encrypted", "open", "does not say how", {"sqsManagedSseEnabled": False}, of="dlq", kept=ENCRYPTED
        ),
        own.case(
            "queue-key-is-own",
            settings={"required": True},
            kept=own_keys,
            broken=changed(own_keys, "queue", kmsMasterKeyId=KEY_OF_AWS),
            at="queue",
            says="alias/aws/sqs; set kmsMasterKeyId to a KMS key of your own",
        ),
        _queue_case(
            "queue-data-key-reuse",
            "stale",
            "reuses a data key for 7200 s",
            {**ENCRYPTED, "kmsDataKeyReusePeriodSeconds": 7200},
            kept={**ENCRYPTED, "kmsDataKeyReusePeriodSeconds": 3600},
        ),
    )


def _tags() -> tuple[Case, ...]:
    sound = Sound("nameless").tags
    return (
        _queue_case(
            "resource-has-tags",
            "nameless",
            "the tag ManagedBy is missing",
            {"tags": {name: value for name, value in sound.items() if name != "ManagedBy"}},
        ),
        _queue_case(
            "resource-has-tags", "fancy", "allowed are local, dev", {"tags": {**sound, "Environment": "production"}}
        ),
        _queue_case(
            "resource-has-tags", "mistaken", "in the stack 'local'", {"tags": {**sound, "Environment": "prod"}}
        ),
    )


CASES = (
    *_policies(),
    *_dead_letter_queues(),
    *_reach(),
    *_sources(),
    *_tries_and_times(),
    *_delivery(),
    *_encryption(),
    *_tags(),
)
