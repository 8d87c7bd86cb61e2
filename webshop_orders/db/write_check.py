"""Whether the database can be written: a full disk and a read-only replica still answer every read."""

from time import monotonic

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from webshop_orders.db.extensions import LOCK_WAIT, WRITES, db
from webshop_orders.db.failures import is_lock_failure

LOCK_WAIT_MS = 100
SECONDS_TO_TRUST = 1  # a success, so that nobody can keep the disk busy by asking
# The table is read by nothing but migrations, and has one row.
WRITE = text("UPDATE alembic_version SET version_num = version_num")

_succeeded_at: dict[Engine, float] = {}


def check_writing() -> None:
    """Write something and commit it; raises SQLAlchemyError where that fails.

    A lock that someone else holds is no failure: they are writing.
    """
    engine = db.engine
    if monotonic() - _succeeded_at.get(engine, -SECONDS_TO_TRUST) < SECONDS_TO_TRUST:
        return
    options = {WRITES: True, LOCK_WAIT: LOCK_WAIT_MS}
    try:
        with engine.connect().execution_options(**options) as connection, connection.begin():
            connection.execute(WRITE)
    except SQLAlchemyError as error:
        if not is_lock_failure(error):
            raise
    _succeeded_at[engine] = monotonic()
