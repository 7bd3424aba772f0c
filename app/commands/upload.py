"""`upload`: store a user's file and record the prediction that it is for."""

from contextlib import nullcontext
from pathlib import Path
from uuid import uuid4

from app.commands.shapes import UploadAnswer
from app.errors import UserMistakeError
from app.message import check_user_id
from app.settings import load_settings
from app.wiring.store import open_stores
from app.wiring.tracing import tracing_of
from app.wiring.uploads import make_uploads


def upload(file: Path, user_id: str, priority: str) -> UploadAnswer:
    """Store a file in S3, then record its prediction as QUEUED. It is published by `publish`.

    Raises:
        UserMistakeError: The file cannot be read or is too large, the user id is wrong, or a setting is.
        StorageUnavailableError: S3 refused, or did not answer; nothing is recorded.
    """
    settings = load_settings()
    try:
        check_user_id(user_id)
    except ValueError as error:
        raise UserMistakeError(f"--user {user_id!r}: {error}") from None
    with tracing_of(settings) as tracing:
        uploads = make_uploads(settings, tracing)
        stores = open_stores(settings, tracing=tracing)
        content = _read(file, uploads.max_bytes)
        upload_id, prediction_id = uuid4(), uuid4()
        # Where a trace begins: the message, whoever sends it and whenever, carries it on.
        with tracing.span("upload") if tracing else nullcontext():
            path = uploads.store_upload(user_id, upload_id, content)
            prediction = stores.predictions.add(
                prediction_id=prediction_id,
                user_id=user_id,
                upload_id=upload_id,
                s3_file_path=str(path),
                priority=priority,
            )
    return {
        "prediction_id": str(prediction_id),
        "upload_id": str(upload_id),
        "user_id": user_id,
        "s3_file_path": str(path),
        "bytes": len(content),
        "state": prediction.state.value,
    }


def _read(file: Path, max_bytes: int) -> bytes:
    try:
        with file.open("rb") as stream:
            content = stream.read(max_bytes + 1)
    except OSError as error:
        raise UserMistakeError(f"{file} cannot be read: {error.strerror}") from None
    if len(content) > max_bytes:
        raise UserMistakeError(f"{file} has more than the {max_bytes} bytes that UPLOAD_MAX_BYTES allows")
    return content
