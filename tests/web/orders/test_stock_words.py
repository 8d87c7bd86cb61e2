"""«i lager» is what can be promised; where shelf and cover are meant, they have words of their own."""

from flask import Flask

from tests.factories import make_order, make_product, reshape_shop
from tests.web.conftest import Browser, on_sqlite
from webshop_orders.models import Order


@on_sqlite
def test_the_finder_says_what_is_free_to_promise(staff: Browser, app: Flask) -> None:
    reshape_shop(stock_safety_margin=2)
    make_product("LJUS-12", name="Stearinljus", stock=24)
    make_order(("LJUS-12", 5))

    assert "17 i lager" in staff.get("/products?q=stearin", htmx=True).text


@on_sqlite
def test_a_line_says_what_is_free_and_what_is_on_the_shelf(staff: Browser, order: Order) -> None:
    rows = [row.text_content() for row in staff.page(f"/orders/{order.number}/shipping").select("table.lines tbody tr")]
    candles = next(row for row in rows if "LJUS-12" in row)
    sticks = next(row for row in rows if "KAN-02" in row)

    assert "22 fritt, 24 i hyllan" in candles
    assert "1 täckta, 2 rest" in sticks
    assert "i lager" not in candles + sticks
