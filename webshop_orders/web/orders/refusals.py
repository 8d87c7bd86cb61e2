"""Where the page of an order says why a form was refused: at its field, its line, its shipment, or above the tab."""

from dataclasses import dataclass

from webshop_orders.errors import DomainError
from webshop_orders.models import Order
from webshop_orders.operations.orders.plans import PlanRefused
from webshop_orders.web.orders.forms.base import OrderForm

FIELD, PAGE = "field", "page"
ADDING_FORMS = {"add": "add-line", "free-line": "free-line"}  # with the ids of their elements
LINE_FORMS = {"edit", "removal", "split"}
# Forms and fields that are buttons alone, without errors beside them.
WITHOUT_FIELD_ERRORS = {"removal", "tracking-removal"}
BUTTONS = {"status"}
OF_WHOLE_ORDER = {"release"}  # whose key is that of no line or shipment


@dataclass(frozen=True)
class Refusal:
    """A sentence and where it is said, once: `place` is the id of an element, or FIELD or PAGE."""

    sentence: str
    place: str


def refuse(order: Order, form: OrderForm, reason: DomainError) -> Refusal:
    """Add the reason to the form, and decide where the page says it."""
    was_validated = not form.errors
    form.add_error(reason)
    place = _place(order, form, reason) if was_validated else PAGE  # the errors of an invalid form are at its fields
    if place == FIELD and reason.field:
        form[reason.field].is_refusal = True
    return Refusal(str(reason), place)


def _place(order: Order, form: OrderForm, reason: DomainError) -> str:
    subject = subject_of(order, form)
    if isinstance(reason, PlanRefused):
        return FIELD
    is_shown = reason.field in form and reason.field not in BUTTONS and form.kind not in WITHOUT_FIELD_ERRORS
    if is_shown and not _is_closed(order, form):
        return FIELD
    return subject or PAGE


def subject_of(order: Order, form: OrderForm) -> str | None:
    """The id of the element that the form is about; None where the order has it no longer."""
    if form.kind in ADDING_FORMS:
        return None if order.is_cancelled else ADDING_FORMS[form.kind]
    if form.tab != "shipping" or form.key is None or form.kind in OF_WHOLE_ORDER:
        return None
    if form.kind in LINE_FORMS:
        return f"line-{form.key}" if order.find_line(form.key) else None
    return f"shipment-{form.key}" if order.find_shipment(form.key) else None


def _is_closed(order: Order, form: OrderForm) -> bool:
    """Whether the form is about a line that cannot be edited any more, so that its fields are not shown."""
    if form.kind not in LINE_FORMS or form.key is None:
        return False
    line = order.find_line(form.key)
    return line is None or not line.shipment.is_open or line.bundle_line is not None or order.is_cancelled
