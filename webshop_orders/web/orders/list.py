"""The list of orders."""

from collections.abc import Collection

from flask import Blueprint, Response, g, redirect, request, url_for

from webshop_orders import shop_settings
from webshop_orders.money import payments
from webshop_orders.operations.order_list import columns as list_columns
from webshop_orders.operations.order_list import only_match, overview, pages, query_plan, saved_views
from webshop_orders.operations.order_list.pages import OrderListPage
from webshop_orders.operations.order_list.saved_views import ListedView
from webshop_orders.operations.users import read_your_writes
from webshop_orders.web.http.redirects import home_url
from webshop_orders.web.http.responses import flash_message, open_page, render_region, see_other, wants_fragment
from webshop_orders.web.orders import list_query
from webshop_orders.web.orders.forms.base import request_keys
from webshop_orders.web.orders.forms.list import ColumnsForm, ViewForm

blueprint = Blueprint("orders", __name__)


@blueprint.get("/")
def home() -> Response:
    """Go to where the desk opens."""
    return redirect(home_url())  # type: ignore[return-value]


@blueprint.get("/orders")
def index() -> Response:
    arguments = list_query.arguments()
    if not list_query.is_submitted(arguments):
        list_query.remember(arguments)
        return render()
    order_filter = list_query.order_filter(arguments)
    page = read_your_writes.read(g.user, lambda: pages.page(order_filter))
    if number := read_your_writes.read(g.user, lambda: only_match.number(order_filter, page)):
        list_query.remember_without_words(arguments)  # one goes on in the list that the search was typed in
        return open_page(url_for("order.tab", number=number))
    list_query.remember(arguments)
    response = render(page=page)
    response.headers["HX-Replace-Url"] = list_query.url_builder(arguments)()
    return response


def respond(message: str) -> Response:
    """Answer a change of columns or views: the list with the same filter, and a message."""
    flash_message(message)
    return render() if wants_fragment() else see_other(list_query.url_builder(list_query.arguments())())


def render(
    invalid_view_form: ViewForm | None = None,
    invalid_columns_form: ColumnsForm | None = None,
    *,
    page: OrderListPage | None = None,
    selected: Collection[str] = (),
    selection_error: str | None = None,
    status: int = 200,
) -> Response:
    """Render the list for the request's address, with its page if that was read already, and any refused form.

    `selected` are the numbers of the orders that were selected, where nothing could be done with them.
    """

    def view_form(view: ListedView | None = None) -> ViewForm:
        """The form of a new view, or of an existing one."""
        if invalid_view_form is not None and invalid_view_form.view_id == (view.id if view else None):
            return invalid_view_form
        return ViewForm.blank(view_id=view.id, name=view.name, shared=view.shared) if view else ViewForm.blank()

    arguments = list_query.arguments()
    order_filter = list_query.order_filter(arguments)
    shown, around = read_your_writes.read(g.user, lambda: (page or pages.page(order_filter), overview.read(g.user)))
    return render_region(
        "orders/index.html",
        order_filter=order_filter,
        invalid_filters=list_query.invalid_filters(arguments),
        placed_from=list_query.day(arguments, "from"),
        placed_to=list_query.day(arguments, "to"),
        page=shown,
        scan_limit=query_plan.SCAN_LIMIT,
        status_counts=around.status_counts,
        held_counts=around.held_counts,
        matching=around.matching(order_filter),
        carriers=shop_settings.current().carriers,
        payment_methods=list(payments.METHOD_LABELS),
        sort=arguments.get("sort"),
        list_url=list_query.url_builder(arguments),
        arguments=arguments,
        query_string=list_query.query_string(arguments),
        views=around.views,
        pinned_views=around.pinned_views,
        view_form=view_form,
        invalid_view_form=invalid_view_form,
        can_share=saved_views.can_share(g.user),
        can_remove=lambda view: saved_views.can_remove(view, g.user),
        columns=list_columns.columns_of(g.user),
        all_columns=list(list_columns.Column),
        invalid_columns_form=invalid_columns_form,
        selected=selected,
        selection_error=selection_error,
        is_list_alone=request.headers.get("HX-Target") == "section#orders",
        request_key=request_keys(),
        status=status,
    )
