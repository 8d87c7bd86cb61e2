"""The description of the API: for programs as OpenAPI 3.1, for people as a page."""

import json
from typing import Any

from flask import Blueprint, Response, url_for

from webshop_orders import rendering
from webshop_orders.api import openapi
from webshop_orders.api.http import json_response

blueprint = Blueprint("api_description", __name__)


@blueprint.get("/api/v1/openapi.json")
def document() -> Response:
    return json_response(_description())


@blueprint.get("/api/docs")
def page() -> str:
    return rendering.render("api/docs.html", api=_description(), readable=_indented)


def _description() -> dict[str, Any]:
    return openapi.document(url_for("orders.home", _external=True).rstrip("/"))


def _indented(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
