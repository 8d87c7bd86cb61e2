"""Placing orders, and numbering them."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import bindparam, select

from webshop_orders import mailing, shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.db.plain_objects import Make, mapped
from webshop_orders.documents.order import NewOrder
from webshop_orders.errors import FieldError, InvalidDocument, RuleViolation
from webshop_orders.models import (
    Actor,
    Comment,
    CommentKind,
    Difference,
    EventFacts,
    Message,
    Order,
    Product,
)
from webshop_orders.models.event_facts import OrderHeld, OrderImported, OrderPlaced, SourceDiffers
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.audit import history
from webshop_orders.operations.inbox import attention
from webshop_orders.operations.orders import hold_rules, packing, source_refunds, stated_totals
from webshop_orders.operations.stock import reservations, whole_orders

TAKEN_REFERENCES = select(Order.external_reference).where(
    Order.external_reference.in_(bindparam("references", expanding=True))
)
TAKEN_NUMBERS = select(Order.number).where(Order.number.in_(bindparam("numbers", expanding=True)))


def place(
    new: NewOrder,
    products: Mapping[str, Product],
    *,
    by: Actor,
    imported: bool = False,
    keeps_source_total: bool = False,
    shows_differences: bool = False,
    mails: bool = True,
) -> Order:
    """Place an order: number it, reserve stock for it, and queue the mails that the shop sends automatically.

    `products` are those of the catalogue by SKU; lines without one have untracked stock. Units that stock does not
    cover are backordered even where staff could not add them, since the customer has bought them. What was shipped
    elsewhere is history: it moves no stock, and an order of which nothing is left to ship sends no mails, nor does one
    placed without `mails`. Any other is held by the rules of Konfiguration, or as its source has it. One that keeps the
    total of its source is never rounded to whole kronor, since its customer pays that total, nor is one whose source
    states a total with öre.

    Where its sums differ from those that its source states, the order is refused with InvalidDocument, or placed and
    shown as different if `shows_differences`. Raises RuleViolation where the number or the external reference is
    taken, or where its shipments have more units than its lines.
    """
    _check_not_taken(new)
    assembled = assemble(new, products, keeps_source_total=keeps_source_total, shows_differences=shows_differences)
    order = assembled.order
    reservations.lock(line.product for shipment in order.open_shipments for line in shipment.lines)
    order.number = new.number or next_free_numbers(1)[0]
    hold_rules.apply(order, new, by=by)
    reserve_stock(order)
    # Made before the order is written, since they count in its row, and an update would be written to all its indexes.
    events = [history.make_event(order, facts, by=by) for facts in assembled.facts(imported=imported)]
    has_mails = mails and order.open_shipments and not imported and not order.is_test
    messages = _make_mails(order, new, by=by) if has_mails else []
    db.session.add(order)  # after the locks: others that place the same order wait for its row
    db.session.flush()
    db.session.add_all(assembled.comments())
    for event in events:
        history.add(order, event)
    for message in messages:
        mailing.add(message, about=order)
    return order


@dataclass(frozen=True)
class AssembledOrder:
    """An order before it has a number, an id and stock; `differences` are to what its source states."""

    new: NewOrder
    order: Order
    differences: list[Difference]

    def comments(self, make: Make = mapped) -> list[Comment]:
        """The comment that the customer left, once the order has its id."""
        if not self.new.comment:
            return []
        values = {"kind": CommentKind.CUSTOMER, "text": self.new.comment, "author": self.new.customer.name}
        return [make(Comment)(order_id=self.order.id, from_customer=True, **values)]

    def facts(self, *, imported: bool) -> list[EventFacts]:
        """What is recorded of its placement, and of what holds it from the beginning."""
        placed = OrderImported(self.order.total) if imported else OrderPlaced(self.order.total)
        fields = [difference.field for difference in self.differences]
        held = [OrderHeld.of(hold, self.order.number) for hold in self.order.holds]
        return [placed, *held, *([SourceDiffers(fields=fields)] if fields else [])]


def assemble(
    new: NewOrder,
    products: Mapping[str, Product],
    *,
    keeps_source_total: bool,
    shows_differences: bool = False,
    make: Make = mapped,
) -> AssembledOrder:
    """A new order with its shipments, lines and total, which is in no session yet and has reserved no stock.

    `make` says whether it can ever be. Raises as `place` does, except for what is taken.
    """
    is_total_whole = new.totals.total is None or new.totals.total % 100 == 0
    can_be_rounded = new.currency == "SEK" and not keeps_source_total and is_total_whole
    is_rounded = can_be_rounded and shop_settings.current().rounds_to_whole_kronor
    order = _to_order(new, is_rounded=is_rounded, make=make)
    packing.add_shipments(order, new, products, make)
    order.has_unread_comment = bool(new.comment and order.open_shipments)
    stated_totals.take_over_vat(order, new.totals)
    source_refunds.place(order, new)
    found = stated_totals.differences(order, new.totals)
    if found and not shows_differences:
        raise stated_totals.refusal(order, found)
    order.total = compute_totals(order).total
    if order.total < 0:
        sentence = _("The charges take off more than the order costs.")
        raise InvalidDocument([FieldError("/charges", sentence)], field="charges")
    order.shop_differences = [difference.as_difference() for difference in found]
    return AssembledOrder(new, order, order.shop_differences)


def reserve_stock(order: Order) -> None:
    """Reserve stock for a new order, whose products are locked, and refresh what is derived from it."""
    for shipment in order.open_shipments:
        for line in shipment.lines:
            reservations.reserve(line)
        shipment.refresh_status()
    whole_orders.settle_locked(order)
    attention.refresh(order)


def check_reference_is_free(new: NewOrder, taken: Container[str]) -> None:
    """Raise RuleViolation where an order has the external reference of a new one."""
    if new.external_reference in taken:
        raise RuleViolation(
            _("There already is an order with the reference %(reference)s.", reference=new.external_reference),
            field="external_reference",
        )


def check_number_is_free(new: NewOrder, taken: Container[str]) -> None:
    """Raise RuleViolation where an order has the number that a new one brings."""
    if new.number in taken:
        raise RuleViolation(_("There already is an order %(number)s.", number=new.number), field="number")


def next_free_numbers(count: int) -> list[str]:
    """The next numbers of the series, except those that imported orders already have."""
    free: list[str] = []
    while len(free) < count:
        numbers = shop_settings.next_numbers(count - len(free))
        taken = taken_numbers(numbers)
        free += [number for number in numbers if number not in taken]
    return free


def taken_references(references: Iterable[str]) -> set[str]:
    """Those external references that orders have already."""
    return set(db.session.scalars(TAKEN_REFERENCES, {"references": list(references)}))


def taken_numbers(numbers: Iterable[str]) -> set[str]:
    """Those numbers that orders have already."""
    return set(db.session.scalars(TAKEN_NUMBERS, {"numbers": list(numbers)}))


def _check_not_taken(new: NewOrder) -> None:
    check_reference_is_free(new, taken_references([new.external_reference]))
    if new.number:
        check_number_is_free(new, taken_numbers([new.number]))


def _to_order(new: NewOrder, *, is_rounded: bool, make: Make) -> Order:
    return make(Order)(
        external_reference=new.external_reference,
        **new.columns(),
        rounds_to_whole_kronor=is_rounded,
        vat_corrections={},
        holds=[],
        returns=[],
        refunds=[],
        registered_payments=[],
        last_ids={},
        credited=0,
        version=0,
        last_seq=0,
        event_count=0,
        message_count=0,
        shipments=[],
        attention=[],
    )


def _make_mails(order: Order, new: NewOrder, *, by: Actor) -> list[Message]:
    shop, email = shop_settings.current(), order.customer.email
    messages = []
    if new.send_confirmation and email:
        messages.append(mailing.make_order_confirmation(order, email, by=by, automatic=True))
    if shop.notification_email:
        messages.append(mailing.make_shop_notification(order, shop.notification_email, by=by))
    return messages
