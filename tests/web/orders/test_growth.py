"""The cost of a page or a change does not grow with the order, its comments, its mails or the shop."""

import gzip

import pytest

from tests.factories import make_order
from tests.web.conftest import Browser, fresh, on_sqlite, order_in_parts
from tests.web.orders.changes import CHANGES, Change, fill_in
from tests.web.orders.test_budgets import (
    MAX_FRAGMENT_BYTES,
    MAX_STATEMENTS,
    MAX_STATEMENTS_OF_CHANGE,
    MOVEMENT,
    counting,
)
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, CommentKind, Message, Order
from webshop_orders.operations.orders import comments
from webshop_orders.transactions.unit_of_work import editing

Cost = tuple[list[str], int]

VERSIONED = [change for change in CHANGES if change.bumps_version]
PAGES = [
    "/orders",
    "/orders?q=oberg&status=partly_shipped&from=2020-01-01",
    "/orders/{number}",
    "/orders/{number}/shipping",
    "/orders/{number}/customer",
    "/orders/{number}/messages",
    "/orders/{number}/messages/{message}",
    "/orders/{number}/messages/{message}/body",
    "/orders/{number}/history",
    "/orders/{number}/lines/{line}",
    "/orders/{number}/lines/{line}/split",
    "/products?q=linne",
    "/settings/shop",
    "/settings/mail",
    "/settings/carriers",
]


# What some changes write or read besides.
MORE_STATEMENTS = {
    "shipped": MOVEMENT + 1,  # lines that waited for stock do so no longer once they have left without
    "reopened": MOVEMENT,
    "mail tried again": 1,  # the inbox shows the mails of the order that are still given up
    "mail sent elsewhere": 2,  # as above, and the mail that was given up
}


def max_statements(change: Change) -> int:
    return MAX_STATEMENTS_OF_CHANGE + MORE_STATEMENTS.get(change.name, 0)


def report(costs: dict[str, Cost]) -> str:
    """A table of the costs, and the statements of those beyond the limit."""
    rows = [f"{len(statements):3} statements {size:6} bytes  {name}" for name, (statements, size) in costs.items()]
    too_many = [
        statement for statements, _ in costs.values() if len(statements) > MAX_STATEMENTS for statement in statements
    ]
    return "\n".join(["", *rows, *too_many])


def cost_of_pages(browser: Browser, order: Order) -> dict[str, Cost]:
    ids = {
        "number": order.number,
        "line": next(fresh(order).lines).id,
        "message": db.session.query(Message.id).filter_by(order_id=order.id).order_by(Message.id).first()[0],
    }
    costs = {}
    for page in PAGES:
        with counting() as statements:
            response = browser.get(page.format(**ids), htmx=True)
        assert response.status_code == 200
        costs[page] = (statements, len(gzip.compress(response.data)))
    return costs


def cost_of_change(browser: Browser, order: Order, change: Change, by: Actor) -> Cost:
    form = fill_in(browser, change, order, by)
    with counting() as statements:
        response = browser.post(form.action, form.values, htmx=True)
    assert response.status_code == 200
    return statements, len(gzip.compress(response.data))


def test_pages_stay_within_their_limits_for_any_number_of_orders_and_comments(admin: Browser, anna: Actor) -> None:
    order = order_in_parts(anna, more=8)
    costs = cost_of_pages(admin, order)
    for index in range(30):
        make_order(("LJUS-12", 1))
        with editing(order.number, None, anna) as locked_order:
            comments.add(locked_order, CommentKind.CUSTOMER, f"Kommentar {index}", mail=True, by=anna)
    later_costs = cost_of_pages(admin, order)
    assert all(len(statements) <= MAX_STATEMENTS for statements, _ in costs.values()), report(costs)
    assert all(size <= MAX_FRAGMENT_BYTES for _, size in later_costs.values()), report(later_costs)
    assert {page: len(cost[0]) for page, cost in costs.items()} == {
        page: len(cost[0]) for page, cost in later_costs.items()
    }


@on_sqlite
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_change_of_12_lines_stays_within_its_limits(staff: Browser, anna: Actor, change: Change) -> None:
    cost = cost_of_change(staff, order_in_parts(anna, more=8), change, anna)
    print(report({change.name: cost}))
    assert len(cost[0]) <= max_statements(change), report({change.name: cost})
    assert cost[1] <= MAX_FRAGMENT_BYTES, report({change.name: cost})


@on_sqlite
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_change_of_60_lines_costs_no_more(staff: Browser, anna: Actor, change: Change) -> None:
    cost = cost_of_change(staff, order_in_parts(anna, more=56), change, anna)
    print(report({change.name: cost}))
    assert len(cost[0]) <= max_statements(change), report({change.name: cost})


@on_sqlite
@pytest.mark.parametrize("change", VERSIONED, ids=lambda change: change.name)
def test_a_refusal_costs_no_more_than_a_change(staff: Browser, anna: Actor, change: Change) -> None:
    form = fill_in(staff, change, order_in_parts(anna, more=8), anna)
    for version, status in (("0", 409), ("", 422)):
        with counting() as statements:
            response = staff.post(form.action, {**form.values, "version": version}, htmx=True)
        cost = (statements, len(gzip.compress(response.data)))
        assert response.status_code == status
        assert len(statements) <= MAX_STATEMENTS, report({change.name: cost})
        assert cost[1] <= MAX_FRAGMENT_BYTES, report({change.name: cost})
