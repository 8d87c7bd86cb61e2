"""Incoming deliveries: what is expected, by day; registered, changed and called off, and received with one click."""

import re
from typing import Any

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.errors import DomainError, NotFound, RuleViolation
from webshop_orders.models import IncomingDelivery, Product
from webshop_orders.models.incoming_delivery import IncomingDeliveryState as State
from webshop_orders.operations.stock import incoming, products
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.http.fields import INCOMPLETE
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.http.query_args import cursor_arg, text_arg
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.orders.forms.base import actor_of_form, request_keys
from webshop_orders.web.stock import receipts
from webshop_orders.web.stock.forms import DeliveryForm, ExpectForm, ReceiptForm, VersionedForm

blueprint = Blueprint("incoming", __name__, url_prefix="/incoming-deliveries")

RECEIVED = "received"
ID = re.compile(r"[1-9][0-9]{0,17}")


@blueprint.get("")
def index() -> Response:
    return _render(State.CLOSED if text_arg("show") == RECEIVED else State.OPEN)


@blueprint.post("")
def expect() -> Response:
    """Register that more of a product is expected."""
    form = ExpectForm()
    try:
        if not form.validate():
            return _render(expect_form=form, status=422)
        product = chosen_product(form)
        with writing():
            delivery = incoming.expect(
                product.sku, form.quantity.data, form.expected_on.data, note=form.note.data, by=actor_of_form()
            )
    except DomainError as error:
        form.add_error(RuleViolation(str(error), field="q") if error.field == "sku" else error)
        return _render(expect_form=form, status=error.status)
    return _respond(_("%(name)s: a delivery is registered.", name=delivery.product.name))


@blueprint.get("/<id:delivery_id>")
def edit(delivery_id: int) -> Response:
    delivery = incoming.get(delivery_id)
    form = DeliveryForm.blank(quantity=delivery.quantity, expected_on=delivery.day, note=delivery.note)
    return _render_delivery(delivery, form)


@blueprint.post("/<id:delivery_id>")
def change(delivery_id: int) -> Response:
    form = DeliveryForm()
    try:
        if not form.validate():
            return _render_delivery(incoming.get(delivery_id), form, status=422)
        if form.version == -1:
            raise RuleViolation(INCOMPLETE)
        with writing():
            delivery = incoming.change(
                delivery_id,
                quantity=form.quantity.data,
                expected_on=form.expected_on.data,
                note=form.note.data,
                version=form.version,
                by=g.user.actor,
            )
    except NotFound:
        raise
    except DomainError as error:
        form.add_error(error)
        return _render_delivery(incoming.get(delivery_id), form, status=error.status)
    return _respond(_("The delivery of %(name)s is saved.", name=delivery.product.name))


@blueprint.post("/<id:delivery_id>/cancellation")
def cancel(delivery_id: int) -> Response:
    """Expect no more of a delivery."""
    form = VersionedForm()
    try:
        if form.version == -1:
            raise RuleViolation(INCOMPLETE)
        with writing():
            delivery = incoming.cancel(delivery_id, version=form.version, by=g.user.actor)
    except NotFound:
        raise
    except DomainError as error:
        delivery = incoming.get(delivery_id)
        blank = DeliveryForm.blank(quantity=delivery.quantity, expected_on=delivery.day, note=delivery.note)
        blank.add_error(error)
        return _render_delivery(delivery, blank, status=error.status)
    return _respond(_("No more of %(name)s is expected of this delivery.", name=delivery.product.name))


@blueprint.post("/<id:delivery_id>/receipt")
def receive(delivery_id: int) -> Response:
    """Put what came into stock, and show which orders lack nothing any more."""
    form = ReceiptForm()
    try:
        if not form.validate():
            return _render(receipt_form=form, refused_id=delivery_id, status=422)
        receipt = receipts.receive(delivery_id, form, [])
    except NotFound:
        raise
    except DomainError as error:
        form.add_error(error)
        return _render(receipt_form=form, refused_id=delivery_id, status=error.status)
    return _respond(receipts.sentence(receipt), ready=receipts.as_argument(receipt))


def chosen_product(form: ExpectForm) -> Product:
    """The product that was selected, or else the one whose name, article number or barcode was typed.

    Raises RuleViolation where nothing is selected and the text matches no product, or several.
    """
    selected, typed, currency = form.product.data, form.q.data, shop_settings.current().currency
    if selected and ID.fullmatch(selected) and (product := db.session.get(Product, int(selected))):
        return product
    if not selected and typed:
        if product := products.find(typed, currency):
            return product
        if products.search(typed, currency):
            raise RuleViolation(_("Several products fit. Choose one of them."), field="q")
    raise RuleViolation(_("Choose a product: search by its name or article number."), field="q")


def _candidates(form: ExpectForm) -> list[Product]:
    """The products to choose among where the words that were typed fit several."""
    if not form.q.errors or not form.q.data:
        return []
    return products.search(form.q.data, shop_settings.current().currency)


def _respond(sentence: str, *, ready: str | None = None) -> Response:
    """Answer a change with the list, whose address names the orders that became ready."""
    flash_message(sentence)
    url = url_for("incoming.index", ready=ready)
    if not wants_fragment():
        return see_other(url)
    response = _render(ready=ready)
    response.headers["HX-Replace-Url"] = url
    return response


def _render(
    state: State = State.OPEN,
    *,
    expect_form: ExpectForm | None = None,
    receipt_form: ReceiptForm | None = None,
    refused_id: int | None = None,
    ready: str | None = None,
    status: int = 200,
) -> Response:
    after = cursor_arg("after") if status == 200 else None
    page = incoming.page(state, after)
    form = expect_form or ExpectForm.blank(q=text_arg("sku") or None)
    return render_region(
        "stock/incoming.html",
        tab="incoming",
        page=page,
        after=after,
        is_received=state is State.CLOSED,
        is_late=incoming.is_late,
        expect_form=form,
        request_key=request_keys(),
        selected_product=BaseForm.submitted("product") or None,
        candidates=_candidates(form),
        receipt_form=receipt_form,
        refused_id=refused_id,
        is_refused_shown=any(delivery.id == refused_id for delivery in page.deliveries),
        ready=receipts.ready_orders(ready),
        shop=shop_settings.current(),
        list_url=lambda **changes: url_for(
            "incoming.index", show=RECEIVED if state is State.CLOSED else None, **changes
        ),
        status=status,
    )


def _render_delivery(delivery: IncomingDelivery, form: DeliveryForm, *, status: int = 200) -> Response:
    context: dict[str, Any] = {"tab": "incoming", "delivery": delivery, "form": form}
    return render_region("stock/delivery.html", status=status, is_late=incoming.is_late, **context)
