"""How Shopify's orders are known, alone and in what they are wrapped in."""

import pytest

from tests.connectors.shopify.payloads import line, order
from webshop_orders.connectors.shopify import Shopify

ONE, OTHER = order(line("A", "1.00")), order(line("B", "1.00"), id=2)


@pytest.mark.parametrize(
    ("value", "orders"),
    [
        (ONE, [ONE]),
        ({"order": ONE}, [ONE]),
        ({"orders": [ONE, OTHER]}, [ONE, OTHER]),
        ([ONE, OTHER], [ONE, OTHER]),
        ([{"order": ONE}, {"order": OTHER}], [ONE, OTHER]),
        ([{"orders": [ONE]}, None, 7], [ONE]),
        ({"orders": []}, []),
        ("text", []),
    ],
    ids=["one", "order", "orders", "list", "orders in a list", "pages", "none", "text"],
)
def test_the_orders_of_a_file_are_found(value: object, orders: list[object]) -> None:
    assert Shopify.orders(value) == orders


def test_only_orders_are_recognised() -> None:
    assert Shopify.recognises(ONE)
    product = {"id": 1, "title": "Kniv", "variants": []}
    refund = {"id": 1, "order_id": 2, "refund_line_items": []}
    checkout = {**ONE, "abandoned_checkout_url": "https://butik.example/c"}
    of_woocommerce = {**ONE, "total_line_items_quantity": 1}
    for value in (product, refund, checkout, of_woocommerce, None, [ONE], "text"):
        assert not Shopify.recognises(value)
