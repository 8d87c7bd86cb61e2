"""Saved views that a user has as chips above the list, and how many orders each of them has."""

from urllib.parse import parse_qsl

from flask import Blueprint, Response, g, jsonify
from flask_babel import gettext as _

from webshop_orders.operations.order_list import overview, pinned_views, view_counts
from webshop_orders.operations.order_list.overview import Overview
from webshop_orders.operations.order_list.view_counts import ViewCount
from webshop_orders.operations.users import read_your_writes
from webshop_orders.text import formatting
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.http.locale import language
from webshop_orders.web.orders import list as order_list
from webshop_orders.web.orders import list_query

blueprint = Blueprint("pinned_views", __name__, url_prefix="/views")


@blueprint.post("/<id:view_id>/pin")
def pin(view_id: int) -> Response:
    with writing():
        view = pinned_views.pin(view_id, by=g.user)
    return order_list.respond(_("«%(name)s» is pinned above the list.", name=view.name))


@blueprint.post("/<id:view_id>/pin/removal")
def unpin(view_id: int) -> Response:
    with writing():
        view = pinned_views.unpin(view_id, by=g.user)
    return order_list.respond(_("«%(name)s» is no longer pinned.", name=view.name))


@blueprint.post("/<id:view_id>/pin/earlier")
def move_earlier(view_id: int) -> Response:
    return _move(view_id, earlier=True)


@blueprint.post("/<id:view_id>/pin/later")
def move_later(view_id: int) -> Response:
    return _move(view_id, earlier=False)


def _move(view_id: int, *, earlier: bool) -> Response:
    with writing():
        view = pinned_views.move(view_id, earlier=earlier, by=g.user)
    return order_list.respond(_("«%(name)s» is moved.", name=view.name))


@blueprint.get("/counts")
def counts() -> Response:
    """How many orders each pinned view has, by its id, as it is shown: static/view_counts.js asks after the page."""
    found = read_your_writes.read(g.user, lambda: _counts(overview.read(g.user)))
    return jsonify({str(view_id): _text(number) for view_id, number in found.items()})


def _counts(around: Overview) -> dict[int, ViewCount]:
    return {
        view.id: view_counts.count(list_query.order_filter(dict(parse_qsl(view.query))), around.status_counts)
        for view in around.pinned_views
    }


def _text(number: ViewCount) -> str:
    return formatting.integer(number.count, language()) + ("+" if number.is_more else "")
