"""The commands behind `make`: `python -m local up|preview|demo|env|down|status`."""

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from local.demo import DemoFailedError, run_demo
from local.emulator.bootstrap import bootstrap
from local.emulator.process import Emulator, EmulatorError, running, start, stop
from local.emulator.sessions import Role, SessionError
from local.engine import EngineUnavailableError, ensure_engine
from local.lock import Lock, LockedError, held
from local.mending import ready_stack
from local.paths import LocalPaths
from local.stack import LocalStack, StackCommandError, application_environment
from local.stages import Stages

RUN_LOCK_WAIT_SECONDS = 120.0
INTERRUPTED = 130
"""The exit code of what Ctrl-C has ended: 128 and the signal's number."""

cli = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
progress = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)
paths = LocalPaths()


def say(line: str) -> None:
    """Tell the person what is going on. Goes to stderr, so that what a command prints stays usable."""
    progress.print(line, markup=False)


@contextmanager
def local_account(purpose: str, stages: Stages | None = None) -> Iterator[LocalStack]:
    """The local stack, its emulator started and its state mended, held against other runs.

    Args:
        purpose: What for, in the words that another run is shown while it waits.
        stages: Announces and times what is done; by default nothing is announced.
    """
    stages = stages or Stages(lambda _: None)
    with stages.stage("get the Pulumi engine"):
        ensure_engine(paths, say)
    with held(paths.run_lock, purpose=purpose, wait_seconds=RUN_LOCK_WAIT_SECONDS, report=say) as lock:
        with stages.stage("start the local AWS"):
            emulator = _emulator()
        stack = _stack(emulator, lock)
        with stages.stage("see that the stack's state is true"):
            ready_stack(stack, say)
        yield stack


def _emulator() -> Emulator:
    if (emulator := running(paths)) is None:
        emulator = start(paths)
        say(f"emulator started: {emulator.public_url} (public), {emulator.vpc_url} (VPC endpoint)")
    bootstrap(emulator)
    return emulator


def _stack(emulator: Emulator, lock: Lock | None = None) -> LocalStack:
    return LocalStack(paths, emulator, inherited_fds=(lock.descriptor,) if lock else ())


@cli.command()
def setup() -> None:
    """Make the environments and get the engine; nothing is started."""
    engine = ensure_engine(paths, say)
    say(f"engine: pulumi {engine.version} ({engine.origin})")


@cli.command()
def up() -> None:
    """Start the emulator and deploy the stack to it, under the policy pack."""
    with local_account("make up") as stack:
        stack.up()


@cli.command()
def preview() -> None:
    """Show what `up` would change, under the policy pack."""
    with local_account("make preview") as stack:
        stack.preview()


@cli.command()
def demo() -> None:
    """Deploy, publish, consume, and prove who may do what."""
    stages = Stages(say)
    with local_account("make demo", stages) as stack:
        run_demo(stack, stages, say)


@cli.command()
def env(role: Annotated[Role, typer.Argument(help="Whose session.")] = Role.DEPLOYER) -> None:
    """Print the shell exports of a session: eval "$(make -s env ROLE=producer)"."""
    emulator = running(paths)
    if emulator is None:
        raise EmulatorError("the emulator is not running; run `make up` first")
    stack = _stack(emulator)
    outputs = stack.outputs() if stack.exists() else {}
    exports = stack.environment(role, outputs) | application_environment(outputs)
    exports["DATABASE_URL"] = paths.database_url
    paths.demo.mkdir(parents=True, exist_ok=True)
    for name in sorted(exports):
        if exports[name] != os.environ.get(name):
            sys.stdout.write(f"export {name}={shlex.quote(exports[name])}\n")
    sys.stdout.write("unset AWS_PROFILE AWS_DEFAULT_PROFILE PULUMI_ACCESS_TOKEN\n")


@cli.command()
def down() -> None:
    """Destroy the local stack and stop the emulator."""
    if running(paths) is None:
        with held(paths.run_lock, purpose="make down", wait_seconds=RUN_LOCK_WAIT_SECONDS, report=say):
            say("the emulator is not running, and what it held is gone with it; forgetting the stack's state")
            shutil.rmtree(paths.state, ignore_errors=True)
            stop(paths)
    else:
        with local_account("make down") as stack:
            stack.destroy()
            stop(paths)


@cli.command("stop")
def stop_emulator() -> None:
    """Stop the emulator, as it is."""
    stop(paths)


@cli.command()
def status() -> None:
    """Say what is installed and what runs."""
    emulator = running(paths)
    if emulator is None:
        say("emulator: not running (make up starts it)")
        return
    say(f"emulator: pid {emulator.pid}, {emulator.public_url} (public), {emulator.vpc_url} (VPC endpoint)")
    stack = _stack(emulator)
    if not stack.exists():
        say("stack: not deployed (make up deploys it)")
        return
    for name, value in stack.outputs().items():
        say(f"{name}: {value}")


def main(run: Callable[[], object] = cli) -> None:
    """Run a command; a failure that a person can act on ends in one line, not in a traceback."""
    try:
        run()
    except (
        EmulatorError,
        EngineUnavailableError,
        LockedError,
        SessionError,
        StackCommandError,
        DemoFailedError,
    ) as error:
        say(f"error: {error}")
        sys.exit(1)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:  # what Typer makes of Ctrl-C, without a word
            say("interrupted; run the same command again to go on")
        raise


if __name__ == "__main__":
    main()
