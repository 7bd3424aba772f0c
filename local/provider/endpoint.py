"""Where AWS answers: this machine and nowhere else."""

from ipaddress import ip_address
from urllib.parse import urlsplit


class EndpointRefused(ValueError):  # noqa: N818 - it says what was decided
    """An endpoint that is not on this machine."""


def loopback(url: str, source: str) -> str:
    """Let an endpoint pass only if it is on this machine.

    The plugin stands in for the official one under the same name, so it must be unable to touch a real account even
    when real credentials and a real endpoint are in the environment.

    Args:
        url: The endpoint, as `http://127.0.0.1:4590`.
        source: Where it was read from, to be named in the refusal.

    Returns:
        The endpoint without a trailing slash.

    Raises:
        EndpointRefused: The endpoint is no http(s) URL, or its host is not a loopback address.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise EndpointRefused(f"{source} is {url!r}, which is not a URL ({error}); {_ALLOWED}") from error
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        raise EndpointRefused(f"{source} is {url!r}, which is not an http or https URL; {_ALLOWED}")
    if not _is_loopback(host):
        raise EndpointRefused(
            f"{source} is {url!r}, and {host} is not this machine; {_ALLOWED} To deploy to AWS itself, use the "
            "official aws plugin: run pulumi outside the local stack's environment (PULUMI_HOME)."
        )
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761 reserves both for loopback
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


_ALLOWED = "the local AWS provider speaks only to a loopback address, as http://127.0.0.1:4590."
