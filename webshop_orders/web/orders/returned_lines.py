"""The rows of the forms for goods that come back, and what their pages show besides."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from wtforms import Field

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Line, Order, ReturnLine, ReturnReason, Shipment
from webshop_orders.operations.after_sales import returns
from webshop_orders.operations.after_sales.returns import returnable_units
from webshop_orders.web.http.query_args import id_arg, text_arg
from webshop_orders.web.orders.forms.returns import ReceiptForm, ReturnForm

MAX_ROWS = 140  # of one page: `MAX_FORM_PARTS` has room for the fields of that many, and for the others


@dataclass(frozen=True)
class Row:
    """A line with the fields of a form, and how many units they can be of."""

    line: Line | ReturnLine
    left: int
    fields: dict[str, Field]


@dataclass(frozen=True)
class Returnable:
    """The lines of which something can come back, on one page of several."""

    lines: list[Line]
    page: int
    pages: int


def returnable(order: Order) -> Returnable:
    """What can come back of an order, or of the shipment that the address names.

    Raises RuleViolation where nothing is left.
    """
    order.check_not_cancelled()
    seq = id_arg("shipment")
    lines = [line for line in order.lines if returnable_units(order, line) and seq in (None, line.shipment.seq)]
    if not lines:
        raise RuleViolation(
            _("Nothing of %(number)s is left to return: only what has shipped is.", number=order.number)
        )
    pages = -(-len(lines) // MAX_ROWS)
    page = min(id_arg("page") or 1, pages)
    return Returnable(lines[(page - 1) * MAX_ROWS : page * MAX_ROWS], page, pages)


def can_return(shipment: Shipment) -> bool:
    """Whether something of a shipment can come back."""
    order = shipment.order
    has_left = shipment.is_shipped and not order.is_cancelled
    return has_left and any(returnable_units(order, line) for line in shipment.lines)


def filled_form(order: Order) -> ReturnForm:
    """The form for what can come back: empty, or with everything that is left, or that nobody collected."""
    is_uncollected = bool(text_arg("uncollected"))
    takes_all, left = is_uncollected or bool(text_arg("all")), returnable(order)
    units = {line.id: returnable_units(order, line) if takes_all else 0 for line in left.lines}
    form = ReturnForm.of(order, units, ReturnReason.NOT_COLLECTED if is_uncollected else None)
    form.pages = left.page, left.pages
    return form


def form_context(order: Order, form: ReturnForm) -> dict[str, Any]:
    """The rows that the form has, of the lines that the order has still."""
    lines = [line for line in order.lines if line.id in form.line_ids]
    rows = [Row(line, returnable_units(order, line), form.of_line(line.id)) for line in lines]
    page, pages = form.pages
    return {
        "form": form,
        "page": page,
        "pages": pages,
        "rows": rows,
        "has_several": len({line.shipment.seq for line in lines}) > 1,
        "has_all": all(form.units.get(line.id) == returnable_units(order, line) for line in lines),
        "some_shipment": id_arg("shipment"),
        "mail_address": None if order.is_test else order.customer.email,
        "value": None,
    }


def receipt_context(order: Order, form: ReceiptForm) -> dict[str, Any]:
    """What is awaited of the return that the form is about; raises NotFound where the order does not have it."""
    a_return = returns.get(order, form.key or 0)
    awaited = {line.line_id: line for line in a_return.awaited}
    rows = [Row(awaited[line_id], awaited[line_id].quantity, form.of_line(line_id)) for line_id in awaited]
    return {"form": form, "rows": rows, "the_return": a_return}
