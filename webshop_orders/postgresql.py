"""PostgreSQL set up so that whatever only reads does so without transactions.

A transaction would cost two trips to the server for each request, and its rollback makes the driver forget which
statements it has prepared: https://www.psycopg.org/psycopg3/docs/advanced/prepare.html
"""

from typing import Any

from sqlalchemy import Connection, Engine, event

READING, WRITING = "AUTOCOMMIT", "READ COMMITTED"


def prepare(engine: Engine) -> None:
    """Give those who say that they write a transaction."""
    event.listen(engine, "set_connection_execution_options", _begin)


def _begin(connection: Connection, options: dict[str, Any]) -> None:
    if options.get("writes"):
        options["isolation_level"] = WRITING
