"""Pages and fragments: a request from htmx gets the region alone, any other the page around it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request
from flask_babel import gettext as _

from webshop_orders.errors import AlreadyDone, ConfirmationRequired, ConfirmationWarning, DomainError, RuleViolation
from webshop_orders.models import Order
from webshop_orders.operations.orders.loading import is_duplicate_request
from webshop_orders.transactions.unit_of_work import ALREADY_DONE, editing
from webshop_orders.web.http.fields import INCOMPLETE
from webshop_orders.web.http.forms import OrderForm


class FormRejected(Exception):
    """A form that was not carried out, with what was typed into it and the reason."""

    def __init__(self, number: str, form: OrderForm, reason: DomainError) -> None:
        super().__init__(str(reason))
        self.number = number
        self.form = form
        self.reason = reason


@contextmanager
def edit_order(number: str, form: OrderForm) -> Iterator[Order]:
    """An order to be changed by a form: the form is checked first, and whatever is refused is told on the form.

    Raises FormRefused, and NotFound where the order itself is not there.
    """
    if form.seen_version == -1:
        raise FormRejected(number, form, RuleViolation(INCOMPLETE))
    if not form.validate():
        raise FormRejected(number, form, RuleViolation(_("Nothing was changed: see what is marked below.")))
    try:
        with editing(number, form.seen_version, by=form.actor) as order:
            yield order
    except DomainError as reason:
        raise FormRejected(number, form, reason) from reason


def require_confirmation(order: Order, warnings: Iterable[ConfirmationWarning], form: OrderForm) -> None:
    """Have staff think again where there are doubts that they have not agreed to overlook.

    Raises Doubtful; AlreadyDone where this very form, sent twice, is itself what is doubtful now.
    """
    open_warnings = [doubt for doubt in warnings if doubt.code not in form.agreed]
    if open_warnings and is_duplicate_request(order, form.actor.request_key):
        raise AlreadyDone(ALREADY_DONE)
    if open_warnings:
        raise ConfirmationRequired(open_warnings)


def wants_fragment() -> bool:
    """Whether htmx asks for the region alone; when it restores a page of the history, it wants all of it."""
    return request.headers.get("HX-Request-Type") == "partial"


def render_region(template: str, *, status: int = 200, **shown: Any) -> Response:
    """Draw a region by its template: alone, or within the page."""
    layout = "layouts/fragment.html" if wants_fragment() else "layouts/page.html"
    return make_response(render_template(template, layout=layout, **shown), status)


def see_other(address: str) -> Response:
    """Send a browser without JavaScript on from a POST to the page that shows what came of it."""
    return redirect(address, 303)  # type: ignore[return-value]


def flash_message(sentence: str, kind: str = "done") -> None:
    """Tell people what happened, on this answer or, after a redirect, on the next."""
    flash(sentence, kind)
