"""Trusted hosts: a request for any other `Host` is refused before anything else happens."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Request
from flask_babel import gettext as _
from werkzeug.wsgi import get_host

from webshop_orders.config import ENV_PREFIX
from webshop_orders.errors import UntrustedHost
from webshop_orders.models import AccessKind
from webshop_orders.operations.audit.access_log import printable
from webshop_orders.transactions import refused_access

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

UNTRUSTED_HOST = "webshop_orders.refused_host"  # key in the WSGI environment
PORT = re.compile(r":[0-9]+$")


def refuse_untrusted_host(request: Request) -> None:
    if UNTRUSTED_HOST in request.environ:
        _record_refusal(request, request.environ[UNTRUSTED_HOST])
        raise UntrustedHost(
            _(
                "The order desk does not answer under this name, so nothing was done. "
                "Whoever runs it can add the name to %(prefix)sTRUSTED_HOSTS.",
                prefix=ENV_PREFIX,
            )
        )


def _record_refusal(request: Request, name: str) -> None:
    facts: dict[str, Any] = {"asked": printable(f"{request.method} {request.path}"), "name_asked_for": printable(name)}
    refused_access.record(AccessKind.REQUEST_REFUSED, "", address=request.remote_addr or "", why="host", **facts)


def is_trusted(host: str, trusted: Iterable[str]) -> bool:
    """Whether a `Host` is trusted; a trusted name with a leading dot includes its subdomains."""
    name = PORT.sub("", host).lower()
    return any(name == entry.removeprefix(".") or (entry.startswith(".") and name.endswith(entry)) for entry in trusted)


def middleware(app: Flask, inner: WSGIApplication) -> WSGIApplication:
    """Replace an untrusted host by localhost, so that it neither breaks the router nor appears in links.

    Flask's own TRUSTED_HOSTS supports no IPv6 addresses, and its error page can build no URLs.
    """

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        name = get_host(environ)
        if not is_trusted(name, app.config["OWN_HOSTS"]):
            environ.update({"HTTP_HOST": "localhost", UNTRUSTED_HOST: name})
        return inner(environ, start_response)

    return application
