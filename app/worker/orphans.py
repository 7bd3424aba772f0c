"""What a container's first process owes: whoever loses its parent becomes its child, and is to be buried by it.

A worker starts no processes but its models', which it looks after. Orphans come from whatever else is run in the
container: a shell, a health check. Unburied, they fill the table of processes.
"""

import multiprocessing
import os

_EVERY_SECONDS = 5.0
_SOON_SECONDS = 0.1


class Orphans:
    """Buries dead children that nobody else waits for."""

    def __init__(self) -> None:
        self._waiting: int | None = None

    def tick(self) -> float:
        """Bury the one that was dead at the last look already, and look for the next.

        The models' processes are waited for by `multiprocessing`. One that has only just been started and died might be
        taken for an orphan at the first look, not at the second.

        Returns:
            In how many seconds to look again: soon, while there are any.
        """
        models = {process.pid for process in multiprocessing.active_children()}  # buries those of them that died
        dead = _first_dead()
        if dead is not None and dead == self._waiting and dead not in models:
            os.waitpid(dead, os.WNOHANG)
            dead = _first_dead()
        self._waiting = dead
        return _EVERY_SECONDS if dead is None else _SOON_SECONDS


def _first_dead() -> int | None:
    """A child that has ended and is not buried yet; it is left as it is."""
    try:
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    return None if found is None else found.si_pid
