"""The list of orders."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g, redirect, request, url_for

from webshop_orders import payments, replica, shop_settings
from webshop_orders.models import OrderStatus
from webshop_orders.operations import listing, order_counts
from webshop_orders.operations.listing import Sort
from webshop_orders.web.answers import region
from webshop_orders.web.arguments import words

blueprint = Blueprint("orders", __name__)

ARGUMENTS = ("q", "anywhere", "status", "from", "to", "payment", "carrier", "product", "sort")


@blueprint.get("/")
def home() -> Response:
    return redirect(url_for("orders.index"))  # type: ignore[return-value]


@blueprint.get("/orders")
def index() -> Response:
    placed_from, placed_to = _day("from"), _day("to")
    wanted = _wanted(placed_from, placed_to)
    with replica.reading(g.user):
        page, counts = listing.page(wanted), order_counts.by_status()
    return region(
        "orders/index.html",
        wanted=wanted,
        placed_from=placed_from,
        placed_to=placed_to,
        page=page,
        counts=counts,
        carriers=shop_settings.current().carriers,
        payment_methods=payments.NAMES,
        sort=words("sort"),
        address=_address,
    )


def _wanted(placed_from: date | None, placed_to: date | None) -> listing.Wanted:
    """What the address asks for; what it has that means nothing is as if it were not there."""
    status, sort = words("status"), words("sort").removeprefix("-")
    return listing.Wanted(
        words=words("q"),
        anywhere=words("anywhere") == "1",
        status=OrderStatus(status) if status in set(OrderStatus) else None,
        placed_from=_midnight(placed_from),
        placed_before=_midnight(placed_to + timedelta(days=1) if placed_to else None),
        payment=words("payment") or None,
        carrier=words("carrier") or None,
        product=words("product") or None,
        sort=Sort(sort) if sort in set(Sort) else Sort.PLACED,
        descending=not sort or words("sort").startswith("-"),
        after=words("after") or None,
        before=words("before") or None,
    )


def _address(**changes: str | None) -> str:
    """The list as it is asked for now, with some of it changed; from the first page unless a cursor is given."""
    kept = {name: words(name) for name in ARGUMENTS}
    asked: dict[str, Any] = {name: value for name, value in {**kept, **changes}.items() if value}
    return url_for("orders.index", **asked)


def _day(name: str) -> date | None:
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return day if 1970 <= day.year < 9999 else None


def _midnight(day: date | None) -> datetime | None:
    zone = ZoneInfo(shop_settings.current().time_zone)
    return datetime(day.year, day.month, day.day, tzinfo=zone) if day else None
