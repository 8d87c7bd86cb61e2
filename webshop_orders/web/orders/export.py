"""The list as a file for a spreadsheet: all orders that are asked for, a part of them in memory at a time.

Semicolons, decimal commas and a byte order mark are what Excel in Swedish opens without asking.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision
from flask import Blueprint, Response, g
from flask.globals import app_ctx, request_ctx
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db import replica
from webshop_orders.models import AccessKind, OrderStatus
from webshop_orders.money import payments
from webshop_orders.operations.order_list import pages as order_pages
from webshop_orders.operations.order_list.columns import Column
from webshop_orders.operations.order_list.pages import ListedOrder
from webshop_orders.operations.order_list.query_plan import OrderFilter
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import audit
from webshop_orders.web.labels import DELIVERY_STATUSES, ORDER_STATUSES
from webshop_orders.web.orders import list_query
from webshop_orders.web.orders.forms.list import COLUMNS

blueprint = Blueprint("export", __name__)

BYTE_ORDER_MARK = "\ufeff"
# What spreadsheets take for the beginning of a formula: https://owasp.org/www-community/attacks/CSV_Injection
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


@blueprint.get("/orders.csv")
def orders() -> Response:
    with writing():
        audit.record(AccessKind.PERSONAL_DATA, what="list_exported")
    answer = Response(_in_context(_parts(list_query.order_filter())), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"ordrar-{_written(now())[:10]}.csv")
    return answer


def _in_context(parts: Iterator[str]) -> Iterator[str]:
    """Make each part within the request's context, and leave it while the reader takes their time.

    Flask's own `stream_with_context` would keep a connection and its transaction until the last part is read, and
    cannot let go of them where another thread than the first reads on.
    """
    around = app_ctx._get_current_object()  # type: ignore[attr-defined]
    asking = request_ctx._get_current_object()  # type: ignore[attr-defined]

    def stream() -> Iterator[str]:
        part: str | None = ""
        while part is not None:
            yield part
            with around, asking:
                part = next(parts, None)

    return stream()


def _parts(wanted: OrderFilter) -> Iterator[str]:
    yield BYTE_ORDER_MARK + _lines([[_("Order"), *(str(COLUMNS[column]) for column in Column), _("Currency")]])
    after, is_over = None, False
    while not is_over:
        here = replace(wanted, after=after, before=None)
        part = replica.read(g.user, partial(order_pages.page, here, most=order_pages.IN_ONE_GO))
        yield _lines(map(_cells, part.orders))
        after, is_over = part.after, part.after is None


def _lines(rows: Iterable[list[str]]) -> str:
    lines = io.StringIO()
    csv.writer(lines, delimiter=";").writerows(rows)
    return lines.getvalue()


def _cells(order: ListedOrder) -> list[str]:
    return [_harmless(order.number), *(CELLS[column](order) for column in Column), order.currency]


def _harmless(text: str | None) -> str:
    """What others wrote, so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text and FORMULA.match(text) else text or ""


def _amount(order: ListedOrder) -> str:
    digits = get_currency_precision(order.currency)
    return f"{Decimal(order.total).scaleb(-digits):.{digits}f}".replace(".", ",")


def _statuses(order: ListedOrder) -> str:
    if order.status is OrderStatus.CANCELLED:
        return str(ORDER_STATUSES[order.status])
    return ", ".join(str(DELIVERY_STATUSES[status]) for status in order.statuses)


def _written(at: datetime) -> str:
    """A time as spreadsheets read it, in the shop's time zone."""
    return f"{at.astimezone(ZoneInfo(shop_settings.current().time_zone)):%Y-%m-%d %H:%M}"


CELLS: dict[Column, Callable[[ListedOrder], str]] = {
    Column.REFERENCE: lambda order: _harmless(order.external_reference),
    Column.PLACED: lambda order: _written(order.placed_at),
    Column.CUSTOMER: lambda order: _harmless(order.customer),
    Column.EMAIL: lambda order: _harmless(order.email),
    Column.PHONE: lambda order: _harmless(order.phone),
    Column.CITY: lambda order: _harmless(order.city),
    Column.STATUS: _statuses,
    Column.PAYMENT: lambda order: _harmless(payments.method_label(order.payment_method)),
    Column.SHIPPING: lambda order: _harmless(order.shipping_method),
    Column.ITEMS: lambda order: str(order.units),
    Column.TOTAL: _amount,
    Column.CHANGED: lambda order: _written(order.updated_at),
}
