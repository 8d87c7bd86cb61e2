"""Tracking codes and deliveries as JSON, as shipping systems and ERPs tell of them."""

import hashlib
import json
from typing import Any

from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.documents.order import MAX_LINES
from webshop_orders.documents.strict_json import Fields
from webshop_orders.models import MAX_QUANTITY
from webshop_orders.operations.orders.deliveries import DeliveredUnits, NewDelivery
from webshop_orders.operations.orders.tracking import CODE, LINK, MAX_CODES, NewTrackingCode

MAX_ID = 10**18 - 1


def parse(document: Any) -> NewDelivery:
    """The delivery that a JSON object reports; raises WrongFields."""
    fields = Fields(document)
    new = NewDelivery(
        reference=fields.required_text("id", most=100),
        digest=hashlib.sha256(json.dumps(document, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest(),
        rows=[_row(part) for part in fields.required_parts("lines", most=MAX_LINES)],
        codes=codes(fields, "tracking"),
        sent_at=fields.moment("sent_at"),
        mails=fields.flag("send_confirmation") is not False,
    )
    fields.finish()
    return new


def codes(fields: Fields, name: str) -> list[NewTrackingCode]:
    """The tracking codes in a field: a list of codes, or of objects with code, carrier and url."""
    return [_code(fields.inside(value, place)) for value, place in fields.items(name, most=MAX_CODES)]


def _row(part: Fields) -> DeliveredUnits:
    sku, line_id = part.text("sku", most=100), part.whole("line", least=1, greatest=MAX_ID)
    if (sku is None) == (line_id is None):
        part.refuse("sku", _("Name either the SKU or the line."))
    quantity = part.required_whole("quantity", least=1, greatest=MAX_QUANTITY)
    return DeliveredUnits(quantity, sku, line_id, part.pointer_of("quantity"))


def _code(part: Fields) -> NewTrackingCode:
    code = part.required_matching("code", CODE, example="JJFI64300012345678", most=100)
    url = part.matching("url", LINK, example="https://example.com/track/1", most=500)
    return NewTrackingCode(code, carrier_named(part.text("carrier", most=60)), url)


def carrier_named(told: str | None) -> str | None:
    """A carrier by the name that the shop gives it, or as it was told where the shop has no such carrier."""
    known = (one.name for one in shop_settings.current().carriers)
    return next((name for name in known if told and name.casefold() == told.casefold()), told)
