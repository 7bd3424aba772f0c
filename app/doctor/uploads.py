"""Whether the bucket of uploads and results is there."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.aws_failures import AWS_ERRORS, AwsFailure
from app.doctor.answers import unanswered
from app.doctor.finding import Finding

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

CHECK = "uploads"


def examine(s3: "S3Client", bucket: str | None) -> Iterator[Finding]:
    """Look at `UPLOADS_BUCKET`. To see a bucket takes more than to use it, so that a role often may not."""
    if bucket is None:
        yield Finding.unknown(CHECK, "UPLOADS_BUCKET is not set", "set it where files are uploaded or worked on")
        return
    try:
        s3.head_bucket(Bucket=bucket)
    except AWS_ERRORS as error:
        failure = AwsFailure.of(error)
        if failure.code == "404":
            yield Finding.failed(CHECK, f"there is no bucket {bucket}", "set UPLOADS_BUCKET to an existing one")
        else:
            yield unanswered(CHECK, failure, f"looking at the bucket {bucket}")
        return
    yield Finding.ok(CHECK, bucket)
