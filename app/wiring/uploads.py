"""The uploads of these settings."""

from app.aws import make_s3
from app.settings import Settings
from app.uploads import Uploads


def make_uploads(settings: Settings) -> Uploads:
    """The bucket `UPLOADS_BUCKET`.

    Raises:
        SettingsError: It or AWS_REGION is not set.
    """
    return Uploads(make_s3(settings.region), settings.bucket, settings.upload_max_bytes)
