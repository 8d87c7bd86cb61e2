"""The query string of the list of orders: read as a filter, written into links, and remembered for links back."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from flask import request, session, url_for
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.models import OrderStatus
from webshop_orders.money import payments
from webshop_orders.operations.order_list.filters import OrderFilter, Sort
from webshop_orders.text.tracking_codes import without_scanner_prefix
from webshop_orders.web.http.query_args import cursor_arg, text_arg
from webshop_orders.web.http.session_transport import SessionTransport, session_transport

ARGUMENTS = ("q", "anywhere", "status", "from", "to", "payment", "balance", "carrier", "product", "sort")
# Words, days and pages are not remembered: the orders that came in since would be missing.
REMEMBERED_ARGUMENTS = ("status", "payment", "balance", "carrier", "product", "sort")
# What an order's neighbours are searched by too, since they are those of the list that was just shown.
SEARCH_ARGUMENTS = ("q", "anywhere", "from", "to")
# The name of the search form's button.
SUBMITTED = "open"
SESSION_KEY = "list"
SEARCH_KEY = "list_search"
# In a frame without cookies, static/frame.js remembers the query string and sends it with each request.
REMEMBERED_HEADER = "X-List"
MAX_REMEMBERED_LENGTH = 1_000
MAX_SEARCH_LENGTH = 300
MAX_SKU_LENGTH = 60
TO_REFUND = "refund"  # as `balance`


def order_filter() -> OrderFilter:
    """The filter of the request's query string, without the arguments of `invalid_filters`."""
    status, sort = text_arg("status"), text_arg("sort").removeprefix("-")
    last_day = day_arg("to")
    return OrderFilter(
        words=without_scanner_prefix(text_arg("q")),
        anywhere=text_arg("anywhere") == "1",
        status=OrderStatus(status) if status in set(OrderStatus) else None,
        placed_from=_midnight(day_arg("from")),
        placed_before=_midnight(last_day + timedelta(days=1) if last_day else None),
        payment=text_arg("payment") or None,
        carrier=text_arg("carrier") or None,
        product=text_arg("product") or None,
        to_refund=text_arg("balance") == TO_REFUND,
        sort=Sort(sort) if sort in set(Sort) else Sort.PLACED,
        descending=not sort or text_arg("sort").startswith("-"),
        after=cursor_arg("after"),
        before=cursor_arg("before"),
    )


def day_arg(name: str) -> date | None:
    """A date of the query string; None if it is not valid or so far away that it cannot be converted to UTC."""
    try:
        day = date.fromisoformat(text_arg(name))
    except ValueError:
        return None
    return day if 1970 <= day.year < 9999 else None


def invalid_filters() -> dict[str, str]:
    """Arguments that filter nothing since they are not valid, each with a sentence that says so."""
    sentences = {
        name: _("«%(text)s» is not a date. Write it as %(example)s.", text=text_arg(name), example=_today())
        for name in ("from", "to")
        if text_arg(name) and day_arg(name) is None
    }
    first_day, last_day = day_arg("from"), day_arg("to")
    if first_day and last_day and first_day > last_day:
        sentences["to"] = _("The last day is before the first one, so no order fits.")
    if text_arg("status") and text_arg("status") not in set(OrderStatus):
        sentences["status"] = _("There is no order status «%(text)s».", text=text_arg("status"))
    if text_arg("balance") not in {"", TO_REFUND}:
        sentences["balance"] = _("There is no balance «%(text)s» to filter by.", text=text_arg("balance"))
    return sentences


def is_submitted() -> bool:
    """Whether the words were sent with Enter or the button, and not while they were typed."""
    return text_arg(SUBMITTED) == "1" and bool(text_arg("q"))


def arguments() -> dict[str, str]:
    """The list's arguments in the request's query string, without the cursors of a page."""
    values = {name: text_arg(name) for name in ARGUMENTS}
    return {name: value for name, value in values.items() if value}


def list_url(current: Mapping[str, str], **changes: str | None) -> str:
    """The list's address with some arguments changed or, by None, removed; its first page unless a cursor is given."""
    values: dict[str, Any] = {name: value for name, value in {**current, **changes}.items() if value}
    return url_for("orders.index", **values)


def query_string() -> str:
    """The list's arguments, URL-encoded."""
    return urlencode(arguments())


def remember() -> None:
    """Keep the filter and sorting in the session for `back_to_list_url`, and with the search for `neighbour_url`."""
    current = arguments()
    remembered = {name: value for name, value in current.items() if name in REMEMBERED_ARGUMENTS and _is_offered(name)}
    search = urlencode({name: value for name, value in current.items() if name in SEARCH_ARGUMENTS})
    _keep(SESSION_KEY, urlencode(remembered))
    _keep(SEARCH_KEY, search if len(search) <= MAX_SEARCH_LENGTH else "")


def _keep(key: str, value: str) -> None:
    if value != session.get(key, ""):
        session[key] = value


def back_to_list_url() -> str:
    """The list with the remembered filter and sorting; on the list itself, the list of all orders."""
    if request.endpoint == "orders.index":
        return url_for("orders.index")
    return url_for("orders.index", **_remembered(REMEMBERED_ARGUMENTS))


def neighbour_url(endpoint: str, number: str, tab: str) -> str:
    """The address of an order's neighbour in the list that was shown last."""
    return url_for(endpoint, number=number, tab=tab, **_remembered(ARGUMENTS))


def _remembered(names: Collection[str]) -> dict[str, Any]:
    if session_transport() is SessionTransport.BEARER:
        query = request.headers.get(REMEMBERED_HEADER, "")[:MAX_REMEMBERED_LENGTH]
    else:
        query = f"{session.get(SESSION_KEY, '')}&{session.get(SEARCH_KEY, '')}"
    return {name: value for name, value in parse_qsl(query) if name in names}


def _is_offered(name: str) -> bool:
    """Whether the page offers an argument's value: anyone can make links, and a session has to stay small."""
    value = text_arg(name)
    if name == "product":
        return len(value) <= MAX_SKU_LENGTH
    offered = {
        "status": set(OrderStatus),
        "payment": payments.METHOD_LABELS,
        "balance": {TO_REFUND},
        "carrier": {carrier.name for carrier in shop_settings.current().carriers},
        "sort": {*Sort, *(f"-{sort}" for sort in Sort)},
    }
    return value in offered[name]


def _today() -> date:
    return now().astimezone(ZoneInfo(shop_settings.current().time_zone)).date()


def _midnight(day: date | None) -> datetime | None:
    """The beginning of a day in the shop's time zone."""
    zone = ZoneInfo(shop_settings.current().time_zone)
    return datetime(day.year, day.month, day.day, tzinfo=zone) if day else None


TEMPLATE_GLOBALS = {"back_to_list_url": back_to_list_url, "neighbour_url": neighbour_url}
