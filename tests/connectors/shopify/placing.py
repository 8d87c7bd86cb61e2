"""Shopify's orders as they are read, and placed as an import places them: refused where their sums differ."""

from typing import Any
from zoneinfo import ZoneInfo

from webshop_orders.connectors.shopify import Shopify
from webshop_orders.connectors.source_settings import SourceSettings
from webshop_orders.documents import source_order
from webshop_orders.documents.order import NewOrder
from webshop_orders.models import Actor, ActorKind, Order
from webshop_orders.money.totals import Totals, compute_totals
from webshop_orders.operations.orders import placement
from webshop_orders.transactions.unit_of_work import writing

SETTINGS = SourceSettings("shopify-", ZoneInfo("Europe/Stockholm"))
IMPORT = Actor(ActorKind.SYSTEM, "import")


def read(payload: dict[str, Any]) -> NewOrder:
    return source_order.read(Shopify.document(payload, SETTINGS))


def place(payload: dict[str, Any]) -> Order:
    with writing():
        return placement.place(read(payload), {}, by=IMPORT, imported=True, keeps_source_total=True)


def totals_of(payload: dict[str, Any]) -> Totals:
    return compute_totals(place(payload))


def charges_of(new: NewOrder) -> list[tuple[str, str, int, int]]:
    """The kind, name, amount and VAT rate of each charge."""
    return [(str(charge.kind), charge.name, charge.amount, charge.vat_rate) for charge in new.charges]
