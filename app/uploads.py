"""The files in S3: what users upload, and the results that are written for them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from structlog.typing import FilteringBoundLogger

from app.aws_failures import AWS_ERRORS, AwsFailure, FailureKind, whole_answer
from app.errors import OperationFailedError, UserMistakeError
from app.message import check_user_id
from app.s3_path import S3Path

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

log: FilteringBoundLogger = structlog.get_logger(__name__)

_CSV = "text/csv; charset=utf-8"


class UploadTooLargeError(UserMistakeError):
    """The file has more bytes than are allowed."""


class UploadMissingError(OperationFailedError):
    """There is no such object."""


class StorageUnavailableError(OperationFailedError):
    """S3 refused, or did not answer.

    Args:
        doing: What was tried, in words.
        failure: What AWS said.
    """

    def __init__(self, doing: str, failure: AwsFailure) -> None:
        super().__init__(f"{doing} failed: {failure.code}: {failure.message}")
        self.failure = failure


def upload_path(bucket: str, user_id: str, upload_id: UUID) -> S3Path:
    """Where an upload lies: under its user's own prefix. The name that the user's file had is not used."""
    return S3Path(bucket, f"{check_user_id(user_id)}/{upload_id}.csv")


def result_path(bucket: str, user_id: str, prediction_id: UUID, attempt: int) -> S3Path:
    """Where the scores of one attempt lie.

    Each attempt has a file of its own, so that one which has lost its lease cannot overwrite what another committed.
    The prediction's record says which file counts.
    """
    return S3Path(bucket, f"results/{check_user_id(user_id)}/{prediction_id}-{attempt}.csv")


@dataclass(frozen=True)
class Uploads:
    """The bucket of uploads and results. Safe to use from several threads.

    Args:
        s3: The client.
        bucket: The bucket that is written to.
        max_bytes: The largest upload that is stored or read.
    """

    s3: "S3Client"
    bucket: str
    max_bytes: int

    def store_upload(self, user_id: str, upload_id: UUID, content: bytes) -> S3Path:
        """Store a user's file.

        Returns:
            Where it lies.

        Raises:
            ValueError: The user id has not Clerk's form.
            UploadTooLargeError: The file has more than `max_bytes`.
            StorageUnavailableError: S3 refused, or did not answer.
        """
        self._check_size(len(content))
        path = upload_path(self.bucket, user_id, upload_id)
        self._put(path, content, "storing the upload")
        log.info("upload.stored", upload_id=str(upload_id), bytes=len(content))
        return path

    def store_result(self, user_id: str, prediction_id: UUID, attempt: int, content: bytes) -> S3Path:
        """Store the scores of one attempt.

        Returns:
            Where they lie.

        Raises:
            StorageUnavailableError: S3 refused, or did not answer.
        """
        path = result_path(self.bucket, user_id, prediction_id, attempt)
        self._put(path, content, "storing the result")
        return path

    def read(self, path: S3Path) -> bytes:
        """Read a file whole, unless it is too large.

        Raises:
            UploadMissingError: There is none. (Without s3:ListBucket, AWS says AccessDenied instead.)
            UploadTooLargeError: It has more than `max_bytes`; no more than that is read.
            StorageUnavailableError: S3 refused, or did not answer.
        """
        try:
            with whole_answer():
                answer = self.s3.get_object(Bucket=path.bucket, Key=path.key)
                body, size = answer["Body"], answer["ContentLength"]
            with body:
                self._check_size(size)
                content = body.read()  # whole: only then botocore compares length and checksum
        except AWS_ERRORS as error:
            failure = AwsFailure.of(error)
            if failure.kind is FailureKind.NO_OBJECT:
                raise UploadMissingError(f"there is no file at {path}") from error
            raise StorageUnavailableError("reading the upload", failure) from error
        return content

    def _put(self, path: S3Path, content: bytes, doing: str) -> None:
        try:
            self.s3.put_object(Bucket=path.bucket, Key=path.key, Body=content, ContentType=_CSV)
        except AWS_ERRORS as error:
            raise StorageUnavailableError(doing, AwsFailure.of(error)) from error

    def _check_size(self, size: int) -> None:
        if size > self.max_bytes:
            raise UploadTooLargeError(f"the file has {size} bytes; UPLOAD_MAX_BYTES allows {self.max_bytes}")
