"""Files of tracking codes: adding, finding, checking and removing them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select

from webshop_orders.clock import now
from webshop_orders.db import paging
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import get_for_update
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import (
    Actor,
    Batch,
    ColumnRole,
    Decision,
    Finding,
    TrackingFile,
    TrackingFileRow,
)
from webshop_orders.operations.batches import selection
from webshop_orders.operations.tracking_files import checking, columns
from webshop_orders.operations.tracking_files.table import Table

# A file is needed until its parcels have arrived and nobody asks any more. What it says of others than our orders, such
# as of those that were never found, is not kept longer than it takes to carry it out.
RETENTION = timedelta(days=90)
UNUSED_RETENTION = timedelta(days=7)
ROWS: Any = TrackingFileRow.__table__


@dataclass(frozen=True)
class FilePage:
    """Files, the latest first; `next_before` is the cursor of the page that follows."""

    files: list[TrackingFile]
    next_before: int | None


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def add(table: Table, name: str, digest: str, *, within_batch_id: int | None = None, by: Actor) -> TrackingFile:
    """Add a table that was read, checked against the orders as they are; the same request adds one file.

    Raises NotFound where there is no such batch.
    """
    if by.request_key is not None:
        same = select(TrackingFile).where(TrackingFile.request_key == by.request_key)
        if existing := db.session.scalar(same):
            return existing
    if within_batch_id is not None:
        selection.get(within_batch_id)
    file = TrackingFile(
        name=name,
        sheet=table.sheet,
        digest=digest,
        fingerprint=columns.fingerprint(table),
        headings=_headings(table),
        columns=columns.of_table(table, within_batch_id),
        row_count=len(table.rows),
        actor_kind=by.kind,
        actor_name=by.name,
        user_id=by.user_id,
        request_key=by.request_key,
        within_batch_id=within_batch_id,
    )
    db.session.add(file)
    db.session.flush()
    rows = [
        TrackingFileRow(
            file_id=file.id,
            number=row.number,
            cells=row.cells,
            notes={str(column): note.value for column, note in row.notes.items()},
        )
        for row in table.rows
    ]
    checking.check(file, rows)
    db.session.execute(insert(ROWS), [_values(row) for row in rows])
    return file


def get(file_id: int) -> TrackingFile:
    """A file; raises NotFound."""
    return db.session.get(TrackingFile, file_id) or _raise_not_found()


def lock(file_id: int) -> TrackingFile:
    """A file, locked to be changed; raises NotFound."""
    return get_for_update(TrackingFile, file_id) or _raise_not_found()


def recent(before: int | None = None) -> FilePage:
    """A page of the files, the latest first."""
    files = db.session.scalars(paging.limit_to_page(select(TrackingFile), TrackingFile.id, before)).all()
    return FilePage(*paging.split_page(files, lambda file: file.id))


def earlier_same(file: TrackingFile) -> TrackingFile | None:
    """The latest of the earlier files that have the same content, one that was carried out before others."""
    same = select(TrackingFile).where(TrackingFile.digest == file.digest, TrackingFile.id < file.id)
    return db.session.scalars(same.order_by(TrackingFile.batch_id.is_(None), TrackingFile.id.desc()).limit(1)).first()


def batch_within(file: TrackingFile) -> Batch | None:
    """The batch whose orders were meant first; None where there was none, or it is deleted."""
    return db.session.get(Batch, file.within_batch_id) if file.within_batch_id is not None else None


def choose_columns(file: TrackingFile, chosen: Mapping[ColumnRole, int | None]) -> None:
    """Set what the columns of a locked file tell, for the next file with these headings too, and check it anew.

    Raises RuleViolation as `columns.check_chosen` does, and where the file is carried out already.
    """
    check_open(file)
    file.columns = columns.check_chosen(chosen)
    columns.remember(file.fingerprint, file.columns)
    rows = rows_of(file)
    for row in rows:
        row.decision, row.chosen_seq = None, None
    checking.check(file, rows)
    db.session.flush()


def decide(
    file: TrackingFile,
    decision: Decision | None,
    *,
    number: int | None = None,
    finding: Finding | None = None,
    seq: int | None = None,
) -> int:
    """Decide of a row of a locked file, or of all rows with a finding, whether they are carried out all the same.

    `seq` is the shipment that was chosen for the row. Returns how many rows were decided of. Raises RuleViolation where
    there are none that anything can be decided of.
    """
    check_open(file)
    rows = rows_of(file)
    meant = [row for row in rows if (row.number == number if number is not None else _is_asked(row, finding))]
    if decision is Decision.TAKE:
        meant = [row for row in meant if row.is_question and (seq or row.seq) is not None]
    if not meant:
        raise RuleViolation(_("There is no such row to decide of any more."))
    for row in meant:
        choices = row.facts.get("choices", [])
        if decision is Decision.TAKE and choices and (seq or row.seq) not in choices:
            raise RuleViolation(_("Choose one of the order's shipments."))
        row.decision, row.chosen_seq = decision, seq if choices else None
    checking.check(file, rows)
    db.session.flush()
    return len(meant)


def recheck(file: TrackingFile) -> Sequence[TrackingFileRow]:
    """Check the rows of a locked file anew, as the orders are now."""
    rows = rows_of(file)
    checking.check(file, rows)
    db.session.flush()
    return rows


def _is_asked(row: TrackingFileRow, finding: Finding | None) -> bool:
    return finding is not None and finding.value in row.findings


def remove(file: TrackingFile) -> None:
    """Remove a locked file that was not carried out, with its rows; raises RuleViolation for another one."""
    check_open(file)
    _delete([file.id])


def check_open(file: TrackingFile) -> None:
    """Raise RuleViolation where a file is carried out already."""
    if file.batch_id is not None:
        raise RuleViolation(_("%(name)s is carried out already.", name=file.name))


def rows_of(file: TrackingFile) -> Sequence[TrackingFileRow]:
    return db.session.scalars(
        select(TrackingFileRow).where(TrackingFileRow.file_id == file.id).order_by(TrackingFileRow.number)
    ).all()


def delete_expired() -> None:
    """Delete files past their retention, sooner those that nobody carried out."""
    is_unused = TrackingFile.batch_id.is_(None) & (TrackingFile.created_at < now() - UNUSED_RETENTION)
    expired = select(TrackingFile.id).where(is_unused | (TrackingFile.created_at < now() - RETENTION))
    if ids := db.session.scalars(expired).all():
        _delete(ids)


def _delete(ids: Sequence[int]) -> None:
    db.session.execute(delete(TrackingFileRow).where(TrackingFileRow.file_id.in_(ids)))
    db.session.execute(delete(TrackingFile).where(TrackingFile.id.in_(ids)))


def _headings(table: Table) -> list[str]:
    return [*table.headings, *[""] * (table.width - len(table.headings))]


def _values(row: TrackingFileRow) -> dict[str, Any]:
    names = (
        "file_id",
        "number",
        "cells",
        "notes",
        "order_id",
        "seq",
        "codes",
        "is_sent",
        "finding",
        "findings",
        "facts",
    )
    return {name: getattr(row, name) for name in names}


def _raise_not_found() -> Any:
    raise NotFound(_("There is no such file of tracking codes."))
