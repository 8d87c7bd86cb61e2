"""Making a batch of what is selected in the list."""

from dataclasses import replace

from flask import Response

from webshop_orders.errors import DomainError, RuleViolation
from webshop_orders.models import Batch
from webshop_orders.operations.batches import selection
from webshop_orders.operations.order_list.filters import OrderFilter
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import authorization
from webshop_orders.web.batches import choices, sentences
from webshop_orders.web.batches.choices import JOBS
from webshop_orders.web.batches.forms import Selection
from webshop_orders.web.batches.page import blueprint
from webshop_orders.web.http.responses import flash_message, open_after_change
from webshop_orders.web.orders import list as order_list
from webshop_orders.web.orders import list_query
from webshop_orders.web.orders.selected import submitted_numbers

MAX_NAMED = 5


@blueprint.post("")
def create() -> Response:
    """Make a batch, and go where the button leads; where it cannot be made, the list says why and loses nothing."""
    try:
        selected = Selection.submitted()
        if selected.do in JOBS:
            authorization.require(JOBS[selected.do].endpoint)
        batch, unknown = _make(selected)
    except RuleViolation as error:
        return _refuse(error)
    if unknown:
        flash_message(sentences.unknown(unknown[:MAX_NAMED], len(unknown)), "refused")
    return open_after_change(choices.url_of(selected.do, batch.id))


def _make(selected: Selection) -> tuple[Batch, list[str]]:
    """The batch, and the numbers that no order has."""
    if selected.takes_all:
        with writing():
            return selection.create(_filter(), by=selected.actor), []
    with writing():
        unknown = selection.find_unknown(selected.numbers)
        left_out = set(unknown)
        known = [number for number in selected.numbers if number not in left_out]
        unknown += selected.unreadable
        if unknown and not known:
            raise RuleViolation(sentences.unknown(unknown[:MAX_NAMED], len(unknown)))
        return selection.create(known, by=selected.actor), unknown


def _filter() -> OrderFilter:
    """All that the list has, from its first page on; raises RuleViolation where a filter of it is not valid."""
    arguments = list_query.arguments()
    if invalid := list_query.invalid_filters(arguments):
        raise RuleViolation(" ".join(invalid.values()))
    return replace(list_query.order_filter(arguments), after=None, before=None)


def _refuse(error: DomainError) -> Response:
    return order_list.render(selected=submitted_numbers(), selection_error=str(error), status=error.status)
