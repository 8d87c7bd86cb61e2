"""What the page of an order says of a form that others were faster than: theirs, yours, and a button for each."""

from dataclasses import dataclass

from flask import request

from webshop_orders.models import Event, Order
from webshop_orders.web.orders.forms.base import OrderForm
from webshop_orders.web.orders.forms.merging import MergedForm
from webshop_orders.web.orders.refusals import subject_of

# Fields that every form has anew, and those that say what was chosen before.
OWN_FIELDS = {"version", "request_key", "csrf_token", "bearer", "seen", "decided", "take"}


@dataclass(frozen=True)
class Conflict:
    """The changes in the way of a form; `purpose` is what it was to do, and `values` those to send it with again.

    `purpose` is None where that cannot be done any more, or where each field has `choices` of its own.
    """

    missed_events: list[Event]
    choices: bool
    purpose: str | None
    action: str
    values: list[tuple[str, str]]
    opener: str | None


def conflict_of(order: Order, form: OrderForm, missed_events: list[Event]) -> Conflict:
    values = [(name, value) for name, value in request.form.items(multi=True) if name not in OWN_FIELDS]
    opener = subject_of(order, form)
    is_gone = form.key is not None and opener is None
    has_choices = isinstance(form, MergedForm) and bool(form.conflicts)
    purpose = None if is_gone or has_choices or form.purpose is None else str(form.purpose)
    return Conflict(missed_events, has_choices, purpose, request.script_root + request.path, values, opener)
