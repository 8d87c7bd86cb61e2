"""Taking one's own changes of an order back (Ångra), and carrying them out again (Gör om)."""

from flask import Blueprint, Response, g
from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders.errors import StaleVersion
from webshop_orders.models import Order
from webshop_orders.models.event_facts import ChangesRedone, ChangesUndone
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.operations.undo import steps, undoing
from webshop_orders.web.event_descriptions import describe_changes
from webshop_orders.web.http.query_args import text_arg
from webshop_orders.web.orders.editing import edit_order
from webshop_orders.web.orders.forms.undo import UndoForm, read_step_id
from webshop_orders.web.orders.page import TABS, render, render_done
from webshop_orders.web.orders.undo_actions import redo_action, undo_action

blueprint = Blueprint("undo", __name__, url_prefix="/orders/<number:number>")


@blueprint.get("/undo")
def plan(number: str) -> Response:
    """What would be taken back down to a step, before it is."""
    order, step_id = get_order(number), read_step_id(text_arg("to"))
    available = steps.read(order.id, g.user.actor)
    chosen = available.undoable(step_id)
    if not chosen:
        return render(order, "history", error_message=available.obstacle(step_id), status=422)
    return render(order, "history", steps_to_undo=chosen, changes_to_undo=undoing.changes_of(order, chosen))


@blueprint.post("/undo")
def undo(number: str) -> Response:
    form = UndoForm(TABS)
    with edit_order(number, form, is_step=False) as order:
        _check_current(order, form)
        facts = undoing.undo(order, form.step_id, by=form.actor)
    sentence = _("Taken back: %(changes)s", changes=describe_changes(facts.changes, order))
    return render_done(order, form.tab, _with_uncovered(sentence, facts), actions=[redo_action(order, form.tab)])


@blueprint.post("/redo")
def redo(number: str) -> Response:
    form = UndoForm(TABS)
    with edit_order(number, form, is_step=False) as order:
        _check_current(order, form)
        facts = undoing.redo(order, by=form.actor)
    sentence = _("Carried out again: %(changes)s", changes=describe_changes(facts.changes, order))
    return render_done(order, form.tab, _with_uncovered(sentence, facts), actions=[undo_action(order, form.tab)])


def _check_current(order: Order, form: UndoForm) -> None:
    """A button takes back what was the last change when it was shown, and nothing newer, also of one's own."""
    if form.form_version is not None and form.form_version != order.version:
        raise StaleVersion(_("The order was changed since the button was shown."), form_version=form.form_version)


def _with_uncovered(sentence: str, facts: ChangesUndone | ChangesRedone) -> str:
    if not facts.uncovered:
        return sentence
    return f"{sentence} " + ngettext(
        "%(units)s unit went to another order meanwhile and waits for stock.",
        "%(units)s units went to other orders meanwhile and wait for stock.",
        facts.uncovered,
        units=facts.uncovered,
    )
