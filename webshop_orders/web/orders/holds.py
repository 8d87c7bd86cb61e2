"""Pausing an order or one of its shipments, and releasing one hold."""

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Hold, Order
from webshop_orders.operations.orders import holds
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.web.hold_words import what, why
from webshop_orders.web.http.formatting import day
from webshop_orders.web.http.query_args import id_arg, text_arg
from webshop_orders.web.orders import page
from webshop_orders.web.orders.editing import edit_order
from webshop_orders.web.orders.forms.holds import HoldForm, ReleaseForm
from webshop_orders.web.orders.page import TABS, render, render_change

blueprint = Blueprint("holds", __name__, url_prefix="/orders/<number:number>/holds")


@blueprint.get("")
def show(number: str) -> Response:
    """The form that pauses the order, or one of its shipments, on the tab that it is opened from."""
    seq, tab = id_arg("shipment"), text_arg("tab")
    tab = tab if tab in TABS else "shipping" if seq else "summary"

    def open_form(order: Order) -> HoldForm:
        holds.check_can_be_held(order, seq)
        return HoldForm.opened(tab, seq)

    try:
        return page.show(number, tab, open_form)
    except RuleViolation as reason:
        return render(get_order(number), tab, error_message=str(reason), status=reason.status)


@blueprint.post("")
def hold(number: str) -> Response:
    form = HoldForm()
    with edit_order(number, form) as order:
        held = holds.hold(
            order,
            form.hold_reason,
            note=form.note.data,
            shipment=form.held_shipment,
            until=form.ends_on,
            keeps_stock=form.keeps_stock.data,
            by=form.actor,
        )
    return render_change(order, form.tab, _held_sentence(order, held))


@blueprint.post("/<id:hold_id>/release")
def release(number: str, hold_id: int) -> Response:
    form = ReleaseForm(hold_id)
    with edit_order(number, form) as order:
        released = holds.release(order, hold_id, note=form.note.data, by=form.actor)
    return render_change(order, form.tab, _released_sentence(order, released))


def _held_sentence(order: Order, held: Hold) -> str:
    values = {"what": what(held, order.number), "reason": why(held)}
    if held.ends_on:
        return _("%(what)s is paused until %(day)s: %(reason)s.", day=day(held.ends_on), **values)
    return _("%(what)s is paused: %(reason)s.", **values)


def _released_sentence(order: Order, released: Hold) -> str:
    return _(
        "The pause of %(what)s was released: %(reason)s.", what=what(released, order.number), reason=released.label
    )
