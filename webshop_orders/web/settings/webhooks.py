"""Konfiguration, Integrationer, one webhook: its URL and events, its secret, and the log of its notifications."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from webshop_orders.errors import DomainError, NoChange
from webshop_orders.models import Webhook, WebhookEvent, WebhookMessage
from webshop_orders.operations.webhooks import subscriptions as webhooks
from webshop_orders.web.auth import audit
from webshop_orders.web.http.query_args import id_arg
from webshop_orders.web.http.responses import flash_message, load_page, render_region, see_other, wants_fragment
from webshop_orders.web.settings.forms.webhooks import EVENTS, WebhookForm

blueprint = Blueprint("webhooks", __name__, url_prefix="/settings/integrations/webhooks/<id:webhook_id>")


@blueprint.get("")
def show(webhook_id: int) -> Response:
    return _render(webhooks.get(webhook_id))


@blueprint.get("/messages/<id:message_id>")
def show_message(webhook_id: int, message_id: int) -> Response:
    return _render(webhooks.get(webhook_id), shown=webhooks.get_message(webhook_id, message_id))


@blueprint.post("")
def change(webhook_id: int) -> Response:
    form = WebhookForm()
    if not form.validate():
        return _render(webhooks.get(webhook_id), form=form, status=422)
    try:
        with audit.changing_settings():
            webhook = webhooks.lock(webhook_id)
            webhooks.change(webhook, form.url.data, map(WebhookEvent, form.events.data))
    except DomainError as error:
        form.add_error(error)
        return _render(webhooks.get(webhook_id), form=form, status=error.status)
    return _respond(webhook_id, _("The webhook is saved."))


@blueprint.post("/secret")
def rotate_secret(webhook_id: int) -> Response:
    return _change(
        webhook_id, webhooks.rotate_secret, _("The webhook has a new secret. The old one signs as well for a day.")
    )


@blueprint.post("/disabling")
def disable(webhook_id: int) -> Response:
    return _change(webhook_id, webhooks.disable, _("The webhook is switched off. What it has yet to hear waits."))


@blueprint.post("/enabling")
def enable(webhook_id: int) -> Response:
    return _change(webhook_id, webhooks.enable, _("The webhook is switched on."))


@blueprint.post("/removal")
def remove(webhook_id: int) -> Response:
    with audit.changing_settings():
        webhook = webhooks.lock(webhook_id)
        webhooks.remove(webhook)
    flash_message(_("%(url)s is told nothing more.", url=webhook.url))
    return load_page(url_for("integrations.index"))


@blueprint.post("/messages/<id:message_id>/queueing")
def queue_again(webhook_id: int, message_id: int) -> Response:
    def requeue(webhook: Webhook) -> None:
        webhooks.queue_again(webhooks.get_message(webhook.id, message_id))

    return _change(webhook_id, requeue, _("It is told once more."))


def _change(webhook_id: int, change: Callable[[Webhook], object], sentence: str) -> Response:
    try:
        with audit.changing_settings():
            change(webhooks.lock(webhook_id))
    except NoChange as reason:
        return _respond(webhook_id, str(reason))
    return _respond(webhook_id, sentence)


def _respond(webhook_id: int, sentence: str) -> Response:
    flash_message(sentence)
    if wants_fragment():
        return _render(webhooks.get(webhook_id))
    return see_other(url_for("webhooks.show", webhook_id=webhook_id))


def _render(
    webhook: Webhook, *, form: WebhookForm | None = None, shown: WebhookMessage | None = None, status: int = 200
) -> Response:
    messages = webhooks.messages_of(webhook, before=id_arg("before"))
    return render_region(
        "settings/webhooks.html",
        part="integrations",
        form=form or WebhookForm.blank(url=webhook.url, events=webhook.events),
        webhook=webhook,
        messages=messages[: webhooks.PAGE],
        next_before=messages[webhooks.PAGE - 1].id if len(messages) > webhooks.PAGE else None,
        is_first_page=not request.args.get("before"),
        events={event.value: label for event, label in EVENTS.items()},
        status=status,
        **_shown_message(shown),
    )


def _shown_message(message: WebhookMessage | None) -> dict[str, Any]:
    return {"shown_message": message, "attempts": webhooks.attempts_of(message) if message else []}
