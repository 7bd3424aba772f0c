"""Puts durability into MiniStack: restores what the journal says, sums it up, and keeps what changes from then on."""

from collections.abc import Callable
from pathlib import Path

from local.emulator.durable import changes, journal, queues, stores
from local.emulator.durable.changes import Changes
from local.emulator.durable.restored import Restored


def restore(path: Path) -> Restored:
    """Reads what a journal says.

    Args:
        path: The journal; one that is missing says that the account is empty.
    """
    state = Restored()
    for record in journal.read(path):
        at, ops = changes.decode(record)
        for op in ops:
            state.apply(op, at)
    return state


def install(path: Path, furnish: Callable[[], None]) -> Changes:
    """Restores the account and has every change of it on record before it is told of.

    Args:
        path: The journal; its folder exists. It is begun anew, with what sums it up.
        furnish: Makes what stands in an account from its start, if it is not there.

    Returns:
        What has to be written before an answer goes out.

    Raises:
        SeamError: The installed MiniStack is another one than this was written against.
    """
    kept = journal.Journal(path)
    state = restore(path)
    kept.begin(changes.encode([op]) for op in state.ops())
    noted = Changes(kept)
    queues.install(state, noted)
    furnished = stores.install(state, noted)
    furnish()
    for module in stores.MODULES.values():
        furnished.compare(module)
    noted.write()
    return noted
