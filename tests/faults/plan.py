"""What a run is to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tests.faults.blows import Blow

Store = Literal["sqlite", "postgresql"]
Part = Literal["fencing", "heartbeat", "outbox"]


@dataclass(frozen=True)
class Plan:
    """A run.

    Args:
        count: How many predictions are asked for.
        seed: Where chance comes from, in population, faults and blows.
        store: Which database.
        workers: How many workers run.
        relays: How many relays run.
        concurrency: How many jobs each worker has at once.
        visibility_seconds: The queue's visibility timeout.
        slow_seconds: How long slow files take to be read; longer than the visibility timeout.
        max_receives: After how many receives the queue dead-letters.
        blows: How often processes are struck.
        is_long: Whether there is time for answers that the clients give up waiting for, after 35 s.
        only: What of the faults and blows is injected: those in whose names one of these occurs; all, if empty.
        without: The part of the application that is switched off, to see whether the judge notices.
        publishing_weather: How much oftener than usual things go wrong between publishers and AWS; 0 for never.
        working_weather: The same between workers and AWS; slow files are slow in any weather.
        database_weather: The same between all of them and PostgreSQL.
        patience_seconds: How long nothing may change until the run counts as having come to rest.
    """

    count: int
    seed: int
    store: Store = "sqlite"
    workers: int = 3
    relays: int = 2
    concurrency: int = 4
    visibility_seconds: int = 6
    slow_seconds: float = 8.0
    max_receives: int = 5
    blows: Mapping[Blow, int] = field(default_factory=dict)
    is_long: bool = False
    only: Sequence[str] = ()
    without: Part | None = None
    publishing_weather: float = 1.0
    working_weather: float = 1.0
    database_weather: float = 1.0
    patience_seconds: float = 60.0

    def wants(self, name: str) -> bool:
        """Whether what is called so is to be injected."""
        return not self.only or any(part.lower() in name.lower() for part in self.only)
