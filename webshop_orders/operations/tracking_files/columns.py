"""Which column tells what: as someone chose for such a file, as the headings say, or by what is in the columns."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.documents.known_carriers import match_name
from webshop_orders.documents.known_codes import is_distinct
from webshop_orders.errors import RuleViolation
from webshop_orders.models import ColumnRole, TrackingFileColumns
from webshop_orders.models.tracking_file import CellNote
from webshop_orders.operations.tracking_files.orders import OrderNames
from webshop_orders.operations.tracking_files.table import Table, TableRow
from webshop_orders.text.tracking_codes import compact

SAMPLE_ROWS = 50
MIN_CODE_LENGTH = 8
MIN_DIGITS = 6


def fingerprint(table: Table) -> str:
    """What files of the same sender have in common: their headings, or without any the number of columns."""
    names = "\n".join(heading.strip().casefold() for heading in table.headings) or f"{table.width} columns"
    return hashlib.sha256(names.encode()).hexdigest()


def of_table(table: Table, within_batch_id: int | None) -> dict[str, int]:
    """The columns of a table by what they tell; those that are neither remembered nor known are told by their cells."""
    remembered = db.session.get(TrackingFileColumns, fingerprint(table))
    if remembered is not None:
        return {role: column for role, column in remembered.columns.items() if column < table.width}
    columns = dict(table.columns)
    needs_order = not {ColumnRole.ORDER, ColumnRole.REFERENCE} & columns.keys()
    if needs_order or ColumnRole.CODE not in columns:
        sample = table.rows[:SAMPLE_ROWS]
        if needs_order:
            _guess(columns, ColumnRole.ORDER, table, _order_counter(sample, within_batch_id))
        if ColumnRole.CODE not in columns:
            _guess(columns, ColumnRole.CODE, table, _looks_like_code)
    if ColumnRole.CARRIER not in columns and not table.headings:
        _guess(columns, ColumnRole.CARRIER, table, lambda row, column: _is_carrier(_text(row, column)))
    return {role.value: column for role, column in columns.items()}


def check_chosen(chosen: Mapping[ColumnRole, int | None]) -> dict[str, int]:
    """The columns that someone chose; raises RuleViolation without a code and an order, or for one column twice."""
    columns = {role: column for role, column in chosen.items() if column is not None}
    if ColumnRole.CODE not in columns:
        raise RuleViolation(_("Choose the column with the tracking codes."), field=ColumnRole.CODE.value)
    if not {ColumnRole.ORDER, ColumnRole.REFERENCE} & columns.keys():
        raise RuleViolation(_("Choose the column with the order numbers."), field=ColumnRole.ORDER.value)
    for role, column in columns.items():
        if list(columns.values()).count(column) > 1:
            raise RuleViolation(_("A column can tell one thing only."), field=role.value)
    return {role.value: column for role, column in columns.items()}


def remember(fingerprint_of_file: str, columns: dict[str, int]) -> None:
    """Use these columns for the next file with the same headings."""
    db.session.merge(TrackingFileColumns(fingerprint=fingerprint_of_file, columns=columns, changed_at=now()))
    db.session.flush()


def _guess(
    columns: dict[ColumnRole, int], role: ColumnRole, table: Table, is_meant: Callable[[TableRow, int], bool]
) -> None:
    """Add the column of which most cells are of a kind, if at least half of its cells are."""
    counts: Counter[int] = Counter()
    sample = table.rows[:SAMPLE_ROWS]
    for column in sorted(set(range(table.width)) - set(columns.values())):
        counts[column] = sum(is_meant(row, column) for row in sample)
    best, count = max(counts.items(), key=lambda item: item[1], default=(0, 0))
    if count and count * 2 >= len(sample):
        columns[role] = best


def _order_counter(sample: Sequence[TableRow], within_batch_id: int | None) -> Callable[[TableRow, int], bool]:
    names = OrderNames({cell for row in sample for cell in row.cells if cell}, within_batch_id)
    return lambda row, column: bool(names.find(_text(row, column)))


def _looks_like_code(row: TableRow, column: int) -> bool:
    text = compact(_text(row, column))
    if row.notes.get(column) is CellNote.CUT or is_distinct(text):
        return True
    return len(text) >= MIN_CODE_LENGTH and text.isalnum() and sum(map(str.isdigit, text)) >= MIN_DIGITS


def _is_carrier(text: str) -> bool:
    return bool(text) and match_name(text, [carrier.name for carrier in shop_settings.current().carriers]) is not None


def _text(row: TableRow, column: int) -> str:
    return row.cells[column] if column < len(row.cells) else ""
