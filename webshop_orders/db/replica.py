"""A replica of the database, where the shop has one: lists and searches are read from it, and nothing is written.

It may be behind. So it is asked first whether it knows of the reader's own last change, and if it does not, or does not
answer, the database itself is read.
"""

import logging
from collections.abc import Callable
from time import monotonic
from typing import TypeVar

from sqlalchemy import Engine, select, update
from sqlalchemy.exc import SQLAlchemyError

from webshop_orders.db.extensions import REPLICA, db
from webshop_orders.models import User

SECONDS_TO_LEAVE_ALONE = 30
CHANGER = "changer"
T = TypeVar("T")
logger = logging.getLogger(__name__)

_left_alone_until: dict[Engine, float] = {}


def read(user: User, look: Callable[[], T]) -> T:
    """What is looked for: in the replica if that knows of all that the user changed, or else in the database itself.

    Where the replica fails meanwhile, it is looked for once more, from its beginning.
    """
    engine = find()
    if engine is None or _left_alone_until.get(engine, 0) > monotonic():
        return look()
    db.session.info[REPLICA] = engine
    try:
        if _knows_of_changes(user):
            return look()
    except SQLAlchemyError as error:
        db.session.rollback()
        _left_alone_until[engine] = monotonic() + SECONDS_TO_LEAVE_ALONE
        logger.warning("The replica does not answer; reading the database itself for a while (%s).", error)
    finally:
        db.session.info.pop(REPLICA)
    return look()


def find() -> Engine | None:
    """The replica, unless there is none."""
    return db.engines.get(REPLICA)


def expect_changes(user: User) -> None:
    """Take all that is changed from now on in this request for a user's own changes."""
    db.session.info[CHANGER] = user


def count_change() -> None:
    """Count the present transaction among its user's changes, so that a replica that has the number has the change."""
    user: User | None = db.session.info.get(CHANGER)
    if user is not None and find() is not None:
        one_more = update(User).where(User.id == user.id).values(changes=User.changes + 1).returning(User.changes)
        user.changes = db.session.execute(one_more, execution_options={"synchronize_session": False}).scalar_one()


def _knows_of_changes(user: User) -> bool:
    """Asked on the connection that is read from afterwards, so that the same server answers both."""
    known = db.session.scalar(select(User.changes).where(User.id == user.id))
    return known is not None and known >= user.changes
