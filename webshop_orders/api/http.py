"""What goes in and out of the API: strict JSON, versions as ETags, and who asks."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, g, request
from flask_babel import gettext as _
from werkzeug.exceptions import UnsupportedMediaType

from webshop_orders.documents import order as order_document
from webshop_orders.documents.strict_json import Fields, load
from webshop_orders.errors import PreconditionFailed
from webshop_orders.models import Actor, ApiKey, Order

IF_MATCH = "If-Match"
USUAL_PAGE = 50


def body(*, optional: bool = False) -> Any:
    """The JSON that came; raises Unreadable for what is none, and UnsupportedMediaType for what does not say it is."""
    text = request.get_data()
    if optional and not text:
        return {}
    if not request.is_json:
        raise UnsupportedMediaType
    return load(text)


def body_fields(*, optional: bool = False) -> Fields:
    """The fields of the JSON object that came."""
    return Fields(body(optional=optional))


def query_fields() -> Fields:
    """The arguments of the address as fields, each of them text."""
    return Fields({name: "\n".join(values) for name, values in request.args.lists()})


def page_size(asked: Fields) -> int:
    """How many are asked for at once, as far as that may be."""
    return int(asked.matching("limit", "[1-9][0-9]?|1[0-9]{2}|200", example="200") or USUAL_PAGE)


def actor() -> Actor:
    """The integration that asks; a request with a key of its own is carried out once, also after a crash."""
    key: ApiKey = g.api_key
    answering = g.get("answering")
    return key.actor.with_request_key(f"api-{key.id}-{answering}" if answering else None)


def check_unchanged(order: Order) -> None:
    """See that an order is the one that If-Match names; raises PreconditionFailed with the version that it is."""
    if IF_MATCH in request.headers and not request.if_match.contains(str(order.version)):
        raise PreconditionFailed(
            _("The order was changed meanwhile: it is at version %(version)s.", version=order.version)
        )


def json_response(value: Any, status: int = 200, **headers: str) -> Response:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(text + "\n", status, headers, mimetype="application/json")


def order_response(order: Order, status: int = 200, **headers: str) -> Response:
    """An order with its version as ETag."""
    return json_response(order_document.to_json(order), status, ETag=etag(order), **headers)


def etag(order: Order) -> str:
    return f'"{order.version}"'
