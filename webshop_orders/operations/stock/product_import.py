"""What a file of products would change, row by row; and changing it, for rows whose products are locked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders.errors import RuleViolation, StaleFields
from webshop_orders.models import Actor, Product
from webshop_orders.operations.stock import counted_levels, import_columns, product_conflicts, product_history, products
from webshop_orders.operations.stock.counted_levels import Counted
from webshop_orders.operations.stock.import_columns import CHANGEABLE, FOR_ADMINISTRATORS, LABELS, ProductColumn

MAX_ROWS = 2_000
AT_ONCE = 500  # products that one statement reads


@dataclass(frozen=True)
class FileRow:
    """The cells of a row of a file, by their columns; `number` is that of the row in it."""

    number: int
    cells: Mapping[ProductColumn, str]

    @property
    def sku(self) -> str:
        return self.cells[ProductColumn.SKU]


@dataclass(frozen=True)
class ColumnChange:
    """A value before and after, as it stands in a file."""

    column: ProductColumn
    before: str
    after: str


@dataclass(frozen=True)
class Refusal:
    """Why a row is not carried out; `column` is the one at fault, if one is."""

    sentence: str
    column: ProductColumn | None = None


@dataclass
class PlannedRow:
    """What a row would change, or why it is refused."""

    row: FileRow
    product: Product | None = None
    values: dict[ProductColumn, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    counted: Counted | None = None
    changes: list[ColumnChange] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def is_to_do(self) -> bool:
        return bool(self.changes) and not self.refusals


@dataclass(frozen=True)
class FileTable:
    """The rows of a file, and the headings of its columns that are not read."""

    rows: list[FileRow]
    unknown_headings: list[str]


def read_table(rows: Sequence[tuple[int, Sequence[str]]]) -> FileTable:
    """The rows below the headings; raises RuleViolation without headings, or where there are too many rows."""
    columns = import_columns.recognise(rows[0][1]) if rows else {}
    if ProductColumn.SKU not in columns or not columns.keys() & set(CHANGEABLE):
        raise RuleViolation(
            _("The first row must have headings: SKU, and some of %(columns)s.", columns=_names(CHANGEABLE))
        )
    if len(rows) - 1 > MAX_ROWS:
        raise RuleViolation(
            ngettext(
                "The table has %(count)s row, and at most %(most)s are read at once. Divide it.",
                "The table has %(count)s rows, and at most %(most)s are read at once. Divide it.",
                len(rows) - 1,
                count=len(rows) - 1,
                most=MAX_ROWS,
            )
        )
    headings = [cell.strip() for place, cell in enumerate(rows[0][1]) if place not in columns.values()]
    return FileTable(
        [
            FileRow(
                number,
                {column: cells[place].strip() if place < len(cells) else "" for column, place in columns.items()},
            )
            for number, cells in rows[1:]
        ],
        [heading for heading in headings if heading],
    )


def plan(rows: Sequence[FileRow], *, may_price: bool, by: Actor) -> list[PlannedRow]:
    """What each row would change as the products are now, in few statements however many rows."""
    catalogue = by_sku(row.sku for row in rows)
    planned, seen = [PlannedRow(row, catalogue.get(row.sku)) for row in rows], set()
    for each in planned:
        if each.product is None:
            sentence = _("There is no product %(sku)s.", sku=each.row.sku) if each.row.sku else _("The SKU is missing.")
            each.refusals.append(Refusal(sentence, ProductColumn.SKU))
        elif each.row.sku in seen:
            each.refusals.append(Refusal(_("This SKU stands in another row already."), ProductColumn.SKU))
        else:
            _read_values(each, each.product)
        seen.add(each.row.sku)
    _plan_fields(planned, may_price=may_price, by=by)
    _plan_counts(planned)
    return planned


def carry_out(planned: Iterable[PlannedRow], *, by: Actor) -> dict[Product, Counted]:
    """Change the locked products of rows; returns the counts that each need a transaction of their own."""
    to_do = [row for row in planned if row.is_to_do]
    for row in to_do:
        if row.fields and row.product is not None:
            products.change_fields(row.product, row.fields, by=by)
    counted = {row.product: row.counted for row in to_do if row.product is not None and row.counted is not None}
    return counted_levels.count_all(counted, by=by) if counted else {}


def by_sku(skus: Iterable[str]) -> dict[str, Product]:
    """The products with these SKUs, however many."""
    wanted = sorted(set(skus))
    found: dict[str, Product] = {}
    for start in range(0, len(wanted), AT_ONCE):
        found |= products.by_sku(wanted[start : start + AT_ONCE])
    return found


def _read_values(planned: PlannedRow, product: Product) -> None:
    """An empty stock leaves it, and so does an empty version; an empty name, price or VAT rate is refused."""
    for column, text in planned.row.cells.items():
        is_left = not text and column in (ProductColumn.STOCK, ProductColumn.ACTIVE, *import_columns.VERSIONS)
        if column not in (*CHANGEABLE, *import_columns.VERSIONS) or is_left:
            continue
        try:
            planned.values[column] = import_columns.read(column, text, product.currency)
        except RuleViolation as violation:
            planned.refusals.append(Refusal(str(violation), column))


def _plan_fields(planned: Iterable[PlannedRow], *, may_price: bool, by: Actor) -> None:
    read = [(row, row.product) for row in planned if row.product is not None and not row.refusals]
    versions = {product: row.values.get(ProductColumn.VERSION, product.version) for row, product in read}
    events = product_history.since_all(versions)
    for row, product in read:
        typed: dict[str, Any] = {
            column.value: row.values[column]
            for column in CHANGEABLE
            if column in row.values and column is not ProductColumn.STOCK
        }
        try:
            typed = product_conflicts.leave_as_they_are(
                product, typed, versions[product], by=by, events=events.get(product, [])
            )
        except StaleFields as stale:
            row.refusals += [Refusal(each.sentence, ProductColumn(each.pointer)) for each in stale.conflicts] or [
                Refusal(_("The version must be as it was exported."), ProductColumn.VERSION)
            ]
            continue
        for name, value in typed.items():
            if value == getattr(product, name):
                continue
            column = ProductColumn(name)
            if column in FOR_ADMINISTRATORS and not may_price:
                sentence = _("Only administrators change %(columns)s.", columns=_names(FOR_ADMINISTRATORS))
                row.refusals.append(Refusal(sentence, column))
            row.fields[name] = value
            row.changes.append(_change(column, product, getattr(product, name), value))


def _plan_counts(planned: Iterable[PlannedRow]) -> None:
    counted = {
        row.product: Counted(row.values[ProductColumn.STOCK], row.values.get(ProductColumn.STOCK_VERSION))
        for row in planned
        if row.product is not None and ProductColumn.STOCK in row.values and not row.refusals
    }
    levels = counted_levels.levels_after(counted)
    for row in planned:
        product = row.product
        if product is None or row.refusals or product not in counted:
            continue
        if product in levels.refused:
            refusal = levels.refused[product]
            is_version = refusal.field == ProductColumn.STOCK_VERSION.value
            row.refusals.append(
                Refusal(str(refusal), ProductColumn.STOCK_VERSION if is_version else ProductColumn.STOCK)
            )
        elif levels.stock[product] != product.stock:
            row.counted = counted[product]
            row.changes.append(_change(ProductColumn.STOCK, product, product.stock, levels.stock[product]))


def _change(column: ProductColumn, product: Product, before: Any, after: Any) -> ColumnChange:
    texts = (import_columns.shown(column, value, product.currency) for value in (before, after))
    return ColumnChange(column, *texts)


def _names(columns: Iterable[ProductColumn]) -> str:
    return ", ".join(str(LABELS[column]) for column in columns)
