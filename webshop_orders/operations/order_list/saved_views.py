"""Saved views: what the list of orders is asked for again and again, under names of people's own."""

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from webshop_orders.db.extensions import db
from webshop_orders.errors import Conflict, Forbidden, NotFound, RuleViolation
from webshop_orders.models import Role, SavedView, User
from webshop_orders.operations.users import accounts

MOST = 30
MOST_SHARED = 50


def seen_by(user: User) -> Sequence[SavedView]:
    """A user's own views and those that others share, by name."""
    views = select(SavedView).where(or_(SavedView.user_id == user.id, SavedView.shared))
    return db.session.scalars(
        views.order_by(SavedView.name, SavedView.id).options(joinedload(SavedView.user).load_only(User.name))
    ).all()


def may_share(user: User) -> bool:
    """Whether a user may save views for everyone: staff and administrators."""
    return user.role.includes(Role.STAFF)


def may_remove(view: SavedView, user: User) -> bool:
    """Whether a user may remove a view: their own, and as an administrator any that is shared."""
    return view.user_id == user.id or (view.shared and user.role is Role.ADMIN)


def save(name: str, query: str, *, shared: bool, by: User) -> SavedView:
    """Keep what the list is asked for under a name.

    Raises Refused where it is asked for nothing and where the user or everyone has too many views, Conflict where they
    have one of that name, and Forbidden where they may not share it.
    """
    accounts.lock(by.id)
    if not query:
        raise RuleViolation(_("The list shows all orders. Search or filter first, and save that."), field="name")
    if (db.session.scalar(select(func.count()).where(SavedView.user_id == by.id)) or 0) >= MOST:
        raise RuleViolation(_("You have %(most)s views already. Remove one first.", most=MOST), field="name")
    _check_is_free(name, by)
    _check_may_share(shared, by)
    view = SavedView(user_id=by.id, name=name, shared=shared, query=query)
    db.session.add(view)
    return view


def change(view_id: int, name: str, *, shared: bool, by: User) -> SavedView:
    """Give a view of one's own another name, or share it or no longer.

    Raises NotFound where it is not theirs, Conflict where they have another of that name, Refused where everyone has
    too many to share one more, and Forbidden where they may not.
    """
    accounts.lock(by.id)
    view = db.session.get(SavedView, view_id)
    if view is None or view.user_id != by.id:
        raise NotFound(_("There is no such view of yours."))
    _check_is_free(name, by, but=view_id)
    _check_may_share(shared and not view.shared, by)
    view.name, view.shared = name, shared
    return view


def remove(view_id: int, *, by: User) -> SavedView:
    """Remove a view; raises NotFound where there is none that the user may remove."""
    view = db.session.get(SavedView, view_id)
    if view is None or not may_remove(view, by):
        raise NotFound(_("There is no such view of yours."))
    db.session.delete(view)
    return view


def _check_is_free(name: str, user: User, *, but: int | None = None) -> None:
    taken = select(SavedView.id).where(SavedView.user_id == user.id, SavedView.name == name, SavedView.id != (but or 0))
    if db.session.scalar(taken) is not None:
        raise Conflict(_("You already have a view «%(name)s».", name=name), field="name")


def _check_may_share(shares: bool, user: User) -> None:
    if not shares:
        return
    if not may_share(user):
        raise Forbidden(_("Views for everyone are saved by staff and administrators."), field="shared")
    if (db.session.scalar(select(func.count()).where(SavedView.shared)) or 0) >= MOST_SHARED:
        raise RuleViolation(
            _("Everyone has %(most)s views already. Remove one first, or save this for yourself.", most=MOST_SHARED),
            field="shared",
        )
