"""What can be done to an order, as the palette offers it: a row for each action, in the sequence in which it is shown.

An action leads to where it is carried out. One that is a single click there, and can be taken back, is a form.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from flask import url_for

from webshop_orders.models import DeliveryStatus, Line, Order, Return, Shipment
from webshop_orders.money.totals import balance
from webshop_orders.operations.orders import splits
from webshop_orders.operations.undo.steps import Steps
from webshop_orders.text.languages import Sentence
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.auth.authorization import may
from webshop_orders.web.palette import matching

MAX_OFFERED = 8


class OrderPage(NamedTuple):
    """The page that the palette was opened on: an order, what the user can take back in it, and the open tab."""

    order: Order
    steps: Steps
    tab: str


class Target(NamedTuple):
    """What an action is done to, by the name that the sentence has for it, and where.

    `posts` are the values of a form, whose answer is the `tab`; None for a link.
    """

    subject: str
    url: str
    posts: dict[str, str] | None = None
    tab: str = "shipping"


Targets = Callable[[OrderPage], Iterator[Target]]


@dataclass(frozen=True)
class Action:
    """A row of the table. `words` are others by which the action is meant, `endpoint` what the user must be allowed.

    `targets` gives what of a page it applies to now; `is_of_line` if that is each of its lines, which are many.
    """

    label: Sentence
    words: Sentence
    icon: str
    endpoint: str
    targets: Targets
    is_of_line: bool = False


@dataclass(frozen=True)
class OfferedAction:
    label: str
    icon: str
    target: Target


def offer(page: OrderPage, typed: list[str]) -> list[OfferedAction]:
    """The actions that the typed words mean, of those that apply to the page and are allowed; at most `MAX_OFFERED`.

    Without words they are those of the whole order and of its shipments.
    """
    if page.order.personal_data_erased_at is not None:
        return []
    offered = (
        OfferedAction(str(action.label) % {"subject": target.subject}, action.icon, target)
        for action in ACTIONS
        if may(action.endpoint) and (typed or not action.is_of_line)
        for target in action.targets(page)
        if matching.means(typed, action.label, action.words, target.subject)
    )
    return [action for action, _ in zip(offered, range(MAX_OFFERED), strict=False)]


def _at(order: Order, tab: str, element: str) -> str:
    """The address of an element on a tab, which gets the focus there."""
    return url_for("order.tab", number=order.number, tab=tab, _anchor=element)


def _place(tab: str, element: str, applies: Callable[[Order], bool]) -> Targets:
    """The one target of an action on the whole order."""

    def targets(page: OrderPage) -> Iterator[Target]:
        order = page.order
        if applies(order):
            yield Target(order.number, _at(order, tab, element))

    return targets


def _is_open(order: Order) -> bool:
    return not order.is_cancelled


def _has_shipped_nothing(order: Order) -> bool:
    return _is_open(order) and not any(shipment.is_shipped for shipment in order.shipments)


def _has_shipped_something(order: Order) -> bool:
    return _is_open(order) and any(shipment.is_shipped for shipment in order.shipments)


def _is_paid(order: Order) -> bool:
    return order.paid > 0


def _is_to_pay(order: Order) -> bool:
    return balance(order) > 0


def _has_open_shipments(order: Order) -> bool:
    return bool(order.open_shipments)


def _always(order: Order) -> bool:
    return True


def _of_shipments(element: str, applies: Callable[[Shipment], bool], tab: str = "shipping") -> Targets:
    """The element of each shipment that the action applies to; {seq} is the shipment's place in its id."""

    def targets(page: OrderPage) -> Iterator[Target]:
        order = page.order
        for shipment in order.shipments:
            if applies(shipment):
                yield Target(shipment.reference, _at(order, tab, element.format(seq=shipment.seq)))

    return targets


def _status(status: str, applies: Callable[[Shipment], bool]) -> Targets:
    def targets(page: OrderPage) -> Iterator[Target]:
        order = page.order
        for shipment in order.shipments:
            if applies(shipment):
                url = url_for("shipments.set_status", number=order.number, seq=shipment.seq)
                yield Target(shipment.reference, url, {"status": status})

    return targets


def _backordered(page: OrderPage) -> Iterator[Target]:
    for shipment in page.order.open_shipments:
        if shipment.backordered and splits.can_split_backordered(shipment):
            url = url_for("shipments.split_backordered", number=page.order.number, seq=shipment.seq)
            yield Target(shipment.reference, url, {})


def _step(endpoint: str, applies: Callable[[Steps], object]) -> Targets:
    """The one target of an action on the user's own steps, whose answer is the tab that is open."""

    def targets(page: OrderPage) -> Iterator[Target]:
        number = page.order.number
        if applies(page.steps):
            yield Target(number, url_for(endpoint, number=number), {"tab": page.tab}, page.tab)

    return targets


def _form_at(endpoint: str, applies: Callable[[Order], bool]) -> Targets:
    """The one target of an action whose form has an address of its own."""

    def targets(page: OrderPage) -> Iterator[Target]:
        if applies(page.order):
            yield Target(page.order.number, url_for(endpoint, number=page.order.number))

    return targets


def _returns(endpoint: str, applies: Callable[[Return], bool]) -> Targets:
    """The form of each return that the action applies to."""

    def targets(page: OrderPage) -> Iterator[Target]:
        order = page.order
        for a_return in order.returns:
            if applies(a_return):
                url = url_for(endpoint, number=order.number, return_id=a_return.id)
                yield Target(a_return.reference(order.number), url)

    return targets


def _shipments_to_hold(page: OrderPage) -> Iterator[Target]:
    """The open shipments of an order that has several."""
    number, shipments = page.order.number, page.order.open_shipments
    for shipment in shipments if len(shipments) > 1 else []:
        yield Target(shipment.reference, url_for("holds.show", number=number, shipment=shipment.seq))


def _holds(page: OrderPage) -> Iterator[Target]:
    """Each hold by its reason."""
    number = page.order.number
    for hold in page.order.holds if page.order.is_held else []:
        subject = hold.label if hold.shipment is None else f"{hold.label} {number}-{hold.shipment}"
        yield Target(subject, url_for("holds.release", number=number, hold_id=hold.id), {"tab": page.tab}, page.tab)


def _unread_comment(page: OrderPage) -> Iterator[Target]:
    number = page.order.number
    if page.order.has_unread_comment:
        tab = "shipping" if page.tab == "shipping" else "summary"
        yield Target(number, url_for("comments.mark_read", number=number), {"tab": tab}, tab)


def _credit_notes(page: OrderPage) -> Iterator[Target]:
    """The form of each refund that sends its credit note."""
    order = page.order
    for refund in order.refunds:
        if refund.stands:
            yield Target(refund.number_in(order.number), _at(order, "summary", f"credit-note-form-{refund.id}"))


def _to_pack(page: OrderPage) -> Iterator[Target]:
    """Pack mode with the reference of each open shipment in its field."""
    for shipment in page.order.open_shipments:
        yield Target(shipment.reference, url_for("packing.index", code=shipment.reference))


def _is_ready(shipment: Shipment) -> bool:
    return shipment.is_open and shipment.status is DeliveryStatus.READY


def _is_backordered(shipment: Shipment) -> bool:
    return shipment.is_open and shipment.status is DeliveryStatus.BACKORDERED


def _can_take_codes(shipment: Shipment) -> bool:
    return not shipment.order.is_cancelled


def _can_be_reopened(shipment: Shipment) -> bool:
    return shipment.is_shipped and not shipment.order.is_cancelled


def _lines(url: Callable[[Order, Line], str]) -> Targets:
    """The lines that can be changed, which no part of a bundle can on its own."""

    def targets(page: OrderPage) -> Iterator[Target]:
        order = page.order
        for shipment in order.open_shipments:
            for line in shipment.lines:
                if not line.bundle_line:
                    yield Target(f"{line.name} {line.sku}", url(order, line))

    return targets


def _printed(endpoint: str) -> Callable[[OrderPage], Iterator[Target]]:
    def targets(page: OrderPage) -> Iterator[Target]:
        if not page.order.is_cancelled:
            for shipment in page.order.shipments:
                yield Target(shipment.reference, url_for(endpoint, shipment=shipment.reference))

    return targets


ACTIONS = (
    Action(
        _l("Take the last change back"),
        _l("undo regret"),
        "undo-2",
        "undo.undo",
        _step("undo.undo", lambda steps: steps.undoable()),
    ),
    Action(
        _l("Carry out again what was taken back"),
        _l("redo"),
        "redo-2",
        "undo.redo",
        _step("undo.redo", lambda steps: steps.redoable()),
    ),
    Action(
        _l("Mark %(subject)s as shipped"),
        _l("send ship dispatch"),
        "truck",
        "shipments.set_status",
        _of_shipments("ship-{seq}", lambda shipment: shipment.is_open),
    ),
    Action(
        _l("Pack %(subject)s"),
        _l("scan parcel warehouse"),
        "scan-barcode",
        "packing.index",
        _to_pack,
    ),
    Action(
        _l("Print the packing slip of %(subject)s"),
        _l("print delivery note paper"),
        "printer",
        "packing_slips.show_shipments",
        _printed("packing_slips.show_shipments"),
    ),
    Action(
        _l("Print the address labels of %(subject)s"),
        _l("print label parcel address"),
        "printer",
        "labels.show_shipments",
        _printed("labels.show_shipments"),
    ),
    Action(
        _l("Add a tracking code to %(subject)s"),
        _l("parcel carrier"),
        "truck",
        "shipments.add_tracking",
        _of_shipments("tracking-{seq}-code", _can_take_codes),
    ),
    Action(
        _l("Split off what is backordered in %(subject)s"),
        _l("part"),
        "split",
        "shipments.split_backordered",
        _backordered,
    ),
    Action(
        _l("Distribute"),
        _l("share out split board shipments"),
        "split",
        "plans.show",
        _form_at("plans.show", _has_open_shipments),
    ),
    Action(
        _l("How it gets stock: priority, one delivery"),
        _l("priority first whole collect"),
        "pin",
        "stock_terms.prioritise",
        _form_at("stock_terms.show_priority", _has_open_shipments),
    ),
    Action(
        _l("Pause the order"),
        _l("hold stop wait"),
        "pause",
        "holds.hold",
        _form_at("holds.show", _has_open_shipments),
    ),
    Action(
        _l("Pause %(subject)s"),
        _l("hold stop wait shipment"),
        "pause",
        "holds.hold",
        _shipments_to_hold,
    ),
    Action(
        _l("Release the pause: %(subject)s"),
        _l("hold go on"),
        "check",
        "holds.release",
        _holds,
    ),
    Action(
        _l("Reply to the customer"),
        _l("answer comment mail"),
        "mail",
        "comments.reply",
        _form_at("comments.show_reply", lambda order: bool(order.customer_comment)),
    ),
    Action(
        _l("Mark the customer's comment as read"),
        _l("seen"),
        "check",
        "comments.mark_read",
        _unread_comment,
    ),
    Action(
        _l("Write a comment"),
        _l("note"),
        "message-square",
        "comments.add",
        _place("summary", "comment-text", _always),
    ),
    Action(
        _l("Add a product"),
        _l("line item"),
        "plus",
        "lines.add",
        _place("shipping", "add-q", _is_open),
    ),
    Action(
        _l("Add a line without a product"),
        _l("free item service"),
        "plus",
        "free_lines.add",
        _form_at("free_lines.open_form", _is_open),
    ),
    Action(
        _l("Change the shipping method and fee"),
        _l("edit price freight"),
        "truck",
        "shipping_fee.change",
        _form_at("shipping_fee.edit", _is_open),
    ),
    Action(
        _l("Split %(subject)s"),
        _l("move part shipment"),
        "split",
        "lines.open_split",
        _lines(lambda order, line: url_for("lines.open_split", number=order.number, line_id=line.id)),
        is_of_line=True,
    ),
    Action(
        _l("Edit %(subject)s"),
        _l("change quantity price discount"),
        "pencil",
        "lines.edit",
        _lines(lambda order, line: url_for("lines.edit", number=order.number, line_id=line.id)),
        is_of_line=True,
    ),
    Action(
        _l("Delete %(subject)s"),
        _l("remove"),
        "trash-2",
        "lines.remove",
        _lines(lambda order, line: _at(order, "shipping", f"remove-{line.id}")),
        is_of_line=True,
    ),
    Action(
        _l("Change the customer and the addresses"),
        _l("edit phone e-mail"),
        "user",
        "customers.change",
        _place("customer", "customer-name", _is_open),
    ),
    Action(
        _l("Set %(subject)s to Ready"),
        _l("status"),
        "check",
        "shipments.set_status",
        _status("ready", _is_backordered),
    ),
    Action(
        _l("Set %(subject)s to Backordered"),
        _l("status wait"),
        "clock-alert",
        "shipments.set_status",
        _status("backordered", _is_ready),
    ),
    Action(
        _l("Undo shipped of %(subject)s"),
        _l("reopen take back"),
        "undo-2",
        "shipments.set_status",
        _of_shipments("reopen-{seq}", _can_be_reopened),
    ),
    Action(
        _l("Send order confirmation again"),
        _l("mail customer"),
        "mail",
        "confirmations.send",
        _place("summary", "confirmation-send", _always),
    ),
    Action(
        _l("Send the delivery confirmation of %(subject)s again"),
        _l("mail customer"),
        "mail",
        "shipments.send_confirmation",
        _of_shipments("delivery-{seq}-send", lambda shipment: shipment.is_shipped, tab="messages"),
    ),
    Action(
        _l("Tell the customer how the order stands now"),
        _l("mail order change"),
        "mail",
        "messages.send_order_changed",
        _place("messages", "order-changed-send", _always),
    ),
    Action(
        _l("Register a return of %(subject)s"),
        _l("goods come back exchange claim complaint"),
        "undo-2",
        "returns.register",
        _form_at("returns.open_form", _has_shipped_something),
    ),
    Action(
        _l("Receive %(subject)s"),
        _l("return goods come back stock"),
        "package-plus",
        "returns.receive",
        _returns("returns.open_receipt", lambda a_return: bool(a_return.awaited)),
    ),
    Action(
        _l("Refund %(subject)s"),
        _l("money back credit note"),
        "undo-2",
        "refunds.register",
        _form_at("refunds.open_form", _is_paid),
    ),
    Action(
        _l("Send the credit note %(subject)s"),
        _l("refund mail invoice"),
        "mail",
        "credit_notes.send",
        _credit_notes,
    ),
    Action(
        _l("Register a payment of %(subject)s"),
        _l("money paid"),
        "plus",
        "payments.register",
        _form_at("payments.open_form", _is_to_pay),
    ),
    Action(
        _l("Cancel the order"),
        _l("void"),
        "x",
        "cancellations.cancel",
        _place("summary", "cancel", _has_shipped_nothing),
    ),
    Action(
        _l("Take back the cancellation"),
        _l("undo restore open again"),
        "undo-2",
        "cancellations.restore",
        _place("summary", "restore", lambda order: order.is_cancelled),
    ),
)
