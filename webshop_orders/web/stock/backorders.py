"""Restradar: the products that orders wait for, and the queue of one of them with what can be done about it."""

import re

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.errors import AlreadyDone, DomainError, NoChange, NotFound, RuleViolation
from webshop_orders.models import Product
from webshop_orders.models.incoming_delivery import MAX_UNITS
from webshop_orders.operations.batches import selection
from webshop_orders.operations.orders import loading, priority
from webshop_orders.operations.stock import backorders, forecast, incoming, products, radar, waiting_orders
from webshop_orders.operations.stock.forecast import Forecast, WaitingOrder
from webshop_orders.operations.stock.radar import Sort
from webshop_orders.transactions.unit_of_work import editing, writing
from webshop_orders.web.batches import choices
from webshop_orders.web.http.fields import INCOMPLETE
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.http.query_args import cursor_arg, read_id, text_arg
from webshop_orders.web.http.responses import (
    flash_message,
    open_after_change,
    render_region,
    see_other,
    wants_fragment,
)
from webshop_orders.web.orders.forms.base import actor_of_form, request_keys
from webshop_orders.web.orders.selected import submitted_numbers
from webshop_orders.web.stock import receipts
from webshop_orders.web.stock.forms import PriorityForm, ReceiptForm

blueprint = Blueprint("backorders", __name__, url_prefix="/backorders")

NOTICE = "backorder_notice"
UNITS = re.compile(r"[1-9][0-9]{0,5}")


@blueprint.get("")
def index() -> Response:
    typed, after = text_arg("sort"), cursor_arg("after")
    sort = Sort(typed) if typed in list(Sort) else Sort.UNITS
    return render_region(
        "stock/backorders.html",
        tab="backorders",
        page=radar.page(sort, after=after),
        sort=sort,
        sorts=Sort,
        after=after,
        today=shop_settings.today(),
    )


@blueprint.get("/<sku_path:sku>")
def show(sku: str) -> Response:
    return _render(products.get(sku))


@blueprint.post("/<sku_path:sku>/receipt")
def receive(sku: str) -> Response:
    """Receive a delivery of the product; the orders that are ticked get theirs first."""
    form, delivery_id = ReceiptForm(), read_id(BaseForm.submitted("delivery"))
    try:
        if not form.validate():
            return _render(products.get(sku), receipt_form=form, status=422)
        if delivery_id is None:
            raise RuleViolation(INCOMPLETE)
        receipt = receipts.receive(delivery_id, form, submitted_numbers())
    except DomainError as error:
        form.add_error(error)
        return _render(products.get(sku), receipt_form=form, status=error.status)
    return _respond(sku, receipts.sentence(receipt), ready=receipts.as_argument(receipt))


@blueprint.post("/<sku_path:sku>/orders/<number:number>/stock")
def give_stock(sku: str, number: str) -> Response:
    """Give free stock to an order, whichever waits before it."""
    order = loading.get_order(number)
    try:
        with writing():
            if not backorders.cover_order(order.id, by=g.user.actor):
                raise NoChange(_("There is no free stock that %(number)s can get.", number=number))
    except DomainError as error:
        return _refuse(sku, number, error)
    return _respond(sku, _("%(number)s got what is free.", number=number))


@blueprint.post("/<sku_path:sku>/orders/<number:number>/priority")
def prioritise(sku: str, number: str) -> Response:
    """Put an order before those that have waited longer."""
    form = PriorityForm()
    if not form.validate():
        return _render(products.get(sku), priority_form=form, refused_number=number, status=422)
    by = actor_of_form()
    try:
        with editing(number, None, by) as order:
            priority.prioritise(order, form.reason.data, by=by)
    except DomainError as error:
        return _refuse(sku, number, error)
    return _respond(sku, _("%(number)s comes first now.", number=number))


@blueprint.post("/<sku_path:sku>/orders/<number:number>/priority/end")
def end_priority(sku: str, number: str) -> Response:
    """Have an order get stock by its age again."""
    by = actor_of_form()
    try:
        with editing(number, None, by) as order:
            priority.end_priority(order, by=by)
    except DomainError as error:
        return _refuse(sku, number, error)
    return _respond(sku, _("%(number)s gets stock by its age again.", number=number))


@blueprint.post("/<sku_path:sku>/notice")
def notify(sku: str) -> Response:
    """Make a batch of the orders that wait, and go to where their customers are told."""
    product = products.get(sku)
    waiting = waiting_orders.numbers(product)
    if not waiting:
        return _respond(sku, _("No order waits for %(name)s any more.", name=product.name))
    with writing():
        batch = selection.create(waiting, by=actor_of_form(), name=_("Waiting for %(name)s", name=product.name)[:100])
    return open_after_change(choices.url_of(NOTICE, batch.id))


def _refuse(sku: str, number: str, error: DomainError) -> Response:
    """Say at an order why nothing was done; a NoChange or what was done already is no error."""
    if isinstance(error, NoChange | AlreadyDone):
        return _respond(sku, str(error))
    if isinstance(error, NotFound):
        raise error
    return _render(products.get(sku), refused_number=number, refusal=str(error), status=error.status)


def _respond(sku: str, sentence: str, *, ready: str | None = None) -> Response:
    """Answer a change with the queue, whose address names the orders that became ready."""
    flash_message(sentence)
    url = url_for("backorders.show", sku=sku, ready=ready)
    if not wants_fragment():
        return see_other(url)
    response = _render(products.get(sku), ready=ready)
    response.headers["HX-Replace-Url"] = url
    return response


def _render(
    product: Product,
    *,
    receipt_form: ReceiptForm | None = None,
    priority_form: PriorityForm | None = None,
    refused_number: str | None = None,
    refusal: str | None = None,
    ready: str | None = None,
    status: int = 200,
) -> Response:
    after = cursor_arg("after") if status == 200 else None
    free = product.available(shop_settings.current().stock_safety_margin)
    queue = radar.queues_of([product.id])[product.id]
    deliveries = incoming.of_product(product)
    supposed, supposed_error = _supposed_units()
    next_delivery = deliveries[0] if deliveries else None
    return render_region(
        "stock/queue.html",
        tab="backorders",
        product=product,
        page=waiting_orders.page(product, after=after),
        after=after,
        free=free,
        deliveries=deliveries,
        is_late=incoming.is_late,
        outlook=_outlook(queue, supposed or (next_delivery.remaining if next_delivery else None), free),
        supposed=text_arg("units"),
        supposed_error=supposed_error,
        ticked=submitted_numbers() if receipt_form else [],
        receipt_form=receipt_form or ReceiptForm.blank(quantity=next_delivery.remaining if next_delivery else None),
        priority_form=priority_form,
        blank_priority_form=PriorityForm.blank(),
        refused_number=refused_number,
        refusal=refusal,
        ready=receipts.ready_orders(ready),
        request_key=request_keys(),
        today=shop_settings.today(),
        status=status,
    )


def _outlook(queue: list[WaitingOrder], units: int | None, free: int) -> Forecast | None:
    return forecast.of_all(queue, free=free) if units is None else forecast.of_units(queue, units, free=free)


def _supposed_units() -> tuple[int | None, str | None]:
    """How many units the address supposes to come, and what is wrong with it."""
    typed = text_arg("units")
    if not typed:
        return None, None
    if UNITS.fullmatch(typed) and int(typed) <= MAX_UNITS:
        return int(typed), None
    return None, _("Give a whole number from %(least)s to %(most)s.", least=1, most=MAX_UNITS)
