"""Konfiguration, Integrationer, one connected shop: how its orders are read."""

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from webshop_orders.connectors.incoming.receiving import adapter_of
from webshop_orders.errors import DomainError
from webshop_orders.models import Connection
from webshop_orders.operations.settings import connections
from webshop_orders.web.auth import audit
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.settings.forms.connections import ConnectionSettingsForm, form_for, initial_values
from webshop_orders.web.settings.forms.integrations import SHOPS

blueprint = Blueprint("shops", __name__, url_prefix="/settings/integrations/shops/<id:connection_id>")


@blueprint.get("")
def show(connection_id: int) -> Response:
    return _render(connections.get(connection_id))


@blueprint.post("")
def change(connection_id: int) -> Response:
    kind = connections.get(connection_id).kind
    usual = adapter_of(kind).statuses
    form = form_for(kind, usual)()
    if not form.validate():
        return _render(connections.get(connection_id), form, status=422)
    try:
        with audit.changing_settings():
            shop = connections.change(connection_id, form.values(usual))
            sentence = _("The settings of %(name)s are saved.", name=shop.name)
    except DomainError as error:
        form.add_error(error)
        return _render(connections.get(connection_id), form, status=error.status)
    flash_message(sentence)
    if wants_fragment():
        return _render(connections.get(connection_id))
    return see_other(url_for("shops.show", connection_id=connection_id))


def _render(connection: Connection, form: ConnectionSettingsForm | None = None, *, status: int = 200) -> Response:
    usual = adapter_of(connection.kind).statuses
    return render_region(
        "settings/shop_connection.html",
        part="integrations",
        form=form or form_for(connection.kind, usual).blank(**initial_values(connection, usual)),
        connection=connection,
        kind=SHOPS[connection.kind],
        status=status,
    )
