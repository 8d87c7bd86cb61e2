"""Holds: what keeps an order or one of its shipments from leaving, until it is released or its day has come."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import SYSTEM, Actor, Hold, HoldReason, HoldRule, Order
from webshop_orders.models.event_facts import HoldReleased, OrderHeld
from webshop_orders.models.hold import MAX_HOLDS
from webshop_orders.operations.audit import history
from webshop_orders.operations.inbox import attention
from webshop_orders.operations.orders import shipments
from webshop_orders.operations.stock import reservations, whole_orders


def hold(
    order: Order,
    reason: HoldReason,
    *,
    note: str | None = None,
    shipment: int | None = None,
    until: date | None = None,
    keeps_stock: bool = True,
    rule: HoldRule | None = None,
    by: Actor,
) -> Hold:
    """Keep an order, or the shipment with this number, from leaving until it is released, or until a day begins.

    Without `keeps_stock`, other orders get the stock that it has. Raises RuleViolation where nothing is left to leave,
    for a day that has come, another reason without a note, or more than `MAX_HOLDS`, NotFound for a shipment that is
    not there.
    """
    check_can_be_held(order, shipment)
    note = (note or "").strip() or None
    if reason is HoldReason.OTHER and note is None and rule is None:
        raise RuleViolation(_("Say why, since none of the reasons is."), field="note")
    if until is not None and until <= shop_settings.today():
        raise RuleViolation(_("Give a day after today: the pause ends when it begins."), field="until")
    if len(order.holds) >= MAX_HOLDS:
        sentence = ngettext(
            "An order has at most %(most)s pause at once. Release one first.",
            "An order has at most %(most)s pauses at once. Release one first.",
            MAX_HOLDS,
            most=MAX_HOLDS,
        )
        raise RuleViolation(sentence, field="reason")
    made = Hold(
        id=order.next_id("hold"),
        reason=reason,
        by=by.name,
        at=now().isoformat(),
        note=note,
        shipment=shipment,
        until=until.isoformat() if until else None,
        keeps_stock=keeps_stock,
        rule=rule,
    )
    order.holds = [*order.holds, made]
    for line in reservations.give_to_others(order):
        line.shipment.refresh_status()
    history.record(order, OrderHeld.of(made, order.number), by=by)
    return made


def check_can_be_held(order: Order, seq: int | None) -> None:
    """Raise RuleViolation where nothing of the order, or of the shipment with this number, is left to leave."""
    order.check_not_cancelled()
    if seq is not None and shipments.get(order, seq).is_shipped:
        reference = shipments.get(order, seq).reference
        raise RuleViolation(_("%(shipment)s is shipped, so it cannot be paused.", shipment=reference), field="shipment")
    if not order.open_shipments:
        raise RuleViolation(
            _("Everything in %(number)s is shipped, so it cannot be paused.", number=order.number), field="shipment"
        )


def release(order: Order, hold_id: int, *, note: str | None = None, by: Actor) -> Hold:
    """Release one hold of an order; what it had given of its stock comes back as far as it is there.

    Raises NotFound for a hold that never was, NoChange for one that is released already, RuleViolation for a cancelled
    order.
    """
    order.check_not_cancelled()
    found = order.find_hold(hold_id)
    if found is None and 1 <= hold_id <= order.last_ids.get("hold", 0):
        raise NoChange(_("This pause of %(number)s is released already.", number=order.number))
    if found is None:
        raise NotFound(_("Order %(number)s has no pause %(hold)s.", number=order.number, hold=hold_id))
    _release(order, found, note=(note or "").strip() or None, by=by)
    return found


def release_of_rule(order: Order, rule: HoldRule, *, by: Actor) -> list[Hold]:
    """Release the holds that a rule made, since what it looked for is gone, and return them."""
    found = [hold for hold in order.holds if hold.rule is rule]
    for hold in found:
        _release(order, hold, ended=True, by=by)
    return found


def find_ended() -> int | None:
    """The id of an order with a hold whose day has come, in the shop's time zone."""
    ended = Order.hold_ends_on <= shop_settings.today().isoformat()
    orders = select(Order.id).where(ended, Order.personal_data_erased_at.is_(None))
    return db.session.scalar(orders.order_by(Order.hold_ends_on, Order.id).limit(1))


def release_ended(order: Order, *, by: Actor = SYSTEM) -> list[Hold]:
    """Release the holds of a locked order whose day has come, and return them; of a cancelled order too."""
    today = shop_settings.today()
    ended = [hold for hold in order.holds if hold.ends_on and hold.ends_on <= today]
    for hold in ended:
        _release(order, hold, ended=True, by=by)
    whole_orders.settle(order)
    attention.refresh(order, new=attention.of_ended_holds(order, ended))
    return ended


def _release(order: Order, released: Hold, *, note: str | None = None, ended: bool = False, by: Actor) -> None:
    gave = [shipment for shipment in order.open_shipments if not shipment.keeps_stock]
    order.holds = [hold for hold in order.holds if hold.id != released.id]
    for line in reservations.take_again(gave):
        line.shipment.refresh_status()
    facts = HoldReleased(
        hold=released.id, reason=released.reason, shipment=released.reference(order.number), note=note, ended=ended
    )
    history.record(order, facts, by=by)
