"""A run: the application under faults and blows, from the first message until all is at rest; then the judgement."""

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.aws_failures import AWS_ERRORS
from local.emulator import account
from tests.faults import injected
from tests.faults.ageing import Ageing
from tests.faults.blows import Blow, Blows
from tests.faults.blows import draw as draw_blows
from tests.faults.database import database
from tests.faults.fleet import Fleet, Member
from tests.faults.judge import Judgement, judge
from tests.faults.plan import Plan
from tests.faults.population import draw as draw_population
from tests.faults.proxies import Proxy
from tests.faults.scene import Scene, scene

Tell = Callable[[str], None]
_LOOK_SECONDS = 0.3
_LOOKS_AT_REST = 4
_TELL_SECONDS = 10.0
_START_SECONDS = 60.0
"""How long the first end may take, patience apart: processes start slowly on a busy machine."""
_AGE = timedelta(seconds=5)


@dataclass(frozen=True)
class Result:
    """What a run brought.

    Args:
        plan: The run.
        judgement: What became of all.
        fired: How often each fault on the wire fired, by proxy and name.
        struck: How often each blow fell.
        exits: How often which process ended, with which status.
        seconds: How long it took.
    """

    plan: Plan
    judgement: Judgement
    fired: Mapping[str, Mapping[str, int]]
    struck: Mapping[Blow, int]
    exits: Mapping[tuple[str, int], int]
    seconds: float

    @property
    def never_fired(self) -> Sequence[str]:
        """What was to be injected and never came about."""
        faults = [
            f"{proxy}: {name}" for proxy, counts in self.fired.items() for name, count in counts.items() if not count
        ]
        blows = [blow.value for blow, planned in self.plan.blows.items() if self.struck.get(blow, 0) < planned]
        return faults + blows

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong, and all came about that was to."""
        return not self.judgement.findings and not self.never_fired


def run(plan: Plan, folder: Path, tell: Tell = lambda _line: None) -> Result:
    """Carry a run out.

    Args:
        plan: The run.
        folder: Where logs and all else lie; it is made, and left as it is.
        tell: Told now and then how far it is.

    Raises:
        PostgreSQLMissingError: The plan wants a PostgreSQL, and there is none.
    """
    started = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    population = draw_population(plan.count, plan.seed, account.UPLOADS_BUCKET)
    chance = random.Random(f"{plan.seed} blows")  # noqa: S311 - drawing tests, no secrets
    with database(plan, folder) as store, scene(plan, folder, store.url) as place, ExitStack() as running:
        proxies = {**_proxies(plan, place, folder, running), **store.proxies}
        place.ask_for(population)
        for proxy in proxies.values():
            proxy.wait_until_ready()
        fleet = running.enter_context(Fleet(_members(plan, place, proxies, store.applications_url), folder))
        blows = running.enter_context(
            Blows(
                draw_blows(plan.blows, chance),
                fleet,
                worked=lambda: place.ended() / plan.count,
                published=lambda: 1 - place.untaken() / plan.count,
                kill_aws=place.kill_aws,
                freeze_seconds=plan.visibility_seconds * 1.5,
                chance=chance,
            )
        )
        sending = threading.Thread(target=place.send_past_the_publisher, args=(population, chance))
        sending.start()
        _wait_until_at_rest(plan, place, blows, sending, tell)
        fired = {name: proxy.fired() for name, proxy in proxies.items()}
        running.pop_all().close()
        tell("all has come to rest; looking at what became of it")
        judgement = judge(population, place.look())
    return Result(plan, judgement, fired, dict(blows.struck), dict(fleet.exits), time.monotonic() - started)


def _proxies(plan: Plan, place: Scene, folder: Path, running: ExitStack) -> Mapping[str, Proxy]:
    publishing = injected.for_publishing(plan.publishing_weather)
    working = injected.for_working(plan.working_weather, slow_seconds=plan.slow_seconds, is_long=plan.is_long)
    roles = {
        "publishing": (place.stack.backend, publishing, injected.PUBLISHING),
        "working": (place.stack.worker, working, injected.WORKING),
    }
    made: dict[str, Proxy] = {}
    for number, (name, (session, faults, main_operations)) in enumerate(roles.items()):
        made[name] = Proxy(
            name,
            folder,
            arguments=("--upstream", session["AWS_ENDPOINT_URL"], "--resign"),
            environment=session,
            faults=[fault for fault in faults if plan.wants(fault.name)],
            main_operations=main_operations,
            seed=plan.seed * 10 + number,
        )
        running.callback(made[name].stop)
    return made


def _members(plan: Plan, place: Scene, proxies: Mapping[str, Proxy], database_url: str) -> Sequence[Member]:
    program = ["app"] if plan.without is None else ["tests.faults.without", plan.without]
    backend = place.stack.backend | {
        "AWS_ENDPOINT_URL": proxies["publishing"].url,
        "DATABASE_URL": database_url,
    }
    worker = place.stack.worker | {
        "AWS_ENDPOINT_URL": proxies["working"].url,
        "DATABASE_URL": database_url,
        "WORKER_POLL_SECONDS": "1",
        "WORKER_SHUTDOWN_SECONDS": "10",
        "WORKER_CONCURRENCY": str(plan.concurrency),
        "WORKER_MODEL_IN": "threads",
    }
    members = [Member("publisher", [*program, "publish"], backend, goes_on=False)]
    members += [Member(f"relay-{number}", [*program, "relay"], backend) for number in range(plan.relays)]
    for number in range(plan.workers):
        in_processes = {"WORKER_MODEL_IN": "processes"} if number == 0 and plan.workers > 1 else {}
        members.append(Member(f"worker-{number}", [*program, "work"], worker | in_processes))
    return members


def _wait_until_at_rest(plan: Plan, place: Scene, blows: Blows, sending: threading.Thread, tell: Tell) -> None:
    """Wait until all have ended and nothing is left, or nothing has changed for as long as the plan is patient."""
    ageing = Ageing(place.stack.engine, _AGE)
    before: tuple[int, ...] = ()
    told_at = time.monotonic()
    changed_at = told_at + _START_SECONDS
    at_rest = 0
    while at_rest < _LOOKS_AT_REST and time.monotonic() - changed_at < plan.patience_seconds:
        time.sleep(_LOOK_SECONDS)
        ageing.tick()
        try:
            now = (place.ended(), place.waiting(), place.in_queue())
        except AWS_ERRORS:
            continue
        if now != before:
            before, changed_at = now, max(changed_at if not now[0] else 0.0, time.monotonic())
        is_over = now == (plan.count, 0, 0) and not sending.is_alive() and blows.are_over
        at_rest = at_rest + 1 if is_over else 0
        if time.monotonic() - told_at > _TELL_SECONDS:
            told_at = time.monotonic()
            tell(f"{now[0]} of {plan.count} ended, {now[1]} in the outbox, {now[2]} in the queue")
    sending.join()
