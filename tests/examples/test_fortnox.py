"""The example for Fortnox, against a stand-in for it and the order desk, both over HTTP."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from examples.fortnox import Desk, Fortnox, Store, Sync, to_fortnox
from examples.fortnox_simulator import FortnoxSimulator, Refusal
from tests.api.conftest import new_key
from tests.connectors.shipping.calls import shipment_of
from tests.factories import make_order
from tests.operations.steps import changing, read, read_product
from tests.wsgi_server import WsgiServer
from webshop_orders.documents.order import NewLine
from webshop_orders.models import Actor, Customer, Order, OrderStatus
from webshop_orders.operations.orders import cancellation, shipments, splits

PERIOD = 0.3


@pytest.fixture
def fortnox() -> Iterator[FortnoxSimulator]:
    with FortnoxSimulator(period=PERIOD) as simulator:
        simulator.add_article("LYKTA", "Lykta, röd", 199.2, stock=7)
        simulator.add_article("BOK", "Bok", "94.34", vat=6, stock=2.5)
        yield simulator


class Runs:
    """Runs of the example, one after the other, with the state that each leaves."""

    def __init__(self, desk_url: str, simulator: FortnoxSimulator, state: Path) -> None:
        self.desk_url, self.simulator, self.state = desk_url, simulator, state
        self.key = new_key("Fortnox")
        state.write_text(json.dumps({"refresh_token": "first"}))

    def __call__(self, ships: str = "desk") -> list[str]:
        store = Store(self.state)
        addresses = {"api": f"{self.simulator.url}/3", "tokens": f"{self.simulator.url}/oauth-v1/token"}
        fortnox = Fortnox("client", "secret", store, period=PERIOD, **addresses)
        notes: list[str] = Sync(Desk(self.desk_url, self.key), fortnox, store, ships=ships).run()
        return notes


@pytest.fixture
def run(app: Flask, fortnox: FortnoxSimulator, tmp_path: Path) -> Iterator[Runs]:
    server = WsgiServer(app)
    yield Runs(server.url, fortnox, tmp_path / "state.json")
    server.stop()


def placed(fortnox: FortnoxSimulator, order: Order) -> dict[str, Any]:
    (found,) = (row for row in fortnox.orders.values() if row["ExternalInvoiceReference1"] == order.number)
    return dict(found)


def delivered(fortnox: FortnoxSimulator, order: Order) -> dict[str | None, int]:
    units: Counter[str | None] = Counter()
    for row in placed(fortnox, order)["OrderRows"]:
        units[row.get("ArticleNumber")] += int(float(row["DeliveredQuantity"]))
    return dict(units)


def test_articles_become_products_with_price_and_stock(run: Runs, fortnox: FortnoxSimulator) -> None:
    fortnox.add_article("HEMLIG", "Inte i butiken", 10, is_in_webshop=False)
    assert run() == []
    product, book = read_product("LYKTA"), read_product("BOK")
    assert (product.name, product.price, product.vat_rate, product.stock) == ("Lykta, röd", 24_900, 2500, 7)
    assert (book.price, book.vat_rate, book.stock) == (10_000, 600, 2)


def test_stock_that_fortnox_has_not_counted_down_yet_is_no_news(
    run: Runs, fortnox: FortnoxSimulator, anna: Actor
) -> None:
    run()
    order = make_order(("LYKTA", 2))
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    run()
    assert read_product("LYKTA").stock == 5
    fortnox.articles["LYKTA"]["QuantityInStock"] = 4
    run()
    assert read_product("LYKTA").stock == 4


def test_an_order_is_placed_once_with_its_rows(run: Runs, fortnox: FortnoxSimulator) -> None:
    run()
    lines = [
        NewLine(sku="LYKTA", name="Lykta, röd", quantity=2, unit_price=24_900, vat_rate=2500, discount=4_980),
        NewLine(sku="UNIK", name="Gravyr", quantity=1, unit_price=5_000, vat_rate=2500),
    ]
    order = make_order(lines=lines, shipping_method="Ombud", shipping_price=4_900, shipping_vat_rate=2500)
    for _turn in range(2):
        assert run() == []
    stored = placed(fortnox, order)
    assert stored["VATIncluded"] is True
    rows = [(row.get("ArticleNumber"), row["OrderedQuantity"], row["Price"]) for row in stored["OrderRows"]]
    assert rows == [("LYKTA", 2, 249.0), (None, 1, 50.0), (None, 1, 49.0)]
    assert (stored["OrderRows"][0]["Discount"], stored["OrderRows"][0]["DiscountType"]) == (49.8, "AMOUNT")
    assert len(fortnox.orders) == 1


def test_two_orders_of_a_customer_have_one_customer(run: Runs, fortnox: FortnoxSimulator) -> None:
    for email in ("bo@example.com", "BO@example.com", "tobo@example.com"):
        make_order(("LYKTA", 1), customer=Customer(name="Bo Ek", email=email))
    run()
    assert [row["CustomerNumber"] for row in fortnox.orders.values()] == ["1", "1", "2"]


def test_what_the_desk_ships_is_delivered_in_fortnox(run: Runs, fortnox: FortnoxSimulator, anna: Actor) -> None:
    run()
    order = make_order(("LYKTA", 3), shipping_price=4_900, shipping_vat_rate=2500)
    with changing(order, anna) as current:
        splits.split(next(current.lines), 1, to=None, by=anna)
        shipments.ship(current.shipments[1], by=anna)
    run()
    assert delivered(fortnox, order) == {"LYKTA": 1, None: 0}
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    run()
    assert delivered(fortnox, order) == {"LYKTA": 3, None: 1}


def test_what_is_delivered_in_fortnox_is_shipped_in_the_desk_once(run: Runs, fortnox: FortnoxSimulator) -> None:
    run("fortnox")
    order = make_order(("LYKTA", 3))
    run("fortnox")
    document = placed(fortnox, order)["DocumentNumber"]
    fortnox.deliver(document, "LYKTA", 1)
    for _turn in range(2):
        assert run("fortnox") == []
    units = {shipment.is_shipped: shipment.quantity for shipment in read(order).shipments}
    assert units == {True: 1, False: 2}
    fortnox.deliver(document, "LYKTA", 2)
    run("fortnox")
    assert read(order).status is OrderStatus.SHIPPED


def test_a_cancelled_order_is_cancelled_there(run: Runs, fortnox: FortnoxSimulator, anna: Actor) -> None:
    order, never_told = make_order(("LYKTA", 1)), make_order(("LYKTA", 1))
    with changing(never_told, anna) as current:
        cancellation.cancel(current, by=anna)
    run()
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)
    run()
    assert [row["Cancelled"] for row in fortnox.orders.values()] == [True]


def test_texts_that_fortnox_cannot_store_are_changed_and_told(run: Runs, fortnox: FortnoxSimulator) -> None:
    order = make_order(("LYKTA", 1), customer=Customer(name="Łucja “Lu” Novák 🕯", email="lucja@example.com"))
    (note,) = run()
    assert order.number in note
    assert "Łucja" in note
    assert fortnox.customers["1"]["Name"] == "Lucja ´Lu´ Novák ?"


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("Åsa Öberg, Malmö", "Åsa Öberg, Malmö"),
        ("Ångström", "Ångström"),
        ("Dvořák & Søn <AB>", "Dvorák & Søn (AB)"),
        ("3 – 4 st… à 5 €", "3 - 4 st... à 5 EUR"),
        ("Ωmega", "?mega"),
        ("a\u200bb\x00", "ab"),
        ("½ kg", "½ kg"),
    ],
)
def test_a_text_is_written_with_the_signs_that_fortnox_has(text: str, stored: str) -> None:
    assert to_fortnox(text) == stored


def test_what_fortnox_refuses_is_told_and_tried_again(
    run: Runs, fortnox: FortnoxSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = make_order(("LYKTA", 1))

    def refuse(*_anything: Any) -> None:
        raise Refusal(400, 2000433, "Kan inte hitta kunden.")

    with monkeypatch.context() as patch:
        patch.setattr(fortnox, "_post_orders", refuse)
        (note,) = run()
        assert order.number in note
        assert "Kan inte hitta kunden." in note
    assert run() == []
    assert placed(fortnox, order)["OrderRows"]


def test_many_requests_stay_within_the_limit(run: Runs, fortnox: FortnoxSimulator) -> None:
    for _number in range(12):
        make_order(("LYKTA", 1))
    run()
    assert fortnox.counts["requests"] > 30
    assert fortnox.counts[429] == 0


def test_an_access_that_runs_out_is_renewed_and_its_refresh_token_kept(run: Runs, fortnox: FortnoxSimulator) -> None:
    fortnox.lifetime = 0.2
    for _number in range(8):
        make_order(("LYKTA", 1))
    run()
    fortnox.tokens.clear()
    run()
    assert fortnox.counts["renewals"] > 2
    assert json.loads(run.state.read_text())["refresh_token"] == fortnox.refresh_token


def test_a_trial_order_is_not_placed(run: Runs, fortnox: FortnoxSimulator) -> None:
    order = make_order(("LYKTA", 1), is_test=True)
    run()
    assert fortnox.orders == {}
    assert not shipment_of(order).is_shipped
