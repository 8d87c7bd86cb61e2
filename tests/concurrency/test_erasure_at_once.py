"""An order that is reopened while its customer is being erased keeps its customer."""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Event

import pytest
from flask import Flask

from tests.concurrency.crowd import TIMEOUT, all_at_once, answer_to, person
from tests.factories import make_order, make_product
from tests.operations.steps import read
from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import Order, OrderStatus
from webshop_orders.operations.audit import personal_data
from webshop_orders.operations.orders import loading, shipments
from webshop_orders.transactions.unit_of_work import editing, writing

pytestmark = pytest.mark.own_app

EMAIL = "asa@example.com"
A_MOMENT = 0.5


@pytest.fixture
def order(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Order:
    """An order that is shipped, and old enough to be erased as soon as it is."""
    monkeypatch.setattr(personal_data, "DAYS_PER_MONTH", 0)
    make_product("LJUS-12", stock=24)
    order = make_order(("LJUS-12", 2), shipped_at=now())
    with writing():
        shop_settings.for_update().personal_data_months = 1
    return order


def on_request(_order: int) -> None:
    with writing():
        personal_data.erase(EMAIL, by=person(1))


def by_itself(order: int) -> None:
    due = personal_data.due(shop_settings.current(), limit=10)
    assert due == [order]
    with writing():
        personal_data.erase_due(due, by=person(1))


@pytest.mark.parametrize(("erase", "answer"), [(on_request, "RuleViolation"), (by_itself, "done")])
def test_an_order_that_is_opened_again_meanwhile_is_not_erased(
    order: Order,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    erase: Callable[[int], None],
    answer: str,
) -> None:
    number, order_id, lock_orders = order.number, order.id, loading.lock_orders
    is_opening, is_found = Event(), Event()

    def lock(ids: Iterable[int]) -> list[Order]:
        is_found.set()
        return lock_orders(ids)

    def open_again() -> None:
        with editing(number, None, person(0)) as present:
            shipments.reopen(present.shipments[0], by=person(0))
            db.session.flush()
            is_opening.set()
            is_found.wait(A_MOMENT)  # on SQLite, nothing is looked for before this is over

    def act(who: int) -> list[str]:
        if who == 0:
            return [answer_to(open_again)]
        assert is_opening.wait(TIMEOUT)
        return [answer_to(lambda: erase(order_id))]

    monkeypatch.setattr(loading, "lock_orders", lock)
    assert all_at_once(database, tmp_path, 2, act) == Counter(["done", answer])
    present = read(order)
    assert (present.status, present.customer.email) == (OrderStatus.READY, EMAIL)
    assert present.personal_data_erased_at is None
