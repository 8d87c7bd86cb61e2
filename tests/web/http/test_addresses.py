"""Templates get the same addresses as Flask gives, remembered or not."""

from typing import Any

import pytest
from flask import Flask, url_for

from tests.web.conftest import on_sqlite
from webshop_orders.web.http.addresses import address_function, external_url

VALUES: dict[str, Any] = {
    "number": "WS/1 å",
    "reference": ("WS-1", 2),
    "shipment": ("WS-1", 2),
    "sku": "A/b c",
    "token": "a-b",
    "filename": "app.css",
    "colour": "ff0000",
    "language": "sv",
}


@on_sqlite
@pytest.mark.parametrize("script_root", ["", "/desk"])
def test_an_address_is_that_of_flask(app: Flask, script_root: str) -> None:
    address = address_function(app, script_root)
    endpoints = {rule.endpoint: rule.arguments for rule in app.url_map.iter_rules()}
    assert len(endpoints) > 100
    with app.test_request_context(environ_overrides={"SCRIPT_NAME": script_root}):
        for endpoint, arguments in endpoints.items():
            values = {name: VALUES.get(name, 7) for name in arguments}
            for query in ({}, {"q": "Åsa & <b>", "page": 2, "none": None}):
                assert address(endpoint, **values, **query) == url_for(endpoint, **values, **query)


@on_sqlite
def test_the_tabs_of_an_order_have_the_addresses_of_flask(app: Flask) -> None:
    address = address_function(app, "")
    with app.test_request_context():
        for tab in ("summary", "shipping", None):
            assert address("order.tab", number="WS-1", tab=tab) == url_for("order.tab", number="WS-1", tab=tab)


@on_sqlite
def test_an_anchor_is_that_of_flask(app: Flask) -> None:
    address = address_function(app, "")
    with app.test_request_context():
        for anchor in ("customer-email", "å <b>", "a/b?c=d"):
            values = {"number": "WS-1", "tab": "customer", "_anchor": anchor}
            assert address("order.tab", **values) == url_for("order.tab", **values)


@on_sqlite
def test_equal_values_of_different_kinds_have_addresses_of_their_own(app: Flask) -> None:
    address = address_function(app, "")

    assert [address("orders.index", page=page) for page in (1, True, 1.0)] == [
        "/orders?page=1",
        "/orders?page=True",
        "/orders?page=1.0",
    ]


@on_sqlite
@pytest.mark.parametrize(("endpoint", "values"), [("orders.nowhere", {}), ("order.tab", {})])
def test_an_address_that_there_is_not_is_an_error(app: Flask, endpoint: str, values: dict[str, Any]) -> None:
    with pytest.raises(LookupError):
        address_function(app, "")(endpoint, **values)


@on_sqlite
def test_what_depends_on_the_request_is_not_remembered(app: Flask) -> None:
    with pytest.raises(TypeError):
        address_function(app, "")("orders.index", _external=True)
    for host in ("a.example.com", "b.example.com"):
        with app.test_request_context(base_url=f"https://{host}/desk"):
            assert external_url("orders.index") == f"https://{host}/desk/orders"
