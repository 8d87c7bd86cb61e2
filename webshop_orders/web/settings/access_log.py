"""Konfiguration, Åtkomst: who signed in or was refused, and who changed what."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from webshop_orders.models import AccessKind
from webshop_orders.operations.audit import access_log_search
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.http.query_args import id_arg, text_arg
from webshop_orders.web.http.responses import render_region

blueprint = Blueprint("access_log", __name__, url_prefix="/settings/access")

FILTERS = ("q", "kind")


@blueprint.get("")
def index() -> Response:
    kind = text_arg("kind")
    criteria = access_log_search.AccessLogFilter(
        words=text_arg("q"),
        kind=AccessKind(kind) if kind in set(AccessKind) else None,
        before=id_arg("before"),
    )
    return render_region(
        "settings/access_log.html",
        part="access",
        form=BaseForm.blank(),
        criteria=criteria,
        page=access_log_search.page(criteria),
        kinds=AccessKind,
        list_url=_list_url,
    )


def _list_url(**changes: Any) -> str:
    """The URL of the log with its filters, some of them changed; without `before`, from the latest entry."""
    filters = {name: text_arg(name) for name in FILTERS if request.args.get(name)}
    return url_for("access_log.index", **{name: value for name, value in {**filters, **changes}.items() if value})
