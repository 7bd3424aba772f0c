"""The traces of these settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.settings import Settings

if TYPE_CHECKING:
    from app.telemetry.tracing import Tracing


@contextmanager
def tracing_of(settings: Settings) -> Iterator["Tracing | None"]:
    """What makes spans meanwhile; None where tracing is off. At the end, what is left is exported, for 3 s at most.

    Raises:
        SettingsError: One of OpenTelemetry's variables is wrong.
    """
    if not settings.is_tracing_on:
        yield None
        return
    # Only here: to load OpenTelemetry takes a quarter of a second.
    from app.telemetry.exporting import close, make_provider  # noqa: PLC0415
    from app.telemetry.sdk_logs import sdk_logs_told  # noqa: PLC0415
    from app.telemetry.tracing import Tracing  # noqa: PLC0415

    with sdk_logs_told():
        provider = make_provider(settings)
        try:
            yield Tracing(provider)
        finally:
            close(provider)
