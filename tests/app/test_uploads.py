import base64
import io
import zlib
from uuid import UUID

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from urllib3 import HTTPResponse

from app.aws import make_s3
from app.s3_path import S3Path
from app.uploads import StorageUnavailableError, UploadMissingError, Uploads, UploadTooLargeError
from tests.app.doubles.s3 import FakeS3
from tests.app.doubles.sqs import aws_error

UPLOAD = UUID("0d7e8f1c-2b7b-4b0d-8f7e-3a3f0f5a9c22")
BUCKET = "retainwise-uploads"


@pytest.fixture
def fake_s3() -> FakeS3:
    return FakeS3()


@pytest.fixture
def uploads(fake_s3: FakeS3) -> Uploads:
    return Uploads(fake_s3.client, BUCKET, max_bytes=100)


def test_an_upload_lies_under_its_users_prefix_and_is_read_back(uploads: Uploads) -> None:
    path = uploads.store_upload("user_abc", UPLOAD, b"content")
    assert str(path) == f"s3://{BUCKET}/user_abc/{UPLOAD}.csv"
    assert uploads.read(path) == b"content"


def test_each_attempts_result_has_a_file_of_its_own(uploads: Uploads) -> None:
    first = uploads.store_result("user_abc", UPLOAD, 1, b"stale")
    second = uploads.store_result("user_abc", UPLOAD, 2, b"committed")
    assert str(first) == f"s3://{BUCKET}/results/user_abc/{UPLOAD}-1.csv"
    assert uploads.read(second) == b"committed"


def test_a_user_id_cannot_lead_elsewhere(uploads: Uploads, fake_s3: FakeS3) -> None:
    with pytest.raises(ValueError, match="user id"):
        uploads.store_upload("user_abc/../user_b", UPLOAD, b"x")
    with pytest.raises(ValueError, match="user id"):
        uploads.store_result("../user_b", UPLOAD, 1, b"x")
    assert fake_s3.objects == {}


def test_what_is_too_large_is_neither_stored_nor_read(uploads: Uploads, fake_s3: FakeS3) -> None:
    with pytest.raises(UploadTooLargeError, match="101 bytes; UPLOAD_MAX_BYTES allows 100"):
        uploads.store_upload("user_abc", UPLOAD, b"x" * 101)
    fake_s3.objects[BUCKET, "user_abc/large.csv"] = b"x" * 101
    with pytest.raises(UploadTooLargeError):
        uploads.read(S3Path(BUCKET, "user_abc/large.csv"))


def test_a_file_that_is_gone_is_told_from_a_service_that_is(uploads: Uploads, fake_s3: FakeS3) -> None:
    path = S3Path(BUCKET, "user_abc/none.csv")
    with pytest.raises(UploadMissingError, match=r"user_abc/none\.csv"):
        uploads.read(path)
    fake_s3.faults["GetObject"] = [aws_error("AccessDenied", "GetObject", 403), aws_error("SlowDown", "GetObject", 503)]
    for code in ("AccessDenied", "SlowDown"):
        with pytest.raises(StorageUnavailableError, match=f"reading the upload failed: {code}"):
            uploads.read(path)


def test_a_torn_answer_is_no_short_file(uploads: Uploads, fake_s3: FakeS3) -> None:
    path = uploads.store_upload("user_abc", UPLOAD, b"ID,frequency")
    fake_s3.torn_to = 5
    with pytest.raises(StorageUnavailableError, match="IncompleteReadError"):
        uploads.read(path)


def wired(headers: dict[str, str], content: bytes) -> Uploads:
    """Uploads with a real client, which is answered so."""
    made = make_s3("us-east-1")
    raw = HTTPResponse(body=io.BytesIO(content), headers=headers, preload_content=False)
    answer: AWSResponse = AWSResponse("https://s3", 200, HTTPHeaders.from_dict(headers), raw)
    made.meta.events.register_last("before-send.s3", lambda **_request: answer)  # type: ignore[arg-type]  # what it returns is sent back
    return Uploads(made, BUCKET, max_bytes=100)


@pytest.mark.parametrize("content", [b"ID,frequency", b"ID,frequencx"])
def test_a_file_whose_checksum_differs_is_not_believed(content: bytes) -> None:
    checksum = base64.b64encode(zlib.crc32(b"ID,frequency").to_bytes(4)).decode()
    read = wired({"content-length": "12", "x-amz-checksum-crc32": checksum}, content)
    path = S3Path(BUCKET, "user_abc/file.csv")
    if content == b"ID,frequency":
        assert read.read(path) == content
    else:
        with pytest.raises(StorageUnavailableError, match="FlexibleChecksumError"):
            read.read(path)


def test_an_answer_without_its_length_is_no_file() -> None:
    with pytest.raises(StorageUnavailableError, match="TornAnswerError"):
        wired({}, b"ID").read(S3Path(BUCKET, "user_abc/file.csv"))


def test_a_refused_write_is_told(uploads: Uploads, fake_s3: FakeS3) -> None:
    fake_s3.faults["PutObject"] = [aws_error("AccessDenied", "PutObject", 403)]
    with pytest.raises(StorageUnavailableError, match="storing the result failed: AccessDenied"):
        uploads.store_result("user_abc", UPLOAD, 1, b"x")
