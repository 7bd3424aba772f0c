"""The shapes of the commands' answers, as `--json` prints them. Times are ISO 8601 in UTC; keys are never renamed."""

from collections.abc import Mapping
from typing import TypedDict


class UploadAnswer(TypedDict):
    """`upload --json`."""

    prediction_id: str
    upload_id: str
    user_id: str
    s3_file_path: str
    bytes: int
    state: str
    """Always QUEUED."""


class PublishResultAnswer(TypedDict):
    """One prediction that `publish` tried."""

    prediction_id: str
    code: str
    """published, already-published, in-hand, disabled, unavailable, refused, invalid or unknown."""
    text: str
    """The same in words, for the person who asked."""
    correlation_id: str
    """What the log lines of this request carry."""
    retries: int
    message_id: str | None


class PublishAnswer(TypedDict):
    """`publish --json`."""

    published: int
    """How many messages were sent."""
    waiting: int
    """How many predictions still wait to be published."""
    results: list[PublishResultAnswer]
    """Those that were tried: publishing ends when something has to be kept."""


class RelayAnswer(TypedDict):
    """`relay --json`."""

    stopped_by: str
    """done, kept or signal."""
    published: int
    """How many messages were sent."""
    codes: Mapping[str, int]
    """How often sending ended how, by the codes of `publish`; a message that was kept twice counts twice."""
    retries: int
    """How often a request to SQS had to be repeated, counted for each message in it."""
    store_failures: int
    waiting: int | None
    """How many messages still wait to be sent; null where the store does not answer."""
    seconds: float


class FailureAnswer(TypedDict):
    """What AWS said."""

    kind: str
    aws_code: str
    aws_message: str


class WorkAnswer(TypedDict):
    """`work --json`."""

    stopped_by: str
    """drained, time, signal or refused."""
    drained: bool
    received: int
    """Deliveries; a message that came three times counts three times."""
    outcomes: Mapping[str, int]
    """How many deliveries were `completed`, `duplicates`, `renewed`, `rejected`, `failed`, `retried`, `store_down`,
    `busy`, `lease_lost`; all keys are there."""
    given_back: int
    unfinished: int
    seconds: float
    failure: FailureAnswer | None


class PredictionAnswer(TypedDict):
    """One prediction."""

    prediction_id: str
    user_id: str
    upload_id: str
    s3_file_path: str
    priority: str
    state: str
    """QUEUED, PROCESSING, COMPLETED or FAILED."""
    attempts: int
    created_at: str
    published_at: str | None
    message_id: str | None
    finished_at: str | None
    result_path: str | None
    summary: Mapping[str, object] | None
    """`model`, `customers`, `mean_probability_alive`, `at_risk`, `at_risk_below`, `parameters` (`r`, `alpha`, `a`,
    `b`), `log_likelihood`, `at_bounds`; None until completed."""
    failure_code: str | None
    """Why the last attempt failed; see `app.reasons`."""
    failure_reason: str | None


class PredictionsAnswer(TypedDict):
    """`predictions --json`: oldest first."""

    predictions: list[PredictionAnswer]


class RejectionAnswer(TypedDict):
    """One refused message."""

    message_id: str
    code: str
    """Why; see `app.reasons`."""
    reason: str
    prediction_id: str | None
    """The prediction that it named, where that could be read."""
    receives: int
    first_at: str
    last_at: str


class RejectionsAnswer(TypedDict):
    """`rejections --json`: newest first."""

    rejections: list[RejectionAnswer]


class FindingAnswer(TypedDict):
    """One thing that `doctor` looked at."""

    check: str
    """A stable name, such as queue.redrive."""
    verdict: str
    """ok, warning, failed, or unknown to this role."""
    detail: str
    remedy: str | None
    """What to do; None where nothing needs to be done."""


class DoctorAnswer(TypedDict):
    """`doctor --json`."""

    healthy: bool
    """Whether nothing failed; warnings and what is unknown do not count."""
    findings: list[FindingAnswer]


class QueueAnswer(TypedDict):
    """`queue --json`: the queue's attributes, with units in their names."""

    queue_url: str
    visibility_timeout_seconds: int
    message_retention_seconds: int
    receive_wait_seconds: int
    max_receive_count: int | None
    dead_letter_queue_arn: str | None
    visible: int
    in_flight: int
    delayed: int
