"""Backups of PostgreSQL: the custom format of pg_dump, which is one snapshot of the database.

https://www.postgresql.org/docs/current/app-pgdump.html
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess  # nosec B404 - for PIPE
from pathlib import Path
from threading import Event

from flask_babel import gettext as _
from sqlalchemy import text

from webshop_orders.backups import postgresql_tools as tools
from webshop_orders.backups.sqlite_files import damaged
from webshop_orders.db.extensions import WRITES, db
from webshop_orders.errors import RuleViolation

MAGIC = b"PGDMP"
WITHOUT_OWNERS = ("--no-owner", "--no-privileges", "--no-comments")
MIGRATION = re.compile(rb"^COPY \S*alembic_version \(version_num\) FROM stdin;\r?\n(\w+)\r?$", re.MULTILINE)
# What belongs to an extension is not ours: an administrator may have created it in the empty database.
OBJECTS = """
    from {catalogue} as found join pg_namespace on pg_namespace.oid = found.{prefix}namespace
    where nspname not like 'pg\\_%' and nspname <> 'information_schema'
    and not exists (select from pg_depend where objid = found.oid and deptype = 'e')
"""
TABLES = OBJECTS.format(catalogue="pg_class", prefix="rel") + "and relkind in ('r', 'p', 'v', 'm', 'f', 'S')"
FUNCTIONS = OBJECTS.format(catalogue="pg_proc", prefix="pro")


def write(target: Path, stop: Event) -> None:
    """Dump the database into an empty file, and read it to its end; raises RuleViolation where that fails."""
    program = tools.find("pg_dump")
    with tools.start(program, "--format=custom", "--no-password", f"--file={target}") as dump:
        if not dump.succeeds(stop):
            raise RuleViolation(_("The database cannot be dumped (%(reason)s).", reason=dump.reason()))
    _read(target, stop)


def check(path: Path) -> str | None:
    """Read a dump to its end; returns its migration, None if it has no table of them.

    Raises RuleViolation if it is cut off or damaged.
    """
    _read(path, Event())
    arguments = ("--data-only", "--table=alembic_version", "--file=-", path)
    with tools.start(tools.find("pg_restore"), *arguments, stdout=subprocess.PIPE) as restore:
        assert restore.process.stdout is not None  # nosec B101 - for mypy
        found = MIGRATION.search(restore.process.stdout.read())
    return found[1].decode() if found else None


def is_empty() -> bool:
    """Whether the database has no tables but those of extensions."""
    with db.engine.connect() as connection:
        # nosemgrep: string-built-sql - of constants alone
        return not connection.scalar(text(f"select exists (select {TABLES})"))  # nosec B608


def load(path: Path, statement: str, **variables: str) -> None:
    """Restore a dump, and execute a statement with variables of psql, all in one transaction.

    The end of the transaction is sent only when all of the dump was read, so that nothing is left of one that is not
    whole. Raises RuleViolation where the database refuses it.
    """
    restore_program, psql = tools.find("pg_restore"), tools.find("psql")
    values = [f"--set={name}={value}" for name, value in {"ON_ERROR_STOP": "1", **variables}.items()]
    with (
        tools.start(psql, "--no-psqlrc", "--quiet", "--no-password", *values, stdin=subprocess.PIPE) as shell,
        tools.start(restore_program, *WITHOUT_OWNERS, "--file=-", path, stdout=subprocess.PIPE) as restore,
    ):
        source, target = restore.process.stdout, shell.process.stdin
        assert source is not None and target is not None  # noqa: PT018 # nosec B101 - for mypy
        try:
            target.write(b"begin;\n")
            shutil.copyfileobj(source, target)
            if not restore.succeeds():
                raise damaged(path, restore.reason())
            target.write(f"reset search_path;\n{statement};\ncommit;\n".encode())
            target.close()
        except BrokenPipeError:
            pass  # psql has ended, and says why
        if not shell.succeeds():
            raise RuleViolation(_("The database did not take %(path)s (%(reason)s).", path=path, reason=shell.reason()))


def clear() -> None:
    """Drop every table and function but those of extensions: what a restore left that could not be finished."""
    db.session.remove()
    drop_tables = f"select relkind, found.oid::regclass::text {TABLES}"  # nosec B608 - constants
    drop_functions = f"select found.oid::regprocedure::text {FUNCTIONS}"  # nosec B608 - constants
    kinds = {"r": "table", "p": "table", "v": "view", "m": "materialized view", "f": "foreign table", "S": "sequence"}
    with db.engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        # nosemgrep: string-built-sql - of constants alone
        for kind, name in connection.execute(text(drop_tables)).all():
            # nosemgrep: string-built-sql - a name that PostgreSQL itself has quoted
            connection.exec_driver_sql(f"drop {kinds[kind]} if exists {name} cascade")
        # nosemgrep: string-built-sql - of constants alone
        for name in connection.scalars(text(drop_functions)).all():
            # nosemgrep: string-built-sql - as above
            connection.exec_driver_sql(f"drop function if exists {name} cascade")


def _read(path: Path, stop: Event) -> None:
    """Read a dump to its end, which decompresses all of it."""
    with tools.start(tools.find("pg_restore"), f"--file={os.devnull}", path) as restore:
        if not restore.succeeds(stop):
            raise damaged(path, restore.reason())
