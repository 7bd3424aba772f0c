"""The uploads of these settings."""

from typing import TYPE_CHECKING

from app.aws import make_s3
from app.settings import Settings
from app.uploads import Uploads

if TYPE_CHECKING:
    from app.telemetry.tracing import Tracing


def make_uploads(settings: Settings, tracing: "Tracing | None" = None) -> Uploads:
    """The bucket `UPLOADS_BUCKET`.

    Args:
        settings: The settings.
        tracing: What makes spans, if anything does.

    Raises:
        SettingsError: It or AWS_REGION is not set.
    """
    s3, bucket, most = make_s3(settings.region), settings.bucket, settings.upload_max_bytes
    if tracing is None:
        return Uploads(s3, bucket, most)
    from app.traced_uploads import TracedUploads  # noqa: PLC0415 - see app.wiring.tracing

    return TracedUploads(s3, bucket, most, settings.region, tracing)
