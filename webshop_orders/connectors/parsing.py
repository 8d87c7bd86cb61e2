"""Parsing of other shops' orders: amounts as decimal text, and JSON whose values may have any type."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from html.entities import html5
from typing import Any

from babel.numbers import is_currency
from flask_babel import gettext as _

from webshop_orders.connectors.countries import country_code
from webshop_orders.documents.fields import MAX_COMMENT_LENGTH, MAX_PRODUCT_NAME_LENGTH, MAX_SKU_LENGTH
from webshop_orders.errors import RuleViolation
from webshop_orders.models.attribute import MAX_ATTRIBUTES, MAX_VALUE_LENGTH
from webshop_orders.models.customer import MAX_PHONE_LENGTH
from webshop_orders.text.currencies import minor_digits
from webshop_orders.text.patterns import CONTROL, CONTROL_EXCEPT_NEWLINE, EMAIL, SURROGATE, without_direction_marks

MAX_AMOUNT = Decimal(10) ** 12
FINEST = Decimal(10) ** -12  # so that a quotient of two numbers has fewer digits than a Decimal carries
BASIS_POINTS = Decimal(10_000)
MAX_ITEMS = 2_000
PLACEHOLDER = "-"  # for a required text that the shop does not have
UNKNOWN_COUNTRY = "ZZ"  # ISO 3166-1 leaves it to users
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Blanks around an address, also those that cannot be seen, and what is typed after it by mistake.
EMAIL_EDGES = " \t\r\n\u00a0\u200b\u200c\u200d\u2060\ufeff.,;"
QUOTED_EMAIL = re.compile(r"<\s*(?:mailto:)?([^<>]+?)\s*>")
MAX_SLUG_LENGTH = 80
MAX_LENGTHS = {"city": 100, "region": 100, "phone": MAX_PHONE_LENGTH, "pickup_point": 300}


def is_signed(secret: str, body: bytes, signature: str) -> bool:
    """Whether a body carries base64(HMAC-SHA256) of itself, as WooCommerce and Shopify both sign."""
    expected = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
    return hmac.compare_digest(expected, signature.encode("utf-8", "replace"))


def part(value: Any, name: str) -> dict[str, Any]:
    """The object in a field of another object; empty if there is none."""
    inner = value.get(name) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


def items(value: Any, name: str) -> list[dict[str, Any]]:
    """The objects of the list in a field of an object."""
    values = value.get(name) if isinstance(value, dict) else None
    return [item for item in values[:MAX_ITEMS] if isinstance(item, dict)] if isinstance(values, list) else []


def text(value: Any, name: str, *, max_length: int = 200, multiline: bool = False) -> str | None:
    """The text or number in a field of an object, as text that our documents accept; None if that is empty."""
    raw = value.get(name) if isinstance(value, dict) else None
    if not raw and type(raw) is not int:  # most fields of most orders
        return None
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        return None
    return _printable(str(raw), max_length, multiline=multiline)


def _printable(raw: str, max_length: int, *, multiline: bool = False) -> str | None:
    if raw.isprintable():  # most are, and then nothing has to be replaced
        return raw.strip()[:max_length].strip() or None
    unified = without_direction_marks(SURROGATE.sub("", raw)).replace("\r\n", "\n")
    printable = (CONTROL_EXCEPT_NEWLINE if multiline else CONTROL).sub(" ", unified).strip()
    return printable[:max_length].strip() or None


def unescape(value: Any) -> Any:
    """A JSON value whose texts have HTML entities, as WooCommerce's have, with characters in their place.

    Only entities that exist and end with a semicolon: `&copy=2` in a link is no copyright sign.
    """
    if isinstance(value, str):
        return ENTITY.sub(_character, value) if "&" in value else value
    if isinstance(value, dict):
        return {name: unescape(inner) for name, inner in value.items()}
    return [unescape(inner) for inner in value] if isinstance(value, list) else value


def _character(entity: re.Match[str]) -> str:
    is_entity = entity[0][1] == "#" or entity[0][1:] in html5
    return html.unescape(entity[0]) if is_entity else entity[0]


def sku(value: Any, name: str) -> str | None:
    return text(value, name, max_length=MAX_SKU_LENGTH)


def product_name(value: Any, name: str) -> str | None:
    return text(value, name, max_length=MAX_PRODUCT_NAME_LENGTH)


def full_name(value: Any, *names: str) -> str | None:
    """The name of a person whose parts are in these fields; None if all are empty."""
    parts = (text(value, name) for name in names)
    return " ".join(part for part in parts if part)[:200] or None


def phone(value: Any, name: str) -> str | None:
    return text(value, name, max_length=MAX_PHONE_LENGTH)


def comment(value: Any, name: str) -> str | None:
    return text(value, name, max_length=MAX_COMMENT_LENGTH, multiline=True)


def email(value: Any, *names: str) -> str | None:
    """The first e-mail address in the fields of an object that can be used."""
    return email_fields(value, *names)["email"]


def email_fields(value: Any, *names: str) -> dict[str, str | None]:
    """The fields `email` and `unusable_email` of our customer, from the fields of an object.

    A stop or a comma after the address, a name before it and further addresses are left out; what is no address even
    then is kept as it was typed.
    """
    typed = [raw for name in names if (raw := text(value, name, max_length=1_000))]
    address = next((address for raw in typed if (address := _email_in(raw))), None)
    return {"email": address, "unusable_email": typed[0][:254] if typed and not address else None}


def _email_in(raw: str) -> str | None:
    quoted = QUOTED_EMAIL.search(raw)
    first = next((part for part in re.split("[;,]", quoted[1] if quoted else raw) if part.strip(EMAIL_EDGES)), "")
    words = [word.strip(EMAIL_EDGES) for word in first.removeprefix("mailto:").split()]
    # A word that is none may be half of an address with a blank in it.
    return words[0] if words and all(EMAIL.fullmatch(word) for word in words) else None


def reference(payload: dict[str, Any], prefix: str) -> str:
    """An order's external reference: the shop's prefix and the order's id there; raises RuleViolation without an id."""
    order_id = text(payload, "id", max_length=100)
    if order_id is None:
        raise RuleViolation(_("%(field)s is missing.", field="id"))
    return f"{prefix}{order_id}"


def require_lines(document: dict[str, Any]) -> None:
    """Raise RuleViolation for an order document without lines."""
    if not document.get("lines"):
        raise RuleViolation(_("The order has no lines."), field="lines")


def integer(value: Any, name: str) -> int | None:
    """The integer in a field of an object, also if it is written as text."""
    raw = value.get(name) if isinstance(value, dict) else None
    if isinstance(raw, str) and re.fullmatch(r"[0-9]{1,18}", raw):
        return int(raw)
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else None


def quantity(value: Any, name: str) -> Decimal | None:
    """The quantity in a field of an object, such as 3, 2.5 or "0,5", also below zero; None if it is no number."""
    raw = value.get(name) if isinstance(value, dict) else None
    return number(raw.strip().replace(",", ".") if isinstance(raw, str) else raw)


def number(raw: Any) -> Decimal | None:
    """A number, or a text that is one, to 12 decimals, beyond which there is only noise; None for anything else."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None
    try:
        exact = Decimal(str(raw))
    except InvalidOperation:
        return None
    if not exact.is_finite() or abs(exact) > MAX_AMOUNT:
        return None
    rounded = exact.quantize(FINEST)
    return exact if exact == rounded else rounded


def timestamp(value: Any, name: str, zone: tzinfo | None = None) -> datetime | None:
    """The time in a field of an object, in UTC; one without a zone is read in `zone`, and is none without that."""
    raw = text(value, name)
    try:
        parsed = datetime.fromisoformat(raw.replace(" UTC", "+00:00")) if raw else None
        if parsed is None or (parsed.tzinfo is None and zone is None):
            return None
        return (parsed.replace(tzinfo=zone) if parsed.tzinfo is None else parsed).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def attribute_documents(pairs: Iterable[tuple[Any, Any]]) -> list[dict[str, str]]:
    """What a customer told or chose, as our attributes or a line's properties, from names and values.

    Left out are names that begin with `_`, which shops keep for themselves, empty values and objects.
    """
    attributes = []
    for name, raw in pairs:
        label = _printable(name, 200) if isinstance(name, str) and not name.startswith("_") else None
        values = [text for inner in (raw if isinstance(raw, list) else [raw]) if (text := _scalar(inner))]
        if label and values:
            attributes.append({"name": label, "value": ", ".join(values)[:MAX_VALUE_LENGTH].strip()})
    return attributes[:MAX_ATTRIBUTES]


def _scalar(raw: Any) -> str | None:
    if not isinstance(raw, str | int | float) or isinstance(raw, bool):
        return None
    return _printable(str(raw), MAX_VALUE_LENGTH, multiline=True)


def slug(name: str) -> str:
    """A product's name as part of a SKU, for products that have none: `Röd filt, stor` is `röd-filt-stor`."""
    return re.sub(r"\W+", "-", name.casefold()).strip("-")[:MAX_SLUG_LENGTH].strip("-") or PLACEHOLDER


@dataclass(frozen=True)
class Currency:
    """A currency, which knows how many minor units (öre) an amount is."""

    code: str

    @classmethod
    def from_code(cls, code: str | None) -> Currency:
        if code is None:
            raise RuleViolation(_("%(field)s is missing.", field="currency"))
        if not is_currency(code.upper()):
            raise RuleViolation(_("%(field)s is no currency.", field=code))
        return cls(code.upper())

    def minor(self, raw: Any, name: str = "") -> int:
        """An amount in minor units, rounded half up; raises RuleViolation for a value that is not an amount."""
        return self.round(self.exact(raw, name))

    def exact(self, raw: Any, name: str = "") -> Decimal:
        """An amount in minor units with their fractions; a missing one is zero."""
        if raw is None or raw == "":
            return Decimal(0)
        amount = number(raw)
        if amount is None:
            raise RuleViolation(_("%(field)s is no amount: %(given)s.", field=name, given=str(raw)[:50]))
        return amount.scaleb(minor_digits(self.code))

    @staticmethod
    def round(amount: Decimal) -> int:
        """An amount in whole minor units, rounded half up; one that no order has is refused with its document."""
        return int(amount.to_integral_value(ROUND_HALF_UP))


def vat_rate(tax: Decimal, net: Decimal, stated: Decimal | None = None) -> int:
    """A VAT rate in basis points: as stated, or else from the tax, as a whole percent if only rounding differs."""
    if stated is not None and 0 <= stated <= BASIS_POINTS:
        return Currency.round(stated)
    if net <= 0 or tax <= 0:
        return 0
    rate = min(BASIS_POINTS, tax * BASIS_POINTS / net)
    percent = (rate / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP) * 100
    return Currency.round(percent if abs(rate - percent) <= BASIS_POINTS / net else rate)


def address_document(value: dict[str, Any], names: dict[str, str], name: str) -> dict[str, Any] | None:
    """Our address from the shop's, whose field names are the values of `names`; None if it is empty."""
    fields = {
        field: text(value, their_name, max_length=MAX_LENGTHS.get(field, 200)) for field, their_name in names.items()
    }
    if not any(fields[field] for field in ("street", "city", "postal_code")):
        return None
    return {
        **fields,
        "name": name,
        # Orders of digital goods may lack an address, and are placed anyway.
        "street": fields["street"] or PLACEHOLDER,
        "city": fields["city"] or PLACEHOLDER,
        "postal_code": (fields["postal_code"] or "")[:20] or None,
        "country": country_code(fields["country"]) or UNKNOWN_COUNTRY,
    }


def address_documents(
    billing: dict[str, Any] | None, shipping: dict[str, Any] | None, name: str
) -> dict[str, dict[str, Any] | None]:
    """Both addresses of an order, each in place of the other one if that is empty."""
    empty = {"name": name, "street": PLACEHOLDER, "city": PLACEHOLDER, "country": UNKNOWN_COUNTRY}
    return {"billing_address": billing or shipping or empty, "shipping_address": shipping or billing}
