"""What the API is, for programs as OpenAPI 3.1 and for people as a page."""

from flask import Blueprint, Response, render_template, url_for

from webshop_orders.api import openapi
from webshop_orders.api.exchange import answer

blueprint = Blueprint("api_description", __name__)


@blueprint.get("/api/v1/openapi.json")
def document() -> Response:
    return answer(openapi.document(url_for("orders.home", _external=True).rstrip("/")))


@blueprint.get("/api/docs")
def page() -> str:
    return render_template("api/docs.html", api=openapi.document(url_for("orders.home", _external=True).rstrip("/")))
