import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.s3_path import S3Path, S3PathError

GOOD = (
    "s3://retainwise-uploads/user_abc/test.csv",
    "s3://abc/k",
    "s3://my.bucket.name/a/b/c/d.csv",
    "s3://bucket/a..b/...c.csv",
    "s3://bucket/it's(1)!_*.csv",
)
BAD = (
    "",
    "s3://",
    "s3://bucket",
    "s3://bucket/",
    "s3:///key",
    "S3://bucket/key",
    "https://bucket/key",
    "s3://bucket//key",
    "s3://bucket/a//b",
    "s3://bucket/a/",
    "s3://bucket/.",
    "s3://bucket/..",
    "s3://bucket/...",
    "s3://bucket/a/../b",
    "s3://bucket/a/./b",
    "s3://bucket/../../etc/passwd",
    "s3://bucket/%2e%2e/b",
    "s3://bucket/%252e%252e/b",
    "s3://bucket/a%2f..%2fb",
    "s3://bucket/a%00.csv",
    "s3://bucket/..\\b",
    "s3://bucket/a\\..\\b",
    "s3://bucket/a\x00.csv",
    "s3://bucket/a\n.csv",
    "s3://bucket/a.csv\n",
    "s3://bucket/\uff0e\uff0e/b",  # full-width dots, two of which become .. in NFKC
    "s3://bucket/\u2025/b",  # one character that becomes .. in NFKC
    "s3://bucket/a\uff0f..\uff0fb",  # full-width slashes
    "s3://bucket/a\u2215b",
    "s3://bucket/\ud800",
    "s3://bucket/a b.csv",
    "s3://bucket/a?versionId=1",
    "s3://bucket/a#b",
    "s3://bucket/\u0661",
    "s3://bucket/" + "a" * 1025,
    "s3://Bucket/key",
    "s3://bu/key",
    "s3://" + "b" * 64 + "/key",
    "s3://-bucket/key",
    "s3://bucket-/key",
    "s3://bu..cket/key",
    "s3://bu_cket/key",
    "s3://192.168.5.4/key",
    "s3://xn--bucket/key",
    "s3://sthree-bucket/key",
    "s3://bucket-s3alias/key",
    "s3://bucket--ol-s3/key",
    "s3://bucket.mrap/key",
    "s3://bucket--x-s3/key",
    "s3://bucket\u0661/key",
    "s3://user:pw@bucket/key",
)


@pytest.mark.parametrize("path", GOOD)
def test_accepts(path: str) -> None:
    assert str(S3Path.parse(path)) == path


@pytest.mark.parametrize("path", BAD)
def test_refuses(path: str) -> None:
    with pytest.raises(S3PathError):
        S3Path.parse(path)


SEGMENT = st.sampled_from(
    ["..", ".", "", "a", "%2e%2e", "%252e", "\uff0e\uff0e", "\u2025", "..\\", "x\x00", "user_1", "c.csv"]
)


@given(st.one_of(st.text(max_size=40), st.lists(SEGMENT, max_size=6).map("/".join)))
@example("../x")
def test_what_is_accepted_cannot_climb_in_any_reading(key: str) -> None:
    try:
        path = S3Path.parse(f"s3://bucket/{key}")
    except S3PathError:
        return
    reading = path.key
    for _ in range(3):
        reading = unicodedata.normalize("NFKC", unquote(reading)).replace("\\", "/")
    assert reading == path.key == key
    assert not {"", ".", ".."} & set(path.key.split("/"))
    assert path.key.isascii()
    assert path.key.isprintable()
