"""The board on which staff share out units: rows are products, columns the open shipments and new ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from webshop_orders.models import Order, Shipment
from webshop_orders.operations.orders import plans
from webshop_orders.operations.orders.plans import MAX_OPEN, Row
from webshop_orders.web.http.query_args import text_arg
from webshop_orders.web.orders.forms.plans import PlanForm, read_quantity

MAX_CELLS = 460  # of one page of the board, which is one form: `MAX_FORM_PARTS` has room for its other fields


@dataclass(frozen=True)
class Column:
    """A shipment, or a new one; `key` names it in the form, `name` to people."""

    key: str
    name: str
    shipment: Shipment | None


@dataclass(frozen=True)
class Cell:
    """What is typed for a row in a column."""

    name: str
    text: str
    error: str | None


@dataclass(frozen=True)
class BoardRow:
    """A row with its cells; `placed` is what they add up to, None where that cannot be told."""

    row: Row
    cells: list[Cell]
    placed: int | None
    errors: list[str]

    def of(self, columns: list[Column]) -> Iterator[tuple[Column, Cell]]:
        return zip(columns, self.cells, strict=True)


@dataclass(frozen=True)
class CodesQuestion:
    """Which column gets the tracking codes of a shipment that is left empty: the one that is chosen, and why not."""

    shipment: Shipment
    chosen: str
    error: str | None


@dataclass(frozen=True)
class Board:
    """One page of the board. `most_columns` is how many it can have, `focus` the name of the field to begin with."""

    columns: list[Column]
    rows: list[BoardRow]
    codes: list[CodesQuestion]
    page: int
    pages: int
    most_columns: int
    is_filled_in: bool

    @property
    def focus(self) -> str | None:
        """The first field that was refused, or else the first cell."""
        cells = [cell for row in self.rows for cell in row.cells]
        refused = [cell.name for cell in cells if cell.error]
        unanswered = [f"codes-{question.shipment.seq}" for question in self.codes if question.error]
        return next(iter([*refused, *unanswered, *(cell.name for cell in cells)]), None)


def context(order: Order, form: PlanForm | None) -> dict[str, Any]:
    """What the template of the board needs; without a form, the quantities are as they are."""
    return {"board": _board(order, form or PlanForm.blank())}


def _board(order: Order, form: PlanForm) -> Board:
    columns = _columns(order, form)
    rows = plans.rows(order)
    per_page = max(1, MAX_CELLS // max(1, len(columns)))
    pages = max(1, -(-len(rows) // per_page))
    page = min(_number_arg("page") or 1, pages)
    shown = rows[(page - 1) * per_page : page * per_page]
    return Board(
        columns,
        [_row(row, columns, form) for row in shown],
        [] if pages > 1 else [_question(shipment, columns, shown, form) for shipment in _with_codes(order)],
        page,
        pages,
        min(MAX_OPEN, max(len(columns), MAX_CELLS // max(1, len(shown)))),
        bool(form.typed),
    )


def _columns(order: Order, form: PlanForm) -> list[Column]:
    """The open shipments, and as many new ones as are typed or asked for, at least one where there is room."""
    present = [Column(str(shipment.seq), shipment.reference, shipment) for shipment in order.open_shipments]
    wanted = max(form.new_columns, _number_arg("new"), 1)
    new = min(wanted, max(0, MAX_OPEN - len(present)))
    names = [_("new")] if new == 1 else [_("new %(number)s", number=number) for number in range(1, new + 1)]
    return [*present, *(Column(f"new{number}", name, None) for number, name in enumerate(names, 1))]


def _row(row: Row, columns: list[Column], form: PlanForm) -> BoardRow:
    is_typed = any(row_id == row.id for row_id, _column in form.typed)
    cells = []
    for column in columns:
        key = row.id, column.key
        present = row.quantity_in(column.shipment) if column.shipment else 0
        text = form.typed.get(key, "") if is_typed else str(present or "")
        cells.append(Cell(f"u{row.id}-{column.key}", text, form.cell_errors.get(key)))
    quantities = [read_quantity(cell.text) for cell in cells]
    placed = None if None in quantities else sum(count or 0 for count in quantities)
    errors = list(dict.fromkeys(cell.error for cell in cells if cell.error))
    return BoardRow(row, cells, placed, errors)


def _with_codes(order: Order) -> list[Shipment]:
    return [shipment for shipment in order.open_shipments if shipment.tracking_codes]


def _question(shipment: Shipment, columns: list[Column], rows: list[Row], form: PlanForm) -> CodesQuestion:
    """Where everything in the shipment goes to one other column, that is proposed."""
    error = form.codes_errors.get(shipment.seq)
    chosen = form.codes.get(shipment.seq, "")
    takers = {
        column.key
        for row in rows
        for column in columns
        if row.quantity_in(shipment)
        and column.shipment is not shipment
        and (read_quantity(form.typed.get((row.id, column.key), "")) or 0)
        > (row.quantity_in(column.shipment) if column.shipment else 0)
    }
    return CodesQuestion(shipment, chosen or (takers.pop() if len(takers) == 1 else ""), error)


def _number_arg(name: str) -> int:
    text = text_arg(name)
    return int(text) if len(text) <= 3 and text.isascii() and text.isdigit() else 0
