"""The names that we answer under: a request for any other is refused before anything is done for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from flask_babel import gettext as _
from werkzeug.wsgi import get_host

from webshop_orders.config import PREFIX
from webshop_orders.errors import UntrustedHost
from webshop_orders.models import AccessKind
from webshop_orders.operations.audit.access_log import printable
from webshop_orders.transactions import refusals

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REFUSED = "webshop_orders.refused_host"
PORT = re.compile(r":[0-9]+$")


def install(app: Flask) -> None:
    app.wsgi_app = _checked(app, app.wsgi_app)  # type: ignore[assignment, method-assign]
    app.before_request(refuse_other_hosts)


def refuse_other_hosts() -> None:
    if REFUSED in request.environ:
        _note_refusal(request.environ[REFUSED])
        raise UntrustedHost(
            _(
                "The order desk does not answer under this name, so nothing was done. "
                "Whoever runs it can add the name to %(prefix)sTRUSTED_HOSTS.",
                prefix=PREFIX,
            )
        )


def _note_refusal(name: str) -> None:
    facts: dict[str, Any] = {"asked": printable(f"{request.method} {request.path}"), "name_asked_for": printable(name)}
    refusals.record(AccessKind.REQUEST_REFUSED, "", address=request.remote_addr or "", why="host", **facts)


def is_ours(host: str, own: Iterable[str]) -> bool:
    """Whether a `Host` names us; one of ours that begins with a dot stands for all below it as well."""
    name = PORT.sub("", host).lower()
    return any(name == one.removeprefix(".") or (one.startswith(".") and name.endswith(one)) for one in own)


def _checked(app: Flask, inner: WSGIApplication) -> WSGIApplication:
    """Let no other name in: a router would break on some, and a page could be drawn with links to it.

    Flask's own TRUSTED_HOSTS knows no IPv6 address, and leaves its error page without any addresses.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        name = get_host(environ)
        if not is_ours(name, app.config["OWN_HOSTS"]):
            environ.update({"HTTP_HOST": "localhost", REFUSED: name})
        return inner(environ, start_response)

    return answer
