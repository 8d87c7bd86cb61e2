"""What a receipt of a delivery came to: the sentence of its answer, and the orders that lack nothing any more."""

from typing import NamedTuple

from flask import g
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from sqlalchemy import func, select

from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Order
from webshop_orders.operations.stock import incoming
from webshop_orders.operations.stock.incoming import COVERED_AT_ONCE, Receipt
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.http.fields import INCOMPLETE
from webshop_orders.web.http.query_args import text_arg
from webshop_orders.web.orders.selected import MAX_NUMBER_LENGTH, can_be_number
from webshop_orders.web.stock.forms import ReceiptForm

SEPARATOR = "\n"  # which no order's number has
MAX_LENGTH = COVERED_AT_ONCE * (MAX_NUMBER_LENGTH + 1)


class ReadyOrder(NamedTuple):
    number: str
    customer: str


def receive(delivery_id: int, form: ReceiptForm, first: list[str]) -> Receipt:
    """Receive a delivery as a valid form says; the rest of it, if fewer units came, is still expected.

    Raises DomainError, as `incoming.receive` does.
    """
    if form.version == -1:
        raise RuleViolation(INCOMPLETE)
    with writing():
        return incoming.receive(
            delivery_id,
            form.quantity.data,
            version=form.version,
            closes=False,
            first=[number for number in first if can_be_number(number)],
            by=g.user.actor,
        )


def sentence(receipt: Receipt) -> str:
    """What was received, how many orders lack nothing any more, and how many units are still awaited."""
    name, rest = receipt.delivery.product.name, receipt.delivery.remaining
    sentences = [
        ngettext(
            "%(count)s pc of %(name)s received.",
            "%(count)s pcs of %(name)s received.",
            receipt.units,
            count=format_decimal(receipt.units),
            name=name,
        )
    ]
    if receipt.ready:
        count = len(receipt.ready)
        sentences.append(ngettext("%(num)s order is ready.", "%(num)s orders are ready.", count))
    if receipt.waiting_left:
        sentences.append(
            ngettext(
                "Orders still wait for %(count)s pc.",
                "Orders still wait for %(count)s pcs.",
                receipt.waiting_left,
                count=format_decimal(receipt.waiting_left),
            )
        )
    if rest:
        sentences.append(_("Still expected: %(count)s.", count=format_decimal(rest)))
    return " ".join(sentences)


def as_argument(receipt: Receipt) -> str | None:
    """The numbers of the orders that are ready, for the address of the page that shows them."""
    return SEPARATOR.join(receipt.ready) or None


def ready_orders(named: str | None = None) -> list[ReadyOrder]:
    """The orders that are `named`, or else those of the page's address, in that sequence."""
    typed = (text_arg("ready", MAX_LENGTH) if named is None else named).split(SEPARATOR)
    numbers = [number for number in dict.fromkeys(typed) if number and can_be_number(number)][:COVERED_AT_ONCE]
    if not numbers:
        return []
    customer = func.coalesce(Order.__table__.c.customer_company, Order.__table__.c.customer_name)
    found = db.session.execute(select(Order.number, customer).where(Order.number.in_(numbers))).all()
    return sorted((ReadyOrder(*row) for row in found), key=lambda order: numbers.index(order.number))
