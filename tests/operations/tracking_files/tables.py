"""Tables of tracking codes, added as files, and rows as tests compare them."""

from typing import Any

from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.models import (
    Actor,
    ActorKind,
    Batch,
    CellNote,
    ColumnRole,
    Decision,
    TrackingFile,
    TrackingFileRow,
)
from webshop_orders.operations.tracking_files import files, starting
from webshop_orders.operations.tracking_files.table import Table, TableRow
from webshop_orders.transactions.unit_of_work import writing

ANNA = Actor(ActorKind.STAFF, "Anna Lind", user_id=1)
ROLES = {ColumnRole.ORDER: 0, ColumnRole.CODE: 1}
GOOD = ("RR123456785SE", "RR000000014SE", "RR000000028SE", "RR000000031SE")


def table(*rows: tuple[str, ...], columns: dict[ColumnRole, int] | None = None, first: int = 2) -> Table:
    """A table with known headings, unless other columns are given."""
    headings = ["Ordernr", "Kollinr", "Transportör", "Skickad"]
    numbered = [TableRow(number, list(cells)) for number, cells in enumerate(rows, first)]
    return Table(headings, numbered, ROLES if columns is None else columns)


def number_cell(number: int, order: str, code: str, note: CellNote) -> TableRow:
    return TableRow(number, [order, code], {1: note})


def add(*rows: tuple[str, ...], by: Actor = ANNA, **how: Any) -> TrackingFile:
    return add_table(table(*rows, columns=how.pop("columns", None)), by=by, **how)


def add_table(read: Table, *, by: Actor = ANNA, name: str = "koder.csv", digest: str = "d", **how: Any) -> TrackingFile:
    with writing():
        return files.add(read, name, digest, by=by, **how)


def rows_of(file: TrackingFile) -> list[TrackingFileRow]:
    db.session.rollback()
    db.session.expire_all()
    of_file = select(TrackingFileRow).where(TrackingFileRow.file_id == file.id).order_by(TrackingFileRow.number)
    return list(db.session.scalars(of_file))


def findings(file: TrackingFile) -> list[list[str]]:
    return [row.findings for row in rows_of(file)]


def taken(file: TrackingFile) -> list[int]:
    return [row.number for row in rows_of(file) if row.is_taken]


def decide(file: TrackingFile, decision: Decision | None, **of: Any) -> int:
    with writing():
        return files.decide(files.lock(file.id), decision, **of)


def start(file: TrackingFile, *, ships: bool = False, by: Actor = ANNA, expected: int | None = None) -> Batch:
    expected = len(taken(file)) if expected is None else expected
    with writing():
        return starting.start(files.lock(file.id), expected=expected, ships=ships, by=by)
