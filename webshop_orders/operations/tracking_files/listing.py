"""The rows of a file as its page lists them: with their orders, counted, filtered, and what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from webshop_orders.db.extensions import db
from webshop_orders.models import (
    BatchOrder,
    BatchOrderState,
    Decision,
    Finding,
    Order,
    TrackingFile,
    TrackingFileRow,
)
from webshop_orders.models.tracking_file import QUESTIONS

PAGE = 100
ROW = TrackingFileRow
LEFT_OUT = ROW.decision == Decision.LEAVE_OUT
IS_QUESTION = ROW.finding.in_(QUESTIONS)
TAKEN = and_(
    ROW.seq.is_not(None),
    or_(ROW.decision.is_(None), ROW.decision == Decision.TAKE),
    or_(ROW.finding.is_(None), and_(IS_QUESTION, ROW.decision == Decision.TAKE)),
)
ASKED = and_(IS_QUESTION, or_(ROW.decision.is_(None), and_(ROW.decision == Decision.TAKE, ROW.seq.is_(None))))


class Group(StrEnum):
    """Rows that are shown together, beside those with a finding."""

    TAKEN = "taken"
    ASKED = "asked"
    LEFT_OUT = "left_out"
    DONE = "done"
    REFUSED = "refused"
    WAITING = "waiting"


class ListedRow(NamedTuple):
    """A row with its order's number and, once it is carried out, what became of it and why."""

    row: TrackingFileRow
    order_number: str | None
    state: BatchOrderState | None
    reason: str | None


@dataclass(frozen=True)
class RowPage:
    """Rows by their number in the file; `next_after` is the cursor of the page that follows."""

    rows: list[ListedRow]
    next_after: int | None


@dataclass(frozen=True)
class Counts:
    """How many rows a file has in each group and with each finding, which is the first of each row."""

    groups: Mapping[Group, int]
    findings: Mapping[Finding, int]
    to_answer: Mapping[Finding, int]  # of which nothing is decided yet

    @property
    def taken(self) -> int:
        return self.groups.get(Group.TAKEN, 0)

    @property
    def asked(self) -> int:
        return self.groups.get(Group.ASKED, 0)


def count(file: TrackingFile) -> Counts:
    of_file = _of_file(file)
    findings = db.session.execute(of_file.with_only_columns(ROW.finding, func.count()).group_by(ROW.finding)).all()
    asked = db.session.execute(
        of_file.where(ASKED).with_only_columns(ROW.finding, func.count()).group_by(ROW.finding)
    ).all()
    numbers = db.session.execute(
        of_file.with_only_columns(
            *(func.count().filter(condition).label(group.value) for group, condition in _groups(file).items())
        )
    ).one()
    return Counts(
        groups={Group(name): number for name, number in numbers._mapping.items()},
        findings={finding: number for finding, number in findings if finding is not None},
        to_answer={finding: number for finding, number in asked if finding is not None},
    )


def page(file: TrackingFile, shown: Group | Finding | None = None, after: int | None = None) -> RowPage:
    """A page of the rows, of those that are `shown` together where that is given."""
    query = _of_file(file).where(ROW.number > (after or 0)).order_by(ROW.number).limit(PAGE + 1)
    if isinstance(shown, Finding):
        query = query.where(ROW.finding == shown)
    elif shown is not None:
        query = query.where(_groups(file).get(shown, ROW.id.is_(None)))
    columns = (ROW, Order.number, BatchOrder.state, BatchOrder.reason)
    rows = [ListedRow(*row) for row in db.session.execute(query.with_only_columns(*columns))]
    return RowPage(rows[:PAGE], rows[PAGE - 1].row.number if len(rows) > PAGE else None)


def first_cells(file: TrackingFile) -> list[str]:
    """The cells of the first row, as an example of what is in the columns."""
    first = select(ROW.cells).where(ROW.file_id == file.id).order_by(ROW.number).limit(1)
    return db.session.scalar(first) or []


def _of_file(file: TrackingFile) -> Select[Any]:
    """The rows with their orders and, for those that were carried out, the orders of the batch."""
    of_batch = and_(BatchOrder.batch_id == file.batch_id, BatchOrder.order_id == ROW.order_id, TAKEN)
    return (
        select(ROW.id)
        .outerjoin(Order, Order.id == ROW.order_id)
        .outerjoin(BatchOrder, of_batch)
        .where(ROW.file_id == file.id)
    )


def _groups(file: TrackingFile) -> dict[Group, ColumnElement[bool]]:
    if file.batch_id is None:
        return {Group.TAKEN: TAKEN, Group.ASKED: ASKED, Group.LEFT_OUT: ~TAKEN & ~ASKED}
    return {
        Group.DONE: BatchOrder.state == BatchOrderState.DONE,
        Group.REFUSED: BatchOrder.state == BatchOrderState.REFUSED,
        Group.WAITING: BatchOrder.state.in_([BatchOrderState.WAITING, BatchOrderState.LISTED]),
        Group.LEFT_OUT: BatchOrder.id.is_(None),
    }
