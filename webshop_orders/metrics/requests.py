"""Measuring requests, around the application rather than in it, so that all that it does is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any

from webshop_orders.metrics.recording import record_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def measuring(application: WSGIApplication) -> WSGIApplication:
    """The application, with its requests counted and timed: until a response is there, or its first bytes are."""

    def measured(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, route, began = 500, None, perf_counter()

        def start(line: str, headers: list[tuple[str, str]], *exc_info: Any) -> Callable[[bytes], object]:
            nonlocal status, route
            status, route = int(line[:3]), _route(environ)  # Flask takes the request out of it afterwards
            return start_response(line, headers, *exc_info)

        try:
            return application(environ, start)
        finally:
            record_request(route, environ["REQUEST_METHOD"], status, perf_counter() - began)

    return measured


def _route(environ: WSGIEnvironment) -> str | None:
    """The pattern of the address, such as `/orders/<number:number>`, which has no order's number in it."""
    rule = getattr(environ.get("werkzeug.request"), "url_rule", None)
    return rule.rule if rule is not None else None
