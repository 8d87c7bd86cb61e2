"""Files of orders that other shops export, converted to our order documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.connectors import parsing
from webshop_orders.connectors.adapters import Adapter
from webshop_orders.connectors.files import (
    json_files,
    order_shapes,
    shopify_csv,
    shopify_export,
    shopify_products,
    tables,
    woocommerce_products,
)
from webshop_orders.connectors.files.order_shapes import Record
from webshop_orders.connectors.importing.files import readable
from webshop_orders.connectors.magento import Magento
from webshop_orders.connectors.prestashop import PrestaShop
from webshop_orders.connectors.shopify import Shopify
from webshop_orders.connectors.source_settings import SourceSettings, StatusMeaning
from webshop_orders.connectors.woocommerce import WooCommerce
from webshop_orders.errors import RuleViolation

ADAPTERS: dict[str, Adapter] = {adapter.name: adapter for adapter in (WooCommerce, Shopify, Magento, PrestaShop)}
MAX_STATUS_SHOWN = 60
# Of plugins that export orders: WebToffee's, Advanced Order Export, and SkyVerge's.
WOOCOMMERCE_COLUMNS = (
    *("order_id", "order_number", "order_date", "order_total", "order_status", "billing_email", "billing_first_name"),
    *("shipping_total", "line_item_1", "Order ID", "Order Number", "Order Date", "Order Status", "Order Total Amount"),
    *("First Name (Billing)", "Last Name (Billing)", "Email (Billing)", "Item Cost", "Item Name", "Quantity"),
)
KNOWN_COLUMNS = (
    *shopify_export.KNOWN_COLUMNS,
    *shopify_products.KNOWN_COLUMNS,
    *woocommerce_products.KNOWN_COLUMNS,
    *WOOCOMMERCE_COLUMNS,
)
Make = Callable[[], dict[str, Any]]


class Format(StrEnum):
    """Whose orders a file has; JSON_LINES are ours, one on each line, and DOCUMENTS ours in one JSON."""

    AUTO = "auto"
    JSON_LINES = "jsonl"
    DOCUMENTS = "json"
    WOOCOMMERCE = "woocommerce"
    SHOPIFY = "shopify"
    MAGENTO = "magento"
    PRESTASHOP = "prestashop"

    @property
    def is_ours(self) -> bool:
        return self in {Format.JSON_LINES, Format.DOCUMENTS}


@dataclass(frozen=True)
class Documents:
    """The orders of a file, counted, as functions that make one document each; the file is read anew each time."""

    count: int
    start: Callable[[], Iterator[Make]]

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Make]:
        return self.start()


def recognise(path: Path, requested: Format) -> Format:
    """The format of a file, told by its content alone: what is requested decides only where that tells nothing.

    Raises RuleViolation, in one sentence, for a file without orders.
    """
    with readable(path):
        if json_files.is_json(path):
            return _recognise_json(path, requested)
        layout = tables.read_layout(path, KNOWN_COLUMNS)
        if layout is not None and shopify_export.recognises(layout):
            return Format.SHOPIFY
        if requested is Format.JSON_LINES or path.suffix.lower() in {".jsonl", ".ndjson"}:
            return Format.JSON_LINES
        raise RuleViolation(_unknown_table(path, layout))


def documents(path: Path, kind: Format, *, prefix: str | None = None, zone: str | None = None) -> Documents:
    """The orders in a file of a format that was recognised; raises RuleViolation where it is not that to its end.

    `prefix` begins the references of its orders, and `zone` is that of its times without one; without these, they are
    the usual ones of the system and the shop's.
    """
    time_zone = ZoneInfo(zone or shop_settings.current().time_zone)
    with readable(path):
        if not json_files.is_json(path):
            settings = SourceSettings(Shopify.prefix if prefix is None else prefix, time_zone)
            export = shopify_export.open_export(_layout(path))
            if not export.count:
                raise RuleViolation(_("%(path)s holds no orders.", path=path))
            return Documents(export.count, partial(shopify_csv.documents, export, settings))
        count = sum(1 for _record in json_files.records(path))
        return Documents(count, partial(_make_each, path, kind, prefix, time_zone))


def _make_each(path: Path, kind: Format, prefix: str | None, zone: ZoneInfo) -> Iterator[Make]:
    for record in json_files.records(path):
        if kind.is_ours:
            yield partial(_own_document, record.value)
            continue
        adapter = _adapter_of(record.value) or ADAPTERS[kind.value]
        settings = SourceSettings(adapter.prefix if prefix is None else prefix, zone)
        yield partial(_document, adapter, record, settings)


def _own_document(value: dict[str, Any]) -> dict[str, Any]:
    return value


def _document(adapter: Adapter, record: Record, settings: SourceSettings) -> dict[str, Any]:
    """Our document of an order; raises RuleViolation, by its reference, if it is none to be placed."""
    order = record.value
    if _adapter_of(order) is None:
        raise RuleViolation(_not_an_order(record))
    reference = adapter.reference(order, settings.prefix)
    meaning = adapter.meaning(order, settings)
    status = _status(order)
    if meaning is StatusMeaning.CANCELLED and "refunded" in status:
        raise RuleViolation(_("%(reference)s was refunded in the shop.", reference=reference))
    if meaning is StatusMeaning.CANCELLED:
        raise RuleViolation(_("%(reference)s was cancelled in the shop.", reference=reference))
    if meaning is StatusMeaning.LEFT_OUT:
        raise RuleViolation(_("%(reference)s is not placed yet.", reference=reference))
    if meaning is StatusMeaning.ASK:
        raise RuleViolation(
            _(
                "%(reference)s has the status «%(status)s», whose meaning is not known.",
                reference=reference,
                status=status,
            )
        )
    document: dict[str, Any] = adapter.document(order, settings)
    parsing.require_lines(document)
    return document


def _status(order: dict[str, Any]) -> str:
    names = ("cancelled_at", "financial_status", "status", "current_state")
    values = {name: value for name in names if isinstance(value := order.get(name), str) and value}
    return "" if "cancelled_at" in values else " ".join(dict.fromkeys(values.values()))[:MAX_STATUS_SHOWN]


def _recognise_json(path: Path, requested: Format) -> Format:
    first, is_lines = json_files.first_records(path)
    if not first:
        raise RuleViolation(_("%(path)s holds no orders.", path=path))
    known = next((adapter for record in first if (adapter := _adapter_of(record.value))), None)
    if any(order_shapes.is_ours(record.value) for record in first):
        return Format.JSON_LINES if is_lines else Format.DOCUMENTS
    _refuse_others(path, first[0])
    if order_shapes.other_kind(first[0]) is not None:
        raise RuleViolation(f"{path}: {_not_an_order(first[0])}")
    if known is None and is_lines and requested is Format.JSON_LINES:
        return Format.JSON_LINES
    if known is None:
        raise RuleViolation(f"{path}: {_not_an_order(first[0])}")
    return Format(known.name)


def _refuse_others(path: Path, record: Record) -> None:
    if order_shapes.is_graphql(record.value):
        raise RuleViolation(
            _(
                "%(path)s is from Shopify's GraphQL API, which is not read. Export the orders as CSV in Shopify, "
                "or as JSON with its REST API.",
                path=path,
            )
        )
    if order_shapes.is_legacy_woocommerce(record.value):
        raise RuleViolation(
            _(
                "%(path)s is from WooCommerce's old API, which is not read. Export the orders with its REST API: "
                "/wp-json/wc/v3/orders.",
                path=path,
            )
        )


def _not_an_order(record: Record) -> str:
    kind = order_shapes.other_kind(record)
    if kind is not None:
        return _("These are %(kind)s, not orders.", kind=kind)
    return _("These are no orders that are known here: they have %(names)s.", names=order_shapes.names_of(record.value))


def _adapter_of(value: Any) -> Adapter | None:
    """The adapter of the system that an order is from; None for an order of ours, and for what is no order."""
    if order_shapes.is_graphql(value) or order_shapes.is_legacy_woocommerce(value):
        return None
    return next((adapter for adapter in ADAPTERS.values() if adapter.recognises(value)), None)


def _layout(path: Path) -> tables.Layout:
    layout = tables.read_layout(path, KNOWN_COLUMNS)
    if layout is None or not shopify_export.recognises(layout):
        raise RuleViolation(_unknown_table(path, layout))
    return layout


def _unknown_table(path: Path, layout: tables.Layout | None) -> str:
    if layout is None:
        return _("%(path)s is neither JSON nor a CSV of orders that is known here.", path=path)
    if shopify_products.recognises(layout) or woocommerce_products.recognises(layout):
        return _("%(path)s has products, not orders. Import them with --products.", path=path)
    if len(layout.missing(WOOCOMMERCE_COLUMNS)) < len(WOOCOMMERCE_COLUMNS) - 1:
        return _(
            "%(path)s is a CSV of orders from WooCommerce, which each plugin writes in another way. "
            "Export the orders as JSON with its REST API: /wp-json/wc/v3/orders.",
            path=path,
        )
    return _(
        "%(path)s is no export of orders from Shopify: it lacks these columns: %(columns)s.",
        path=path,
        columns=", ".join(layout.missing(shopify_export.REQUIRED_COLUMNS)),
    )
