"""What is asked for, another thing at each turn: orders from the oldest to the newest, names, products, places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import psycopg

from webshop_orders.demo.people import LAST_NAMES

ON_A_PAGE_OF_OSCARS = 20
DEEPEST_PAGE = 2_000
PRODUCTS = 40
# Shipped orders in one shipment of three lines, whose customers are mailed, one after each of as many places.
SPREAD = """
    with places as (
      select 1 + n * (select max(id) from orders) / %(places)s as place from generate_series(0, %(places)s - 1) n
    )
    select distinct found.id, found.number from places cross join lateral (
      select id, number from orders
      where id >= place and status = 'shipped' and last_seq = 1 and customer_email is not null
        and (select count(*) from lines where order_id = orders.id) = 3
      order by id limit 1
    ) found order by found.id
"""
AFTER = """
    select to_char(placed_at at time zone 'UTC', 'YYYYMMDD"T"HH24MISS.US') || '~' || id from orders
    order by placed_at desc, id desc limit 1 offset %(before)s
"""
SOLD = "select sku from lines group by sku order by count(*) desc, sku limit %(most)s"


@dataclass(frozen=True)
class Sample:
    """What one turn asks for: an order, a name, a product, and a place deep in the list, Oscar's `page` of it."""

    order_id: int
    number: str
    name: str
    sku: str
    cursor: str
    page: int


def take(database: str, orders: int, count: int) -> list[Sample]:
    page = max(2, min(DEEPEST_PAGE, orders // ON_A_PAGE_OF_OSCARS // 2))
    with psycopg.connect(database) as connection:

        def ask(question: str, **values: int) -> list[tuple[Any, ...]]:
            return connection.execute(question.encode(), values).fetchall()

        [(cursor,)] = ask(AFTER, before=(page - 1) * ON_A_PAGE_OF_OSCARS - 1)
        skus = _again_and_again(ask(SOLD, most=PRODUCTS), count)
        names = _again_and_again([(name,) for name in LAST_NAMES], count)
        found = ask(SPREAD, places=4 * count)
    assert len(found) >= count, f"only {len(found)} orders for {count} turns"
    spread = [found[turn * len(found) // count] for turn in range(count)]
    taken = zip(spread, names, skus, strict=True)
    return [Sample(order_id, number, name, sku, cursor, page) for (order_id, number), name, sku in taken]


def _again_and_again(rows: list[tuple[Any, ...]], count: int) -> Iterator[Any]:
    return islice(cycle(value for (value,) in rows), count)
