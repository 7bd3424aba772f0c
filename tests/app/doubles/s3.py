"""A bucket in memory."""
# ruff: noqa: N803 - the arguments have boto3's own names

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from botocore.response import StreamingBody

from tests.app.doubles.sqs import aws_error

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client


@dataclass
class FakeS3:
    """Objects by bucket and key, and faults that the next calls raise."""

    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    faults: dict[str, list[Exception]] = field(default_factory=dict)
    torn_to: int | None = None
    """How many bytes of an object arrive, if not all."""

    @property
    def client(self) -> "S3Client":
        return cast("S3Client", self)

    def _fault(self, operation: str) -> None:
        faults = self.faults.get(operation)
        if faults:
            raise faults.pop(0)

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:
        assert ContentType.startswith("text/csv")
        self._fault("PutObject")
        self.objects[Bucket, Key] = Body

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, object]:
        self._fault("GetObject")
        if (Bucket, Key) not in self.objects:
            raise aws_error("NoSuchKey", "GetObject", 404)
        content = self.objects[Bucket, Key]
        return {"ContentLength": len(content), "Body": StreamingBody(io.BytesIO(content[: self.torn_to]), len(content))}
