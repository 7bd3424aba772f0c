from collections.abc import Mapping
from dataclasses import replace

import pytest

from access.matrix.expected import Difference
from access.proof.search import Verdict
from local.demo.criteria import EXPECTED_ATTRIBUTES, PUBLISHED_ESTIMATES, Criterion, Findings, judge
from local.demo.sample import WHOLE_FILE_USER
from tests.local.demo.findings import (
    ARN,
    ATTEMPTS,
    DEAD,
    GOOD,
    LATE,
    NAME,
    OUTPUTS,
    PREDICTIONS,
    REQUESTS,
    ROLES,
    TYPE_COUNTS,
    URL,
)

PUBLISHED = "SQS is enabled, and the publisher sends"
STARTS = "the SQS client starts"
TWELVE = "the twelve resources and the redrive-allow policy"
ATTACHED = "roles created, one policy attached to each"
POLICIES = "queue policies configured"
MALFORMED, FOREIGN = "a malformed message is refused", "somebody else's prediction is refused"
ACTIVITY = "metrics show activity"
RISES = "the queue's depth rises after publishing"
ACTIVE, ON_TIME, SAYS_SO = "alarms active", "the alarm on late work is OK", "the dead-letter alarm says so"
NOTHING_BUT = "nothing in the dead-letter queue but the two bad messages"
AFTER_THREE = "bad messages are dead-lettered after 3 receives"
COMPLETED, DRAINED = "every prediction completed", "the queue is drained"
FIT = "the fit on the whole sample gives the published estimates"
ACCESS = "everybody may do their part and nothing else"
CELLS, ASKED = "every cell of the access matrix is as expected", "what must hold of every request is asked"
PURGE, PLAIN = (one.sentence.rstrip(".") for one in GOOD.access.proofs)


def with_outputs(**changed: object) -> Findings:
    return replace(GOOD, outputs={**OUTPUTS, **changed})


def with_whole(**changed: object) -> Findings:
    return replace(GOOD, predictions=({**PREDICTIONS[0], **changed}, *PREDICTIONS[1:]))


def with_estimate(**changed: float) -> Findings:
    return with_whole(summary={"parameters": {**PUBLISHED_ESTIMATES, **changed}})


def with_rejections(**codes: str) -> Findings:
    return replace(GOOD, rejections=[{"message_id": name, "code": code} for name, code in codes.items()])


def without(findings: Mapping[str, int], name: str) -> dict[str, int]:
    return {token: count for token, count in findings.items() if token != name}


def with_access(**changed: object) -> Findings:
    return replace(GOOD, access=replace(GOOD.access, **changed))  # type: ignore[arg-type]  # fields by name


def with_finding(position: int, verdict: Verdict) -> Findings:
    proofs = list(GOOD.access.proofs)
    proofs[position] = replace(proofs[position], verdict=verdict, told="alice may, for instance")
    return with_access(proofs=tuple(proofs))


def failed(findings: Findings) -> list[str]:
    return [one.name for one in judge(findings) if not one.met]


CASES: dict[str, tuple[Findings, list[str]]] = {
    "no queue": (with_outputs(predictions_queue_arn=None), [f"{NAME} created"]),
    "another queue": (with_outputs(predictions_queue_arn=f"{ARN}-2"), [f"{NAME} created"]),
    "no dead-letter queue": (with_outputs(predictions_dlq_arn=ARN), [f"{NAME}-dlq created"]),
    **{
        f"no {token}": (replace(GOOD, type_counts=without(TYPE_COUNTS, token)), [TWELVE])
        for token in TYPE_COUNTS
        if token.startswith("aws:")
    },
    "a third alarm": (
        replace(GOOD, type_counts=TYPE_COUNTS | {"aws:cloudwatch/metricAlarm:MetricAlarm": 3}),
        [TWELVE],
    ),
    "a role without a policy": (
        replace(GOOD, attached_policies={**GOOD.attached_policies, ROLES["worker_task_role_arn"]: []}),
        [ATTACHED],
    ),
    "a role with two": (
        replace(GOOD, attached_policies={**GOOD.attached_policies, ROLES["worker_task_role_arn"]: ["one", "two"]}),
        [ATTACHED],
    ),
    "another role than the outputs say": (with_outputs(worker_task_role_arn="arn:other"), [ATTACHED]),
    "a queue without a policy": (replace(GOOD, queue_policies={NAME: True, f"{NAME}-dlq": False}), [POLICIES]),
    "no word of one queue's policy": (replace(GOOD, queue_policies={NAME: True}), [POLICIES]),
    "no alarm on late work": (replace(GOOD, alarm_states={DEAD: "ALARM"}), [ACTIVE, ON_TIME]),
    "no alarm on dead letters": (replace(GOOD, alarm_states={LATE: "OK"}), [ACTIVE, SAYS_SO]),
    **{
        f"another {name}": (replace(GOOD, attributes=EXPECTED_ATTRIBUTES | {name: "1"}), [f"{name} is {value}"])
        for name, value in EXPECTED_ATTRIBUTES.items()
    },
    "a request not published": (replace(GOOD, requests=replace(REQUESTS, published=4)), [PUBLISHED]),
    "a client on another queue": (replace(GOOD, queue_seen_by_app={"queue_url": f"{URL}-2"}), [STARTS]),
    "a client without an answer": (replace(GOOD, queue_seen_by_app={}), [STARTS]),
    "a malformed message taken": (with_rejections(forged="not-the-owner"), [MALFORMED]),
    "a malformed message refused for something else": (
        with_rejections(poison="too-old", forged="not-the-owner"),
        [MALFORMED],
    ),
    "somebody else's prediction made": (with_rejections(poison="invalid-fields"), [FOREIGN]),
    "an error in the logs": (replace(GOOD, error_events=["worker.failed"]), ["no errors in the logs"]),
    "nothing sent": (replace(GOOD, activity={**GOOD.activity, "NumberOfMessagesSent": 0.0}), [ACTIVITY]),
    "no metric of receives": (replace(GOOD, activity={"NumberOfMessagesSent": 7.0}), [ACTIVITY]),
    "a queue as deep as before": (replace(GOOD, requests=replace(REQUESTS, depth_after=1)), [RISES]),
    "a message short": (replace(GOOD, requests=replace(REQUESTS, depth_after=7)), [RISES]),
    "late work": (replace(GOOD, alarm_states={LATE: "ALARM", DEAD: "ALARM"}), [ON_TIME]),
    "an alarm without data": (replace(GOOD, alarm_states={LATE: "INSUFFICIENT_DATA", DEAD: "ALARM"}), [ON_TIME]),
    "an alarm that does not see the dead letters": (
        replace(GOOD, alarm_states={LATE: "OK", DEAD: "OK"}),
        [SAYS_SO],
    ),
    "a good message dead-lettered": (replace(GOOD, letters={**GOOD.letters, "good": 3}), [NOTHING_BUT]),
    "a bad message lost": (replace(GOOD, letters={"poison": 3}), [NOTHING_BUT, AFTER_THREE]),
    "a dead letter after one receive": (replace(GOOD, letters={"poison": 3, "forged": 1}), [AFTER_THREE]),
    "a prediction not completed": (
        replace(GOOD, predictions=(*PREDICTIONS[:-1], {**PREDICTIONS[-1], "state": "QUEUED"})),
        [COMPLETED],
    ),
    "a prediction missing": (replace(GOOD, predictions=PREDICTIONS[:-1]), [COMPLETED]),
    "no predictions": (replace(GOOD, predictions=()), [COMPLETED, FIT]),
    "a queue not drained": (replace(GOOD, work={"drained": False, "stopped_by": "time"}), [DRAINED]),
    "no fit": (with_whole(summary=None), [FIT]),
    "an estimate without its parameters": (with_whole(summary={"parameters": {"r": 0.243}}), [FIT]),
    **{
        f"another {name}": (with_estimate(**{name: value + 0.01}), [FIT]) for name, value in PUBLISHED_ESTIMATES.items()
    },
    "an estimate that is no number": (with_estimate(r=float("nan")), [FIT]),
    "somebody who may do too much": (
        replace(GOOD, attempts=(*ATTEMPTS[:-1], replace(ATTEMPTS[-1], answer="allowed", expected=False))),
        [ACCESS],
    ),
    "nobody who tried": (replace(GOOD, attempts=()), [ACCESS]),
    "somebody who gained something": (
        with_access(differences=(Difference("predictions", "operator", "PurgeQueue", ("outside",), allowed=True),)),
        [CELLS],
    ),
    "a matrix held against nothing": (with_access(differences=None), [CELLS]),
    "a matrix without a cell": (with_access(matrix=replace(GOOD.access.matrix, cells=())), [CELLS]),
    "a purge by somebody else": (with_finding(0, Verdict.FALSE), [PURGE]),
    "an invariant that is not decided": (with_finding(1, Verdict.UNDECIDED), [PLAIN]),
    "no invariant": (with_access(proofs=()), [ASKED]),
}


def test_all_that_is_as_it_must_be_is_met() -> None:
    assert failed(GOOD) == []


@pytest.mark.parametrize(("findings", "names"), CASES.values(), ids=CASES)
def test_each_flaw_fails_its_own_criterion_and_no_other(findings: Findings, names: list[str]) -> None:
    assert failed(findings) == names


def test_every_criterion_can_fail() -> None:
    can = {name for _, names in CASES.values() for name in names}
    assert can == {one.name for one in judge(GOOD)}


def test_predictions_of_others_do_not_count() -> None:
    foreign: Mapping[str, object] = {"prediction_id": "earlier", "user_id": WHOLE_FILE_USER, "state": "QUEUED"}
    assert failed(replace(GOOD, predictions=(foreign, *PREDICTIONS))) == []


def test_criteria_keep_their_parts_together_and_say_what_was_seen() -> None:
    criteria = list(judge(GOOD))
    assert list(dict.fromkeys(one.group for one in criteria)) == [
        "Infrastructure",
        "Backend integration",
        "Monitoring",
        "Main job",
        "Access",
    ]
    assert len({(one.group, one.name) for one in criteria}) == len(criteria)
    assert all(one.seen for one in criteria)


def test_what_was_seen_names_the_flaw() -> None:
    def seen(findings: Findings, name: str) -> str:
        (one,) = [one for one in judge(findings) if one.name == name]
        assert isinstance(one, Criterion)
        return one.seen

    assert seen(CASES["somebody who may do too much"][0], ACCESS) == "outsider purge: allowed"
    assert "QueuePolicy': 0" in seen(CASES["no aws:sqs/queuePolicy:QueuePolicy"][0], TWELVE)
    assert seen(CASES["a prediction not completed"][0], COMPLETED) == "4 of 5"
    assert "was denied → is allowed" in seen(CASES["somebody who gained something"][0], CELLS)
    assert seen(CASES["a purge by somebody else"][0], PURGE) == "alice may, for instance"
    assert seen(CASES["an error in the logs"][0], "no errors in the logs") == "worker.failed"
