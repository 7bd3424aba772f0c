"""Blows to whole processes: kill -9, and freezes that outlast a lease, each at a point drawn from the seed."""

import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from tests.faults.fleet import Fleet

_LOOK_SECONDS = 0.1
_MOST_JITTER_SECONDS = 0.5


class Blow(StrEnum):
    """What is done to a process."""

    KILL_PUBLISHER = "kill -9 of the publisher"
    KILL_RELAY = "kill -9 of a relay"
    KILL_WORKER = "kill -9 of a worker"
    FREEZE_WORKER = "a worker freezes for longer than its leases"
    KILL_AWS = "kill -9 of the local AWS"


@dataclass(frozen=True)
class Planned:
    """One blow.

    Args:
        blow: What.
        at: When: the share of the work that is done by then, from 0 to 1. For the publisher, of the messages that
            somebody has begun to send.
    """

    blow: Blow
    at: float


def draw(counts: Mapping[Blow, int], chance: random.Random) -> Sequence[Planned]:
    """Draw the points at which so many of each fall: early enough that each meets somebody at work."""
    planned = [
        Planned(blow, chance.uniform(0.01, 0.5 if blow is Blow.KILL_PUBLISHER else 0.9))
        for blow, count in counts.items()
        for _ in range(count)
    ]
    return sorted(planned, key=lambda each: each.at)


class Blows:
    """Strikes as planned, beside the run. Use it as a context.

    Args:
        planned: The blows, by their time.
        fleet: Whom they meet.
        worked: The share of the work that is done.
        published: The share of the messages that somebody has begun to send.
        kill_aws: Kills the local AWS and starts it again.
        freeze_seconds: How long a freeze lasts.
        chance: Which of several processes is met, and how long after the point.
    """

    def __init__(  # noqa: PLR0913 - what it strikes by
        self,
        planned: Sequence[Planned],
        fleet: Fleet,
        *,
        worked: Callable[[], float],
        published: Callable[[], float],
        kill_aws: Callable[[], None],
        freeze_seconds: float,
        chance: random.Random,
    ) -> None:
        self._planned = list(planned)
        self._fleet = fleet
        self._worked = worked
        self._published = published
        self._kill_aws = kill_aws
        self._freeze_seconds = freeze_seconds
        self._chance = chance
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._run, name="blows", daemon=True)]
        self.struck: Counter[Blow] = Counter({each.blow: 0 for each in planned})

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    @property
    def are_over(self) -> bool:
        """Whether all that could fall have fallen."""
        return not self._planned and all(not thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while self._planned and not self._ended.wait(_LOOK_SECONDS):
            worked, published = self._worked(), self._published()
            for each in list(self._planned):
                done = published if each.blow is Blow.KILL_PUBLISHER else worked
                if done < each.at or self._ended.wait(self._chance.uniform(0, _MOST_JITTER_SECONDS)):
                    continue
                if self._strike(each.blow) or worked >= 1.0:
                    self._planned.remove(each)

    def _strike(self, blow: Blow) -> bool:
        if blow is Blow.KILL_AWS:
            self._kill_aws()
            met = True
        else:
            met = self._strike_process(blow)
        self.struck[blow] += met
        return met

    def _strike_process(self, blow: Blow) -> bool:
        of = {Blow.KILL_PUBLISHER: "publisher", Blow.KILL_RELAY: "relay"}.get(blow, "worker")
        member = self._chance.choice(self._fleet.named(of))
        if blow is not Blow.FREEZE_WORKER:
            self._fleet.revive(member)  # a publisher may be done before its turn comes
            return self._fleet.signal(member, signal.SIGKILL)
        if not self._fleet.signal(member, signal.SIGSTOP):
            return False

        def thaw() -> None:
            self._ended.wait(self._freeze_seconds)
            self._fleet.signal(member, signal.SIGCONT)

        thread = threading.Thread(target=thaw, name="thaw", daemon=True)
        self._threads.append(thread)
        thread.start()
        return True
