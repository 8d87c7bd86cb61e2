"""Every change that a form of an order can make, as one table: its form, the values typed, the sentence shown."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select, update

from tests.web.conftest import Browser, fresh
from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.models import (
    Actor,
    Comment,
    CommentKind,
    Difference,
    HoldReason,
    Message,
    MessageState,
    Order,
    ReturnKind,
    ReturnReason,
)
from webshop_orders.operations.after_sales import payments, refunds, returns
from webshop_orders.operations.after_sales.refunds import RequestedRefund
from webshop_orders.operations.after_sales.returns import ReturnedUnits
from webshop_orders.operations.orders import cancellation, holds, priority, shipments
from webshop_orders.operations.stock import incoming
from webshop_orders.transactions.unit_of_work import editing, writing

Typed = dict[str, object]
OF_SHIPPING = {"free-lines", "lines", "plan", "priority", "shipments", "shipping-fee"}
OF_SUMMARY = {"comments", "holds", "payments", "refunds", "returns"}


@dataclass(frozen=True)
class Change:
    """`page` and `action` are paths below the order's URL; `{line}` and `{code}` are the ids of its first ones.

    `after` is what has happened to the order before.
    """

    name: str
    endpoint: str
    page: str
    action: str
    sentence: str
    typed: Typed = field(default_factory=dict)
    bumps_version: bool = True
    after_reopening: bool = False
    after_giving_up: bool = False
    after_differing: bool = False
    after_cancelling: bool = False
    after: Callable[[Order, Actor], object] | None = None

    @property
    def answers_with(self) -> str:
        """The tab in the response."""
        tab = self.page.split("/")[1].partition("?")[0] if self.page else "summary"
        if self.page.startswith("/holds?shipment="):
            return "shipping"
        return "shipping" if tab in OF_SHIPPING else "summary" if tab in OF_SUMMARY else tab


def pay(order: Order, by: Actor) -> None:
    """Pay all that the order costs."""
    payments.register(order, order.total, method="swish", paid_on=date(2026, 11, 2), by=by.with_request_key(None))


def comment_by_customer(order: Order, by: Actor, *, is_unread: bool = True) -> None:
    """As if the customer had written a comment with the order."""
    comment = Comment(order_id=order.id, kind=CommentKind.CUSTOMER, text="Ring först", author="Åsa", from_customer=True)
    db.session.add(comment)
    order.has_unread_comment = is_unread


def comment_that_was_read(order: Order, by: Actor) -> None:
    comment_by_customer(order, by, is_unread=False)


def ask_for_refund(order: Order, by: Actor) -> None:
    pay(order, by)
    refunds.request(order, RequestedRefund(amount=5_000, reason="Sen leverans"), by=by.with_request_key(None))


def send_back(order: Order, by: Actor) -> None:
    """Have one unit of what has shipped come back."""
    units = [ReturnedUnits(order.shipments[2].lines[0].id, 1, ReturnReason.WITHDRAWN)]
    returns.register(order, ReturnKind.RETURN, units, by=by.with_request_key(None))


def pause(order: Order, by: Actor) -> None:
    holds.hold(order, HoldReason.WRONG_ADDRESS, by=by.with_request_key(None))


def expect_what_waits(order: Order, by: Actor) -> None:
    """Have more of a product that the order waits for come in a few days."""
    waiting = next(line for line in order.lines if line.backordered)
    incoming.expect(waiting.sku, waiting.backordered, shop_settings.today() + timedelta(days=3), by=by)


def put_first(order: Order, by: Actor) -> None:
    priority.prioritise(order, "Bröllop", by=by.with_request_key(None))


CHANGES = [
    Change("quantity", "lines.change", "/lines/{line}", "/lines/{line}", "antalet är nu 2.", {"quantity": "2"}),
    Change(
        "price",
        "lines.change",
        "/lines/{line}",
        "/lines/{line}",
        "3 × Stearinljus, 12-pack kostar nu 297,00",
        {"unit_price": "99", "reason": "repa i glasyren"},
    ),
    Change(
        "product added",
        "lines.add",
        "/shipping",
        "/lines",
        "3 × Linneduk är tillagd i WS-100001-2.",
        {"q": "DUK-7", "quantity": "3", "shipment": "2"},
    ),
    Change(
        "line without a product added",
        "free_lines.add",
        "/free-lines",
        "/free-lines",
        "2 × Presentinslagning är tillagd i WS-100001-2.",
        {"name": "Presentinslagning", "quantity": "2", "unit_price": "29", "vat_rate": "25", "shipment": "2"},
    ),
    Change(
        "shipping fee",
        "shipping_fee.change",
        "/shipping-fee",
        "/shipping-fee",
        "Fraktavgiften är 19,00",
        {"method": "Ombud", "price": "19"},
    ),
    Change("line removed", "lines.remove", "/shipping", "/lines/{line}/removal", "3 × Stearinljus, 12-pack är raderad"),
    Change(
        "split",
        "lines.split",
        "/lines/{line}/split",
        "/lines/{line}/split",
        "2 × Stearinljus, 12-pack är flyttad till WS-100001-4.",
        {"quantity": "2", "target": "new"},
    ),
    Change(
        "joined",
        "lines.split",
        "/lines/{line}/split",
        "/lines/{line}/split",
        "3 × Stearinljus, 12-pack är flyttad till WS-100001-2.",
        {"quantity": "3", "target": "2"},
    ),
    Change(
        "backordered split off",
        "shipments.split_backordered",
        "/shipping",
        "/shipments/1/backorder-split",
        "Det som väntar på lager är flyttat till WS-100001-4.",
    ),
    Change(
        "units shared out",
        "plans.save",
        "/plan?fill=backordered",
        "/plan",
        "Flyttat mellan försändelser: 2 × Ljusstake i mässing från WS-100001-1 till WS-100001-4.",
    ),
    Change(
        "tracking code",
        "shipments.add_tracking",
        "/shipping",
        "/shipments/1/tracking",
        "XYZ-9 är tillagd på WS-100001-1.",
        {"code": "XYZ-9", "carrier": "DHL"},
    ),
    Change(
        "tracking code corrected",
        "tracking.correct",
        "/shipments/3/tracking/{code}",
        "/shipments/3/tracking/{code}",
        "är rättad till XYZ-8 på WS-100001-3.",
        {"code": "XYZ-8", "carrier": "DHL"},
    ),
    Change(
        "tracking code removed",
        "shipments.remove_tracking",
        "/shipping",
        "/shipments/3/tracking/{code}/removal",
        "En spårningskod togs bort från WS-100001-3.",
    ),
    Change(
        "status by hand",
        "shipments.set_status",
        "/shipping",
        "/shipments/2/status",
        "WS-100001-2: Restnoterad",
        {"status": "backordered"},
    ),
    Change(
        "shipped",
        "shipments.set_status",
        "/shipping",
        "/shipments/1/status",
        "WS-100001-1 är skickad, och en leveransbekräftelse går till asa@example.com om 30 s.",
        {"status": "shipped", "agreed": ["no-code", "uncovered"]},
    ),
    Change(
        "reopened",
        "shipments.set_status",
        "/shipping",
        "/shipments/3/status",
        "WS-100001-3: Redo",
        {"status": "reopened"},
    ),
    Change(
        "paused",
        "holds.hold",
        "/holds",
        "/holds",
        "WS-100001 pausades: väntar på betalning, «Fakturan är obetald».",
        {"reason": "awaiting_payment", "note": "Fakturan är obetald"},
    ),
    Change(
        "shipment paused",
        "holds.hold",
        "/holds?shipment=2",
        "/holds",
        "WS-100001-2 pausades: kunden vill vänta.",
        {"reason": "customer_asked"},
    ),
    Change(
        "pause released",
        "holds.release",
        "",
        "/holds/1/release",
        "Pausen för WS-100001 hävdes: fel adress.",
        {"note": "Adressen är rättad"},
        after=pause,
    ),
    Change(
        "put first",
        "stock_terms.prioritise",
        "/priority",
        "/priority",
        "WS-100001 får lager före äldre ordrar.",
        {"reason": "Bröllop på lördag"},
    ),
    Change(
        "no longer put first",
        "stock_terms.end_priority",
        "/priority",
        "/priority/removal",
        "WS-100001 får lager efter ålder igen.",
        after=put_first,
    ),
    Change(
        "collected for one delivery",
        "stock_terms.set_whole_delivery",
        "/priority",
        "/whole-delivery",
        "WS-100001 samlas tills allt finns i lager och lämnar hel.",
        {"ships_whole": "1"},
    ),
    Change("comment", "comments.add", "", "/comments", "Kommentaren är sparad.", {"text": "Hej"}, bumps_version=False),
    Change(
        "comment mailed",
        "comments.add",
        "",
        "/comments",
        "Kommentaren är sparad. Mejlet går till asa@example.com.",
        {"text": "Hej", "about": "customer", "mail": "yes"},
        bumps_version=False,
    ),
    Change(
        "comment answered",
        "comments.reply",
        "/comments/reply",
        "/comments/reply",
        "Kommentaren är sparad. Mejlet går till asa@example.com.",
        {"text": "Vi ringer"},
        bumps_version=False,
        after=comment_by_customer,
    ),
    Change(
        "comment read",
        "comments.mark_read",
        "",
        "/comment-read",
        "Kommentaren är markerad som läst.",
        bumps_version=False,
        after=comment_by_customer,
    ),
    Change(
        "comment unread",
        "comments.mark_unread",
        "",
        "/comment-unread",
        "Kommentaren är markerad som oläst.",
        bumps_version=False,
        after=comment_that_was_read,
    ),
    Change(
        "order confirmation",
        "confirmations.send",
        "",
        "/confirmation",
        "Orderbekräftelsen går till annan@example.com.",
        {"recipient": "annan@example.com", "agreed": "just-sent"},
        bumps_version=False,
    ),
    Change(
        "delivery confirmation",
        "shipments.send_confirmation",
        "/messages",
        "/shipments/3/confirmation",
        "Leveransbekräftelsen för WS-100001-3 går till annan@example.com.",
        {"recipient": "annan@example.com", "agreed": "just-sent"},
        bumps_version=False,
    ),
    Change(
        "backorder notice",
        "backorder_notices.send",
        "/messages",
        "/backorder-notice",
        "Restbeskedet går till asa@example.com.",
        bumps_version=False,
        after=expect_what_waits,
    ),
    Change(
        "order change told",
        "messages.send_order_changed",
        "/messages",
        "/messages/order-change",
        "Orderändringen går till annan@example.com.",
        {"recipient": "annan@example.com"},
        bumps_version=False,
    ),
    Change(
        "mail tried again",
        "messages.queue_again",
        "/messages",
        "/messages/{message}/queueing",
        "Mejlet går till asa@example.com.",
        bumps_version=False,
        after_giving_up=True,
    ),
    Change(
        "mail sent elsewhere",
        "messages.send_copy",
        "/messages/{message}",
        "/messages/{message}/copies",
        "Mejlet går till annan@example.com.",
        {"recipient": "annan@example.com"},
        bumps_version=False,
        after_giving_up=True,
    ),
    Change(
        "mail laid aside",
        "messages.settle",
        "/messages",
        "/messages/{message}/settlement",
        "Mejlet är lagt åt sidan.",
        bumps_version=False,
        after_giving_up=True,
    ),
    Change(
        "differences laid aside",
        "shop_differences.settle",
        "",
        "/shop-differences/settlement",
        "Det som butiken säger annorlunda är lagt åt sidan.",
        bumps_version=False,
        after_differing=True,
    ),
    Change(
        "customer",
        "customers.change",
        "/customer",
        "/customer",
        "Kund och adresser är sparade.",
        {"customer-name": "Åsa Ek", "shipping-city": "Kiruna", "same_address": ""},
    ),
    Change(
        "cancelled",
        "cancellations.cancel",
        "",
        "/cancellation",
        "Order WS-100001 är makulerad.",
        after_reopening=True,
    ),
    Change(
        "restored",
        "cancellations.restore",
        "",
        "/restoration",
        "Makuleringen av WS-100001 är tillbakatagen.",
        after_cancelling=True,
    ),
    Change(
        "payment",
        "payments.register",
        "/payments",
        "/payments",
        "En betalning på 100,00",
        {"amount": "100", "method": "Kort", "reference": "ch_1"},
    ),
    Change(
        "refund",
        "refunds.register",
        "/refunds",
        "/refunds",
        "En återbetalning på 50,00",
        {"amount": "50", "reason": "Sen leverans", "agreed": "sum-5000-5000"},
        after=pay,
    ),
    Change(
        "refund done",
        "refunds.finish",
        "",
        "/refunds/1/done",
        "återbetalades, WS-100001-K1.",
        {"reference": "re_1"},
        after=ask_for_refund,
    ),
    Change(
        "credit note",
        "credit_notes.send",
        "",
        "/refunds/1/credit-note",
        "Kreditnotan går till annan@example.com.",
        {"recipient": "annan@example.com", "agreed": "just-sent"},
        bumps_version=False,
        after=ask_for_refund,
    ),
    Change(
        "refund given up",
        "refunds.cancel",
        "",
        "/refunds/1/cancellation",
        "Återbetalningen WS-100001-K1 avbröts.",
        {"reason": "Fel order"},
        after=ask_for_refund,
    ),
    Change(
        "credit note sent",
        "credit_notes.send",
        "",
        "/refunds/1/credit-note",
        "Kreditnotan går till annan@example.com.",
        {"recipient": "annan@example.com"},
        bumps_version=False,
        after=ask_for_refund,
    ),
    Change(
        "return",
        "returns.register",
        "/returns?all=yes",
        "/returns",
        "WS-100001-R1 är registrerad.",
        {"note": "Fel storlek", "mails": ""},
    ),
    Change(
        "goods received",
        "returns.receive",
        "/returns/1/receipt",
        "/returns/1/receipt",
        "1 st av WS-100001-R1 kom tillbaka",
        after=send_back,
    ),
    Change(
        "return closed",
        "returns.close",
        "",
        "/returns/1/closing",
        "WS-100001-R1 är avslutad.",
        after=send_back,
    ),
]


@dataclass
class Filled:
    """A form that was opened and filled in, to be sent once, twice, or when it is stale."""

    browser: Browser
    page: str
    action: str
    values: Typed


def first_message(order: Order) -> Message:
    """The order's own confirmation."""
    return db.session.scalars(select(Message).where(Message.order_id == order.id).order_by(Message.id)).first()


def give_up(message: Message) -> None:
    """Make a mail one that the mail server rejected."""
    with writing():
        turned_down = {"state": MessageState.GIVEN_UP, "held_because": None, "due_at": None, "needs_attention": True}
        db.session.execute(update(Message).where(Message.id == message.id).values(turned_down))


def differ(order: Order) -> None:
    """Make the source shop's order have another street."""
    with writing():
        differences = [Difference("shipping_address.street", "Storgatan 1", "Nygatan 2")]
        db.session.execute(update(Order).where(Order.id == order.id).values(shop_differences=differences))


def fill_in(browser: Browser, change: Change, order: Order, by: Actor) -> Filled:
    """Open the form of a change on an order in parts, and type into it."""
    if change.after_reopening or change.after_cancelling:
        with editing(order.number, None, by) as present:
            shipments.reopen(present.shipments[2], by=by)
            if change.after_cancelling:
                cancellation.cancel(present, by=by)
    if change.after is not None:
        with editing(order.number, None, by) as present:
            change.after(present, by)
    if change.after_differing:
        differ(order)
    if change.after_giving_up:
        give_up(first_message(order))
    present = fresh(order)
    ids = {"line": next(present.lines).id, "code": present.shipments[2].tracking_codes[0].id}
    ids["message"] = first_message(order).id
    page, action = (f"/orders/{order.number}{path.format(**ids)}" for path in (change.page, change.action))
    return Filled(browser, page, action, {**browser.page(page).form(action).values(), **change.typed})
