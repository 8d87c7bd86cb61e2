"""What Prometheus reads, for whoever has the token, and for programs on this machine."""

import hmac
from ipaddress import ip_address

from flask import Blueprint, Request, Response, current_app, request
from flask_babel import gettext as _

from webshop_orders.config import ENV_PREFIX
from webshop_orders.security.embed_hosts import LOOPBACK_HOSTS
from webshop_orders.web.http.trusted_hosts import is_trusted

blueprint = Blueprint("metrics", __name__)

# Headers by which proxies say that they pass on what another machine asked.
FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")


@blueprint.get("/metrics")
def show() -> Response:
    """The metrics as text; 401 where a token is needed, 403 where none is set that could be given."""
    if not (_has_token(request) or _is_from_this_machine(request)):
        return _refusal()
    from webshop_orders.metrics import exposition  # prometheus_client takes 6 ms of a start

    return Response(exposition.text(), content_type=exposition.CONTENT_TYPE)


def _refusal() -> Response:
    if current_app.config["METRICS_TOKEN"]:
        sentence = _("The metrics are for those who send the token, as «Authorization: Bearer …».")
        headers = {"WWW-Authenticate": "Bearer"}
        return Response(f"{sentence}\n", 401, headers, mimetype="text/plain")
    sentence = _("The metrics are for this machine alone. For others, set %(prefix)sMETRICS_TOKEN.", prefix=ENV_PREFIX)
    return Response(f"{sentence}\n", 403, mimetype="text/plain")


def _has_token(request: Request) -> bool:
    token, given = current_app.config["METRICS_TOKEN"], request.authorization
    if not token or given is None or given.type != "bearer":
        return False
    return hmac.compare_digest((given.token or "").encode(), token.encode())


def _is_from_this_machine(request: Request) -> bool:
    """Whether a program here asks, and no proxy on behalf of another machine.

    A proxy that runs here has a loopback address too, so neither may a header say that it passes something on, nor the
    host be another one than loopback's.
    """
    former = request.environ.get("werkzeug.proxy_fix.orig", {})
    addresses = {request.remote_addr, former.get("REMOTE_ADDR", request.remote_addr)}
    if any(header in request.headers for header in FORWARDED):
        return False
    return all(map(_is_loopback, addresses)) and is_trusted(request.host, LOOPBACK_HOSTS)


def _is_loopback(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False
