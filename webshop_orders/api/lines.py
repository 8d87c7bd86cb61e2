"""The lines of an order over the API: add one, and change its quantity, price and discount."""

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import actor, check_unchanged, order_response, read_body
from webshop_orders.documents.changes import AddedLine, LineChange
from webshop_orders.errors import AlreadyDone, NoChange, RuleViolation
from webshop_orders.models import Order, Scope
from webshop_orders.operations.orders import lines, shipments
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.operations.stock import products
from webshop_orders.transactions.unit_of_work import editing

blueprint = Blueprint("lines", __name__, url_prefix="/orders/<number:number>/lines")


@blueprint.post("")
@requires(Scope.ORDERS_WRITE)
def add(number: str) -> Response:
    new = read_body(AddedLine)
    try:
        with editing(number, None, actor()) as order:
            check_unchanged(order)
            _add(order, new)
    except AlreadyDone:
        order = get_order(number)
    return order_response(order, 201)


def _add(order: Order, new: AddedLine) -> None:
    to = shipments.by_reference(order, new.shipment) if new.shipment else None
    if new.name is not None and new.unit_price is not None and new.vat_rate is not None:
        lines.add_free(
            order, new.name, new.quantity, unit_price=new.unit_price, vat_rate=new.vat_rate, to=to, by=actor()
        )
        return
    product = products.by_sku([new.sku or ""]).get(new.sku or "")
    if product is None:
        raise RuleViolation(_("There is no product %(sku)s.", sku=new.sku), field="sku")
    try:
        lines.add(order, product, new.quantity, to=to, by=actor())
    except RuleViolation as refusal:
        refusal.field = "sku" if refusal.field == "product" else refusal.field
        raise


@blueprint.patch("/<id:line_id>")
@requires(Scope.ORDERS_WRITE)
def change(number: str, line_id: int) -> Response:
    new = read_body(LineChange)
    try:
        with editing(number, None, actor()) as order:
            check_unchanged(order)
            lines.change(
                lines.get(order, line_id),
                quantity=new.quantity,
                unit_price=new.unit_price,
                discount=new.discount,
                reason=new.reason,
                by=actor(),
            )
    except (AlreadyDone, NoChange):
        order = get_order(number)
    return order_response(order)
