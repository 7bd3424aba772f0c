"""What a worker's log tells of people: nothing."""

from collections.abc import Callable

from structlog.testing import LogCapture

from app.models import ChurnPredictor
from app.store import State
from tests.app.doubles.scene import BUCKET, OWNER, Scene
from tests.app.doubles.sqs import aws_error


def test_no_line_of_a_job_names_its_user_its_file_or_what_that_holds(scene: Scene, app_logs: LogCapture) -> None:
    model = ChurnPredictor(0.5)

    def predict(content: bytes, should_stop: Callable[[], bool]) -> None:
        model.predict(content, should_stop)

    scene.predictor.action = predict
    header = b"ID,frequency,recency,T\n"
    unusable = scene.published(header + b"alice@example.com,1,2,3\n" * 2)
    gone = scene.published(b"gone")
    del scene.s3.objects[BUCKET, gone.s3_file_path.split("/", 3)[3]]
    refused = f"not authorized to perform s3:GetObject on arn:aws:s3:::{BUCKET}/{OWNER}/x.csv"
    scene.s3.faults["GetObject"] = [aws_error("AccessDenied", "GetObject", 403, refused)]
    scene.drained().run()
    reasons = {line.get("reason") for line in app_logs.entries}
    assert {"unusable-file", "upload-missing", "upload-unavailable"} <= reasons
    told = str(app_logs.entries)
    for secret in ("alice", OWNER, ".csv", BUCKET):
        assert secret not in told
    record = scene.now_of(unusable.prediction_id)
    assert record.state is State.FAILED
    assert "alice@example.com" in (record.failure_reason or ""), "its owner is told"
