"""What a request of an integration may cost, in SQL statements: no more for a large order or page than a small one."""

import pytest

from tests.api.conftest import ADMIN, Integration, order_document
from tests.factories import make_order, make_product
from tests.web.conftest import on_sqlite
from tests.web.orders.test_budgets import counting
from webshop_orders.models import WebhookEvent
from webshop_orders.operations.webhooks import subscriptions as webhooks
from webshop_orders.transactions.unit_of_work import writing

MOST_TO_READ = 2
MOST_TO_PLACE = 15
MOST_TO_CHANGE = 11


def document_of(lines: int, reference: str) -> dict[str, object]:
    line = {"name": "A", "quantity": 1, "unit_price": 100, "vat_rate": 2500}
    return order_document(reference, lines=[{**line, "sku": f"P-{index}"} for index in range(lines)])


@pytest.fixture
def desk(erp: Integration) -> Integration:
    """An integration whose allowance of this minute is drawn already."""
    for index in range(60):
        make_product(f"P-{index}", stock=1_000)
    erp.get("/orders")
    return erp


def cost(desk: Integration, method: str, path: str, body: object = None) -> int:
    with counting() as statements:
        answer = desk.ask(method, path, body)  # type: ignore[arg-type]
    assert answer.status_code < 300, answer.text
    return len(statements)


@on_sqlite
def test_reading_costs_the_same_however_much_is_read(desk: Integration) -> None:
    for turn in range(3):
        desk.post("/orders", document_of(2, f"a-{turn}"))
    small = cost(desk, "GET", "/orders")
    for turn in range(30):
        desk.post("/orders", document_of(20, f"b-{turn}"))
    large = cost(desk, "GET", "/orders?limit=200")

    assert small == large == MOST_TO_READ + 1  # which orders, and all of them whole
    assert cost(desk, "GET", "/orders/WS-100033") == MOST_TO_READ
    assert cost(desk, "GET", "/products?limit=60") == MOST_TO_READ


@on_sqlite
def test_placing_and_shipping_cost_the_same_however_many_lines(desk: Integration) -> None:
    placed = {lines: cost(desk, "POST", "/orders", document_of(lines, f"o-{lines}")) for lines in (3, 60)}
    shipped = {
        number: cost(desk, "PATCH", f"/shipments/{number}-1", {"tracking": ["A-1"], "status": "shipped"})
        for number in ("WS-100001", "WS-100002")
    }

    assert placed[3] == placed[60] <= MOST_TO_PLACE
    assert len(set(shipped.values())) == 1
    assert max(shipped.values()) <= MOST_TO_CHANGE


@on_sqlite
def test_telling_webhooks_costs_one_statement_however_many_listen(desk: Integration) -> None:
    silent = cost(desk, "POST", "/orders", document_of(3, "silent"))
    for number in range(5):
        with writing():
            webhooks.add(f"https://erp{number}.example.com/", tuple(WebhookEvent), by=ADMIN)
    told = cost(desk, "POST", "/orders", document_of(3, "told"))

    assert told == silent + 1


@on_sqlite
def test_stock_of_a_thousand_products_costs_as_much_as_that_of_one(desk: Integration) -> None:
    make_order(("P-1", 1))
    one = cost(desk, "POST", "/products/stock", {"levels": [{"sku": "P-1", "stock": 70}]})
    many = cost(desk, "POST", "/products/stock", {"levels": [{"sku": f"P-{i}", "stock": 80} for i in range(60)]})
    assert one == many
