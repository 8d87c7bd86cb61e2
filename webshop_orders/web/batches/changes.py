"""Starting, trying again, taking back, naming and closing a batch."""

from collections.abc import Callable

from flask import Response, g, request, url_for
from flask_babel import gettext as _

from webshop_orders.errors import AlreadyDone, DomainError, NoChange, NotFound, RuleViolation
from webshop_orders.models import Batch, BatchAction
from webshop_orders.operations.batches import outcomes, running, selection
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import authorization
from webshop_orders.web.batches import page, sentences
from webshop_orders.web.batches.choices import JOBS
from webshop_orders.web.batches.forms import NameForm, Start
from webshop_orders.web.batches.page import blueprint, respond
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.http.responses import see_other
from webshop_orders.web.orders.selected import can_be_number, submitted_numbers

ENDPOINTS = {job.action: job.endpoint for job in JOBS.values()}
ENDPOINTS |= {BatchAction.ADD_TRACKING: "shipments.add_tracking", BatchAction.UNDO: "undo.undo"}


@blueprint.post("/<id:batch_id>/start")
def start(batch_id: int) -> Response:
    """Have the worker carry an action out for those that take part, or only for those of one group.

    Or show what it would come to with other choices, where scripts do not: the address has these, and no token.
    """
    do = BaseForm.submitted("do")
    if do not in JOBS:
        raise RuleViolation(_("Choose what to do with the orders."))
    authorization.require(JOBS[do].endpoint)
    choices = Start(JOBS[do].action)
    try:
        choices = Start.read(JOBS[do].action, request.form)
        if "recount" in request.form:
            return see_other(url_for("batches.show", batch_id=batch_id, do=do, **choices.arguments))
        with writing():
            batch = selection.lock(batch_id)
            _start(batch, choices)
    except NotFound:
        raise
    except (AlreadyDone, NoChange) as reason:
        return respond(selection.get(batch_id), str(reason))
    except DomainError as reason:
        batch = selection.get(batch_id)
        if batch.closed_at is not None:
            return page.render(batch, error=reason, status=reason.status)
        return page.render_start(batch, do, choices, reason, status=reason.status)
    return respond(batch)


def _start(batch: Batch, choices: Start) -> None:
    selection.check_open(batch)
    chosen = outcomes.participants(batch.id, choices.action, choices.options, choices.agreed, choices.only)
    if not chosen:
        raise RuleViolation(_("None of the orders can take part. Tick the groups to take along."))
    running.start(
        batch, choices.action, choices.options, by=g.user.actor, only=chosen, shown=BaseForm.submitted("shown")
    )


@blueprint.post("/<id:batch_id>/retry")
def retry(batch_id: int) -> Response:
    """Try the refused orders again: all of them, or those that are ticked."""

    def try_again(batch: Batch) -> None:
        _check_role(batch.action)
        if "all" in request.form or batch.action is BatchAction.UNDO:
            running.retry(batch, by=g.user.actor)
            return
        numbers = [number for number in submitted_numbers() if can_be_number(number)]
        chosen = [row.order_id for row in running.refused_among(batch, numbers)]
        if not chosen or batch.action is None:
            raise RuleViolation(_("Choose at least one order."))
        running.start(batch, batch.action, batch.options, by=g.user.actor, only=chosen)

    return _change(batch_id, try_again)


@blueprint.post("/<id:batch_id>/undo")
def undo(batch_id: int) -> Response:
    """Take back what the batch changed, one order after the other."""

    def take_back(batch: Batch) -> None:
        _check_role(batch.action)
        running.start(batch, BatchAction.UNDO, by=g.user.actor, shown=BaseForm.submitted("shown"))

    return _change(batch_id, take_back)


@blueprint.post("/<id:batch_id>/stop")
def stop(batch_id: int) -> Response:
    """Leave the orders undone that still wait."""

    def stop(batch: Batch) -> str:
        _check_role(batch.action)
        stopped = running.stop(batch)
        return sentences.stopped(stopped)

    return _change(batch_id, stop)


@blueprint.post("/<id:batch_id>/name")
def rename(batch_id: int) -> Response:
    form = NameForm()
    if not form.validate():
        return page.render(selection.get(batch_id), form, status=422)

    def name(batch: Batch) -> str:
        selection.rename(batch, form.name.data)
        return _("The batch is called %(name)s.", name=batch.name)

    return _change(batch_id, name)


@blueprint.post("/<id:batch_id>/closing")
def close(batch_id: int) -> Response:
    """Put the batch away, or take it up again."""

    def put_away(batch: Batch) -> str:
        if BaseForm.submitted("closed") == "yes":
            selection.close(batch)
            return _("%(name)s is closed.", name=batch.name)
        selection.reopen(batch)
        return _("%(name)s is open again.", name=batch.name)

    return _change(batch_id, put_away)


def _check_role(action: BatchAction | None) -> None:
    if action is not None:
        authorization.require(ENDPOINTS[action])


def _change(batch_id: int, change: Callable[[Batch], str | None]) -> Response:
    """Change a locked batch, and answer with its page, which says why where it could not be changed."""
    try:
        with writing():
            batch = selection.lock(batch_id)
            sentence = change(batch)
    except NotFound:
        raise
    except (AlreadyDone, NoChange) as reason:
        return respond(selection.get(batch_id), str(reason))
    except DomainError as reason:
        return page.render(selection.get(batch_id), error=reason, status=reason.status)
    return respond(batch, sentence)
