"""The start page of the day: what waits and for how long, what should come, and what left in the last weeks."""

from datetime import date
from typing import Any, NamedTuple

from flask import Blueprint, Response, g, url_for

from webshop_orders import shop_settings
from webshop_orders.operations.order_list import day_figures
from webshop_orders.operations.order_list.day_figures import NowWaiting, ShippedOnDay, WaitingOrders
from webshop_orders.operations.stock import incoming
from webshop_orders.operations.stock.incoming import Due
from webshop_orders.operations.users import read_your_writes
from webshop_orders.web.http import formatting
from webshop_orders.web.http.responses import render_region
from webshop_orders.web.inbox import charts

blueprint = Blueprint("today", __name__)

WEEK = 7


class Figures(NamedTuple):
    now: NowWaiting
    waiting: list[WaitingOrders]
    shipped: list[ShippedOnDay]
    due: Due


@blueprint.get("/today")
def show() -> Response:
    today = formatting.today()
    figures = read_your_writes.read(g.user, lambda: _read(today))
    shipped = [entry.shipments for entry in figures.shipped]
    return render_region(
        "inbox/today.html",
        today=today,
        now=figures.now,
        due=figures.due,
        waiting=figures.waiting,
        waiting_shares=charts.shares([entry.orders for entry in figures.waiting]),
        shipped=figures.shipped,
        shipped_columns=charts.columns(shipped),
        chart_height=charts.HEIGHT,
        chart_width=len(shipped) * charts.COLUMN_WIDTH,
        week_starts=[entry.day for entry in figures.shipped[::WEEK]],
        most_shipped=max(shipped),
        list_url=_list_url,
    )


def _read(today: date) -> Figures:
    time_zone = shop_settings.current().time_zone
    return Figures(
        day_figures.now_waiting(),
        day_figures.waiting_by_age(today, time_zone),
        day_figures.shipped_by_day(today, time_zone),
        incoming.due(today),
    )


def _list_url(entry: WaitingOrders) -> str:
    """The address of the list of the orders that are counted together."""
    last_day = None if entry.last_day >= formatting.today() else entry.last_day
    period: dict[str, Any] = {"from": entry.first_day, "to": last_day}
    return url_for("orders.index", waiting="1", **period)
