"""Reading what other shops write: amounts as decimal text, and JSON in which anything may be anything."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from babel.numbers import get_currency_precision, is_currency
from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation
from webshop_orders.text.patterns import CONTROL, CONTROL_EXCEPT_NEWLINE, EMAIL, SURROGATE

LARGEST = Decimal(10) ** 12
WHOLE = Decimal(10_000)
MOST_ITEMS = 2_000
NOTHING = "-"


def is_signed(secret: str, body: bytes, signature: str) -> bool:
    """Whether a body carries base64(HMAC-SHA256) of itself, as WooCommerce and Shopify both sign."""
    expected = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
    return hmac.compare_digest(expected, signature.encode("utf-8", "replace"))


def part(value: Any, name: str) -> dict[str, Any]:
    """An object within another, empty where there is none."""
    inner = value.get(name) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


def items(value: Any, name: str) -> list[dict[str, Any]]:
    """The objects of a list within an object."""
    inner = value.get(name) if isinstance(value, dict) else None
    return [one for one in inner[:MOST_ITEMS] if isinstance(one, dict)] if isinstance(inner, list) else []


def text(value: Any, name: str, *, most: int = 200, lines: bool = False) -> str | None:
    """A text or number within an object, as text that can be kept; None where nothing is left of it."""
    given = value.get(name) if isinstance(value, dict) else None
    if isinstance(given, bool) or not isinstance(given, str | int):
        return None
    unescaped = SURROGATE.sub("", html.unescape(str(given)))
    shown = (CONTROL_EXCEPT_NEWLINE if lines else CONTROL).sub(" ", unescaped.replace("\r\n", "\n")).strip()
    return shown[:most].strip() or None


def email(value: Any, name: str) -> str | None:
    given = text(value, name, most=254)
    return given if given and EMAIL.fullmatch(given) else None


def reference(payload: dict[str, Any], prefix: str) -> str:
    """What an order goes by here: its id in its shop, after the shop's prefix; raises Refused where it has none."""
    number = text(payload, "id", most=100)
    if number is None:
        raise RuleViolation(_("%(field)s is missing.", field="id"))
    return f"{prefix}{number}"


def whole(value: Any, name: str) -> int | None:
    """A whole number, also where it was written as text."""
    given = value.get(name) if isinstance(value, dict) else None
    if isinstance(given, str) and re.fullmatch(r"[0-9]{1,18}", given):
        return int(given)
    return given if isinstance(given, int) and not isinstance(given, bool) else None


def timestamp(value: Any, name: str, *, naive_is_utc: bool = False) -> datetime | None:
    """A time in UTC; one without a zone only where the format says that it is UTC."""
    given = text(value, name)
    try:
        found = datetime.fromisoformat(given.replace(" UTC", "+00:00")) if given else None
        if found is None or (found.tzinfo is None and not naive_is_utc):
            return None
        return (found.replace(tzinfo=UTC) if found.tzinfo is None else found).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def timestamp_text(found: datetime | None) -> str | None:
    return found.isoformat().replace("+00:00", "Z") if found else None


@dataclass(frozen=True)
class Currency:
    """A currency, and how its amounts are written as whole minor units."""

    code: str

    @classmethod
    def named(cls, code: str | None) -> Currency:
        if code is None:
            raise RuleViolation(_("%(field)s is missing.", field="currency"))
        if not is_currency(code):
            raise RuleViolation(_("%(field)s is no currency.", field=code))
        return cls(code)

    def minor(self, given: Any, name: str = "") -> int:
        """An amount in minor units, half up; raises Refused for what is no amount."""
        return self.round(self.exact(given, name))

    def exact(self, given: Any, name: str = "") -> Decimal:
        """An amount in minor units with what is beyond them; nothing is nought."""
        if given is None or given == "":
            return Decimal(0)
        try:
            amount = Decimal(str(given)) if isinstance(given, str | int | float) else None
        except InvalidOperation:
            amount = None
        if amount is None or isinstance(given, bool) or not amount.is_finite() or abs(amount) > LARGEST:
            raise RuleViolation(_("%(field)s is no amount: %(given)s.", field=name, given=str(given)[:50]))
        return amount.scaleb(get_currency_precision(self.code))

    @staticmethod
    def round(amount: Decimal) -> int:
        return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def line(*, sku: str, name: str, quantity: int, before: int, after: int, vat_rate: int) -> dict[str, Any]:
    """A line that costs `before` without and `after` with its discount, VAT included, to the very öre.

    Where the sum is no multiple of the quantity, the unit price is the next öre up and the discount makes it good.
    """
    unit_price = -(-max(before, after) // quantity)
    return {
        "sku": sku[:100],
        "name": name[:300],
        "quantity": quantity,
        "unit_price": unit_price,
        "vat_rate": vat_rate,
        "discount": unit_price * quantity - after,
    }


def vat_rate(tax: Decimal, net: Decimal, stated: Decimal | None = None) -> int:
    """A VAT rate in basis points: as stated, or else from the tax, to the whole percent where rounding explains it."""
    if stated is not None and 0 <= stated <= WHOLE:
        return Currency.round(stated)
    if net <= 0 or tax <= 0:
        return 0
    rate = tax * WHOLE / net
    percent = (rate / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP) * 100
    return min(int(WHOLE), Currency.round(percent if abs(rate - percent) <= WHOLE / net else rate))


def spread(lines: list[dict[str, Any]], discount: int) -> None:
    """Take a discount on the whole order off its lines, as far as they cost anything."""
    for one in lines:
        taken = min(discount, one["quantity"] * one["unit_price"] - one["discount"])
        one["discount"] += taken
        discount -= taken


def address(value: dict[str, Any], names: dict[str, str], name: str) -> dict[str, Any] | None:
    """An address of ours from theirs, whose fields go by `names`; None where there is none."""
    read = {
        ours: text(value, theirs, most=100 if ours in {"city", "region"} else 200) for ours, theirs in names.items()
    }
    if not any(read[ours] for ours in ("street", "city", "postal_code")):
        return None
    country = (read["country"] or "").upper()
    return {
        **read,
        "name": name,
        # Digital goods have no address to speak of, and the order must not be lost for it.
        "street": read["street"] or NOTHING,
        "city": read["city"] or NOTHING,
        "postal_code": (read["postal_code"] or "")[:20] or None,
        "country": country if re.fullmatch("[A-Z]{2}", country) else "ZZ",
    }
