"""Files of orders that other shops export, converted to our order documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.connectors import order_shapes, shopify_csv, tables, text_files
from webshop_orders.connectors.importing.files import readable
from webshop_orders.connectors.json_stream import JsonStream
from webshop_orders.connectors.order_shapes import Record
from webshop_orders.connectors.shopify import Shopify
from webshop_orders.connectors.source_settings import SourceSettings, StatusMeaning
from webshop_orders.connectors.woocommerce import WooCommerce
from webshop_orders.errors import MalformedInput, RuleViolation
from webshop_orders.validation.json_text import load

ADAPTERS: dict[str, Any] = {"woocommerce": WooCommerce, "shopify": Shopify}
MAX_SNIFFED_LINES = 100
MAX_LINE_CHARACTERS = 4 * 1024 * 1024
MAX_STATUS_SHOWN = 60
# The first bytes of files that are neither JSON nor CSV.
OTHER_FILES = {b"PK\x03\x04": "Excel/zip", b"\xd0\xcf\x11\xe0": "Excel", b"\x1f\x8b": "gzip", b"%PDF": "PDF"}

Make = Callable[[], dict[str, Any]]


class Format(StrEnum):
    """Whose orders a file has; JSON_LINES are ours, one on each line, and DOCUMENTS ours in one JSON."""

    AUTO = "auto"
    JSON_LINES = "jsonl"
    DOCUMENTS = "json"
    WOOCOMMERCE = "woocommerce"
    SHOPIFY = "shopify"

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
        if _is_json(path):
            return _recognise_json(path, requested)
        layout = tables.read_layout(path, shopify_csv.KNOWN_COLUMNS)
        if layout is not None and shopify_csv.recognises(layout):
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
        if not _is_json(path):
            settings = SourceSettings(Shopify.prefix if prefix is None else prefix, time_zone)
            export = shopify_csv.open_export(_layout(path))
            return Documents(export.count, lambda: (make for _number, make in shopify_csv.documents(export, settings)))
        count = sum(1 for _record in _records(path))
        return Documents(count, partial(_make_each, path, kind, prefix, time_zone))


def _make_each(path: Path, kind: Format, prefix: str | None, zone: ZoneInfo) -> Iterator[Make]:
    for record in _records(path):
        if kind.is_ours:
            yield partial(_own_document, record.value)
            continue
        adapter = _adapter_of(record.value) or ADAPTERS[kind.value]
        settings = SourceSettings(adapter.prefix if prefix is None else prefix, zone)
        yield partial(_document, adapter, record, settings)


def _own_document(value: dict[str, Any]) -> dict[str, Any]:
    return value


def _document(adapter: Any, record: Record, settings: SourceSettings) -> dict[str, Any]:
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
    return document


def _status(order: dict[str, Any]) -> str:
    names = ("cancelled_at", "financial_status", "status")
    values = {name: value for name in names if isinstance(value := order.get(name), str) and value}
    return "" if "cancelled_at" in values else " ".join(dict.fromkeys(values.values()))[:MAX_STATUS_SHOWN]


def _recognise_json(path: Path, requested: Format) -> Format:
    first, is_lines = _first_records(path)
    if not first:
        raise RuleViolation(_("%(path)s holds no orders.", path=path))
    known = next((adapter for record in first if (adapter := _adapter_of(record.value))), None)
    if any("external_reference" in record.value for record in first):
        return Format.JSON_LINES if is_lines else Format.DOCUMENTS
    _refuse_others(path, first[0])
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


def _adapter_of(value: Any) -> Any:
    """The adapter of the system that an order is from; None for an order of ours, and for what is no order."""
    if order_shapes.is_graphql(value) or order_shapes.is_legacy_woocommerce(value):
        return None
    return next((adapter for adapter in ADAPTERS.values() if adapter.recognises(value)), None)


def _first_records(path: Path) -> tuple[list[Record], bool]:
    """The first records of a file, and whether each is on a line of its own; raises RuleViolation for no JSON."""
    lines = _json_lines(path)
    if len(lines) > 1:
        return [record for line in lines for record in order_shapes.unwrap(line)], True
    try:
        first = next(_document_records(path), None)
    except MalformedInput as malformed:
        if lines:
            return [record for line in lines for record in order_shapes.unwrap(line)], True
        raise RuleViolation(f"{path}: {malformed}") from None
    is_line = bool(lines) and first is not None and first.wrapper is None
    return ([first] if first else []), is_line


def _json_lines(path: Path) -> list[dict[str, Any]]:
    """The objects on the first lines of a file, of those lines that are a whole object each."""
    values = []
    for line in _head(path):
        if not line.startswith("{"):
            continue
        try:
            value = load(line)
        except MalformedInput:
            continue
        if isinstance(value, dict) and value:
            values.append(value)
    return values


def _head(path: Path) -> Iterator[str]:
    with text_files.open_text(path, text_files.detect_encoding(path)) as file:
        for _index in range(MAX_SNIFFED_LINES):
            line = file.readline(MAX_LINE_CHARACTERS)
            if not line:
                return
            yield line.lstrip("\ufeff")


def _records(path: Path) -> Iterator[Record]:
    """All records of a file of JSON, or of one on each line; raises RuleViolation for what is neither."""
    if len(_json_lines(path)) > 1:
        yield from _line_records(path)
        return
    with _as_violation(path):
        yield from _document_records(path)


def _document_records(path: Path) -> Iterator[Record]:
    with text_files.open_text(path, text_files.detect_encoding(path)) as file:
        yield from order_shapes.records(JsonStream(file))


def _line_records(path: Path) -> Iterator[Record]:
    with text_files.open_text(path, text_files.detect_encoding(path)) as file:
        for number, line in enumerate(file, start=1):
            if line.strip("\ufeff \t\r\n"):
                with _as_violation(path, number):
                    yield from order_shapes.unwrap(load(line.lstrip("\ufeff")))


@contextmanager
def _as_violation(path: Path, line: int | None = None) -> Iterator[None]:
    try:
        yield
    except MalformedInput as malformed:
        place = str(path) if line is None else _("%(path)s, line %(number)s", path=path, number=line)
        raise RuleViolation(f"{place}: {malformed}") from None


def _is_json(path: Path) -> bool:
    """Whether a file begins as JSON does; raises RuleViolation for a folder, an empty file and one that is no text."""
    if path.is_dir():
        raise RuleViolation(_("%(path)s is a folder. Name a file.", path=path))
    with path.open("rb") as file:
        head = file.read(1024)
    for start, name in OTHER_FILES.items():
        if head.startswith(start):
            raise _other_file(path, name)
    with text_files.open_text(path, text_files.detect_encoding(path, allows_older=True)) as text:
        while chunk := text.read(1024):
            if start_of_text := chunk.lstrip("\ufeff \t\r\n"):
                if start_of_text.startswith("<"):
                    raise _other_file(path, "XML")
                return start_of_text[0] in "{["
    raise RuleViolation(_("%(path)s is empty, so there is nothing to import.", path=path))


def _other_file(path: Path, kind: str) -> RuleViolation:
    return RuleViolation(
        _("%(path)s is a file of the kind %(kind)s. Save it as CSV, or unpack it.", path=path, kind=kind)
    )


def _layout(path: Path) -> tables.Layout:
    layout = tables.read_layout(path, shopify_csv.KNOWN_COLUMNS)
    if layout is None or not shopify_csv.recognises(layout):
        raise RuleViolation(_unknown_table(path, layout))
    return layout


def _unknown_table(path: Path, layout: tables.Layout | None) -> str:
    if layout is None:
        return _("%(path)s is neither JSON nor a CSV of orders that is known here.", path=path)
    if layout.has("Handle", "Title") or layout.has("URL handle", "Title") or layout.has("SKU", "Regular price"):
        return _("%(path)s has products, not orders. Import them with --products.", path=path)
    return _(
        "%(path)s is no export of orders from Shopify: it lacks these columns: %(columns)s.",
        path=path,
        columns=", ".join(layout.missing(shopify_csv.REQUIRED_COLUMNS)),
    )
