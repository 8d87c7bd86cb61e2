"""Tracking codes and deliveries as JSON, as shipping systems and ERPs tell of them."""

import hashlib
import json
from typing import Any

from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.models import MOST_UNITS
from webshop_orders.operations.deliveries import NewDelivery, Row
from webshop_orders.operations.tracking import CODE, LINK, MOST_CODES, NewCode
from webshop_orders.order_document import MOST_LINES
from webshop_orders.strict_json import Fields

MOST_ID = 10**18 - 1


def parse(document: Any) -> NewDelivery:
    """The delivery that a JSON object reports; raises WrongFields."""
    fields = Fields(document)
    new = NewDelivery(
        reference=fields.required_text("id", most=100),
        digest=hashlib.sha256(json.dumps(document, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest(),
        rows=[_row(part) for part in fields.required_parts("lines", most=MOST_LINES)],
        codes=codes(fields, "tracking"),
        sent_at=fields.moment("sent_at"),
        mails=fields.flag("send_confirmation") is not False,
    )
    fields.finish()
    return new


def codes(fields: Fields, name: str) -> list[NewCode]:
    """The tracking codes in a field: a list of codes, or of objects with code, carrier and url."""
    return [_code(fields.inside(value, place)) for value, place in fields.items(name, most=MOST_CODES)]


def _row(part: Fields) -> Row:
    sku, line_id = part.text("sku", most=100), part.whole("line", least=1, greatest=MOST_ID)
    if (sku is None) == (line_id is None):
        part.refuse("sku", _("Name either the SKU or the line."))
    quantity = part.required_whole("quantity", least=1, greatest=MOST_UNITS)
    return Row(quantity, sku, line_id, part.pointer_of("quantity"))


def _code(part: Fields) -> NewCode:
    code = part.required_matching("code", CODE, example="JJFI64300012345678", most=100)
    url = part.matching("url", LINK, example="https://example.com/track/1", most=500)
    return NewCode(code, carrier_named(part.text("carrier", most=60)), url)


def carrier_named(told: str | None) -> str | None:
    """A carrier by the name that the shop gives it, or as it was told where the shop has no such carrier."""
    known = (one.name for one in shop_settings.current().carriers)
    return next((name for name in known if told and name.casefold() == told.casefold()), told)
