"""How long a transaction waits for rows that somebody else has locked."""

from sqlalchemy import Connection

WAIT_MILLISECONDS = 5000
"""Workers hold locks for milliseconds. Who holds one for longer is a person at a prompt, or a process that hangs."""


def wait_briefly_for_locks(connection: Connection) -> None:
    """Let this transaction fail where it would wait for a lock for longer; what it wanted may be tried again.

    SQLite has a wait of its own. On PostgreSQL this is said in each transaction, and holds for that alone: a pooler
    between (PgBouncer, RDS Proxy) may give each to another session, and refuses or pins what is set for a session.

    Raises:
        sqlalchemy.exc.OperationalError: Not by this, but by whatever waits in vain later.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {WAIT_MILLISECONDS}")
