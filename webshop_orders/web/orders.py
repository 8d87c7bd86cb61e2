"""The list of orders."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, request, url_for

from webshop_orders import shop_settings
from webshop_orders.models import OrderStatus
from webshop_orders.operations import listing
from webshop_orders.web.answers import region
from webshop_orders.web.arguments import words

blueprint = Blueprint("orders", __name__)

ARGUMENTS = ("q", "status", "from", "to", "sort")


@blueprint.get("/")
def home() -> Response:
    return redirect(url_for("orders.index"))  # type: ignore[return-value]


@blueprint.get("/orders")
def index() -> Response:
    asked = {name: words(name) for name in ("q", "status", "sort", "after")}
    placed_from, placed_to = _day("from"), _day("to")
    wanted = listing.Wanted(
        words=asked["q"],
        status=OrderStatus(asked["status"]) if asked["status"] in set(OrderStatus) else None,
        placed_from=_midnight(placed_from),
        placed_before=_midnight(placed_to + timedelta(days=1) if placed_to else None),
        oldest_first=asked["sort"] == "oldest",
        after=asked["after"] or None,
    )
    return region(
        "orders/index.html",
        wanted=wanted,
        placed_from=placed_from,
        placed_to=placed_to,
        page=listing.page(wanted),
        counts=listing.count_open(),
        address=_address,
    )


def _address(**changes: str | None) -> str:
    """The list as it is asked for now, with some of it changed; from the first page unless `after` is given."""
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
