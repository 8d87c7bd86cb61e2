"""Requests and responses of the API: strict JSON, versions as ETags, and the integration that makes the request."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, g, request
from flask_babel import gettext as _
from werkzeug.exceptions import UnsupportedMediaType

from webshop_orders.documents import order as order_document
from webshop_orders.documents import product as product_document
from webshop_orders.errors import FieldError, InvalidDocument, PreconditionFailed
from webshop_orders.models import Actor, ApiKey, Order, Product
from webshop_orders.validation.json_text import load
from webshop_orders.validation.reading import MAX_NAME_SHOWN, DocumentT, pointer, read

IF_MATCH = "If-Match"


def body(*, optional: bool = False) -> Any:
    """The JSON value in the request's body; raises MalformedInput, or UnsupportedMediaType."""
    text = request.get_data()
    if optional and not text:
        return {}
    if not request.is_json:
        raise UnsupportedMediaType
    return load(text)


def read_body(document: type[DocumentT], *, optional: bool = False) -> DocumentT:
    """The document in the request's body; raises InvalidDocument, and what `body` raises."""
    return read(document, body(optional=optional))


def read_query(document: type[DocumentT]) -> DocumentT:
    """The document of the URL's parameters, each of them text and given once; raises InvalidDocument."""
    repeated = [name[:MAX_NAME_SHOWN] for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        raise InvalidDocument(
            [FieldError(pointer((name,)), _("The field %(field)s is given twice.", field=name)) for name in repeated]
        )
    return read(document, request.args.to_dict())


def actor() -> Actor:
    """The integration that makes the request; with an Idempotency-Key, its change is made once, also after a crash."""
    key: ApiKey = g.api_key
    request_id = g.get("idempotent_request")
    return key.actor.with_request_key(f"api-{key.id}-{request_id}" if request_id else None)


def check_unchanged(order: Order) -> None:
    """Compare an order's version with If-Match; raises PreconditionFailed, with the present version, if they differ."""
    if _is_other_version(order.version):
        raise PreconditionFailed(
            _("The order was changed meanwhile: it is at version %(version)s.", version=order.version)
        )


def check_product_unchanged(product: Product) -> None:
    """Compare a product's version with If-Match, as `check_unchanged` does; sales and deliveries do not count it up."""
    if _is_other_version(product.version):
        raise PreconditionFailed(
            _("The product was changed meanwhile: it is at version %(version)s.", version=product.version)
        )


def _is_other_version(version: int) -> bool:
    return IF_MATCH in request.headers and not request.if_match.contains(str(version))


def json_response(value: Any, status: int = 200, **headers: str) -> Response:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(text + "\n", status, headers, mimetype="application/json")


def order_response(order: Order, status: int = 200, **headers: str) -> Response:
    """An order with its version as ETag."""
    return json_response(order_document.to_json(order), status, ETag=etag(order), **headers)


def product_response(product: Product, status: int = 200) -> Response:
    """A product with its version as ETag."""
    return json_response(product_document.to_json(product), status, ETag=etag(product))


def etag(of: Order | Product) -> str:
    return f'"{of.version}"'
