"""The files in S3, traced: see `app.telemetry.tracing`. Keys are not told, since they name users.

Attributes are those of OpenTelemetry's conventions for AWS SDK spans, which keep the older names of those for RPC
(https://opentelemetry.io/docs/specs/semconv/cloud-providers/aws-sdk/): it is by these that backends know AWS's calls.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from uuid import UUID

from opentelemetry.semconv._incubating.attributes.aws_attributes import AWS_S3_BUCKET
from opentelemetry.semconv._incubating.attributes.cloud_attributes import CLOUD_REGION
from opentelemetry.semconv._incubating.attributes.rpc_attributes import RPC_METHOD, RPC_SERVICE, RPC_SYSTEM
from opentelemetry.trace import Span, SpanKind

from app.s3_path import S3Path
from app.telemetry.tracing import Tracing
from app.uploads import Uploads


@dataclass(frozen=True)
class TracedUploads(Uploads):
    """A bucket whose requests are spans.

    Args:
        region: The region's name.
        tracing: What makes the spans.
    """

    region: str
    tracing: Tracing

    def store_upload(self, user_id: str, upload_id: UUID, content: bytes) -> S3Path:
        """Store a user's file."""
        with self._request("PutObject", self.bucket):
            return super().store_upload(user_id, upload_id, content)

    def store_result(self, user_id: str, prediction_id: UUID, attempt: int, content: bytes) -> S3Path:
        """Store the scores of one attempt."""
        with self._request("PutObject", self.bucket):
            return super().store_result(user_id, prediction_id, attempt, content)

    def read(self, path: S3Path) -> bytes:
        """Read a file whole, unless it is too large."""
        with self._request("GetObject", path.bucket):
            return super().read(path)

    def _request(self, method: str, bucket: str) -> AbstractContextManager[Span]:
        attributes = {
            RPC_SYSTEM: "aws-api",
            RPC_SERVICE: "S3",
            RPC_METHOD: method,
            AWS_S3_BUCKET: bucket,
            CLOUD_REGION: self.region,
        }
        return self.tracing.span(f"S3.{method}", kind=SpanKind.CLIENT, attributes=attributes)
