"""Sharing out the units of an order's open shipments on a board, saved as one change."""

from collections.abc import Callable
from contextlib import suppress

from flask import Blueprint, Response
from flask_babel import ngettext

from webshop_orders import rendering
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import Order
from webshop_orders.models.event_facts import UnitsRearranged
from webshop_orders.operations.orders import plans
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.transactions.preview import previewing
from webshop_orders.web.event_descriptions import rearranged
from webshop_orders.web.http.query_args import text_arg
from webshop_orders.web.orders import page
from webshop_orders.web.orders.editing import edit_order
from webshop_orders.web.orders.forms.plans import PlanForm
from webshop_orders.web.orders.page import render, render_change

blueprint = Blueprint("plans", __name__, url_prefix="/orders/<number:number>/plan")

FILLS: dict[str, Callable[[Order], dict[int, list[int]]]] = {
    "backordered": plans.without_backordered,
    "together": plans.all_together,
    "each": plans.one_each,
}
MAX_MOVES_SAID = 4


@blueprint.get("")
def show(number: str) -> Response:
    """The board as the order is, or filled in one of the ways of `FILLS`."""
    try:
        return page.show(number, "plan", _filled_form)
    except RuleViolation as reason:
        return render(get_order(number), "shipping", error_message=str(reason), status=reason.status)


def _filled_form(order: Order) -> PlanForm | None:
    plans.check_plannable(order)
    fill = FILLS.get(text_arg("fill"))
    return PlanForm.filled(order, fill(order)) if fill else None


@blueprint.post("")
def save(number: str) -> Response:
    form = PlanForm()
    with edit_order(number, form) as order:
        plans.check_plannable(order)
        facts = plans.rearrange(order, form.plan(order), by=form.actor)
    return render_change(order, "shipping", _moved_sentence(facts))


@blueprint.post("/statuses")
def preview(number: str) -> Response:
    """The status that each column of the board would have; nothing is saved, and nobody waits."""
    form, statuses = PlanForm(), {}
    with previewing(number) as order, suppress(NotFound, RuleViolation):  # which is said when the form is saved
        plan = form.plan(order)
        statuses = dict(zip(form.columns, plans.preview(order, plan), strict=True))
    return Response(rendering.render("orders/_board_statuses.html", statuses=statuses))


def _moved_sentence(facts: UnitsRearranged) -> str:
    if len(facts.moves) <= MAX_MOVES_SAID:
        return rearranged(facts)
    units = sum(move["quantity"] for move in facts.moves)
    targets = ", ".join(dict.fromkeys(move["target"] for move in facts.moves))
    return ngettext(
        "%(units)s unit was moved to %(targets)s.",
        "%(units)s units were moved to %(targets)s.",
        units,
        units=units,
        targets=targets,
    )
