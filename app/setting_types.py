"""The forms that settings may have. Each raises a ValueError that says what a value is not; see `app.settings`."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

from app.s3_path import check_bucket_name

_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d{1,2}")
_QUEUE_PATH = re.compile(r"/(\d{12})/([A-Za-z0-9_-]{1,80})")
_PARAMETER = re.compile(r"[A-Za-z0-9_./-]{1,1011}")
_NAMESPACE = re.compile(r"[A-Za-z0-9._/#:-]{1,255}")
_DATABASE_SCHEME = re.compile(r"(sqlite|postgresql)(\+[a-z0-9]+)?://")
_PLAIN_HTTP_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


def _check_queue_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
        parts = urlsplit("")
    if host is None or parts.query or parts.fragment or parts.username or not _QUEUE_PATH.fullmatch(parts.path):
        raise ValueError("it is no queue's URL")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _PLAIN_HTTP_HOSTS):
        raise ValueError("plain http is for this machine only")
    return url


def _check_region(region: str) -> str:
    if not _REGION.fullmatch(region):
        raise ValueError("it is no region's name")
    return region


def _check_parameter(name: str) -> str:
    if not _PARAMETER.fullmatch(name):
        raise ValueError("it is no parameter's name")
    return name


def _check_namespace(name: str) -> str:
    if name.startswith("AWS/") or not _NAMESPACE.fullmatch(name):
        raise ValueError("it is no namespace for metrics of one's own")
    return name


def _check_database_url(url: SecretStr) -> SecretStr:
    if not _DATABASE_SCHEME.match(url.get_secret_value()):
        raise ValueError("it is no database's URL")
    return url


QueueUrl = Annotated[str, AfterValidator(_check_queue_url)]
"""A standard queue's URL; plain http is for this machine only."""
Region = Annotated[str, AfterValidator(_check_region)]
ParameterName = Annotated[str, AfterValidator(_check_parameter)]
"""The name of a Systems Manager parameter."""
BucketName = Annotated[str, AfterValidator(check_bucket_name)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_check_database_url)]
"""It may hold a password, and is never shown."""
MetricsNamespace = Annotated[str, AfterValidator(_check_namespace)]
"""CloudWatch's word for what metrics are filed under."""
