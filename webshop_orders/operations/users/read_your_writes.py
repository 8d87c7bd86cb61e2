"""Read-your-writes: users see their own changes in the next list, also where lists are read from a replica.

Each user has a counter of their changes, which is incremented in the transaction of the change. A replica that has
reached the same count has all of the user's changes.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from sqlalchemy import select, update

from webshop_orders.db import replica
from webshop_orders.db.extensions import db
from webshop_orders.models import User

# Keys in the session's info: the user that changes are counted as, and their count after the last one.
CHANGING_USER, CHANGES = "changing_user", "changes"
T = TypeVar("T")


def expect_changes(user: User) -> None:
    """Count the changes of the rest of this request as this user's."""
    db.session.info[CHANGING_USER] = user


def count_change() -> None:
    """Count the current transaction as a change of the user that `expect_changes` named, if there is a replica."""
    user: User | None = db.session.info.get(CHANGING_USER)
    if user is not None and replica.find() is not None:
        increment = update(User).where(User.id == user.id).values(changes=User.changes + 1).returning(User.changes)
        count = db.session.execute(increment, execution_options={"synchronize_session": False}).scalar_one()
        db.session.info[CHANGES] = count


def read(user: User, query: Callable[[], T]) -> T:
    """The result of `query`, from the replica if that has all changes of this user."""
    return replica.read(query, is_recent=partial(_has_all_changes_of, user))


def _has_all_changes_of(user: User) -> bool:
    count = db.session.scalar(select(User.changes).where(User.id == user.id))
    return count is not None and count >= db.session.info.get(CHANGES, user.changes)
