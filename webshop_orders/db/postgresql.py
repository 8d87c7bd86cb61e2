"""The PostgreSQL engine: reads run in autocommit, only writes begin a transaction.

A transaction costs two more round trips per request, and its rollback makes the driver forget its prepared statements:
https://www.psycopg.org/psycopg3/docs/advanced/prepare.html
"""

from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import ExceptionContext

from webshop_orders.db.extensions import LOCK_WAIT, WRITES

READING, WRITING = "AUTOCOMMIT", "READ COMMITTED"
REPLICA_TIMEOUT = 2  # seconds, to connect and for each statement
REPLICA_GRACE = 1  # seconds more, in which the server cancels the statement itself
CONNECT_TIMEOUT = 5  # seconds
LOCK_TIMEOUT = "-c lock_timeout=5000"
# A server whose machine is gone acknowledges nothing: without this, a request would wait for a quarter of an hour.
TCP_USER_TIMEOUT = 10_000  # milliseconds
REPLICA_OPTIONS = f"-c default_transaction_read_only=on -c statement_timeout={REPLICA_TIMEOUT}s"


def engine_options() -> dict[str, Any]:
    """Engine options for the database itself."""
    return {
        "isolation_level": READING,
        "pool_pre_ping": True,
        "connect_args": {
            "options": LOCK_TIMEOUT,
            "connect_timeout": CONNECT_TIMEOUT,
            "tcp_user_timeout": TCP_USER_TIMEOUT,
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
    """Begin a transaction for connections with the execution option `writes`."""
    event.listen(engine, "set_connection_execution_options", _begin)
    event.listen(engine, "begin", _limit_lock_wait)


def prepare_replica(engine: Engine) -> None:
    """Time out on the client too, and close connections after any error."""
    event.listen(engine, "do_connect", _connect_with_timeout)
    event.listen(engine, "handle_error", _disconnect)


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
    connection = dialect.connect(*arguments, **named)
    connection.wait = partial(connection.wait, timeout=REPLICA_TIMEOUT + REPLICA_GRACE)
    return connection


def _disconnect(context: ExceptionContext) -> None:
    context.is_disconnect = True
