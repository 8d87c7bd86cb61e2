"""The catalogue over the API: products and their stock."""

from typing import Any

from flask import Blueprint, Response
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import (
    actor,
    body,
    check_product_unchanged,
    json_response,
    product_response,
    read_body,
    read_query,
)
from webshop_orders.documents import product as product_document
from webshop_orders.documents import stock as stock_document
from webshop_orders.documents.product import NewProduct, StockLevel, StockLevels, to_json
from webshop_orders.documents.queries import ProductsQuery
from webshop_orders.documents.stock import NewStockCount, NewStockMovement, StockMovementsQuery
from webshop_orders.errors import AlreadyDone, Busy, FieldError, InvalidDocument
from webshop_orders.models import Actor, Product, Scope
from webshop_orders.operations.stock import backorders, counted_levels, counts, movements, products, reservations
from webshop_orders.operations.stock.counted_levels import Counted
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
    return product_response(products.get(sku))


@blueprint.put("/<sku:sku>")
@requires(Scope.PRODUCTS_WRITE)
def put(sku: str) -> Response:
    new = _parse(sku, body())
    try:
        with writing():
            product = products.find_for_update(sku)
            is_new = product is None
            if product:
                check_product_unchanged(product)
            product = product or products.add(new, by=actor())
            levels = {} if is_new else _change(product, new)
    except IntegrityError:
        raise Busy(_("Someone else is changing the same thing. Try again in a moment.")) from None
    _reduce_stock(levels)
    return product_response(products.get(sku), 201 if is_new else 200)


@blueprint.patch("/<sku:sku>")
@requires(Scope.PRODUCTS_WRITE)
def change(sku: str) -> Response:
    document = body()
    with writing():
        product = products.get_for_update(sku)
        check_product_unchanged(product)
        new = _parse(sku, product_document.merge(product, document))
        levels = _change(product, new)
    _reduce_stock(levels)
    return product_response(products.get(sku))


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
        set_to = {catalogue[level.sku]: level.stock for level in levels if level.stock_version is None}
        counted = {
            catalogue[level.sku]: Counted(level.stock, level.stock_version)
            for level in levels
            if level.stock_version is not None and level.stock is not None
        }
        reservations.lock([*set_to, *counted])
        _check_counts(counted, levels)
        reduced = backorders.receive(set_to, by=actor())
        left = {product.sku: level for product, level in counted_levels.count_all(counted, by=actor()).items()}
    _reduce_stock(reduced)
    for sku, of_product in left.items():
        with writing():
            counts.count(sku, of_product.units, of_product.stock_version, by=actor().with_request_key(None))
    return json_response({"received": len(levels)})


@blueprint.get("/<sku:sku>/movements")
@requires(Scope.ORDERS_READ)
def movements_of(sku: str) -> Response:
    query = read_query(StockMovementsQuery)
    before = int(query.cursor) if query.cursor else None
    page = movements.page(products.get(sku), before=before, limit=query.limit)
    shown = [stock_document.to_json(moved, page.order_numbers.get(moved.order_id or 0)) for moved in page.movements]
    cursor = None if page.next_before is None else str(page.next_before)
    return json_response({"movements": shown, "next_cursor": cursor})


@blueprint.post("/<sku:sku>/movements")
@requires(Scope.PRODUCTS_WRITE)
def move(sku: str) -> Response:
    new, by = read_body(NewStockMovement), actor()
    try:
        with writing():
            movement = counts.adjust(sku, new.quantity, new.reason, note=new.note, by=by)
            answer = stock_document.to_json(movement)
    except AlreadyDone:
        return json_response(_made_before(sku, by))
    return json_response(answer, 201)


@blueprint.post("/<sku:sku>/counts")
@requires(Scope.PRODUCTS_WRITE)
def count(sku: str) -> Response:
    new, by = read_body(NewStockCount), actor()
    try:
        with writing():
            found = counts.count(sku, new.counted, new.stock_version, note=new.note, by=by)
            movement, moved_since = stock_document.to_json(found.movement), found.moved_since
    except AlreadyDone:
        movement, moved_since = _made_before(sku, by), 0
        return json_response({"movement": movement, "expected": movement["stock"], "moved_since": 0})
    return json_response({"movement": movement, "expected": found.expected, "moved_since": moved_since}, 201)


def _made_before(sku: str, by: Actor) -> dict[str, Any]:
    """The movement that the same request made, whose answer was lost."""
    movement = movements.of_request(products.get(sku), by.request_key)
    return stock_document.to_json(movement) if movement else {}


def _check_counts(counted: dict[Product, Counted], levels: list[StockLevel]) -> None:
    """Raises InvalidDocument with each count that is refused, so that none of them is recorded."""
    refused = {product.sku: refusal for product, refusal in counted_levels.levels_after(counted).refused.items()}
    faults = [
        FieldError(f"/levels/{index}/{'stock_version' if refusal.field == 'stock_version' else 'stock'}", str(refusal))
        for index, level in enumerate(levels)
        if level.stock_version is not None and (refusal := refused.get(level.sku))
    ]
    if faults:
        raise InvalidDocument(faults)


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
