"""Changing an order by a form."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders.errors import AlreadyDone, ConfirmationRequired, ConfirmationWarning, DomainError, RuleViolation
from webshop_orders.models import Event, Order
from webshop_orders.operations.orders.loading import is_duplicate_request
from webshop_orders.transactions.unit_of_work import ALREADY_DONE, editing
from webshop_orders.web.event_descriptions import describe
from webshop_orders.web.http.fields import INCOMPLETE
from webshop_orders.web.http.responses import flash_message
from webshop_orders.web.orders.forms.base import OrderForm

MAX_SENTENCES = 3


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
        in_the_way = form.in_the_way
        with editing(number, form.form_version, by=form.actor, in_the_way=in_the_way, is_step=is_step) as order:
            yield order
    except DomainError as reason:
        raise FormRejected(number, form, reason) from reason
    if form.changed_meanwhile:
        flash_message(_meanwhile(order, form.changed_meanwhile), "meanwhile")


def _meanwhile(order: Order, events: list[Event]) -> str:
    """What others changed of the order while the form was filled in, which is saved too."""
    shown = [f"{event.actor_name}: {describe(event, order).sentence}" for event in events[:MAX_SENTENCES]]
    both = _("Meanwhile: %(changes)s Both are saved.", changes=" ".join(shown))
    more = len(events) - len(shown)
    if not more:
        return both
    return ngettext(
        "Meanwhile: %(changes)s And %(num)s change more. All are saved.",
        "Meanwhile: %(changes)s And %(num)s changes more. All are saved.",
        more,
        changes=" ".join(shown),
    )


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
