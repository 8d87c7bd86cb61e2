"""A replica of the database to read from, where DATABASE_READ_URL names one; nothing is written to it.

A replica may lag behind and may fail. Before each read it is asked whether it is recent enough; if not, or if it
fails, the read goes to the database itself.
"""

import logging
from collections.abc import Callable
from time import monotonic
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from webshop_orders.db.extensions import REPLICA, db
from webshop_orders.logs import privacy

SECONDS_TO_AVOID = 30  # after a failure
T = TypeVar("T")
logger = logging.getLogger(__name__)

_avoided_until: dict[Engine, float] = {}


def find() -> Engine | None:
    """The engine of the replica, or None where no replica is configured."""
    return db.engines.get(REPLICA)


def read(query: Callable[[], T], *, is_recent: Callable[[], bool]) -> T:
    """The result of `query`, from the replica where `is_recent` says so there, otherwise from the database itself.

    Both run on one connection, so that the same server answers them. If the replica fails, `query` is run once more
    from its beginning, and the replica is avoided for a while.
    """
    engine = find()
    if engine is None or _avoided_until.get(engine, 0) > monotonic():
        return query()
    db.session.info[REPLICA] = engine
    try:
        if is_recent():
            return query()
    except SQLAlchemyError as error:
        db.session.rollback()
        _avoided_until[engine] = monotonic() + SECONDS_TO_AVOID
        facts = {"error": privacy.describe(error)}
        logger.warning("the replica does not answer, so the database itself is read for a while", extra=facts)
    finally:
        db.session.info.pop(REPLICA)
    return query()
