"""Konfiguration, Integrationer, incoming calls: what other shops and shipping systems sent, and what became of it."""

import json
from typing import Any

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders import shop_settings
from webshop_orders.connectors.incoming import retries
from webshop_orders.errors import DomainError, NoChange
from webshop_orders.models import CallOutcome, IncomingCall
from webshop_orders.operations.audit import incoming_calls
from webshop_orders.operations.settings import shop as settings
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import audit
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.http.query_args import id_arg, text_arg
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.labels import CALL_OUTCOMES
from webshop_orders.web.settings.forms.incoming_calls import CallRetentionForm

blueprint = Blueprint("incoming_calls", __name__, url_prefix="/settings/integrations/calls")

MAX_RETRIES = 50  # of one press of the button


@blueprint.get("")
def index() -> Response:
    return _render_list()


@blueprint.post("/retry")
def retry_all() -> Response:
    """Try the oldest calls that were not taken again, after a mend that concerns many of them."""
    ids = incoming_calls.not_taken_ids(MAX_RETRIES)
    taken = 0
    for call_id in ids:
        try:
            taken += retries.retry(call_id, by=g.user.actor).outcome is not CallOutcome.NOT_TAKEN
        except DomainError:
            continue
    sentence = ngettext(
        "%(taken)s of %(count)s call was taken.",
        "%(taken)s of %(count)s calls were taken.",
        len(ids),
        taken=taken,
        count=len(ids),
    )
    return _respond_with_list(sentence)


@blueprint.post("/retention")
def change_retention() -> Response:
    form = CallRetentionForm()
    if not form.validate():
        return _render_list(form, status=422)
    with audit.changing_settings():
        settings.change({"incoming_call_days": form.incoming_call_days.data})
    return _respond_with_list(_("The settings are saved."))


@blueprint.get("/<id:call_id>")
def show(call_id: int) -> Response:
    return _render_call(call_id)


@blueprint.post("/<id:call_id>/retry")
def retry(call_id: int) -> Response:
    try:
        call = retries.retry(call_id, by=g.user.actor)
    except DomainError as reason:
        return _respond(call_id, str(reason))
    return _respond(call_id, _sentence(call))


@blueprint.post("/<id:call_id>/settlement")
def dismiss(call_id: int) -> Response:
    try:
        with writing():
            incoming_calls.dismiss(call_id)
    except NoChange as reason:
        return _respond(call_id, str(reason))
    return _respond_with_list(_("The call is laid aside."))


def _sentence(call: IncomingCall) -> str:
    if call.outcome is CallOutcome.NOT_TAKEN:
        return _("It could not be taken this time either: %(reason)s", reason=call.reason)
    return _("The call was taken: %(outcome)s.", outcome=str(CALL_OUTCOMES[call.outcome]).lower())


def _respond(call_id: int, sentence: str) -> Response:
    flash_message(sentence)
    return _render_call(call_id) if wants_fragment() else see_other(url_for("incoming_calls.show", call_id=call_id))


def _respond_with_list(sentence: str) -> Response:
    flash_message(sentence)
    return _render_list() if wants_fragment() else see_other(url_for("incoming_calls.index"))


def _render_list(form: CallRetentionForm | None = None, *, status: int = 200) -> Response:
    outcome, cursor = text_arg("outcome"), id_arg("before")
    criterion = CallOutcome(outcome) if outcome in set(CallOutcome) else None
    return render_region(
        "settings/incoming_calls.html",
        part="integrations",
        form=form or CallRetentionForm.blank(obj=shop_settings.current()),
        outcome=criterion,
        outcomes=CallOutcome,
        before=cursor,
        page=incoming_calls.page(criterion, before=cursor),
        not_taken_count=incoming_calls.count_not_taken(),
        list_url=_list_url,
        status=status,
    )


def _render_call(call_id: int) -> Response:
    listed = incoming_calls.listed(call_id)
    return render_region(
        "settings/incoming_call.html",
        part="integrations",
        form=BaseForm.blank(),
        entry=listed,
        call=listed.call,
        body=_pretty(listed.call.body),
    )


def _pretty(body: str) -> str:
    """A body as indented JSON, or as it came where it is none."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return body


def _list_url(**changes: Any) -> str:
    """The URL of the log with its filter, some of it changed; without `before`, from the latest call."""
    filters = {"outcome": text_arg("outcome")}
    return url_for("incoming_calls.index", **{name: value for name, value in {**filters, **changes}.items() if value})
