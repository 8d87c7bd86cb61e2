"""The integration API: what ERP and shipping systems do over HTTP and JSON, authenticated by a key."""

from flask import Blueprint, Flask, Response, request

from webshop_orders.api import (
    authentication,
    comments,
    credit_notes,
    deliveries,
    docs,
    holds,
    idempotency,
    incoming_deliveries,
    lines,
    orders,
    payments,
    plans,
    problems,
    products,
    refunds,
    returns,
    shipments,
    stock_terms,
    withdrawals,
)
from webshop_orders.errors import DomainError

PREFIX = "/api/v1"
PATHS = (f"{PREFIX}/", "/connect/")  # those of programs
RESOURCES = (
    orders,
    lines,
    comments,
    credit_notes,
    deliveries,
    holds,
    plans,
    refunds,
    payments,
    returns,
    shipments,
    stock_terms,
    products,
    incoming_deliveries,
    withdrawals,
)


def install(app: Flask) -> None:
    """Register the API with an application."""
    api = Blueprint("api", __name__, url_prefix=PREFIX)
    api.before_request(authentication.check)
    api.before_request(idempotency.replay)
    api.after_request(idempotency.store)
    api.register_error_handler(DomainError, problems.domain_problem)
    for resource in RESOURCES:
        api.register_blueprint(resource.blueprint)
    app.register_blueprint(api)
    app.register_blueprint(docs.blueprint)


def is_addressed() -> bool:
    """Whether a request comes from a program, even if there is nothing at its address."""
    return request.path.startswith(PATHS)


def show(error: DomainError) -> Response:
    """The response to a request that was refused before any view."""
    authentication.choose_language()
    return problems.domain_problem(error)


def show_http_error(error: Exception) -> Response:
    """The response to a request that failed before or outside any view, such as one for an unknown address."""
    authentication.choose_language()
    return problems.http_problem(error)
