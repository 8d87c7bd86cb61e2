"""Products in other shops' files: what each becomes, and which of them cannot be told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.documents.barcode import BarcodeRule
from webshop_orders.errors import RuleViolation
from webshop_orders.text.folding import sku_key
from webshop_orders.validation.rules import Fault

Make = Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class ProductFacts:
    """A product as our catalogue has it; without `has_stock`, the file says nothing of its stock.

    Nor does it of the shelf place or the barcode where these are None.
    """

    sku: str
    name: str
    price: int
    vat_rate: int
    stock: int | None
    has_stock: bool
    backorderable: bool | None
    is_active: bool
    shelf_place: str | None = None
    barcode: str | None = None

    def document(self, currency: str) -> dict[str, Any]:
        document: dict[str, Any] = {
            "sku": parsing.sku({"sku": self.sku}, "sku"),
            "name": parsing.product_name({"name": self.name}, "name") or parsing.PLACEHOLDER,
            "price": self.price,
            "currency": currency,
            "vat_rate": self.vat_rate,
            "active": self.is_active,
        }
        if self.has_stock:
            document["stock"] = self.stock
        if self.backorderable is not None:
            document["backorderable"] = self.backorderable
        if self.shelf_place:
            document["shelf_place"] = self.shelf_place
        if self.barcode:
            document["barcode"] = _checked_barcode(self.barcode)
        return document


@dataclass(frozen=True)
class Entry:
    """A product or variant of a file; `read` raises RuleViolation where its fields are wrong.

    `refusal` is why it cannot be one of the catalogue at all.
    """

    sku: str
    name: str
    read: Callable[[], ProductFacts]
    refusal: str | None = None


def makers(entries: Iterable[Entry], currency: str) -> Iterator[Make]:
    """Functions that make the document of one product each; an SKU that came before in the file makes none."""
    first: dict[str, str] = {}
    for entry in entries:
        earlier = first.get(sku_key(entry.sku)) if entry.sku else None
        if earlier is None:
            first[sku_key(entry.sku)] = entry.sku
        yield partial(_make, entry, earlier, currency)


def _checked_barcode(code: str) -> Any:
    """A barcode that products can have; raises RuleViolation here, where that is told with the SKU."""
    try:
        return BarcodeRule().read(code)
    except Fault as fault:
        raise RuleViolation(fault.sentence(_("The barcode"))) from None


def _make(entry: Entry, earlier: str | None, currency: str) -> dict[str, Any]:
    if entry.refusal:
        raise RuleViolation(entry.refusal)
    if not entry.sku:
        raise RuleViolation(_("«%(name)s» has no SKU.", name=entry.name))
    if earlier == entry.sku:
        raise RuleViolation(_("«%(name)s» has the SKU %(sku)s, as one before it.", name=entry.name, sku=entry.sku))
    if earlier is not None:
        raise RuleViolation(
            _(
                "«%(name)s» has the SKU %(sku)s, which differs from %(other)s in case or blanks alone.",
                name=entry.name,
                sku=entry.sku,
                other=earlier,
            )
        )
    try:
        return entry.read().document(currency)
    except RuleViolation as violation:
        raise RuleViolation(f"{entry.sku}: {violation}") from None
