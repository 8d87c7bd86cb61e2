"""The list of orders."""

from functools import partial

from flask import Blueprint, Response, g, redirect, url_for

from webshop_orders import shop_settings
from webshop_orders.db import replica
from webshop_orders.models import SavedView
from webshop_orders.money import payments
from webshop_orders.operations.order_list import columns as list_columns
from webshop_orders.operations.order_list import counts as order_counts
from webshop_orders.operations.order_list import pages as order_pages
from webshop_orders.operations.order_list import query_plan, saved_views
from webshop_orders.web.http.query_args import text_arg
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.orders import list_query
from webshop_orders.web.orders.forms.list import ColumnsForm, ViewForm

blueprint = Blueprint("orders", __name__)


@blueprint.get("/")
def home() -> Response:
    return redirect(url_for("orders.index"))  # type: ignore[return-value]


@blueprint.get("/orders")
def index() -> Response:
    list_query.remember()
    return render()


def respond(sentence: str) -> Response:
    """Answer a change of how the list looks: the list as it was asked for, and a sentence on what was done."""
    flash_message(sentence)
    return render() if wants_fragment() else see_other(list_query.address(list_query.arguments()))


def render(refused: ViewForm | None = None, columns_form: ColumnsForm | None = None, *, status: int = 200) -> Response:
    """Draw the list as the address asks for it, with a form of it as it was refused."""

    def view_form(view: SavedView | None = None) -> ViewForm:
        if refused is not None and refused.view_id == (view.id if view else None):
            return refused
        return ViewForm.blank(view_id=view.id, name=view.name, shared=view.shared) if view else ViewForm.blank()

    wanted, arguments, columns = list_query.order_filter(), list_query.arguments(), list_columns.of(g.user)
    page, standing = replica.read(g.user, lambda: (order_pages.page(wanted), order_counts.by_status()))
    return render_region(
        "orders/index.html",
        wanted=wanted,
        placed_from=list_query.day("from"),
        placed_to=list_query.day("to"),
        page=page,
        stretch=query_plan.SCAN_LIMIT,
        standing=standing,
        carriers=shop_settings.current().carriers,
        payment_methods=payments.METHOD_LABELS,
        sort=text_arg("sort"),
        address=partial(list_query.address, arguments),
        arguments=arguments,
        query=list_query.query(),
        views=saved_views.seen_by(g.user),
        view_form=view_form,
        refused_view=refused,
        may_share=saved_views.may_share(g.user),
        may_remove=lambda view: saved_views.may_remove(view, g.user),
        columns=[column.value for column in columns],
        columns_form=columns_form or ColumnsForm.blank(columns=[column.value for column in columns]),
        status=status,
    )
