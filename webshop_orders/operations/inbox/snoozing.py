"""Putting what is in the inbox aside until a day, and bringing it back; where its facts change it comes by itself."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import for_update, get_for_update
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import Actor, InboxItem

MAX_DAYS = 365
WOKEN_AT_ONCE = 500


def put_aside(item_id: int, until: date, *, by: Actor) -> InboxItem:
    """Put something aside until a day begins in the shop's time zone.

    Raises NotFound where it is dealt with, NoChange where it is aside until that day already, and RuleViolation for a
    day that has come or is more than `MAX_DAYS` away.
    """
    today = shop_settings.today()
    if until <= today:
        raise RuleViolation(_("Give a day after today: it comes back when that begins."), field="until")
    if until > today + timedelta(days=MAX_DAYS):
        raise RuleViolation(_("Give a day within a year."), field="until")
    item = _locked(item_id)
    begins = datetime(until.year, until.month, until.day, tzinfo=ZoneInfo(shop_settings.current().time_zone))
    if item.snoozed_until == begins:
        raise NoChange(_("That is put aside until then already."))
    item.is_shown, item.snoozed_until, item.snoozed_by = False, begins, by.name
    item.wakes_at = max(begins, item.due_at) if item.due_at else begins
    return item


def bring_back(item_id: int, *, by: Actor) -> InboxItem:
    """Show something again that was put aside; raises NotFound where it is dealt with, NoChange where it is shown."""
    item = _locked(item_id)
    if item.snoozed_until is None:
        raise NoChange(_("That is not put aside."))
    item.snoozed_until = item.snoozed_by = None
    is_due = item.due_at is None or item.due_at <= now()
    item.is_shown, item.wakes_at = is_due, None if is_due else item.due_at
    return item


def wake_due() -> int:
    """Show what is due now, and what was put aside until now; returns how much that was.

    Skips what others have locked, which they change.
    """
    due = select(InboxItem).where(~InboxItem.is_shown, InboxItem.wakes_at <= now())
    locking = for_update(due.order_by(InboxItem.wakes_at).limit(WOKEN_AT_ONCE), skip_locked=True)
    items = db.session.scalars(locking.execution_options(populate_existing=True)).all()
    for item in items:
        item.is_shown, item.wakes_at, item.snoozed_until, item.snoozed_by = True, None, None, None
    return len(items)


def is_any_due() -> bool:
    """Whether anything is to be shown now, read without a lock."""
    due = select(InboxItem.id).where(~InboxItem.is_shown, InboxItem.wakes_at <= now())
    return db.session.scalar(due.order_by(InboxItem.wakes_at).limit(1)) is not None


def _locked(item_id: int) -> InboxItem:
    item = get_for_update(InboxItem, item_id)
    if item is None:
        raise NotFound(_("That needs nothing any more: it has been dealt with."))
    return item
