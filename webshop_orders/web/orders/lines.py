"""The products of an order: add, change, remove, split."""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import Line, Order, Product, Shipment
from webshop_orders.models.event_facts import LineChanged
from webshop_orders.operations.orders import bundles, lines, splits
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.web.http.formatting import money
from webshop_orders.web.orders import amounts, choices
from webshop_orders.web.orders.editing import edit_order
from webshop_orders.web.orders.forms.base import OrderForm
from webshop_orders.web.orders.forms.lines import AddLineForm, EditForm, RemovalForm, SplitForm
from webshop_orders.web.orders.page import render, render_change
from webshop_orders.web.orders.previews import preview_order, receipt_of_opened
from webshop_orders.web.orders.refusals import refuse
from webshop_orders.web.orders.telling import tell_customer

F = TypeVar("F", bound=OrderForm)
blueprint = Blueprint("lines", __name__, url_prefix="/orders/<number:number>/lines")


@blueprint.post("")
def add(number: str) -> Response:
    form = AddLineForm()
    with edit_order(number, form) as order:
        line, product = _add(order, form)
    message = _(
        "%(quantity)s × %(name)s added to %(shipment)s.",
        quantity=form.quantity.data,
        name=line.name,
        shipment=line.shipment.reference,
    )
    if line.discount or line.unit_price != product.price:
        message += " " + _("What was removed comes back at the price and discount that it had.")
    return render_change(order, "shipping", message, actions=tell_customer(order))


@blueprint.post("/receipt")
def preview_add(number: str) -> Response:
    return preview_order(number, AddLineForm(), _add)


def _add(order: Order, form: AddLineForm) -> tuple[Line, Product]:
    product, shipment = choices.get_product(order, form), choices.get_shipment(order, form.shipment)
    return lines.add(order, product, form.quantity.data, to=shipment, by=form.actor), product


@blueprint.get("/<id:line_id>")
def edit(number: str, line_id: int) -> Response:
    return _open(number, line_id, EditForm.of)


@blueprint.post("/<id:line_id>")
def change(number: str, line_id: int) -> Response:
    form = EditForm(line_id)
    with edit_order(number, form) as order:
        line, facts = _change(order, form)
    return render_change(order, "shipping", _changed(line, facts), actions=tell_customer(order))


@blueprint.post("/<id:line_id>/receipt")
def preview_change(number: str, line_id: int) -> Response:
    return preview_order(number, EditForm(line_id), _change)


def _change(order: Order, form: EditForm) -> tuple[Line, LineChanged]:
    line = lines.get(order, form.line_id)
    return line, change_as_typed(line, form)


def change_as_typed(line: Line, form: EditForm) -> LineChanged:
    """Change a line as its form says; a discount that was left as it was follows the quantity."""
    order = line.shipment.order
    unit_price = amounts.minor_units(form.unit_price, order.currency)
    discount = amounts.discount(form.discount, form.quantity.data * unit_price, order.currency)
    return lines.change(
        line,
        quantity=form.quantity.data,
        unit_price=unit_price,
        discount=None if discount == line.discount else discount,
        reason=form.reason.data,
        by=form.actor,
    )


def _changed(line: Line, facts: LineChanged) -> str:
    if facts.reason is None:
        return _("%(name)s: the quantity now is %(quantity)s.", name=line.name, quantity=line.quantity)
    total = money(line.total, line.shipment.order.currency)
    return _("%(quantity)s × %(name)s now costs %(total)s.", quantity=line.quantity, name=line.name, total=total)


@blueprint.post("/<id:line_id>/removal")
def remove(number: str, line_id: int) -> Response:
    form = RemovalForm(line_id)
    with edit_order(number, form) as order:
        line = lines.get(order, line_id)
        lines.remove(line, by=form.actor)
    message = _("%(quantity)s × %(name)s removed.", quantity=line.quantity, name=line.name)
    return render_change(order, "shipping", message, actions=tell_customer(order))


@blueprint.get("/<id:line_id>/split")
def open_split(number: str, line_id: int) -> Response:
    return _open(
        number,
        line_id,
        lambda line: SplitForm.blank(key=line.id, quantity=line.backordered or line.quantity),
        _split,
    )


def _open(
    number: str, line_id: int, make_form: Callable[[Line], F], change: Callable[[Order, F], object] | None = None
) -> Response:
    """Open a form in a line's row; where the line was removed or closed meanwhile, the page says so instead.

    The receipt beside it is of the `change` that the form would make as it is opened, or else of the line as it is.
    """
    order = get_order(number)
    try:
        line = lines.get(order, line_id)
        form = make_form(line)
        line.shipment.check_open()
        bundles.check_not_part(line)
    except NotFound as gone:
        return render(order, "shipping", error_message=str(gone), status=gone.status)
    except RuleViolation as reason:
        return render(order, "shipping", refusal=refuse(order, form, reason), status=reason.status)
    if change is None:
        return render(order, "shipping", active_form=form)
    return render(order, "shipping", active_form=form, receipt=receipt_of_opened(number, form, change))


@blueprint.post("/<id:line_id>/split")
def split(number: str, line_id: int) -> Response:
    form = SplitForm(line_id)
    with edit_order(number, form) as order:
        line, target = _split(order, form)
    return render_change(
        order,
        "shipping",
        _(
            "%(quantity)s × %(name)s moved to %(shipment)s.",
            quantity=form.quantity.data,
            name=line.name,
            shipment=target.reference,
        ),
    )


@blueprint.post("/<id:line_id>/split/receipt")
def preview_split(number: str, line_id: int) -> Response:
    return preview_order(number, SplitForm(line_id), _split)


def _split(order: Order, form: SplitForm) -> tuple[Line, Shipment]:
    line = lines.get(order, form.line_id)
    target = splits.split(
        line,
        form.quantity.data,
        to=choices.get_shipment(order, form.target),
        codes_to=choices.get_codes_target(order, form.codes_to),
        by=form.actor,
    )
    return line, target
