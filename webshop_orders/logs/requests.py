"""The log of requests: each has an id, which its response names, and one line."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import TYPE_CHECKING, Any

from flask import Flask, g

from webshop_orders import request_ids

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "X-Request-Id"
GIVEN = "HTTP_X_REQUEST_ID"
REQUEST = "werkzeug.request"  # Flask's request, in the WSGI environment
PROBES = {"health", "metrics"}  # asked for by machines every few seconds; only what they refuse is worth a line
SERVER_ERRORS = 500
logger = logging.getLogger(__name__)
Headers = list[tuple[str, str]]


def middleware(app: Flask, inner: WSGIApplication) -> WSGIApplication:
    """Begin each request with an id, name it in the response, and log the request.

    Only a proxy that is trusted (TRUSTED_PROXIES) can give the id: whoever else could choose it could mix what they do
    with what others did, in the log and in the history of orders.
    """

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        given = environ.get(GIVEN) if app.config.get("TRUSTED_PROXIES") else None
        request_id = request_ids.begin(given)
        log = RequestLog(environ, request_id) if logger.isEnabledFor(logging.INFO) else None

        def start(status: str, headers: Headers, *exc_info: Any) -> Callable[[bytes], object]:
            if log:
                log.begin_response(int(status[:3]))
            return start_response(status, [*headers, (HEADER, request_id)], *exc_info)

        chunks = inner(environ, start)
        return log.responding(chunks) if log else chunks

    return application


class RequestLog:
    """One request: what its line says, and the chunks of its response."""

    def __init__(self, environ: WSGIEnvironment, request_id: str) -> None:
        self._environ = environ
        self._request_id = request_id
        self._began = perf_counter()
        self._status = 0
        self._facts: dict[str, Any] = {}
        self._is_probe = False
        self._chunks: Iterable[bytes] = ()

    def begin_response(self, status: int) -> None:
        """Note what is known only while the application still works on the request."""
        request = self._environ[REQUEST]
        values = request.view_args or {}
        user, key = g.get("user"), g.get("api_key")
        self._status = status
        self._is_probe = request.blueprint in PROBES
        self._facts = {
            "route": request.url_rule.rule if request.url_rule else None,
            "order": values.get("number"),
            # Other texts in an address may be a token, or what was searched for.
            **{name: value for name, value in values.items() if isinstance(value, int)},
            "user": user.id if user else None,
            "api_key": key.id if key else None,
        }

    def responding(self, chunks: Iterable[bytes]) -> RequestLog:
        self._chunks = chunks
        return self

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            yield chunk
            request_ids.resume(self._request_id)  # the next one may be made in another thread

    def close(self) -> None:
        """Log the request; the server calls this when the response has been sent or was broken off."""
        try:
            getattr(self._chunks, "close", bool)()
        finally:
            is_error = self._status >= SERVER_ERRORS
            if is_error or not self._is_probe:
                self._write(logging.WARNING if is_error else logging.INFO)

    def _write(self, level: int) -> None:
        milliseconds = round((perf_counter() - self._began) * 1000)
        line = {"method": self._environ["REQUEST_METHOD"], "status": self._status, "ms": milliseconds, **self._facts}
        logger.log(level, "request", extra={**line, "request_id": self._request_id})
