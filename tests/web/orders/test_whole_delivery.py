"""What staff are asked before a part leaves of an order that is to leave whole (rule 34), and where they set that."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.pages import Page, text_of
from webshop_orders.models import Actor, Order
from webshop_orders.operations.orders import shipments, splits
from webshop_orders.transactions.unit_of_work import editing

PART = "samlas till hel leverans, och {number}-2 väntar fortfarande på lager. Skicka den här delen ändå?"

pytestmark = on_sqlite


@pytest.fixture
def whole(app: Flask, anna: Actor) -> Order:
    """An order that is collected: its card could leave, and the wick in its second shipment waits."""
    make_product("KORT", stock=None)
    make_product("VEKE", stock=0)
    order = make_order(("KORT", 1), ("VEKE", 2), ships_whole=True, send_confirmation=False)
    with editing(order.number, None, anna) as current:
        splits.split_backordered(current.shipments[0], by=anna)
    return order


def url_of(order: Order, rest: str = "") -> str:
    return f"/orders/{order.number}{rest}"


def shipped(order: Order) -> list[bool]:
    return [shipment.is_shipped for shipment in fresh(order).shipments]


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("action", ["status", "tracking"])
def test_rule_34_staff_confirm_that_a_part_leaves(warehouse: Browser, whole: Order, action: str, *, htmx: bool) -> None:
    page = url_of(whole, "/shipping")
    form = warehouse.page(page).form(url_of(whole, "/shipments/1/tracking"))
    typed = {**form.values(), "code": "ABC-1", "carrier": "DHL", "status": "shipped"}

    asked = Page(warehouse.post(url_of(whole, f"/shipments/1/{action}"), typed, htmx=htmx).text)

    assert [text_of(warning) for warning in asked.select("#ship-row-1 .warnings p")] == [
        f"{whole.number} {PART.format(number=whole.number)}"
    ]
    assert shipped(whole) == [False, False]
    again = {**asked.form(url_of(whole, "/shipments/1/status")).values(), "status": "shipped"}
    again["agreed"] = [field.get("value") for field in asked.select("#ship-row-1 input[name=agreed]")]
    warehouse.post(url_of(whole, "/shipments/1/status"), again, htmx=htmx)
    assert shipped(whole) == [True, False]


@pytest.mark.parametrize("is_collected", [False, True])
def test_rule_34_nothing_is_asked_of_the_last_part_or_where_nobody_collects(
    staff: Browser, whole: Order, anna: Actor, *, is_collected: bool
) -> None:
    with editing(whole.number, None, anna) as current:
        current.ships_whole = is_collected
        if is_collected:
            shipments.ship(current.shipments[1], by=anna)
    action = url_of(whole, "/shipments/1/tracking")

    staff.send(url_of(whole, "/shipping"), action, code="ABC-1", carrier="DHL", status="shipped")

    assert shipped(whole)[0]


def test_rule_34_it_is_asked_in_english_too(app: Flask, staff: Browser, whole: Order) -> None:
    page = url_of(whole, "/shipping")
    form = staff.page(page).form(url_of(whole, "/shipments/1/tracking"))
    english = {"Accept-Language": "en"}

    answer = staff.client.post(
        form.action, data={**form.values(), "code": "A-1", "carrier": "DHL", "status": "shipped"}, headers=english
    )

    assert "is collected for one delivery" in answer.text
    assert "Ship this part anyway?" in answer.text


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/whole-delivery", {"ships_whole": "2"}),
        ("/whole-delivery", {"ships_whole": "٣"}),
        ("/whole-delivery", {"ships_whole": ""}),
        ("/priority", {"reason": " "}),
        ("/priority", {"reason": "x" * 201}),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_what_cannot_be_is_refused_and_changes_nothing(
    staff: Browser, whole: Order, path: str, values: dict[str, str], *, htmx: bool
) -> None:
    version = fresh(whole).version

    answer = staff.send(url_of(whole, "/priority"), url_of(whole, path), htmx=htmx, **values)

    assert answer.status_code == 422
    assert fresh(whole).version == version


def test_only_staff_set_how_an_order_gets_stock(warehouse: Browser, whole: Order) -> None:
    assert warehouse.get(url_of(whole, "/priority")).status_code == 403
    for path in ("/priority", "/priority/removal", "/whole-delivery"):
        assert warehouse.post(url_of(whole, path), {"ships_whole": "0", "reason": "Ringde"}).status_code == 403
    assert not warehouse.page(url_of(whole, "/shipping")).select("#open-stock-terms")


def test_where_everything_has_left_there_is_no_form(staff: Browser, whole: Order, anna: Actor) -> None:
    with editing(whole.number, None, anna) as current:
        for shipment in current.shipments:
            shipments.ship(shipment, by=anna)

    assert staff.get(url_of(whole, "/priority"), htmx=True).status_code == 422
    assert not staff.page(url_of(whole, "/shipping")).select("#open-stock-terms")


def test_the_list_says_of_what_waits_that_it_is_collected_and_comes_first(
    staff: Browser, whole: Order, anna: Actor
) -> None:
    def badges() -> list[str]:
        return [text_of(badge) for badge in staff.page("/orders").select(f"#order-{whole.id} .badge-status.test")]

    assert badges() == ["Samlas"]
    staff.send(url_of(whole, "/priority"), url_of(whole, "/priority"), reason="Bröllop")
    assert badges() == ["Prioriterad", "Samlas"]

    with editing(whole.number, None, anna) as current:
        shipments.ship(current.shipments[1], by=anna)
    assert badges() == []
