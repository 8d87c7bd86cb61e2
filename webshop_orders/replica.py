"""A replica of the database, where the shop has one: lists and searches are read from it, and nothing is written.

It may be behind. So it is asked first whether it knows of the reader's own last change, and if it does not, or does not
answer, the database itself is read.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from webshop_orders.columns import now
from webshop_orders.extensions import REPLICA, db
from webshop_orders.models import User

SECONDS_TO_LEAVE_ALONE = 30
logger = logging.getLogger(__name__)

_left_alone_until: dict[Engine, float] = {}


@contextmanager
def reading(user: User) -> Iterator[None]:
    """Whatever the session reads meanwhile comes from the replica, if that knows of all that the user changed."""
    engine = find()
    if engine is None or not _knows_of_changes(engine, user):
        yield
        return
    db.session.info[REPLICA] = engine
    try:
        yield
    finally:
        db.session.info.pop(REPLICA)


def find() -> Engine | None:
    """The replica, unless there is none."""
    return db.engines.get(REPLICA)


def note_change(user: User) -> None:
    """Leave a sign behind a user's change, by which a replica that has it is known to have the change too."""
    db.session.get_one(User, user.id).changed_at = now()


def _knows_of_changes(engine: Engine, user: User) -> bool:
    if _left_alone_until.get(engine, 0) > monotonic():
        return False
    try:
        with engine.connect() as connection:
            known = connection.scalar(select(User.changed_at).where(User.id == user.id))
    except SQLAlchemyError as error:
        _left_alone_until[engine] = monotonic() + SECONDS_TO_LEAVE_ALONE
        logger.warning("The replica does not answer; reading the database itself for a while (%s).", error)
        return False
    return user.changed_at is None or (known is not None and known >= user.changed_at)
