"""What an error of the database means: a lock that was not free, or a database that cannot be used at the moment."""

from sqlalchemy import exc
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

LOCK_SQLSTATES = {"55P03", "40P01"}  # lock_not_available, deadlock_detected
# What PostgreSQL does not count as operational: https://www.postgresql.org/docs/current/errcodes-appendix.html
UNAVAILABLE_SQLSTATES = {
    "25006",  # read_only_sql_transaction
    "42P01",  # undefined_table: its migrations are missing, as for the next
    "42703",  # undefined_column
}
SQLITE_UNAVAILABLE = ("database disk image is malformed", "file is not a database")
# SQLite calls errors of the statement operational, too.
SQLITE_DEFECTS = ("syntax error", "no such function", "ambiguous column")
INVALID_TRANSACTION = "8s2b"  # SQLAlchemy's code where a connection was lost within a transaction


def is_passing(error: BaseException) -> bool:
    """Whether an error says that the database cannot be used at the moment, rather than that we have a defect."""
    return isinstance(error, SQLAlchemyError) and (is_lock_failure(error) or is_unavailable(error))


def is_lock_failure(error: SQLAlchemyError) -> bool:
    """Whether a lock was not available in time."""
    if not isinstance(error, DBAPIError):
        return False
    return getattr(error.orig, "sqlstate", None) in LOCK_SQLSTATES or "locked" in str(error.orig)


def is_unavailable(error: SQLAlchemyError) -> bool:
    """Whether the database does not answer, cannot be written, or lacks its tables."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, exc.TimeoutError) or error.code == INVALID_TRANSACTION
    if isinstance(error, OperationalError | InterfaceError):
        return not any(words in str(error.orig) for words in SQLITE_DEFECTS)
    sqlstate = getattr(error.orig, "sqlstate", None)
    return sqlstate in UNAVAILABLE_SQLSTATES or str(error.orig).startswith(SQLITE_UNAVAILABLE)
