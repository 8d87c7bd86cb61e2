"""The baseline: only Flask, Jinja and the driver, one SELECT by primary key and a page as large as ours.

Everything else that the order desk does comes on top: users, permissions, languages, forms, an ORM.
"""

import os
from functools import cache
from typing import Any

import psycopg
from flask import Flask, Response
from psycopg.rows import namedtuple_row

ORDER = "select id, number, customer_name, status, total, placed_at from orders where id = %s"
ORDERS = ORDER.replace("= %s", "between %s - 24 and %s")

application = Flask(__name__)
# Compiled once, as in any application.
page = application.jinja_env.from_string(
    """
<!doctype html><title>Orders</title>
<table>
  {% for order in orders %}
    <tr><td>{{ order.number }}</td><td>{{ order.customer_name }}</td><td>{{ order.status }} {{ order.total }}</td></tr>
  {% endfor %}
</table>
"""
)


@cache
def connection() -> psycopg.Connection[Any]:
    """The connection of the single worker thread."""
    return psycopg.connect(os.environ["BENCHMARK_DATABASE"], autocommit=True, row_factory=namedtuple_row)


@application.get("/order/<int:order_id>/<int:size>")
def order(order_id: int, size: int) -> Response:
    return _page(connection().execute(ORDER, [order_id]).fetchall(), size)


@application.get("/list/<int:order_id>/<int:size>")
def orders(order_id: int, size: int) -> Response:
    return _page(connection().execute(ORDERS, [order_id, order_id]).fetchall(), size)


def _page(rows: list[Any], size: int) -> Response:
    """The rows, rendered with Jinja and padded to a size in bytes."""
    html = page.render(orders=rows)
    response = Response(html + " " * (size - len(html.encode())))
    response.headers["X-Statements"] = "1"
    return response
