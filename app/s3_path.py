"""`s3://bucket/key`, and which of them are fit to be read: one form, no way to climb out of it in any encoding."""

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache

_SCHEME = "s3://"
_MAX_KEY_LENGTH = 1024
_BUCKET = re.compile(r"[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]")
_RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
# The characters that S3 calls safe (user guide, "Naming Amazon S3 objects"), and the slash. Percent, backslash, control
# and every character beyond ASCII are out, so a key means the same before and after any decoding or normalisation.
_KEY = re.compile(r"[A-Za-z0-9!_.*'()/-]+")


class S3PathError(ValueError):
    """The path is not one that the application reads or writes."""


@dataclass(frozen=True)
class S3Path:
    """Where an object lies.

    Args:
        bucket: The bucket's name.
        key: The object's key, without a leading slash.

    Raises:
        S3PathError: The bucket's name breaks S3's naming rules, or the key is empty, is too long, has an empty, `.` or
            `..` segment, or a character that S3 does not call safe.
    """

    bucket: str
    key: str

    def __post_init__(self) -> None:
        _check_bucket(self.bucket)
        _check_key(self.key)

    def __str__(self) -> str:
        return f"{_SCHEME}{self.bucket}/{self.key}"

    @classmethod
    def parse(cls, path: str) -> "S3Path":
        """Read `s3://bucket/key`.

        Raises:
            S3PathError: It is of another form, or its parts are not allowed.
        """
        if not path.startswith(_SCHEME):
            raise S3PathError("the path must begin with s3://")
        bucket, slash, key = path.removeprefix(_SCHEME).partition("/")
        if not slash:
            raise S3PathError("the path must be s3://bucket/key; there is no key")
        return cls(bucket, key)


def check_bucket_name(bucket: str) -> str:
    """The bucket's name as given, if S3's naming rules for general purpose buckets allow it.

    Raises:
        S3PathError: They do not.
    """
    _check_bucket(bucket)
    return bucket


@lru_cache(maxsize=64)
def _check_bucket(bucket: str) -> None:
    if not _BUCKET.fullmatch(bucket):
        raise S3PathError(
            "a bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit first and last"
        )
    if ".." in bucket:
        raise S3PathError("a bucket's name has no two dots in a row")
    if bucket.startswith(_RESERVED_PREFIXES) or bucket.endswith(_RESERVED_SUFFIXES):
        raise S3PathError("this bucket's name has a prefix or a suffix that S3 reserves")
    try:
        ipaddress.IPv4Address(bucket)
    except ValueError:
        return
    raise S3PathError("a bucket's name has not the form of an IP address")


def _check_key(key: str) -> None:
    if len(key) > _MAX_KEY_LENGTH:
        raise S3PathError(f"a key has at most {_MAX_KEY_LENGTH} characters; this one has {len(key)}")
    if not _KEY.fullmatch(key):
        raise S3PathError("a key has only letters, digits and ! - _ . * ' ( ) with / between its segments")
    for segment in key.split("/"):
        if not segment.strip("."):
            raise S3PathError("a key has no empty segment and none of dots alone")
