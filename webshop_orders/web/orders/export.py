"""The list as a file: all orders that match the filter, one page of them in memory at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import IO

from flask import Blueprint, Response, g
from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation
from webshop_orders.models import AccessKind
from webshop_orders.operations.order_list import export_details, key_lookup, pages
from webshop_orders.operations.order_list.filters import OrderFilter
from webshop_orders.operations.order_list.pages import ListedOrder
from webshop_orders.operations.users import read_your_writes
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import audit
from webshop_orders.web.http import made_files
from webshop_orders.web.http.query_args import text_arg
from webshop_orders.web.orders import export_columns, list_query
from webshop_orders.web.orders.export_columns import Cell, ExportColumn, Row
from webshop_orders.web.orders.export_files import write_csv, write_xlsx
from webshop_orders.web.orders.selected import can_be_number, submitted_numbers, takes_all

blueprint = Blueprint("export", __name__)

PAGE_SIZE = 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Write = Callable[[IO[bytes], Sequence[str], Iterable[Sequence[Cell]]], None]


@blueprint.get("/orders.csv")
def orders() -> Response:
    return _export(write_csv, export_columns.OF_LIST, _list_rows, "text/csv", "csv")


@blueprint.post("/orders.csv")
def selected() -> Response:
    """The orders that are selected in the list, or all that match it."""
    if takes_all():
        return orders()
    numbers = [number for number in submitted_numbers() if can_be_number(number)]
    if not numbers:
        raise RuleViolation(_("Choose at least one order."))
    starts = range(0, len(numbers), key_lookup.MAX_ORDERS)
    rows = (row for start in starts for row in _read_numbers(numbers[start : start + key_lookup.MAX_ORDERS]))
    return _file(write_csv, export_columns.OF_LIST, rows, "text/csv", "csv")


@blueprint.get("/orders.xlsx")
def workbook() -> Response:
    """A workbook with a row for each order, or for each of their lines."""
    if text_arg("rows") == "lines":
        return _export(write_xlsx, export_columns.OF_LINES, _line_rows, XLSX, "xlsx")
    return _export(write_xlsx, export_columns.OF_ORDERS, _order_rows, XLSX, "xlsx")


def _export(
    write: Write,
    columns: Sequence[ExportColumn],
    rows_of: Callable[[list[ListedOrder]], list[Row]],
    mimetype: str,
    extension: str,
) -> Response:
    arguments = list_query.arguments()
    if invalid := list_query.invalid_filters(arguments):
        raise RuleViolation(" ".join(invalid.values()))
    return _file(write, columns, _rows(list_query.order_filter(arguments), rows_of), mimetype, extension)


def _file(
    write: Write, columns: Sequence[ExportColumn], listed: Iterable[Row], mimetype: str, extension: str
) -> Response:
    with writing():
        audit.record(AccessKind.PERSONAL_DATA, what="list_exported")
    rows = (export_columns.cells(columns, row) for row in listed)
    headings = export_columns.headings(columns)
    return made_files.respond(lambda file: write(file, headings, rows), "ordrar", extension, mimetype)


def _rows(order_filter: OrderFilter, rows_of: Callable[[list[ListedOrder]], list[Row]]) -> Iterator[Row]:
    after, is_last = None, False
    while not is_last:
        page_filter = replace(order_filter, after=after, before=None)
        rows, after = read_your_writes.read(g.user, partial(_read, page_filter, rows_of))
        yield from rows
        is_last = after is None


def _read(order_filter: OrderFilter, rows_of: Callable[[list[ListedOrder]], list[Row]]) -> tuple[list[Row], str | None]:
    page = pages.page(order_filter, limit=PAGE_SIZE)
    return rows_of(page.orders), page.after


def _read_numbers(numbers: Sequence[str]) -> list[Row]:
    return _list_rows(read_your_writes.read(g.user, lambda: pages.of_numbers(numbers)))


def _list_rows(listed: list[ListedOrder]) -> list[Row]:
    return [Row(order) for order in listed]


def _order_rows(listed: list[ListedOrder]) -> list[Row]:
    details = export_details.details_of([order.id for order in listed])
    return [Row(order, details[order.id]) for order in listed]


def _line_rows(listed: list[ListedOrder]) -> list[Row]:
    lines = export_details.lines_of([order.id for order in listed])
    return [replace(row, line=line) for row in _order_rows(listed) for line in lines.get(row.order.id, ())]
