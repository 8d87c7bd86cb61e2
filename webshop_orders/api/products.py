"""The catalogue over the API: products as they are to be, and their stock."""

from typing import Any

from flask import Blueprint, Response
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import actor, body, json_response, page_size, query_fields
from webshop_orders.documents import product as product_document
from webshop_orders.documents.product import to_json
from webshop_orders.errors import Busy, FieldError, InvalidDocument
from webshop_orders.models import Product, Scope
from webshop_orders.operations.stock import backorders, products
from webshop_orders.operations.stock.products import NewProduct
from webshop_orders.transactions.unit_of_work import writing

blueprint = Blueprint("products", __name__, url_prefix="/products")


@blueprint.get("")
@requires(Scope.ORDERS_READ)
def index() -> Response:
    asked = query_fields()
    after = asked.text("cursor", most=100)
    limit = page_size(asked)
    asked.finish()
    found = products.page(after=after, limit=limit + 1)
    cursor = found[limit - 1].sku if len(found) > limit else None
    return json_response({"products": [to_json(product) for product in found[:limit]], "next_cursor": cursor})


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
            product = products.by_sku([sku]).get(sku)
            is_new = product is None
            product = product or products.add(new)
            levels = {} if is_new else _change(product, new)
    except IntegrityError:
        raise Busy(_("Someone else is changing the same thing. Try again in a moment.")) from None
    _settle(levels)
    return json_response(to_json(products.get(sku)), 201 if is_new else 200)


@blueprint.patch("/<sku:sku>")
@requires(Scope.PRODUCTS_WRITE)
def change(sku: str) -> Response:
    document = body()
    with writing():
        product = products.get(sku)
        known = {name: getattr(product, name) for name in product_document.KNOWN}
        new = _parse(sku, {**known, **document} if isinstance(document, dict) else document)
        levels = _change(product, new)
    _settle(levels)
    return json_response(to_json(products.get(sku)))


@blueprint.post("/stock")
@requires(Scope.PRODUCTS_WRITE)
def receive() -> Response:
    levels = product_document.parse_levels(body())
    with writing():
        catalogue = products.by_sku(level.sku for level in levels)
        unknown = [level for level in levels if level.sku not in catalogue]
        if unknown:
            raise InvalidDocument(
                [FieldError(level.pointer, _("There is no product %(sku)s.", sku=level.sku)) for level in unknown]
            )
        others = backorders.receive({catalogue[level.sku]: level.stock for level in levels})
    _settle(others)
    return json_response({"received": len(levels)})


def _parse(sku: str, document: Any) -> NewProduct:
    if not isinstance(document, dict):
        return product_document.read(document)
    if document.get("sku") not in (None, sku):
        raise InvalidDocument([FieldError("/sku", _("The SKU is another than that of the address."))])
    return product_document.read({**document, "sku": sku})


def _change(product: Product, new: NewProduct) -> dict[int, int | None]:
    products.change(product, new)
    return backorders.receive({product: new.stock}) if new.has_stock and new.stock != product.stock else {}


def _settle(levels: dict[int, int | None]) -> None:
    """Set the stock that open lines lose by, each product in a transaction of its own, since it locks orders."""
    for product_id, level in levels.items():
        with writing():
            backorders.set_stock(product_id, level, by=actor())
