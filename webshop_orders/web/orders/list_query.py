"""What the list of orders is asked for: read from its address, written into one, and remembered for the way back."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from flask import Flask, request, session, url_for

from webshop_orders import shop_settings
from webshop_orders.models import OrderStatus
from webshop_orders.money import payments
from webshop_orders.operations.order_list.query_plan import OrderFilter, Sort
from webshop_orders.web.auth.session_transport import SessionTransport, session_transport
from webshop_orders.web.http.query_args import cursor_arg, text_arg

ARGUMENTS = ("q", "anywhere", "status", "from", "to", "payment", "carrier", "product", "sort")
# Words, days and pages are for once; whoever comes back to them would miss the orders that came in since.
LASTING = ("status", "payment", "carrier", "product", "sort")
LASTING_IN_FRAME = "X-List"
LONGEST = 1_000
LONGEST_SKU = 60


def install(app: Flask) -> None:
    app.jinja_env.globals["way_to_orders"] = back_to_list


def order_filter() -> OrderFilter:
    """What the address asks for; what it has that means nothing is as if it were not there."""
    status, sort = text_arg("status"), text_arg("sort").removeprefix("-")
    last = day("to")
    return OrderFilter(
        words=text_arg("q"),
        anywhere=text_arg("anywhere") == "1",
        status=OrderStatus(status) if status in set(OrderStatus) else None,
        placed_from=_midnight(day("from")),
        placed_before=_midnight(last + timedelta(days=1) if last else None),
        payment=text_arg("payment") or None,
        carrier=text_arg("carrier") or None,
        product=text_arg("product") or None,
        sort=Sort(sort) if sort in set(Sort) else Sort.PLACED,
        descending=not sort or text_arg("sort").startswith("-"),
        after=cursor_arg("after"),
        before=cursor_arg("before"),
    )


def day(name: str) -> date | None:
    try:
        found = date.fromisoformat(text_arg(name))
    except ValueError:
        return None
    return found if 1970 <= found.year < 9999 else None


def arguments() -> dict[str, str]:
    """What the list is asked for now, but for the page of it."""
    kept = {name: text_arg(name) for name in ARGUMENTS}
    return {name: value for name, value in kept.items() if value}


def address(given: Mapping[str, str], **changes: str | None) -> str:
    """The list as it is asked for, with some of it changed; from the first page unless a cursor is given."""
    asked: dict[str, Any] = {name: value for name, value in {**given, **changes}.items() if value}
    return url_for("orders.index", **asked)


def query() -> str:
    """The same as it stands behind a question mark."""
    return urlencode(arguments())


def remember() -> None:
    """Keep what the list is narrowed and sorted by for whoever comes back to it."""
    lasting = urlencode({name: value for name, value in arguments().items() if name in LASTING and _is_offered(name)})
    if lasting != session.get("list", ""):
        session["list"] = lasting


def back_to_list() -> str:
    """The list as one left it, and from the list itself all orders."""
    if request.endpoint == "orders.index":
        return url_for("orders.index")
    kept = (
        request.headers.get(LASTING_IN_FRAME, "")
        if session_transport() is SessionTransport.BEARER
        else session.get("list", "")
    )
    return url_for("orders.index", **{name: value for name, value in parse_qsl(kept[:LONGEST]) if name in LASTING})


def _is_offered(name: str) -> bool:
    """Whether the page offers what an argument asks for: links are made by anyone, and a session has to stay small."""
    value = text_arg(name)
    offered = {
        "status": set(OrderStatus),
        "payment": payments.METHOD_LABELS,
        "carrier": {carrier.name for carrier in shop_settings.current().carriers},
        "sort": {*Sort, *(f"-{sort}" for sort in Sort)},
    }
    return len(value) <= LONGEST_SKU if name == "product" else value in offered[name]


def _midnight(day: date | None) -> datetime | None:
    zone = ZoneInfo(shop_settings.current().time_zone)
    return datetime(day.year, day.month, day.day, tzinfo=zone) if day else None
