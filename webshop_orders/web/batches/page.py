"""The pages of batches: all of them, one with its progress, and what an action would come to before it starts."""

from http import HTTPStatus

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _

from webshop_orders.errors import DomainError, NotFound
from webshop_orders.models import Batch, BatchState
from webshop_orders.operations.batches import actions, outcomes, running, selection
from webshop_orders.operations.batches.running import Progress
from webshop_orders.web.auth import authorization
from webshop_orders.web.batches import choices, sentences
from webshop_orders.web.batches.choices import JOBS
from webshop_orders.web.batches.forms import NameForm, Start
from webshop_orders.web.http.query_args import id_arg, text_arg
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.orders import list_query

blueprint = Blueprint("batches", __name__, url_prefix="/batches")


@blueprint.get("")
def index() -> Response:
    before = id_arg("before")
    page = selection.recent(before)
    counts = running.progress_of(listed.batch.id for listed in page.batches)
    return render_region(
        "batches/index.html",
        page=page,
        before=before,
        progress_of=lambda batch: counts.get(batch.id, Progress()),
        sentences=sentences,
        list_url=lambda **changes: url_for("batches.index", **changes),
    )


@blueprint.get("/<id:batch_id>")
def show(batch_id: int) -> Response:
    batch = selection.get(batch_id)
    list_query.remember_batch(batch_id)
    do = text_arg("do")
    if do in JOBS:
        authorization.require(JOBS[do].endpoint)
        if batch.state is not BatchState.RUNNING and batch.closed_at is None:
            return render_start(batch, do, Start.read(JOBS[do].action, request.args))
    return render(batch, was_running=text_arg("was") == BatchState.RUNNING.value)


@blueprint.get("/<id:batch_id>/orders")
def orders(batch_id: int) -> Response:
    """The orders that an action would do something with, or nothing, for one reason."""
    batch = selection.get(batch_id)
    do, outcome = text_arg("do"), text_arg("outcome")
    if do not in JOBS:
        raise NotFound(_("There is no such page."))
    authorization.require(JOBS[do].endpoint)
    start = Start.read(JOBS[do].action, request.args)
    if outcome and outcome not in outcomes.RULES[start.action].all:
        raise NotFound(_("There is no such page."))
    found = outcomes.Outcome(outcome) if outcome else None
    forecast = outcomes.forecast(batch.id, start.action, start.options)
    return render_region(
        "batches/group.html",
        batch=batch,
        do=do,
        outcome=found,
        start=start,
        title=group_title(start, forecast, found),
        group=outcomes.group(batch.id, start.action, start.options, found, after=id_arg("after") or 0),
        is_first=id_arg("after") is None,
    )


def group_title(start: Start, forecast: outcomes.Forecast, outcome: outcomes.Outcome | None) -> str:
    if outcome is None:
        return sentences.takes_part(start.action, forecast.takes_part(()))
    return sentences.outcome(start.action, outcome, forecast.count(outcome), ships_all=ships_all(start))


def ships_all(start: Start) -> bool:
    return bool(start.options[actions.SHIP_ALL])


def render(
    batch: Batch,
    name_form: NameForm | None = None,
    *,
    was_running: bool = False,
    error: DomainError | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    """Render a batch; a page that `was_running` is told when the work has come to its end."""
    is_running = batch.state is BatchState.RUNNING
    progress = running.progress(batch) if batch.action else Progress()
    if was_running and not is_running and batch.action:
        flash_message(sentences.finished(batch.action, progress.done, progress.refused))
    rows = running.page(batch, after=id_arg("after"))
    has_refused = bool(progress.refused) and not is_running
    response = render_region(
        "batches/show.html",
        batch=batch,
        size=selection.size(batch),
        progress=progress,
        rows=rows,
        after=id_arg("after"),
        refused=running.refused(batch, id_arg("refused_after")) if has_refused else None,
        refused_after=id_arg("refused_after"),
        name_form=name_form or NameForm.blank(name=batch.name),
        jobs=choices.jobs(batch),
        places=choices.places(batch),
        can_undo=can_undo(batch),
        error=error,
        shown=running.token_of(batch),
        sentences=sentences,
        status=status,
    )
    if was_running and not is_running and wants_fragment():
        response.headers["HX-Replace-Url"] = url_for("batches.show", batch_id=batch.id)
    return response


def render_start(
    batch: Batch, do: str, start: Start, error: DomainError | None = None, *, status: int = HTTPStatus.OK
) -> Response:
    """Render what an action would come to, with the choices as they were made."""
    forecast = outcomes.forecast(batch.id, start.action, start.options)
    return render_region(
        "batches/start.html",
        batch=batch,
        do=do,
        start=start,
        forecast=forecast,
        group_title=group_title,
        error=error,
        statuses=actions.STATUSES,
        sentences=sentences,
        shown=running.token_of(batch),
        count=forecast.takes_part(start.agreed),
        status=status,
    )


def respond(batch: Batch, sentence: str | None = None) -> Response:
    """Answer a change of a batch: its page, and what was done."""
    if sentence:
        flash_message(sentence)
    url = url_for("batches.show", batch_id=batch.id)
    if not wants_fragment():
        return see_other(url)
    response = render(batch)
    response.headers["HX-Replace-Url"] = url
    return response


def can_undo(batch: Batch) -> bool:
    """Whether the current user can take back what the batch did last: everyone takes their own changes back."""
    is_own = batch.user_id is not None and batch.user_id == g.user.id
    is_finished = batch.state is BatchState.FINISHED and batch.closed_at is None
    return is_own and is_finished and batch.action in actions.UNDOABLE and authorization.may("undo.undo")
