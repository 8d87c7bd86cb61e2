"""Saved views: filters and sorting of the list of orders, under a name, for one user or for everyone."""

from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import and_, bindparam, func, or_, select

from webshop_orders.db.extensions import db
from webshop_orders.errors import Conflict, Forbidden, NotFound, RuleViolation
from webshop_orders.models import PinnedView, Role, SavedView, User
from webshop_orders.operations.users import accounts

MAX_VIEWS = 30
MAX_SHARED_VIEWS = 50


class ListedView(NamedTuple):
    """A saved view with the name of its user, and its `position` among those that are pinned; None if it is not."""

    id: int
    user_id: int
    name: str
    shared: bool
    query: str
    user_name: str
    position: int | None


VIEWS, USERS, PINS = SavedView.__table__.c, User.__table__.c, PinnedView.__table__.c
# A user's own views and all shared views: the place of each by name, and the values of a `ListedView`.
PLACE = func.row_number().over(order_by=[VIEWS.name, VIEWS.id]).label("place")
VISIBLE_VIEWS = (
    select(
        PLACE,
        VIEWS.id,
        VIEWS.user_id,
        VIEWS.name,
        VIEWS.shared,
        VIEWS.query,
        USERS.name.label("user_name"),
        PINS.position,
    )
    .join(User.__table__, USERS.id == VIEWS.user_id)
    .outerjoin(PinnedView.__table__, and_(PINS.view_id == VIEWS.id, PINS.user_id == bindparam("user_id")))
    .where(or_(VIEWS.user_id == bindparam("user_id"), VIEWS.shared))
)


def can_share(user: User) -> bool:
    """Whether a user may save views for everyone: staff and administrators."""
    return user.role.includes(Role.STAFF)


def can_remove(view: SavedView | ListedView, user: User) -> bool:
    """Whether a user may remove a view: their own, and as an administrator any shared one."""
    return view.user_id == user.id or (view.shared and user.role is Role.ADMIN)


def save(name: str, query: str, *, shared: bool, by: User) -> SavedView:
    """Save the list's query string `query` under a name.

    Raises RuleViolation if the query is empty or the user, or everyone, has too many views, Conflict if the user has a
    view of that name, and Forbidden if the user may not share views.
    """
    accounts.lock(by.id)
    if not query:
        raise RuleViolation(_("The list shows all orders. Search or filter first, and save that."), field="name")
    if (db.session.scalar(select(func.count()).where(SavedView.user_id == by.id)) or 0) >= MAX_VIEWS:
        raise RuleViolation(_("You have %(most)s views already. Remove one first.", most=MAX_VIEWS), field="name")
    _check_name_is_free(name, by)
    if shared:
        _check_can_share(by)
    view = SavedView(user_id=by.id, name=name, shared=shared, query=query)
    db.session.add(view)
    return view


def change(view_id: int, name: str, *, shared: bool, by: User) -> SavedView:
    """Rename a view of one's own, share it, or stop sharing it.

    Raises NotFound if the user has no such view, Conflict if they have another one of that name, RuleViolation if there
    are too many shared views, and Forbidden if the user may not share views.
    """
    accounts.lock(by.id)
    view = db.session.get(SavedView, view_id)
    if view is None or view.user_id != by.id:
        raise NotFound(_("There is no such view of yours."))
    _check_name_is_free(name, by, except_view_id=view_id)
    if shared and not view.shared:
        _check_can_share(by)
    view.name, view.shared = name, shared
    return view


def remove(view_id: int, *, by: User) -> SavedView:
    """Remove a view; raises NotFound if there is no such view that the user may remove."""
    view = db.session.get(SavedView, view_id)
    if view is None or not can_remove(view, by):
        raise NotFound(_("There is no such view of yours."))
    db.session.delete(view)
    return view


def _check_name_is_free(name: str, user: User, *, except_view_id: int = 0) -> None:
    query = select(SavedView.id).where(
        SavedView.user_id == user.id, SavedView.name == name, SavedView.id != except_view_id
    )
    if db.session.scalar(query) is not None:
        raise Conflict(_("You already have a view «%(name)s».", name=name), field="name")


def _check_can_share(user: User) -> None:
    if not can_share(user):
        raise Forbidden(_("Views for everyone are saved by staff and administrators."), field="shared")
    if (db.session.scalar(select(func.count()).where(SavedView.shared)) or 0) >= MAX_SHARED_VIEWS:
        raise RuleViolation(
            _(
                "Everyone has %(most)s views already. Remove one first, or save this for yourself.",
                most=MAX_SHARED_VIEWS,
            ),
            field="shared",
        )
