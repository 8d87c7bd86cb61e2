"""Saved views that a user has above the list: their own, and shared ones."""

from flask_babel import gettext as _
from sqlalchemy import or_, select

from webshop_orders.db.extensions import db
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import PinnedView, SavedView, User
from webshop_orders.operations.users import accounts

MAX_PINNED = 8


def pin(view_id: int, *, by: User) -> SavedView:
    """Pin a view after those that are pinned already.

    Raises NotFound if the user sees no such view, and RuleViolation if they have pinned `MAX_PINNED`.
    """
    accounts.lock(by.id)
    view, pins = _visible_view(view_id, by), _pins(by)
    if any(pinned.view_id == view_id for pinned in pins):
        return view
    if len(pins) >= MAX_PINNED:
        raise RuleViolation(_("You have pinned %(most)s views already. Unpin one first.", most=MAX_PINNED))
    position = pins[-1].position + 1 if pins else 1
    db.session.add(PinnedView(user_id=by.id, view_id=view_id, position=position))
    return view


def unpin(view_id: int, *, by: User) -> SavedView:
    """Take a view off the list's head; raises NotFound if the user sees no such view."""
    accounts.lock(by.id)
    view = _visible_view(view_id, by)
    for pinned in _pins(by):
        if pinned.view_id == view_id:
            db.session.delete(pinned)
    return view


def move(view_id: int, *, earlier: bool, by: User) -> SavedView:
    """Let a pinned view change places with the one before or after it, if there is one; raises NotFound."""
    accounts.lock(by.id)
    view, pins = _visible_view(view_id, by), _pins(by)
    places = [pinned.view_id for pinned in pins]
    if view_id not in places:
        return view
    place = places.index(view_id)
    other = place - 1 if earlier else place + 1
    if 0 <= other < len(pins):
        pins[place].position, pins[other].position = pins[other].position, pins[place].position
    return view


def _pins(user: User) -> list[PinnedView]:
    """The pins of views that the user sees, in their sequence; a view that is no longer shared is not among them."""
    query = select(PinnedView).join(SavedView, SavedView.id == PinnedView.view_id)
    query = query.where(PinnedView.user_id == user.id, or_(SavedView.user_id == user.id, SavedView.shared))
    return list(db.session.scalars(query.order_by(PinnedView.position, PinnedView.view_id)))


def _visible_view(view_id: int, user: User) -> SavedView:
    view = db.session.get(SavedView, view_id)
    if view is None or not (view.shared or view.user_id == user.id):
        raise NotFound(_("There is no such view."))
    return view
