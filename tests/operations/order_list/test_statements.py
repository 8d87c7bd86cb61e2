"""The list's statements are built once for each shape of filter: the values of a filter are only their parameters."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask

from webshop_orders.models import OrderStatus
from webshop_orders.operations.order_list import key_lookup, query_plan, statements
from webshop_orders.operations.order_list.cursors import Position
from webshop_orders.operations.order_list.filters import OrderFilter, Sort

TIME = datetime(2026, 11, 23, tzinfo=UTC)
OTHER_VALUES = [
    (OrderFilter(status=OrderStatus.READY), OrderFilter(status=OrderStatus.SHIPPED)),
    (OrderFilter(product="A", payment="card"), OrderFilter(product="B", payment="klarna")),
    (OrderFilter(words="berg", carrier="DHL"), OrderFilter(words="lund", carrier="Bring")),
    (OrderFilter(placed_from=TIME), OrderFilter(placed_from=TIME.replace(year=2025))),
]
OTHER_SHAPES = [
    OrderFilter(),
    OrderFilter(descending=False),
    OrderFilter(sort=Sort.TOTAL),
    OrderFilter(status=OrderStatus.READY),
    OrderFilter(payment="card"),
    OrderFilter(carrier="DHL"),
    OrderFilter(words="berg"),
    OrderFilter(words="berg lund"),
    OrderFilter(to_refund=True),
    OrderFilter(held=True),
    OrderFilter(waiting=True),
    OrderFilter(held=False),
    OrderFilter(placed_from=TIME),
    OrderFilter(placed_before=TIME),
]


@pytest.mark.parametrize(("order_filter", "other"), OTHER_VALUES, ids=lambda value: str(value.status or value.words))
def test_filters_of_one_shape_have_one_statement(app: Flask, order_filter: OrderFilter, other: OrderFilter) -> None:
    statement, values = statements.matching_orders(query_plan.plan(order_filter), None, 26)
    same, other_values = statements.matching_orders(query_plan.plan(other), None, 26)

    assert statement is same
    assert values != other_values
    assert values.keys() == other_values.keys()


def test_each_shape_position_and_limit_has_its_own_statement(app: Flask) -> None:
    plans = [query_plan.plan(order_filter) for order_filter in OTHER_SHAPES]
    position = Position(TIME, 7)
    queries = [statements.matching_orders(plan, None, 26) for plan in plans]
    queries += [
        statements.matching_orders(plans[0], position, 26),
        statements.matching_orders(plans[0], None, 27),
        statements.matching_orders(replace(plans[0], scan_limit=7), None, 26),
    ]
    assert len({id(statement) for statement, _values in queries}) == len(queries)


def test_keys_of_one_kind_have_one_statement() -> None:
    statement, values = key_lookup.query("WS-100", "WS-")
    same, other_values = key_lookup.query("WS-2001", "WS-")

    assert statement is same
    assert values != other_values
    assert key_lookup.query("anna@example.com", "WS-")[0] is not statement
