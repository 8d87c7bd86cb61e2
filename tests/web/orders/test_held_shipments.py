"""Rule 28 on the pages of staff: what is held does not leave by a form from before, nor by one made by hand."""

import pytest

from tests.factories import make_order, make_product
from tests.operations.steps import changing, read
from tests.web.conftest import Browser
from webshop_orders.models import Actor, HoldReason, Order
from webshop_orders.operations.orders import holds


@pytest.fixture
def order(staff: Browser) -> Order:
    make_product("CANDLE")
    return make_order(("CANDLE", 1))


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_rule_28_staff_do_not_ship_what_is_held(staff: Browser, anna: Actor, order: Order, htmx: bool) -> None:
    page = f"/orders/{order.number}/shipping"
    action = f"/orders/{order.number}/shipments/1/status"
    form = staff.page(page).form(action).values()
    with changing(order, anna) as current:
        holds.hold(current, HoldReason.WRONG_ADDRESS, by=anna)

    for version in (form["version"], str(read(order).version)):
        answer = staff.post(
            action, {**form, "version": version, "status": "shipped", "confirmed": "no-code"}, htmx=htmx
        )

        assert answer.status_code == 409
        assert not read(order).shipments[0].is_shipped

    assert f"{order.number}-1 är pausad: fel adress. Häv pausen först." in answer.text
