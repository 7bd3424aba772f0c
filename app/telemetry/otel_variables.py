"""OpenTelemetry's own variables, checked before its SDK reads them: it would pass over a mistake, or log a secret."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from app.bounded import bounded
from app.settings import SettingsError

_SAMPLERS = frozenset({
    "always_on", "always_off", "traceidratio",
    "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio",
})  # fmt: skip
_RATIO = re.compile(r"0*(0(\.\d*)?|\.\d+|1(\.0*)?)")
# What the SDK takes: a token of HTTP, and a value without the marks that separate headers.
_HEADER = re.compile(r"\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+\s*=[\x20\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*")

_Variable = tuple[str, str] | None
"""A variable that is set: its name and its value."""


def check_otlp(environment: Mapping[str, str]) -> None:
    """Check where and how spans are to be exported.

    Raises:
        SettingsError: A variable has a value that cannot be meant.
    """
    protocol = _first(environment, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
    _check(protocol, lambda value: value == "http/protobuf", "http/protobuf; collectors take it on port 4318")
    endpoint = _first(environment, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    _check(endpoint, _is_http_url, "http://<host>:<port> or https://…, such as http://localhost:4318")
    headers = _first(environment, "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")
    _check(headers, _are_headers, "<name>=<value>, several with commas between, values URL-encoded", is_secret=True)


def check_sampler(environment: Mapping[str, str]) -> None:
    """Check which traces are to be recorded.

    Raises:
        SettingsError: A variable has a value that cannot be meant.
    """
    sampler = _first(environment, "OTEL_TRACES_SAMPLER")
    _check(sampler, lambda value: value.lower() in _SAMPLERS, ", ".join(sorted(_SAMPLERS)))
    if sampler and sampler[1].lower().endswith("ratio"):
        argument = _first(environment, "OTEL_TRACES_SAMPLER_ARG")
        _check(argument, lambda value: _RATIO.fullmatch(value) is not None, "a share of the traces from 0 to 1")


def _first(environment: Mapping[str, str], *names: str) -> _Variable:
    """The first of these variables that is set, as OpenTelemetry looks for them."""
    return next(((name, environment[name]) for name in names if environment.get(name)), None)


def _check(variable: _Variable, is_allowed: Callable[[str], bool], allowed: str, *, is_secret: bool = False) -> None:
    if variable is not None and not is_allowed(variable[1]):
        name, value = variable
        told = "not shown, it may hold a password" if is_secret or "@" in value else repr(bounded(value, 120))
        raise SettingsError(f"{name} is {told}. Allowed: {allowed}")


def _is_http_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _are_headers(value: str) -> bool:
    return all(_HEADER.fullmatch(header) for header in value.split(",") if header.strip())
