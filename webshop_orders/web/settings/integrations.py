"""Konfiguration, Integrationer: API keys, webhooks, and connected shops."""

from typing import Any

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from webshop_orders.errors import DomainError, NoChange
from webshop_orders.models import ConnectionKind, Scope, WebhookEvent
from webshop_orders.operations.settings import api_keys, connections
from webshop_orders.operations.webhooks import subscriptions as webhooks
from webshop_orders.web.auth import audit
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.settings.forms.integrations import SHOPS, ConnectionForm, KeyForm
from webshop_orders.web.settings.forms.webhooks import WebhookForm

blueprint = Blueprint("integrations", __name__, url_prefix="/settings/integrations")


@blueprint.get("")
def index() -> Response:
    return _render()


@blueprint.post("/keys")
def make_key() -> Response:
    form = KeyForm()
    if not form.validate():
        return _render(key_form=form, status=422)
    try:
        with audit.changing_settings():
            key, token = api_keys.create(form.name.data, map(Scope, form.scopes.data), by=g.user.actor)
    except DomainError as error:
        form.add_error(error)
        return _render(key_form=form, status=error.status)
    return _render(new_key=(key, token))  # shown this once only, so there is no page to redirect to


@blueprint.post("/keys/<id:key_id>/revocation")
def revoke_key(key_id: int) -> Response:
    try:
        with audit.changing_settings():
            key = api_keys.revoke(key_id)
    except NoChange as reason:
        return _respond(str(reason))
    return _respond(_("The key %(name)s is revoked.", name=key.name))


@blueprint.post("/webhooks")
def add_webhook() -> Response:
    form = WebhookForm()
    if not form.validate():
        return _render(webhook_form=form, status=422)
    try:
        with audit.changing_settings():
            webhook = webhooks.add(form.url.data, map(WebhookEvent, form.events.data), by=g.user.actor)
    except DomainError as error:
        form.add_error(error)
        return _render(webhook_form=form, status=error.status)
    return _respond(_("%(url)s is told from now on.", url=webhook.url))


@blueprint.post("/shops")
def connect_shop() -> Response:
    form = ConnectionForm()
    if not form.validate():
        return _render(connection_form=form, status=422)
    try:
        with audit.changing_settings():
            shop = connections.add(ConnectionKind(form.kind.data), form.name.data, form.secret.data)
    except DomainError as error:
        form.add_error(error)
        return _render(connection_form=form, status=error.status)
    return _respond(_("%(name)s is connected.", name=shop.name))


@blueprint.post("/shops/<id:connection_id>/disconnection")
def disconnect_shop(connection_id: int) -> Response:
    try:
        with audit.changing_settings():
            shop = connections.end(connection_id)
    except NoChange as reason:
        return _respond(str(reason))
    return _respond(_("%(name)s is disconnected. Its orders stay.", name=shop.name))


def _respond(sentence: str) -> Response:
    flash_message(sentence)
    return _render() if wants_fragment() else see_other(url_for("integrations.index"))


def _render(
    key_form: KeyForm | None = None,
    webhook_form: WebhookForm | None = None,
    connection_form: ConnectionForm | None = None,
    *,
    status: int = 200,
    **context: Any,
) -> Response:
    return render_region(
        "settings/integrations.html",
        part="integrations",
        form=key_form or webhook_form or connection_form or KeyForm.blank(),
        key_form=key_form or KeyForm.blank(),
        webhook_form=webhook_form or WebhookForm.blank(events=[event.value for event in WebhookEvent]),
        connection_form=connection_form or ConnectionForm.blank(),
        keys=api_keys.list_all(),
        webhooks=webhooks.list_all(),
        connections=connections.list_all(),
        shops=SHOPS,
        status=status,
        **{"new_key": None, **context},
    )
