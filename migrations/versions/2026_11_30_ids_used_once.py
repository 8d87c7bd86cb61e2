"""Ids that are named outside are never given twice

SQLite gives the id of a deleted row again, unless its table has AUTOINCREMENT; PostgreSQL's sequences never do.
"""

import re

from alembic import op
from sqlalchemy import Connection

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = (
    "account_mails",
    "answered_requests",
    "api_keys",
    "connections",
    "failed_logins",
    "incoming_calls",
    "lines",
    "saved_views",
    "shipments",
    "tracking_codes",
    "users",
    "webhook_messages",
    "webhooks",
)
SCHEMA = "select name, sql from sqlite_schema where tbl_name = ? and type = 'table'"
OF_TABLE = "select sql from sqlite_schema where tbl_name = ? and type in ('index', 'trigger') and sql is not null"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for table in TABLES:
            key = (r"\bid INTEGER NOT NULL\b", "id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT")
            _recreate(connection, table, key, (rf",\s*CONSTRAINT pk_{table} PRIMARY KEY \(id\)", ""))


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for table in TABLES:
            key = (r"\s*\)\s*STRICT\s*$", f",\n\tCONSTRAINT pk_{table} PRIMARY KEY (id)\n) STRICT")
            _recreate(connection, table, (" PRIMARY KEY AUTOINCREMENT", ""), key)


def _recreate(connection: Connection, table: str, *replacements: tuple[str, str]) -> None:
    """Replace a table by one whose definition differs, with its rows, indexes and triggers.

    The steps are those of https://sqlite.org/lang_altertable.html#otheralter; env.py has switched foreign keys off,
    and checks them at the end.
    """
    ((_name, definition),) = connection.exec_driver_sql(SCHEMA, (table,)).all()
    indexes_and_triggers = connection.exec_driver_sql(OF_TABLE, (table,)).scalars().all()
    new = f"new_{table}"
    for pattern, replacement in ((rf'^CREATE TABLE "?{table}"?', f"CREATE TABLE {new}"), *replacements):
        definition, count = re.subn(pattern, replacement, definition)
        if count != 1:
            raise ValueError(f"The definition of {table} is not as expected: {definition}")
    for statement in (
        definition,
        f"insert into {new} select * from {table}",  # noqa: S608
        f"drop table {table}",
        f"alter table {new} rename to {table}",
        *indexes_and_triggers,
    ):
        connection.exec_driver_sql(statement)
