"""Changing an order by a form."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from flask_babel import gettext as _

from webshop_orders.errors import AlreadyDone, ConfirmationRequired, ConfirmationWarning, DomainError, RuleViolation
from webshop_orders.models import Order
from webshop_orders.operations.orders.loading import is_duplicate_request
from webshop_orders.transactions.unit_of_work import ALREADY_DONE, editing
from webshop_orders.web.http.fields import INCOMPLETE
from webshop_orders.web.orders.forms.base import OrderForm


class FormRejected(Exception):
    """A form that was not carried out, with its submitted values and the reason."""

    def __init__(self, number: str, form: OrderForm, reason: DomainError) -> None:
        super().__init__(str(reason))
        self.number = number
        self.form = form
        self.reason = reason


@contextmanager
def edit_order(number: str, form: OrderForm, *, is_step: bool = True) -> Iterator[Order]:
    """A transaction that changes an order as a form says; the form is validated first.

    `is_step` as in `editing`. Raises FormRejected for an invalid form and for every DomainError within.
    """
    try:
        check_form(form)
        with editing(number, form.form_version, by=form.actor, is_step=is_step) as order:
            yield order
    except DomainError as reason:
        raise FormRejected(number, form, reason) from reason


def check_form(form: OrderForm) -> None:
    """Raise RuleViolation where a form did not arrive whole, or where one of its fields is invalid."""
    if form.form_version == -1:
        raise RuleViolation(INCOMPLETE)
    if not form.validate():
        raise RuleViolation(_("Nothing was changed: see what is marked below."))


def require_confirmation(order: Order, warnings: Iterable[ConfirmationWarning], form: OrderForm) -> None:
    """Have staff confirm the warnings that the form does not confirm yet.

    Raises ConfirmationRequired; AlreadyDone where the form was carried out before and is itself the cause of a warning.
    """
    open_warnings = [warning for warning in warnings if warning.code not in form.confirmed_codes]
    if open_warnings and is_duplicate_request(order, form.actor.request_key):
        raise AlreadyDone(ALREADY_DONE)
    if open_warnings:
        raise ConfirmationRequired(open_warnings)
