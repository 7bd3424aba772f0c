"""Telling a database that does not answer from one that refuses what it is given."""

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError


def is_refusal(error: SQLAlchemyError) -> bool:
    """Whether the values are to blame: the same ones are refused again, others are not.

    Everything else is the database's state, and may pass: an outage, a failover, a lock, a right that is missing.
    """
    if isinstance(error, DBAPIError):
        return isinstance(error, DataError | IntegrityError) and not error.connection_invalidated
    return isinstance(error, StatementError)  # they could not even be handed over, such as a NaN in JSON
