"""Whether the database answers, and what waits in it."""

from collections.abc import Iterator

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.bounded import bounded
from app.doctor.finding import Finding
from app.errors import OperationFailedError
from app.settings import Settings, SettingsError
from app.store.database import has_this_versions_tables, missing_file
from app.wiring.store import open_stores

CHECK, BACKLOG = "database", "outbox"


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at `DATABASE_URL`. Neither a file nor a table is made."""
    url = settings.database_url.get_secret_value()
    if (missing := missing_file(url)) is not None:
        remedy = "nothing, if nothing was uploaded here yet; else mend the path in DATABASE_URL"
        yield Finding.warning(CHECK, f"there is no {missing} yet", remedy)
        return
    try:
        if not has_this_versions_tables(url):
            yield Finding.warning(CHECK, "it lacks tables of this version", "nothing: whatever opens it next adds them")
            return
        waiting = open_stores(settings).outbox.backlog().waiting
    except SettingsError as error:
        yield Finding.failed(CHECK, str(error), "set DATABASE_URL")
    except (OperationFailedError, SQLAlchemyError) as error:
        cause = getattr(error, "orig", None) or error
        remedy = "see that the database runs, is reached from here, and takes this user"
        yield Finding.failed(CHECK, bounded(cause, 300), remedy)
    else:
        yield Finding.ok(CHECK, make_url(url).render_as_string(hide_password=True))
        yield Finding.ok(BACKLOG, f"{waiting} messages wait to be sent")
