"""The page of Konfiguration around each of its parts, and the blueprint of the parts that are settings of the shop."""

from typing import Any

from flask import Blueprint, Response, redirect, url_for
from wtforms import Form

from webshop_orders.web.http.responses import render_region

blueprint = Blueprint("settings", __name__, url_prefix="/settings")


@blueprint.get("/")
def index() -> Response:
    return redirect(url_for("settings.shop"))  # type: ignore[return-value]


def render(part: str, *, form: Form, status: int = 200, **context: Any) -> Response:
    return render_region(f"settings/{part}.html", part=part, form=form, status=status, **context)
