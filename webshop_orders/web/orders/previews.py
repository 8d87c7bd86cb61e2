"""What saving a form would do, shown before it is saved: by the same form, and the same change."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from flask import Response

from webshop_orders import rendering
from webshop_orders.errors import DomainError, NoChange
from webshop_orders.models import Order
from webshop_orders.operations.orders import receipts
from webshop_orders.operations.orders.loading import changes_since, get_order
from webshop_orders.operations.orders.receipts import Receipt
from webshop_orders.operations.stock import whole_orders
from webshop_orders.transactions.preview import previewing
from webshop_orders.web.http.responses import wants_fragment
from webshop_orders.web.orders.editing import FormRejected, check_form
from webshop_orders.web.orders.forms.base import OrderForm
from webshop_orders.web.orders.page import render

# A new price has its figures before the reason for it is typed.
ASSUMED = {"reason": "…"}
F = TypeVar("F", bound=OrderForm)


def preview_order(number: str, form: F, change: Callable[[Order, F], object]) -> Response:
    """Respond with the receipt of a form: alone, for its place beside the fields, or in the whole page.

    A refusal is a note of the receipt, while one types; the whole page says it as if the form had been saved.
    """
    receipt, reason = carry_out(number, form, change)
    if reason is not None and reason.field in ASSUMED:
        form[reason.field].data = ASSUMED[reason.field]
        as_if_given, other_reason = carry_out(number, form, change, lambda form: None)
        receipt = receipt if other_reason else replace(as_if_given, note=receipt.note)
    if wants_fragment():
        return Response(rendering.render("orders/_receipt.html", receipt=receipt))
    if reason is not None and not isinstance(reason, NoChange):
        raise FormRejected(number, form, reason) from reason
    return render(get_order(number), form.tab, active_form=form, receipt=receipt)


def receipt_of_opened(number: str, form: F, change: Callable[[Order, F], object]) -> Receipt:
    """The receipt of a form with the values that it is opened with; nobody is told that these change nothing."""
    receipt, reason = carry_out(number, form, change, lambda form: None)
    return replace(receipt, note=None) if isinstance(reason, NoChange) else receipt


def carry_out(
    number: str, form: F, change: Callable[[Order, F], object], check: Callable[[F], None] = check_form
) -> tuple[Receipt, DomainError | None]:
    """The receipt of a change, and why it is refused, in which case the receipt is of the order as it is."""
    with previewing(number) as order:
        before = after = receipts.figures(order)
        about = order.find_line(form.key) if form.key else None
        is_outdated = False
        reason: DomainError | None = None
        try:
            check(form)
            is_outdated = _is_outdated(order, form)
            change(order, form)
            whole_orders.settle(order)
            after = receipts.figures(order)
        except DomainError as refusal:
            reason = refusal
        note = _sentence(form, reason) if reason else None
        return receipts.compare(order, before, after, about=about, note=note, is_outdated=is_outdated), reason


def _is_outdated(order: Order, form: OrderForm) -> bool:
    version = form.form_version
    if version is None or version in (-1, order.version):
        return False
    return bool(form.in_the_way(order, changes_since(order, version)))


def _sentence(form: OrderForm, reason: DomainError) -> str:
    """What is wrong with the fields, or else the reason."""
    sentences = [str(sentence) for errors in form.errors.values() for sentence in errors]
    return " ".join(sentences) or str(reason)
