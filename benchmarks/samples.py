"""The parameters of each round: orders spread from oldest to newest, names, products, and list positions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import psycopg

from webshop_orders.demo.people import LAST_NAMES

OSCAR_PAGE_SIZE = 20
MAX_PAGE = 2_000
PRODUCTS = 40
# Evenly spread shipped orders with one shipment, three lines and a customer e-mail address, which may become dearer.
SPREAD = """
    with places as (
      select 1 + n * (select max(id) from orders) / %(places)s as place from generate_series(0, %(places)s - 1) n
    )
    select distinct found.id, found.number from places cross join lateral (
      select id, number from orders
      where id >= place and status = 'shipped' and customer_email is not null
        and payment_method not in ('card', 'klarna', 'instalments')
        and (select count(*) from shipments where order_id = orders.id) = 1
        and (select count(*) from lines join shipments on shipments.id = shipment_id
          where shipments.order_id = orders.id) = 3
      order by id limit 1
    ) found order by found.id
"""
AFTER = """
    select to_char(placed_at at time zone 'UTC', 'YYYYMMDD"T"HH24MISS.US') || '~' || id from orders
    order by placed_at desc, id desc limit 1 offset %(before)s
"""
SOLD = "select sku from lines group by sku order by count(*) desc, sku limit %(limit)s"


@dataclass(frozen=True)
class Sample:
    """The parameters of one round: an order, a name, a product, and a position deep in the list, as Oscar's `page`."""

    order_id: int
    number: str
    name: str
    sku: str
    cursor: str
    page: int


def take(database: str, orders: int, count: int) -> list[Sample]:
    page = max(2, min(MAX_PAGE, orders // OSCAR_PAGE_SIZE // 2))
    with psycopg.connect(database) as connection:

        def fetch(query: str, **values: int) -> list[tuple[Any, ...]]:
            return connection.execute(query.encode(), values).fetchall()

        [(cursor,)] = fetch(AFTER, before=(page - 1) * OSCAR_PAGE_SIZE - 1)
        skus = _cycled(fetch(SOLD, limit=PRODUCTS), count)
        names = _cycled([(name,) for name in LAST_NAMES], count)
        orders_found = fetch(SPREAD, places=4 * count)
    assert len(orders_found) >= count, f"only {len(orders_found)} orders for {count} turns"
    spread = [orders_found[turn * len(orders_found) // count] for turn in range(count)]
    parameters = zip(spread, names, skus, strict=True)
    return [Sample(order_id, number, name, sku, cursor, page) for (order_id, number), name, sku in parameters]


def _cycled(rows: list[tuple[Any, ...]], count: int) -> Iterator[Any]:
    return islice(cycle(value for (value,) in rows), count)
