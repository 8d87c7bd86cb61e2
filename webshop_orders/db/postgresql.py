"""PostgreSQL set up so that whatever only reads does so without transactions.

A transaction would cost two trips to the server for each request, and its rollback makes the driver forget which
statements it has prepared: https://www.psycopg.org/psycopg3/docs/advanced/prepare.html
"""

from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import ExceptionContext

READING, WRITING = "AUTOCOMMIT", "READ COMMITTED"
SECONDS_FOR_REPLICA = 2  # to let us in, and for each answer
SECONDS_TO_END = 1  # more, for a replica that ends by itself what took longer
LOCK_WAIT = "-c lock_timeout=5000"
OF_REPLICA = f"-c default_transaction_read_only=on -c statement_timeout={SECONDS_FOR_REPLICA}s"


def options() -> dict[str, Any]:
    """How to connect to the database."""
    return {
        "isolation_level": READING,
        "pool_pre_ping": True,
        "connect_args": {"options": LOCK_WAIT},
    }


def options_of_replica() -> dict[str, Any]:
    """How to connect to a replica, which is done without as soon as it lets us wait."""
    return {
        "isolation_level": READING,
        "pool_timeout": SECONDS_FOR_REPLICA,
        "connect_args": {"options": OF_REPLICA, "connect_timeout": SECONDS_FOR_REPLICA},
    }


def prepare(engine: Engine) -> None:
    """Give those who say that they write a transaction."""
    event.listen(engine, "set_connection_execution_options", _begin)


def prepare_replica(engine: Engine) -> None:
    """Wait for no answer any longer, and keep no connection that one failed to come on."""
    event.listen(engine, "do_connect", _connect_impatiently)
    event.listen(engine, "handle_error", _let_go)


def _begin(connection: Connection, options: dict[str, Any]) -> None:
    if options.get("writes"):
        options["isolation_level"] = WRITING


def _connect_impatiently(dialect: Any, record: Any, arguments: Any, named: dict[str, Any]) -> Any:
    """A server that hangs ends no statement by itself, and its machine may go on saying that it got the question."""
    connection = dialect.connect(*arguments, **named)
    connection.wait = partial(connection.wait, timeout=SECONDS_FOR_REPLICA + SECONDS_TO_END)
    return connection


def _let_go(context: ExceptionContext) -> None:
    context.is_disconnect = True
