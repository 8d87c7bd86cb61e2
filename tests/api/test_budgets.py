"""Limits of SQL statements per request: the same for large and small orders and pages."""

import pytest

from tests.api.conftest import ADMIN, Integration, order_document
from tests.factories import make_order, make_product
from tests.web.conftest import on_sqlite
from tests.web.orders.test_budgets import MOVEMENT, counting
from webshop_orders.models import WebhookEvent
from webshop_orders.operations.webhooks import subscriptions as webhooks
from webshop_orders.transactions.unit_of_work import writing

MAX_STATEMENTS_TO_READ = 2
MAX_STATEMENTS_TO_PLACE = 13
MAX_STATEMENTS_TO_CHANGE = 8
MAX_STATEMENTS_TO_SHIP = MAX_STATEMENTS_TO_CHANGE + MOVEMENT


def document_of(lines: int, reference: str) -> dict[str, object]:
    line = {"name": "A", "quantity": 1, "unit_price": 100, "vat_rate": 2500}
    return order_document(reference, lines=[{**line, "sku": f"P-{index}"} for index in range(lines)])


@pytest.fixture
def integration(erp: Integration) -> Integration:
    """An integration whose request allowance of this minute has been reserved already."""
    for index in range(60):
        make_product(f"P-{index}", stock=1_000)
    erp.get("/orders")
    return erp


def count_statements(integration: Integration, method: str, path: str, body: object = None) -> int:
    with counting() as statements:
        response = integration.ask(method, path, body)  # type: ignore[arg-type]
    assert response.status_code < 300, response.text
    return len(statements)


@on_sqlite
def test_reading_takes_the_same_number_of_statements_for_any_page(integration: Integration) -> None:
    for turn in range(3):
        integration.post("/orders", document_of(2, f"a-{turn}"))
    count_for_small_page = count_statements(integration, "GET", "/orders")
    for turn in range(30):
        integration.post("/orders", document_of(20, f"b-{turn}"))
    count_for_large_page = count_statements(integration, "GET", "/orders?limit=200")

    assert (
        count_for_small_page == count_for_large_page == MAX_STATEMENTS_TO_READ + 1
    )  # one for the numbers of the orders, the others for their content
    assert count_statements(integration, "GET", "/orders/WS-100033") == MAX_STATEMENTS_TO_READ
    assert count_statements(integration, "GET", "/products?limit=60") == MAX_STATEMENTS_TO_READ


@on_sqlite
def test_placing_and_shipping_take_the_same_number_of_statements_for_any_order(integration: Integration) -> None:
    counts_for_placing = {
        lines: count_statements(integration, "POST", "/orders", document_of(lines, f"o-{lines}")) for lines in (3, 60)
    }
    counts_for_shipping = {
        number: count_statements(
            integration, "PATCH", f"/shipments/{number}-1", {"tracking": ["A-1"], "status": "shipped"}
        )
        for number in ("WS-100001", "WS-100002")
    }

    assert counts_for_placing[3] == counts_for_placing[60] <= MAX_STATEMENTS_TO_PLACE
    assert len(set(counts_for_shipping.values())) == 1
    assert max(counts_for_shipping.values()) <= MAX_STATEMENTS_TO_SHIP


@on_sqlite
def test_changing_lines_and_shipping_takes_the_same_number_of_statements_for_any_order(
    integration: Integration,
) -> None:
    changes = {}
    for lines in (3, 60):
        placed = integration.post("/orders", document_of(lines, f"c-{lines}")).get_json()
        path, line = f"/orders/{placed['number']}", placed["shipments"][0]["lines"][0]
        changes[lines] = [
            count_statements(integration, "PATCH", f"{path}/lines/{line['id']}", {"unit_price": 90, "reason": "x"}),
            count_statements(integration, "POST", f"{path}/lines", {"sku": "P-2", "quantity": 1}),
            count_statements(integration, "PATCH", path, {"shipping": {"price": 4_900}}),
        ]

    assert changes[3] == changes[60]
    assert max(changes[3]) <= MAX_STATEMENTS_TO_CHANGE


@on_sqlite
def test_notifying_webhooks_takes_one_statement_for_any_number_of_them(integration: Integration) -> None:
    count_without_webhooks = count_statements(integration, "POST", "/orders", document_of(3, "silent"))
    for number in range(5):
        with writing():
            webhooks.add(f"https://erp{number}.example.com/", tuple(WebhookEvent), by=ADMIN)
    count_with_webhooks = count_statements(integration, "POST", "/orders", document_of(3, "told"))

    assert count_with_webhooks == count_without_webhooks + 1


@on_sqlite
def test_setting_stock_takes_the_same_number_of_statements_for_any_number_of_products(integration: Integration) -> None:
    make_order(("P-1", 1))
    count_for_one = count_statements(integration, "POST", "/products/stock", {"levels": [{"sku": "P-1", "stock": 70}]})
    count_for_many = count_statements(
        integration, "POST", "/products/stock", {"levels": [{"sku": f"P-{i}", "stock": 80} for i in range(60)]}
    )
    assert count_for_one == count_for_many
