"""The list as a CSV file: all orders that match the filter, one page of them in memory at a time.

Semicolons, decimal commas and a byte order mark are what Excel in Swedish opens without an import dialog.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g
from flask.globals import app_ctx, request_ctx
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.errors import RuleViolation
from webshop_orders.models import AccessKind, OrderStatus
from webshop_orders.money import payments
from webshop_orders.operations.order_list import pages
from webshop_orders.operations.order_list.columns import Column
from webshop_orders.operations.order_list.filters import OrderFilter
from webshop_orders.operations.order_list.pages import ListedOrder
from webshop_orders.operations.users import read_your_writes
from webshop_orders.text.currencies import minor_digits
from webshop_orders.text.spreadsheet import BYTE_ORDER_MARK, escaped
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import audit
from webshop_orders.web.labels import DELIVERY_STATUSES, ORDER_STATUSES
from webshop_orders.web.orders import list_query
from webshop_orders.web.orders.forms.list import COLUMNS

blueprint = Blueprint("export", __name__)

PAGE_SIZE = 500


@blueprint.get("/orders.csv")
def orders() -> Response:
    if invalid := list_query.invalid_filters():
        raise RuleViolation(" ".join(invalid.values()))
    with writing():
        audit.record(AccessKind.PERSONAL_DATA, what="list_exported")
    response = Response(_in_context(_chunks(list_query.order_filter())), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"ordrar-{_local_time(now())[:10]}.csv")
    return response


def _in_context(chunks: Iterator[str]) -> Iterator[str]:
    """Make each chunk within the request's context, and leave the context while the client reads it.

    Flask's own `stream_with_context` would keep a connection and its transaction until the last chunk is read, and
    cannot release them if another thread than the first reads on.
    """
    application_context = app_ctx._get_current_object()  # type: ignore[attr-defined]
    request_context = request_ctx._get_current_object()  # type: ignore[attr-defined]

    def stream() -> Iterator[str]:
        chunk: str | None = ""
        while chunk is not None:
            yield chunk
            with application_context, request_context:
                chunk = next(chunks, None)

    return stream()


def _chunks(order_filter: OrderFilter) -> Iterator[str]:
    yield BYTE_ORDER_MARK + _csv([[_("Order"), *(str(COLUMNS[column]) for column in Column), _("Currency")]])
    after, is_last = None, False
    while not is_last:
        next_page = partial(pages.page, replace(order_filter, after=after, before=None), limit=PAGE_SIZE)
        page = read_your_writes.read(g.user, next_page)
        yield _csv(map(_cells, page.orders))
        after, is_last = page.after, page.after is None


def _csv(rows: Iterable[list[str]]) -> str:
    lines = io.StringIO()
    csv.writer(lines, delimiter=";").writerows(rows)
    return lines.getvalue()


def _cells(order: ListedOrder) -> list[str]:
    return [escaped(order.number), *(CELLS[column](order) for column in Column), order.currency]


def _amount(order: ListedOrder) -> str:
    digits = minor_digits(order.currency)
    return f"{Decimal(order.total).scaleb(-digits):.{digits}f}".replace(".", ",")


def _statuses(order: ListedOrder) -> str:
    if order.status is OrderStatus.CANCELLED:
        return str(ORDER_STATUSES[order.status])
    return ", ".join(str(DELIVERY_STATUSES[status]) for status in order.statuses)


def _local_time(at: datetime) -> str:
    """A time in the shop's time zone, in a format that spreadsheets recognise."""
    return f"{at.astimezone(ZoneInfo(shop_settings.current().time_zone)):%Y-%m-%d %H:%M}"


CELLS: dict[Column, Callable[[ListedOrder], str]] = {
    Column.REFERENCE: lambda order: escaped(order.external_reference),
    Column.PLACED: lambda order: _local_time(order.placed_at),
    Column.CUSTOMER: lambda order: escaped(order.customer),
    Column.EMAIL: lambda order: escaped(order.email),
    Column.PHONE: lambda order: escaped(order.phone),
    Column.CITY: lambda order: escaped(order.city),
    Column.STATUS: _statuses,
    Column.PAYMENT: lambda order: escaped(payments.method_label(order.payment_method)),
    Column.SHIPPING: lambda order: escaped(order.shipping_method),
    Column.ITEMS: lambda order: str(order.units),
    Column.TOTAL: _amount,
    Column.CHANGED: lambda order: _local_time(order.updated_at),
}
