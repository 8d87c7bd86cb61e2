"""The columns of a file of products, as it is exported and read in again: their headings, and what their cells say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _

from webshop_orders.documents.barcode import BarcodeRule
from webshop_orders.documents.fields import MAX_AMOUNT, MAX_PRODUCT_NAME_LENGTH, MAX_SHELF_PLACE_LENGTH
from webshop_orders.documents.stock import MAX_COUNTED
from webshop_orders.errors import RuleViolation
from webshop_orders.money.totals import BASIS_POINTS
from webshop_orders.text import languages
from webshop_orders.text.currencies import minor_digits
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.validation.rules import Fault, Text, missing


class ProductColumn(StrEnum):
    """A column, by the name of the product's column; what is reserved and backordered is only told."""

    SKU = "sku"
    NAME = "name"
    BARCODE = "barcode"
    SHELF_PLACE = "shelf_place"
    PRICE = "price"
    VAT_RATE = "vat_rate"
    STOCK = "stock"
    STOCK_VERSION = "stock_version"
    RESERVED = "reserved"
    BACKORDERED = "backordered"
    BACKORDERABLE = "backorderable"
    ACTIVE = "active"
    VERSION = "version"


LABELS = {
    ProductColumn.SKU: _l("SKU"),
    ProductColumn.NAME: _l("Name"),
    ProductColumn.BARCODE: _l("EAN"),
    ProductColumn.SHELF_PLACE: _l("Shelf place"),
    ProductColumn.PRICE: _l("Price"),
    ProductColumn.VAT_RATE: _l("VAT in percent"),
    ProductColumn.STOCK: _l("Stock"),
    ProductColumn.STOCK_VERSION: _l("Stock version"),
    ProductColumn.RESERVED: _l("Reserved"),
    ProductColumn.BACKORDERED: _l("Backordered"),
    ProductColumn.BACKORDERABLE: _l("Backorderable"),
    ProductColumn.ACTIVE: _l("Active"),
    ProductColumn.VERSION: _l("Version"),
}
CHANGEABLE = (
    ProductColumn.NAME,
    ProductColumn.BARCODE,
    ProductColumn.SHELF_PLACE,
    ProductColumn.PRICE,
    ProductColumn.VAT_RATE,
    ProductColumn.STOCK,
    ProductColumn.BACKORDERABLE,
    ProductColumn.ACTIVE,
)
FOR_ADMINISTRATORS = (ProductColumn.PRICE, ProductColumn.VAT_RATE)
MORE_HEADINGS = {"ean": ProductColumn.BARCODE, "gtin": ProductColumn.BARCODE, "artikelnummer": ProductColumn.SKU}
# A spreadsheet writes the values of its own language for `true` and `false`.
YES, NO = {"ja", "yes", "true", "sant", "1"}, {"nej", "no", "false", "falskt", "0"}
VERSIONS = (ProductColumn.STOCK_VERSION, ProductColumn.VERSION)
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,9}")
VERSION = re.compile(r"[0-9]{1,15}")
DECIMAL = re.compile(r"[0-9]{1,9}(?:[.,]([0-9]+))?")
GROUPS = re.compile(r"(?<=[0-9])[ \u00a0\u202f](?=[0-9]{3}(?![0-9]))")
# A code that a spreadsheet took for a number and wrote with an exponent: its last digits are lost.
WITH_EXPONENT = re.compile(r"[0-9]+(?:[.,][0-9]+)?[Ee]\+?[0-9]+")


def recognise(cells: Sequence[str]) -> dict[ProductColumn, int]:
    """The places of the columns whose headings are among these, in Swedish, in English or as in the API."""
    known = {column.value: column for column in ProductColumn} | MORE_HEADINGS
    for language in ("sv", "en"):
        known |= {label.casefold(): column for column, label in languages.translated(LABELS, language).items()}
    found: dict[ProductColumn, int] = {}
    for place, cell in enumerate(cells):
        column = known.get(cell.strip().casefold())
        if column is not None:
            found.setdefault(column, place)
    return found


def read(column: ProductColumn, text: str, currency: str) -> Any:
    """The value of a cell that is not empty, or of an empty one that means none; raises RuleViolation."""
    match column:
        case ProductColumn.STOCK:
            return _whole_number(text)
        case ProductColumn.STOCK_VERSION | ProductColumn.VERSION:
            if not VERSION.fullmatch(text):
                raise RuleViolation(_("The version must be as it was exported."))
            return int(text)
        case ProductColumn.PRICE:
            return _decimal(text, minor_digits(currency), MAX_AMOUNT)
        case ProductColumn.VAT_RATE:
            return _decimal(text.removesuffix("%").strip(), 2, BASIS_POINTS)
        case ProductColumn.BACKORDERABLE:
            return _flag(text) if text else None
        case ProductColumn.ACTIVE:
            return _flag(text)
        case ProductColumn.BARCODE:
            return _checked(BarcodeRule(), column, _code(text)) if text else None
        case ProductColumn.SHELF_PLACE:
            return _checked(Text(MAX_SHELF_PLACE_LENGTH), column, text) if text else None
        case ProductColumn.NAME if not text:
            raise RuleViolation(missing().sentence(str(LABELS[column])))
        case ProductColumn.NAME:
            return _checked(Text(MAX_PRODUCT_NAME_LENGTH), column, text)
        case _:
            return text


def cell(column: ProductColumn, value: Any, currency: str) -> str | int | Decimal | None:
    """A value as it stands in the file."""
    if value is None:
        return None
    match column:
        case ProductColumn.PRICE:
            return Decimal(value).scaleb(-minor_digits(currency))
        case ProductColumn.VAT_RATE:
            return (Decimal(value) / 100).normalize() + 0
        case ProductColumn.BACKORDERABLE | ProductColumn.ACTIVE:
            return _("Yes") if value else _("No")
        case _:
            return value


def shown(column: ProductColumn, value: Any, currency: str) -> str:
    """A value for people, as it stands in the file."""
    found = cell(column, value, currency)
    if found is None:
        return "–"
    return f"{found:f}".replace(".", ",") if isinstance(found, Decimal) else str(found)


def _whole_number(text: str) -> int:
    number = GROUPS.sub("", text)
    if not WHOLE_NUMBER.fullmatch(number) or not 0 <= int(number) <= MAX_COUNTED:
        raise RuleViolation(_("Give a whole number from 0 to %(most)s.", most=format_decimal(MAX_COUNTED)))
    return int(number)


def _decimal(text: str, digits: int, most: int) -> int:
    number = GROUPS.sub("", text)
    match = DECIMAL.fullmatch(number)
    if match is None or len(match[1] or "") > digits:
        raise RuleViolation(_("Give a number such as %(example)s.", example="199,50" if digits else "199"))
    value = int(Decimal(number.replace(",", ".")).scaleb(digits))
    if value > most:
        raise RuleViolation(_("That is too much."))
    return value


def _flag(text: str) -> bool:
    if text.casefold() in YES:
        return True
    if text.casefold() in NO:
        return False
    raise RuleViolation(_("Write Yes or No."))


def _code(text: str) -> str:
    if WITH_EXPONENT.fullmatch(text):
        raise RuleViolation(
            _(
                "A spreadsheet has made %(text)s of the code, and its last digits are lost. "
                "Format the column as text, and write the code again.",
                text=text,
            )
        )
    return text


def _checked(rule: Text, column: ProductColumn, text: str) -> Any:
    try:
        return rule.read(text)
    except Fault as fault:
        raise RuleViolation(fault.sentence(str(LABELS[column]))) from None
