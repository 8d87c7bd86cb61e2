"""The PostgreSQL engine: reads run in autocommit; writes alone begin a transaction, which costs two round trips."""

import select
from functools import partial
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError

from webshop_orders.db.extensions import LOCK_WAIT, WRITES

READING, WRITING = "AUTOCOMMIT", "READ COMMITTED"
REPLICA_TIMEOUT = 2  # seconds, to connect and for each statement
REPLICA_GRACE = 1  # seconds more, in which the server cancels the statement itself
CONNECT_TIMEOUT = 5  # seconds
LOCK_TIMEOUT = "-c lock_timeout=5000"
IN_UTC = "-c timezone=UTC"  # so that the driver hands over times as they are stored (db/columns.py)
# A server whose machine is gone acknowledges nothing: without this, a request would wait for a quarter of an hour.
TCP_USER_TIMEOUT = 10_000  # milliseconds
# Executions before a statement is prepared: the driver's five are for programs with many statements that never recur.
PREPARE_THRESHOLD = 1
IDLE_SECONDS = 30  # after which a connection may have been dropped on its way without a word
RETURNED_AT = "returned_at"  # key in the info of a connection
REPLICA_OPTIONS = f"{IN_UTC} -c default_transaction_read_only=on -c statement_timeout={REPLICA_TIMEOUT}s"


def engine_options() -> dict[str, Any]:
    """Engine options for the database itself."""
    return {
        "isolation_level": READING,
        "pool_use_lifo": True,  # the connection used last has prepared the statements, and is the least likely lost
        "skip_autocommit_rollback": True,
        "connect_args": {
            "options": f"{IN_UTC} {LOCK_TIMEOUT}",
            "connect_timeout": CONNECT_TIMEOUT,
            "tcp_user_timeout": TCP_USER_TIMEOUT,
            "prepare_threshold": PREPARE_THRESHOLD,
        },
    }


def replica_engine_options() -> dict[str, Any]:
    """Engine options for a replica, with short timeouts, since the database itself is the fallback."""
    return {
        "isolation_level": READING,
        "pool_timeout": REPLICA_TIMEOUT,
        "connect_args": {"options": REPLICA_OPTIONS, "connect_timeout": REPLICA_TIMEOUT},
    }


def prepare(engine: Engine) -> None:
    """Begin a transaction for connections with the execution option `writes`, and replace those that were lost."""
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "checkin", _note_return)
    event.listen(engine, "checkout", partial(_ping_if_doubtful, engine))
    event.listen(engine, "set_connection_execution_options", _begin)
    event.listen(engine, "begin", _limit_lock_wait)


def prepare_replica(engine: Engine) -> None:
    """Time out on the client too, and close connections after any error."""
    event.listen(engine, "do_connect", _connect_with_timeout)
    event.listen(engine, "handle_error", _disconnect)


def _connect(dialect: Any, record: Any, arguments: Any, named: dict[str, Any]) -> Any:
    from webshop_orders.db.psycopg_connection import Connection  # only here, as the driver is an extra

    return Connection.connect(*arguments, **named)


def _note_return(connection: Any, record: Any) -> None:
    record.info[RETURNED_AT] = monotonic()


def _ping_if_doubtful(engine: Engine, connection: Any, record: Any, proxy: Any) -> None:
    """Ping a connection that was idle for long, or whose server said something: as a rule, that it closes it.

    A ping of each connection, as by `pool_pre_ping`, would be a round trip for each request. Raises
    InvalidatePoolError, at which the pool connects anew.
    """
    returned_at = record.info.get(RETURNED_AT)
    if returned_at is None or (monotonic() - returned_at < IDLE_SECONDS and not _is_readable(connection)):
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


def _is_readable(connection: Any) -> bool:
    """Whether there is something to read, such as the end of the connection."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _begin(connection: Connection, options: dict[str, Any]) -> None:
    if options.get(WRITES):
        options["isolation_level"] = WRITING


def _limit_lock_wait(connection: Connection) -> None:
    lock_wait = connection.get_execution_options().get(LOCK_WAIT)
    if lock_wait is not None:
        # nosemgrep: string-built-sql - SET takes no parameters, and this is an integer
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(lock_wait, 1):d}")


def _connect_with_timeout(dialect: Any, record: Any, arguments: Any, named: dict[str, Any]) -> Any:
    """A server that hangs does not enforce its statement timeout, while its machine keeps acknowledging packets."""
    connection = _connect(dialect, record, arguments, named)
    connection.wait = partial(connection.wait, timeout=REPLICA_TIMEOUT + REPLICA_GRACE)
    return connection


def _disconnect(context: ExceptionContext) -> None:
    context.is_disconnect = True
