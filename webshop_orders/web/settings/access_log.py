"""Konfiguration, Åtkomst: who came in or was kept out, and who changed what."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from webshop_orders.models import AccessKind
from webshop_orders.operations.audit import access_log_search
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.http.query_args import ID, text_arg
from webshop_orders.web.http.responses import render_region

blueprint = Blueprint("access_log", __name__, url_prefix="/settings/access")

ARGUMENTS = ("q", "kind")


@blueprint.get("")
def index() -> Response:
    asked = {name: text_arg(name) for name in ("q", "kind", "before")}
    wanted = access_log_search.AccessLogFilter(
        words=asked["q"],
        kind=AccessKind(asked["kind"]) if asked["kind"] in set(AccessKind) else None,
        before=int(asked["before"]) if ID.fullmatch(asked["before"]) else None,
    )
    return render_region(
        "settings/access.html",
        part="access",
        form=BaseForm.blank(),
        wanted=wanted,
        page=access_log_search.page(wanted),
        kinds=AccessKind,
        address=_address,
    )


def _address(**changes: Any) -> str:
    """The log as it is asked for now, with some of it changed; from the latest entry unless `before` is given."""
    kept = {name: text_arg(name) for name in ARGUMENTS if request.args.get(name)}
    return url_for("access_log.index", **{name: value for name, value in {**kept, **changes}.items() if value})
