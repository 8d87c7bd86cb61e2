"""The integration API: what ERP and shipping systems do over HTTP and JSON, signed with a key."""

from flask import Blueprint, Flask, Response, request

from webshop_orders.api import (
    authentication,
    comments,
    deliveries,
    docs,
    idempotency,
    orders,
    problems,
    products,
    shipments,
)
from webshop_orders.errors import DomainError

PREFIX = "/api/v1"
ROOMS = (orders, comments, deliveries, shipments, products)


def install(app: Flask) -> None:
    """Open the API on an application."""
    api = Blueprint("api", __name__, url_prefix=PREFIX)
    api.before_request(authentication.check)
    api.before_request(idempotency.answer_again)
    api.after_request(idempotency.keep_answer)
    api.register_error_handler(DomainError, problems.show)
    for room in ROOMS:
        api.register_blueprint(room.blueprint)
    app.register_blueprint(api)
    app.register_blueprint(docs.blueprint)


def is_addressed() -> bool:
    """Whether a request comes from a program, also where it has no such address."""
    return request.path.startswith((f"{PREFIX}/", "/connect/"))


def show(error: DomainError) -> Response:
    """Answer what was refused before any view."""
    return problems.show(error)


def show_http_error(error: Exception) -> Response:
    """Answer what went wrong before or outside any view, such as an address that is none."""
    return problems.show_http(error)
