"""The catalogue over the API: products and their stock."""

from typing import Any

from flask import Blueprint, Response
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import actor, body, json_response, read_body, read_query
from webshop_orders.documents import product as product_document
from webshop_orders.documents.product import NewProduct, StockLevels, to_json
from webshop_orders.documents.queries import ProductsQuery
from webshop_orders.errors import Busy, FieldError, InvalidDocument
from webshop_orders.models import Product, Scope
from webshop_orders.operations.stock import backorders, products
from webshop_orders.transactions.unit_of_work import writing

blueprint = Blueprint("products", __name__, url_prefix="/products")


@blueprint.get("")
@requires(Scope.ORDERS_READ)
def index() -> Response:
    query = read_query(ProductsQuery)
    rows = products.page(after=query.cursor, limit=query.limit + 1)
    cursor = rows[query.limit - 1].sku if len(rows) > query.limit else None
    return json_response({"products": [to_json(product) for product in rows[: query.limit]], "next_cursor": cursor})


@blueprint.get("/<sku:sku>")
@requires(Scope.ORDERS_READ)
def show(sku: str) -> Response:
    return json_response(to_json(products.get(sku)))


@blueprint.put("/<sku:sku>")
@requires(Scope.PRODUCTS_WRITE)
def put(sku: str) -> Response:
    new = _parse(sku, body())
    try:
        with writing():
            product = products.find_for_update(sku)
            is_new = product is None
            product = product or products.add(new, by=actor())
            levels = {} if is_new else _change(product, new)
    except IntegrityError:
        raise Busy(_("Someone else is changing the same thing. Try again in a moment.")) from None
    _reduce_stock(levels)
    return json_response(to_json(products.get(sku)), 201 if is_new else 200)


@blueprint.patch("/<sku:sku>")
@requires(Scope.PRODUCTS_WRITE)
def change(sku: str) -> Response:
    document = body()
    with writing():
        product = products.get_for_update(sku)
        new = _parse(sku, product_document.merge(product, document))
        levels = _change(product, new)
    _reduce_stock(levels)
    return json_response(to_json(products.get(sku)))


@blueprint.post("/stock")
@requires(Scope.PRODUCTS_WRITE)
def receive() -> Response:
    levels = read_body(StockLevels).levels
    with writing():
        catalogue = products.by_sku(level.sku for level in levels)
        unknown = {index: level.sku for index, level in enumerate(levels) if level.sku not in catalogue}
        if unknown:
            raise InvalidDocument(
                [
                    FieldError(f"/levels/{index}/sku", _("There is no product %(sku)s.", sku=sku))
                    for index, sku in unknown.items()
                ]
            )
        reduced = backorders.receive({catalogue[level.sku]: level.stock for level in levels}, by=actor())
    _reduce_stock(reduced)
    return json_response({"received": len(levels)})


def _parse(sku: str, document: Any) -> NewProduct:
    if not isinstance(document, dict):
        return product_document.read(document)
    own_sku = document.get("sku")
    new = product_document.read({**document, "sku": sku if own_sku is None else own_sku})
    if new.sku != sku:
        raise InvalidDocument([FieldError("/sku", _("The SKU is another than that of the address."))])
    return new


def _change(product: Product, new: NewProduct) -> dict[int, int | None]:
    products.change(product, new, by=actor())
    return backorders.receive({product: new.stock}, by=actor()) if new.has_stock and new.stock != product.stock else {}


def _reduce_stock(levels: dict[int, int | None]) -> None:
    """Set stock that open lines lose reserved units by, each product in its own transaction, since it locks orders."""
    for product_id, level in levels.items():
        with writing():
            backorders.set_stock(product_id, level, by=actor())
