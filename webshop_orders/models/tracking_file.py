from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.clock import now
from webshop_orders.db.columns import Json, enum_column
from webshop_orders.db.extensions import IDS_USED_ONCE, Base
from webshop_orders.models.actor import ActorKind


class ColumnRole(StrEnum):
    """What a column of a file with tracking codes tells; a reference is one by which an order can be found too."""

    ORDER = "order"
    REFERENCE = "reference"
    CODE = "code"
    CARRIER = "carrier"
    SENT = "sent"


class CellNote(StrEnum):
    """What a spreadsheet made of a cell: its text alone does not tell that something may be missing."""

    NUMBER = "number"  # which has no leading zeros
    PADDED = "padded"  # a number that the spreadsheet shows with zeros before it
    CUT = "cut"  # a number of more digits than a spreadsheet keeps
    FAULT = "fault"  # such as #N/A


class Finding(StrEnum):
    """What is particular about a row; a row without one is carried out as it is."""

    NO_ORDER_NUMBER = "no_order_number"
    NO_CODE = "no_code"
    CUT_NUMBER = "cut_number"
    FAULT = "fault"
    NOT_A_CODE = "not_a_code"
    UNKNOWN = "unknown"
    SEVERAL_ORDERS = "several_orders"
    CLOSED = "closed"
    PRESENT = "present"
    TWICE = "twice"
    SEVERAL_SHIPMENTS = "several_shipments"
    LEADING_ZEROS = "leading_zeros"
    CHECK_DIGIT = "check_digit"
    ELSEWHERE = "elsewhere"
    TWO_ORDERS = "two_orders"
    SHIPPED = "shipped"
    OUTSIDE_BATCH = "outside_batch"

    @property
    def is_question(self) -> bool:
        """Whether someone may decide that the row is right all the same."""
        return self in QUESTIONS


QUESTIONS = {
    Finding.SEVERAL_SHIPMENTS,
    Finding.LEADING_ZEROS,
    Finding.CHECK_DIGIT,
    Finding.ELSEWHERE,
    Finding.TWO_ORDERS,
    Finding.SHIPPED,
    Finding.OUTSIDE_BATCH,
}


class Decision(StrEnum):
    TAKE = "take"
    LEAVE_OUT = "leave_out"


class TrackingFile(Base):
    """A file or a pasted table of tracking codes, to be checked and then carried out as a batch.

    `digest` is the SHA-256 of what came in, `fingerprint` that of its headings, by which the columns that someone chose
    are remembered. `within_batch_id` is the batch whose orders are meant first; `batch_id` the one that carries it out.
    """

    __tablename__ = "tracking_files"
    __table_args__ = (
        Index("ix_tracking_files_created_at", "created_at"),
        Index("ix_tracking_files_digest", "digest"),
        IDS_USED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    sheet: Mapped[str | None]
    digest: Mapped[str]
    fingerprint: Mapped[str]
    headings: Mapped[list[str]] = mapped_column(Json())
    columns: Mapped[dict[str, int]] = mapped_column(Json())
    row_count: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)
    actor_kind: Mapped[ActorKind] = mapped_column(enum_column(ActorKind))
    actor_name: Mapped[str]
    user_id: Mapped[int | None]
    request_key: Mapped[str | None] = mapped_column(unique=True)
    within_batch_id: Mapped[int | None]  # which may be deleted while the file is kept
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batches.id"))
    started_at: Mapped[datetime | None]

    def column(self, role: ColumnRole) -> int | None:
        return self.columns.get(role)


class TrackingFileRow(Base):
    """A row of such a file: its cells, what they were found to mean, and what someone decided about it.

    `number` is that of the row in the file, from 1, and `notes` has a `CellNote` for cells by their column. `seq` is
    the number of the shipment within the order, `chosen_seq` the one that someone chose. `findings` are the values of
    `Finding`, of which `finding` is the first, and `facts` what their sentences name.
    """

    __tablename__ = "tracking_file_rows"
    __table_args__ = (
        UniqueConstraint("file_id", "number"),
        Index("ix_tracking_file_rows_order_id", "order_id"),
        IDS_USED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("tracking_files.id"))
    number: Mapped[int]
    cells: Mapped[list[str]] = mapped_column(Json())
    notes: Mapped[dict[str, str]] = mapped_column(Json(), default=dict)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    seq: Mapped[int | None]
    codes: Mapped[list[dict[str, Any]]] = mapped_column(Json(), default=list)
    is_sent: Mapped[bool] = mapped_column(default=True)
    finding: Mapped[Finding | None] = mapped_column(enum_column(Finding))
    findings: Mapped[list[str]] = mapped_column(Json(), default=list)
    facts: Mapped[dict[str, Any]] = mapped_column(Json(), default=dict)
    decision: Mapped[Decision | None] = mapped_column(enum_column(Decision))
    chosen_seq: Mapped[int | None]

    @property
    def is_taken(self) -> bool:
        """Whether its codes are added when the file is carried out."""
        if self.decision is Decision.LEAVE_OUT:
            return False
        is_settled = self.finding is None or (self.decision is Decision.TAKE and self.is_question)
        return is_settled and self.seq is not None

    @property
    def is_question(self) -> bool:
        """Whether nothing but a decision keeps it from being carried out."""
        return bool(self.findings) and all(Finding(finding).is_question for finding in self.findings)


class TrackingFileColumns(Base):
    """The columns that someone chose for files with these headings, to be used for the next such file."""

    __tablename__ = "tracking_file_columns"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    columns: Mapped[dict[str, int]] = mapped_column(Json())
    changed_at: Mapped[datetime] = mapped_column(default=now)
