"""Goods that come back: registered, received, closed."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders import rendering
from webshop_orders.db.extensions import db
from webshop_orders.errors import DomainError, NoChange, NotFound, RuleViolation
from webshop_orders.mailing.messages import send_warnings
from webshop_orders.models import Line, Order, Product, Return, ReturnKind
from webshop_orders.operations.after_sales import returns
from webshop_orders.operations.after_sales.replacements import Replacement
from webshop_orders.operations.orders import lines
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.operations.stock import products
from webshop_orders.transactions.preview import previewing
from webshop_orders.web.http.fields import StrictField
from webshop_orders.web.http.query_args import text_arg
from webshop_orders.web.http.responses import wants_fragment
from webshop_orders.web.orders import page
from webshop_orders.web.orders.editing import FormRejected, check_form, edit_order, require_confirmation
from webshop_orders.web.orders.forms.base import OrderForm
from webshop_orders.web.orders.forms.returns import REPLACED, REPLACEMENTS, ClosingForm, ReceiptForm, ReturnForm
from webshop_orders.web.orders.mail_sentences import return_goes_or_is_held
from webshop_orders.web.orders.page import render, render_change
from webshop_orders.web.orders.returned_lines import filled_form

blueprint = Blueprint("returns", __name__, url_prefix="/orders/<number:number>/returns")


@dataclass(frozen=True)
class Value:
    """What the goods of a return cost, and for an exchange what it costs besides them, in öre."""

    goods: int
    difference: int | None


@blueprint.get("")
def open_form(number: str) -> Response:
    return _open(number, ReturnForm.page, filled_form)


@blueprint.post("")
def register(number: str) -> Response:
    form = ReturnForm.of_request()
    # What was flushed would be taken for the same form, carried out before.
    with edit_order(number, form) as order, db.session.no_autoflush:
        a_return = _register(order, form)
        if _mails(order, form):
            require_confirmation(order, send_warnings.of_return(order, a_return), form)
    return render_change(order, "summary", _registered(order, a_return, mails=_mails(order, form)))


@blueprint.post("/preview")
def preview(number: str) -> Response:
    """What the goods of the form cost and, for an exchange, the difference; nothing is saved."""
    form, value, reason = ReturnForm.of_request(), None, None
    with previewing(number) as order:
        try:
            check_form(form)
            a_return = _register(order, form)
            is_exchange = a_return.kind is ReturnKind.EXCHANGE
            difference = returns.difference_of(order, a_return) if is_exchange else None
            value = Value(returns.value_of(order, a_return), difference)
        except DomainError as refusal:
            reason = refusal
    if wants_fragment():
        currency = get_order(number).currency
        return Response(rendering.render("orders/returns/_value.html", value=value, note=reason, currency=currency))
    if reason is not None and not isinstance(reason, NoChange):
        raise FormRejected(number, form, reason) from reason
    return render(get_order(number), form.page, active_form=form, value=value)


@blueprint.get("/products")
def choices(number: str) -> str:
    """The products that words mean, for a field of an exchange."""
    words = next(filter(None, (text_arg(f"instead_{place}") for place in REPLACEMENTS)), "")
    found = products.search(words, get_order(number).currency) if words else []
    return rendering.render("orders/returns/_products.html", products=found)


@blueprint.get("/<id:return_id>/receipt")
def open_receipt(number: str, return_id: int) -> Response:
    return _open(number, ReceiptForm.page, lambda order: _awaited(order, return_id))


@blueprint.post("/<id:return_id>/receipt")
def receive(number: str, return_id: int) -> Response:
    form = ReceiptForm.of_request(return_id)
    with edit_order(number, form) as order:
        before = returns.get(order, return_id)
        a_return = returns.receive(order, return_id, form.received, by=form.actor)
    return render_change(order, "summary", _received(order, before, a_return))


@blueprint.post("/<id:return_id>/closing")
def close(number: str, return_id: int) -> Response:
    form = ClosingForm(return_id)
    with edit_order(number, form) as order:
        a_return = returns.close(order, return_id, by=form.actor)
    return render_change(order, "summary", _("%(reference)s is closed.", reference=a_return.reference(order.number)))


def _open(number: str, of_page: str, make_form: Callable[[Order], OrderForm]) -> Response:
    """Open a form on a page of its own; where it has nothing to be about, the summary says so."""
    try:
        return page.show(number, of_page, make_form)
    except (NotFound, RuleViolation) as reason:
        return render(get_order(number), "summary", error_message=str(reason), status=reason.status)


def _awaited(order: Order, return_id: int) -> ReceiptForm:
    order.check_not_cancelled()
    a_return = returns.get(order, return_id)
    if not a_return.awaited:
        reference = a_return.reference(order.number)
        raise RuleViolation(_("%(reference)s waits for nothing that comes back.", reference=reference))
    return ReceiptForm.of(a_return)


def _register(order: Order, form: ReturnForm) -> Return:
    """Register a return as its form says; raises RuleViolation at the line of which fewer units are left."""
    order.check_not_cancelled()
    for line_id, units in form.units.items():
        _check_left(order, lines.get(order, line_id), units)
    is_claim = form.return_kind is ReturnKind.CLAIM
    return returns.register(
        order,
        form.return_kind,
        form.returned,
        note=form.note.data,
        expects_goods=not (is_claim and form.keeps_goods.data),
        replacements=_replacements(order, form),
        mails=_mails(order, form),
        by=form.actor,
    )


def _mails(order: Order, form: ReturnForm) -> bool:
    """Nobody is mailed about a test order."""
    return bool(form.mails.data) and not order.is_test


def _check_left(order: Order, line: Line, units: int) -> None:
    left = returns.returnable_units(order, line)
    if units > left:
        sentence = ngettext(
            "%(left)s pc of %(name)s is left to return.",
            "%(left)s pcs of %(name)s are left to return.",
            left,
            left=left,
            name=line.name,
        )
        raise RuleViolation(sentence, field=f"quantity-{line.id}")


def _replacements(order: Order, form: ReturnForm) -> list[Replacement]:
    """What leaves instead: the products of an exchange, or for a claim the same again."""
    if form.return_kind is ReturnKind.CLAIM and form.settlement.data == REPLACED:
        return [Replacement(units, line_id=line_id) for line_id, units in form.units.items()]
    if form.return_kind is not ReturnKind.EXCHANGE:
        return []
    return [Replacement(units.data or 1, product=_product(order, typed)) for typed, units in form.wanted_instead]


def _product(order: Order, typed: StrictField) -> Product:
    if typed.data and (product := products.find(typed.data, order.currency)):
        return product
    if typed.data and products.search(typed.data, order.currency):
        raise RuleViolation(_("Several products fit. Give the article number of one of them."), field=typed.short_name)
    raise RuleViolation(_("Give a product by its article number or name."), field=typed.short_name)


def _registered(order: Order, a_return: Return, *, mails: bool) -> str:
    reference = a_return.reference(order.number)
    if a_return.replacement is not None:
        instead = f"{order.number}-{a_return.replacement}"
        said = _("%(reference)s is registered, and %(instead)s leaves instead.", reference=reference, instead=instead)
    else:
        said = _("%(reference)s is registered.", reference=reference)
    return f"{said} {return_goes_or_is_held(order.customer.email)}" if mails and order.customer.email else said


def _received(order: Order, before: Return, after: Return) -> str:
    received, restocked = (
        sum(getattr(line, name) or 0 for line in after.lines) - sum(getattr(line, name) or 0 for line in before.lines)
        for name in ("received", "restocked")
    )
    return ngettext(
        "%(count)s pc of %(reference)s came back, %(restocked)s of them into stock.",
        "%(count)s pcs of %(reference)s came back, %(restocked)s of them into stock.",
        received,
        count=received,
        reference=after.reference(order.number),
        restocked=restocked,
    )
