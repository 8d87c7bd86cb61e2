"""What the parts of Konfiguration share, and the blueprint of those that are settings of the shop."""

from typing import Any

from flask import Blueprint, Response, redirect, url_for
from flask_babel import gettext as _
from wtforms import Form

from webshop_orders.operations.settings import shop as settings
from webshop_orders.web.auth import audit
from webshop_orders.web.http.responses import flash_message, render_region

blueprint = Blueprint("settings", __name__, url_prefix="/settings")


@blueprint.get("/")
def index() -> Response:
    return redirect(url_for("settings.shop"))  # type: ignore[return-value]


def save_settings(values: dict[str, Any]) -> None:
    """Set some of the shop's settings to new values, by column name, and say that they are saved."""
    with audit.changing_settings():
        settings.change(values)
    flash_message(_("The settings are saved."))


def render(part: str, *, form: Form, status: int = 200, **context: Any) -> Response:
    return render_region(f"settings/{part}.html", part=part, form=form, status=status, **context)
