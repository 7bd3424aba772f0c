"""What must be so, and what was seen: the success criteria of the infrastructure and of the application."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from access.report import Report
from local.demo.application import Answer
from local.demo.main_job import Requests
from local.demo.probes import Attempt
from local.demo.sample import WHOLE_FILE_USER
from local.emulator.account import DEAD_LETTER_QUEUE_NAME, QUEUE_NAME

EXPECTED_ATTRIBUTES = {
    "VisibilityTimeout": "300",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "20",
    "maxReceiveCount": "3",
}
EXPECTED_RECEIVES = 3
# Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, table 2.
PUBLISHED_ESTIMATES = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
TOLERANCE = 0.005
_CORE_TYPES = {
    "aws:sqs/queue:Queue": 2,
    "aws:iam/role:Role": 2,
    "aws:iam/policy:Policy": 2,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": 2,
    "aws:sqs/queuePolicy:QueuePolicy": 2,
    "aws:cloudwatch/metricAlarm:MetricAlarm": 2,
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": 1,
}

Letters: TypeAlias = Mapping[str, int]
"""Dead letters by message id: how often each had been received."""


@dataclass(frozen=True)
class Criterion:
    """One thing that must be so.

    Args:
        group: What it is about.
        name: What must be so.
        seen: What was seen.
        met: Whether that is so.
    """

    group: str
    name: str
    seen: str
    met: bool


@dataclass(frozen=True)
class Findings:
    """Everything that the demo saw.

    Args:
        outputs: The stack's outputs.
        type_counts: How many resources of each type the state holds.
        attributes: The queue's attributes, its receive count among them.
        attached_policies: The policies attached to each of the two roles, by role ARN.
        queue_policies: Whether each queue has a policy, by queue name.
        alarm_states: What `describe-alarms` says, by alarm name.
        activity: Sums of the queue's metrics over the run, by metric.
        requests: What was put into the queue.
        work: What the worker says of itself.
        predictions: What became of the predictions.
        rejections: What the worker refused.
        letters: What is in the dead-letter queue.
        attempts: Who tried what.
        access: Who may do what, by the stack's documents.
        error_events: The events that the application logged as errors.
        queue_seen_by_app: What the application's client says of the queue.
    """

    outputs: Mapping[str, object]
    type_counts: Mapping[str, int]
    attributes: Mapping[str, str]
    attached_policies: Mapping[str, Sequence[str]]
    queue_policies: Mapping[str, bool]
    alarm_states: Mapping[str, str]
    activity: Mapping[str, float]
    requests: Requests
    work: Answer
    predictions: Sequence[Mapping[str, object]]
    rejections: Sequence[Mapping[str, object]]
    letters: Letters
    attempts: Sequence[Attempt]
    access: Report
    error_events: Sequence[str]
    queue_seen_by_app: Answer


def judge(findings: Findings) -> Iterator[Criterion]:
    """Every criterion, with what was seen."""
    yield from _infrastructure(findings)
    yield from _integration(findings)
    yield from _monitoring(findings)
    yield from _main_job(findings)
    yield from _access(findings)


def _infrastructure(findings: Findings) -> Iterator[Criterion]:
    group, outputs, counts = "Infrastructure", findings.outputs, findings.type_counts
    for name, output in ((QUEUE_NAME, "predictions_queue_arn"), (DEAD_LETTER_QUEUE_NAME, "predictions_dlq_arn")):
        arn = str(outputs.get(output))
        yield Criterion(group, f"{name} created", arn, arn.endswith(f":{name}"))
    wrong = {token: counts.get(token, 0) for token, wanted in _CORE_TYPES.items() if counts.get(token, 0) != wanted}
    seen = f"{sum(counts.get(token, 0) for token in _CORE_TYPES)} resources"
    yield Criterion(
        group, "the twelve resources and the redrive-allow policy", f"{seen} {wrong or ''}".strip(), not wrong
    )
    roles = ("backend_task_role_arn", "worker_task_role_arn")
    yield Criterion(
        group,
        "roles created, one policy attached to each",
        "; ".join(f"{arn.rsplit('/', 1)[-1]}: {', '.join(names)}" for arn, names in findings.attached_policies.items()),
        set(findings.attached_policies) == {str(outputs.get(role)) for role in roles}
        and all(len(names) == 1 for names in findings.attached_policies.values()),
    )
    yield Criterion(
        group,
        "queue policies configured",
        ", ".join(name for name, there in findings.queue_policies.items() if there) or "none",
        len(findings.queue_policies) == len(roles) and all(findings.queue_policies.values()),
    )
    yield Criterion(
        group,
        "alarms active",
        ", ".join(sorted(findings.alarm_states)) or "none",
        set(findings.alarm_states) == {f"{QUEUE_NAME}-dlq-not-empty", f"{QUEUE_NAME}-oldest-message-age"},
    )
    for attribute, expected in EXPECTED_ATTRIBUTES.items():
        seen = str(findings.attributes.get(attribute))
        yield Criterion(group, f"{attribute} is {expected}", seen, seen == expected)


def _integration(findings: Findings) -> Iterator[Criterion]:
    group = "Backend integration"
    published, wanted = findings.requests.published, len(findings.requests.uploads)
    yield Criterion(group, "SQS is enabled, and the publisher sends", f"{published} of {wanted}", published == wanted)
    url = str(findings.queue_seen_by_app.get("queue_url"))
    yield Criterion(group, "the SQS client starts", url, url == findings.outputs.get("predictions_queue_url"))
    codes = {str(one["message_id"]): str(one["code"]) for one in findings.rejections}
    poison, forged = (
        codes.get(findings.requests.poison_message_id, "not refused"),
        codes.get(findings.requests.forged_message_id, "not refused"),
    )
    yield Criterion(group, "a malformed message is refused", poison, poison in {"not-json", "invalid-fields"})
    yield Criterion(group, "somebody else's prediction is refused", forged, forged == "not-the-owner")
    errors = ", ".join(sorted(set(findings.error_events))) or "none"
    yield Criterion(group, "no errors in the logs", errors, not findings.error_events)


def _monitoring(findings: Findings) -> Iterator[Criterion]:
    group, requests = "Monitoring", findings.requests
    sent, received = (
        findings.activity.get("NumberOfMessagesSent", 0.0),
        findings.activity.get("NumberOfMessagesReceived", 0.0),
    )
    yield Criterion(
        group, "metrics show activity", f"{sent:.0f} sent, {received:.0f} received", min(sent, received) > 0
    )
    yield Criterion(
        group,
        "the queue's depth rises after publishing",
        f"{requests.depth_before} → {requests.depth_after}",
        requests.depth_after == requests.depth_before + len(requests.uploads) + 2,
    )
    age = findings.alarm_states.get(f"{QUEUE_NAME}-oldest-message-age", "missing")
    yield Criterion(group, "the alarm on late work is OK", age, age == "OK")
    bad = {requests.poison_message_id, requests.forged_message_id}
    yield Criterion(
        group,
        "nothing in the dead-letter queue but the two bad messages",
        f"{len(findings.letters)} dead letters",
        set(findings.letters) == bad,
    )
    state = findings.alarm_states.get(f"{QUEUE_NAME}-dlq-not-empty", "missing")
    yield Criterion(group, "the dead-letter alarm says so", state, state == "ALARM")


def _main_job(findings: Findings) -> Iterator[Criterion]:
    group, requests = "Main job", findings.requests
    mine = [one for one in findings.predictions if one["prediction_id"] in requests.prediction_ids]
    completed = [one for one in mine if one["state"] == "COMPLETED"]
    wanted = requests.prediction_ids
    yield Criterion(
        group,
        "every prediction completed",
        f"{len(completed)} of {len(wanted)}",
        bool(wanted) and {one["prediction_id"] for one in completed} == wanted,
    )
    drained = str(findings.work.get("stopped_by"))
    yield Criterion(group, "the queue is drained", drained, findings.work.get("drained") is True)
    receives = {findings.letters.get(one) for one in (requests.poison_message_id, requests.forged_message_id)}
    yield Criterion(
        group,
        f"bad messages are dead-lettered after {EXPECTED_RECEIVES} receives",
        ", ".join(str(count) for count in receives),
        receives == {EXPECTED_RECEIVES},
    )
    whole = next((one for one in completed if one["user_id"] == WHOLE_FILE_USER), None)
    estimates = _parameters(whole)
    yield Criterion(
        group,
        "the fit on the whole sample gives the published estimates",
        ", ".join(f"{name} {value:.3f}" for name, value in estimates.items()) or "no fit",
        estimates.keys() == PUBLISHED_ESTIMATES.keys()
        and all(math.isclose(estimates[name], value, abs_tol=TOLERANCE) for name, value in PUBLISHED_ESTIMATES.items()),
    )


def _access(findings: Findings) -> Iterator[Criterion]:
    group, report = "Access", findings.access
    wrong = [f"{one.principal.name} {one.action}: {one.answer}" for one in findings.attempts if not one.expected]
    seen = "; ".join(wrong) or f"{len(findings.attempts)} attempts, each as expected"
    yield Criterion(group, "everybody may do their part and nothing else", seen, bool(findings.attempts) and not wrong)
    differences = [str(one) for one in report.differences or ()]
    yield Criterion(
        group,
        "every cell of the access matrix is as expected",
        "; ".join(differences) or f"{len(report.matrix.cells)} cells",
        bool(report.matrix.cells) and report.differences == (),
    )
    yield Criterion(
        group, "what must hold of every request is asked", f"{len(report.proofs)} invariants", bool(report.proofs)
    )
    for one in report.proofs:
        yield Criterion(group, one.sentence.rstrip("."), one.told or str(one.verdict), one.holds)


def _parameters(prediction: Mapping[str, object] | None) -> dict[str, float]:
    summary = cast("Mapping[str, object]", (prediction or {}).get("summary") or {})
    return dict(cast("Mapping[str, float]", summary.get("parameters") or {}))
