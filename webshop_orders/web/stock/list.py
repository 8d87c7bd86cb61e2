"""The list of products, and the row in which one edits what is edited most."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.errors import AlreadyDone, DomainError, NoChange, NotFound
from webshop_orders.models import Product
from webshop_orders.operations.stock import counts, product_list, products
from webshop_orders.operations.stock.product_list import ProductFilter, ProductQuery, ProductSort
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth.authorization import may
from webshop_orders.web.http.query_args import cursor_arg, text_arg
from webshop_orders.web.http.responses import flash_message, open_page, render_region, see_other, wants_fragment
from webshop_orders.web.orders.forms.base import actor_of_form, request_keys
from webshop_orders.web.stock import product_stock
from webshop_orders.web.stock.product_forms import RowForm

blueprint = Blueprint("stock", __name__)

ARGUMENTS = ("q", "only", "sort", "after", "before")
CURSORS = ("after", "before")
FILTERS = {
    ProductFilter.BACKORDERED: _l("Backordered products"),
    ProductFilter.SOLD_OUT: _l("Out of stock"),
    ProductFilter.INACTIVE: _l("Inactive"),
    ProductFilter.UNTRACKED: _l("Not tracked"),
}
SORTS = {sort.value: sort for sort in ProductSort}
# The name of the search form's button: of the words that were sent with it, the only product opens.
SUBMITTED = "open"


@blueprint.get("/stock")
def index() -> Response:
    edited = text_arg("edit")
    product = products.get(edited) if edited and may("stock.save_row") else None
    query = _query()
    page = product_list.page(query)
    is_submitted = text_arg(SUBMITTED) == "1"
    if is_submitted and query.words and len(page.products) == 1:
        return open_page(url_for("products.show", sku=page.products[0].sku))
    response = _render(page=page, edited=product, form=RowForm.blank(obj=product) if product else None)
    if is_submitted:
        response.headers["HX-Replace-Url"] = _url_builder()()
    return response


@blueprint.post("/products/<sku_path:sku>/row")
def save_row(sku: str) -> Response:
    product, form = products.get(sku), RowForm.of_submitted()
    if not form.validate():
        return _render(edited=product, form=form, status=422)
    try:
        with writing():
            sentence = _save(sku, form)
    except NotFound:
        raise
    except (AlreadyDone, NoChange) as nothing:
        sentence = str(nothing)
    except DomainError as error:
        form.add_error(error)
        return _render(edited=products.get(sku), form=form, status=int(error.status))
    flash_message(sentence)
    return (
        _render()
        if wants_fragment()
        else see_other(_url_builder()(after=cursor_arg("after"), before=cursor_arg("before")))
    )


def _save(sku: str, form: RowForm) -> str:
    """Save what was typed into a row; returns what there is to say of it."""
    said = _("%(name)s is saved.", name=sku)
    counted = None
    if form.is_counted:  # first, since it locks orders before the product
        counted = counts.count(sku, form.stock.data, form.version("stock_version"), by=actor_of_form())
        said = f"{said} {product_stock.said_of(counted)}"
    values = {"shelf_place": form.shelf_place.data, "barcode": form.barcode.data}
    try:
        products.change_fields(products.get_for_update(sku), values, version=form.version(), by=g.user.actor)
    except NoChange:
        if counted is None:
            raise
    return said


def _query() -> ProductQuery:
    sort = text_arg("sort")
    only = text_arg("only")
    return ProductQuery(
        words=text_arg("q"),
        only=ProductFilter(only) if only in FILTERS else None,
        sort=SORTS.get(sort.removeprefix("-"), ProductSort.SKU),
        descending=sort.startswith("-"),
        after=cursor_arg("after"),
        before=cursor_arg("before"),
    )


def _render(
    *,
    page: product_list.ProductListPage | None = None,
    edited: Product | None = None,
    form: RowForm | None = None,
    status: int = 200,
) -> Response:
    query = _query()
    return render_region(
        "stock/index.html",
        status=status,
        query=query,
        page=page or product_list.page(query),
        filters=FILTERS,
        sort=text_arg("sort"),
        margin=shop_settings.current().stock_safety_margin,
        list_url=_url_builder(),
        request_key=request_keys(),
        edited=edited,
        form=form,
    )


def _url_builder() -> Callable[..., str]:
    """A function that returns the list's address with some arguments changed; of a page, if given its cursor."""
    arguments = {name: text_arg(name) for name in ARGUMENTS if name not in CURSORS}

    def list_url(**changes: Any) -> str:
        changed = {**arguments, **changes}
        return url_for("stock.index", **{name: value for name, value in changed.items() if value})

    return list_url
