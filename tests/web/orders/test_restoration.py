"""A cancelled order is opened again from its page, also from where it shows that the shop has it open."""

import pytest
from sqlalchemy import update

from tests.factories import make_order, make_product
from tests.operations.steps import changing
from tests.web.conftest import Browser, SignIn, fresh, on_sqlite
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, Difference, Order, OrderStatus, Role
from webshop_orders.operations.orders import cancellation
from webshop_orders.transactions.unit_of_work import writing


@pytest.fixture
def cancelled(app: object, anna: Actor) -> Order:
    make_product("A", stock=5)
    order = make_order(("A", 2))
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)
    with writing():
        values = {"shop_differences": [Difference("cancelled", "true", "false")]}
        db.session.execute(update(Order).where(Order.id == order.id).values(values))
    return order


@on_sqlite
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_one_click_opens_the_order_and_settles_the_difference(staff: Browser, cancelled: Order, htmx: bool) -> None:
    url = f"/orders/{cancelled.number}"
    page = staff.page(url)
    assert page.select("#differences #differences-restore")
    assert page.select("#restore")
    assert staff.send(url, f"{url}/restoration", htmx=htmx).status_code in {200, 303}

    order = fresh(cancelled)
    assert (order.status, order.shop_differences) == (OrderStatus.READY, [])
    page = staff.page(url)
    assert page.select("#cancel")
    assert page.select("#restore, #differences") == []
    assert "Makuleringen togs tillbaka." in staff.page(f"{url}/history").text


@on_sqlite
def test_others_than_staff_cannot_open_an_order_again(sign_in: SignIn, cancelled: Order) -> None:
    for role in (Role.VIEWER, Role.WAREHOUSE):
        browser = sign_in(role)
        assert browser.page(f"/orders/{cancelled.number}").select("#restore, #differences-restore") == []
        token = {"csrf_token": browser.token()}
        assert browser.post(f"/orders/{cancelled.number}/restoration", token).status_code == 403
    assert fresh(cancelled).status is OrderStatus.CANCELLED
