"""The list of orders."""

from functools import partial

from flask import Blueprint, Response, g, redirect, url_for

from webshop_orders import payments, replica, shop_settings
from webshop_orders.models import SavedView
from webshop_orders.operations import list_columns, listing, order_counts, picking, saved_views
from webshop_orders.web import asked
from webshop_orders.web.answers import region, say, see_other, wants_fragment
from webshop_orders.web.arguments import words
from webshop_orders.web.forms.list import ColumnsForm, ViewForm

blueprint = Blueprint("orders", __name__)


@blueprint.get("/")
def home() -> Response:
    return redirect(url_for("orders.index"))  # type: ignore[return-value]


@blueprint.get("/orders")
def index() -> Response:
    asked.remember()
    return draw()


def answer(sentence: str) -> Response:
    """Answer a change of how the list looks: the list as it was asked for, and a sentence on what was done."""
    say(sentence)
    return draw() if wants_fragment() else see_other(asked.address(asked.arguments()))


def draw(refused: ViewForm | None = None, columns_form: ColumnsForm | None = None, *, status: int = 200) -> Response:
    """Draw the list as the address asks for it, with a form of it as it was refused."""

    def view_form(view: SavedView | None = None) -> ViewForm:
        if refused is not None and refused.view_id == (view.id if view else None):
            return refused
        return ViewForm.blank(view_id=view.id, name=view.name, shared=view.shared) if view else ViewForm.blank()

    wanted, arguments, columns = asked.wanted(), asked.arguments(), list_columns.of(g.user)
    page, standing = replica.read(g.user, lambda: (listing.page(wanted), order_counts.by_status()))
    return region(
        "orders/index.html",
        wanted=wanted,
        placed_from=asked.day("from"),
        placed_to=asked.day("to"),
        page=page,
        stretch=picking.STRETCH,
        standing=standing,
        carriers=shop_settings.current().carriers,
        payment_methods=payments.NAMES,
        sort=words("sort"),
        address=partial(asked.address, arguments),
        arguments=arguments,
        query=asked.query(),
        views=saved_views.seen_by(g.user),
        view_form=view_form,
        refused_view=refused,
        may_share=saved_views.may_share(g.user),
        may_remove=lambda view: saved_views.may_remove(view, g.user),
        columns=[column.value for column in columns],
        columns_form=columns_form or ColumnsForm.blank(columns=[column.value for column in columns]),
        status=status,
    )
