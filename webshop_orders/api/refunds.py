"""Refunds over the API: what is requested here, and what the shop's payment system answers."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import actor, check_unchanged, json_response, order_response, read_body
from webshop_orders.documents import refund as refund_document
from webshop_orders.documents.refund import CancelledRefund, DoneRefund, NewRefund
from webshop_orders.errors import AlreadyDone, DomainError, FieldError, InvalidDocument, NoChange
from webshop_orders.models import Order, Scope
from webshop_orders.operations.after_sales import refunds, returns
from webshop_orders.operations.after_sales.refunds import Fee, RequestedRefund
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.transactions.unit_of_work import editing

blueprint = Blueprint("refunds", __name__, url_prefix="/orders/<number:number>/refunds")


@blueprint.get("")
@requires(Scope.ORDERS_READ)
def index(number: str) -> Response:
    order = get_order(number)
    return json_response({"refunds": [refund_document.to_json(refund) for refund in order.refunds]})


@blueprint.post("")
@requires(Scope.PAYMENTS_WRITE)
def request(number: str) -> Response:
    new = read_body(NewRefund)
    try:
        with editing(number, None, actor()) as order:
            check_unchanged(order)
            try:
                refunds.request(order, _wanted(order, new), by=actor())
            except DomainError as refusal:
                if pointer := _pointer(new, refusal.field or ""):
                    raise InvalidDocument([FieldError(pointer, str(refusal))]) from refusal
                raise
    except AlreadyDone:
        order = get_order(number)
    return order_response(order, 201)


@blueprint.post("/<id:refund_id>/done")
@requires(Scope.PAYMENTS_WRITE)
def finish(number: str, refund_id: int) -> Response:
    new = read_body(DoneRefund, optional=True)
    try:
        with editing(number, None, actor()) as order:
            check_unchanged(order)
            refunds.finish(order, refund_id, reference=new.reference, method=new.method, by=actor())
    except (AlreadyDone, NoChange):
        order = get_order(number)
    return order_response(order)


@blueprint.post("/<id:refund_id>/cancellation")
@requires(Scope.PAYMENTS_WRITE)
def cancel(number: str, refund_id: int) -> Response:
    new = read_body(CancelledRefund, optional=True)
    try:
        with editing(number, None, actor()) as order:
            check_unchanged(order)
            refunds.cancel(order, refund_id, reason=new.reason, by=actor())
    except (AlreadyDone, NoChange):
        order = get_order(number)
    return order_response(order)


def _wanted(order: Order, new: NewRefund) -> RequestedRefund:
    """The refund that a document asks for; raises InvalidDocument where it names something twice."""
    told = RequestedRefund(
        lines={line.id: line.quantity for line in new.lines},
        shipping=new.shipping,
        charges={charge.place: charge.amount for charge in new.charges},
        amount=new.amount,
        fees=[Fee(fee.name, fee.amount) for fee in new.fees],
        overpaid=new.overpaid,
        reason=new.reason,
        method=new.method,
        reference=new.reference,
        return_id=new.return_id,
        done=new.done,
        mails_customer=new.send_credit_note,
    )
    _check_named_once(new)
    if new.has_rows or not (new.everything or new.return_id):
        return told
    if new.everything:
        rows = refunds.everything_left(order, reason=new.reason)
    else:
        rows = refunds.proposed_for(order, returns.get(order, new.return_id or 0))
    parts = {name: getattr(rows, name) for name in ("lines", "shipping", "charges", "amount", "overpaid")}
    return replace(told, **parts)


def _check_named_once(new: NewRefund) -> None:
    named: dict[str, list[int]] = {
        "lines": [line.id for line in new.lines],
        "charges": [charge.place for charge in new.charges],
    }
    faults = [
        FieldError(f"/{name}/{turn}", _("It is named more than once."))
        for name, keys in named.items()
        for turn, key in enumerate(keys)
        if key in keys[:turn]
    ]
    if faults:
        raise InvalidDocument(faults)


def _pointer(new: NewRefund, field: str) -> str | None:
    """Where a document has the line or the charge that a refusal is about; None for any other field."""
    name, _dash, key = field.partition("-")
    keys = {
        "lines": [str(line.id) for line in new.lines],
        "charges": [str(charge.place) for charge in new.charges],
    }
    return f"/{name}/{keys[name].index(key)}" if key and key in keys.get(name, []) else None
