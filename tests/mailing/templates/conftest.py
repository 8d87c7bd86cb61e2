"""An application in a request in Swedish, and a shop to write templates for."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.conftest import settings
from webshop_orders import create_app
from webshop_orders.models import Shop


@pytest.fixture(scope="module")
def desk() -> Iterator[Flask]:
    app = create_app(settings("sqlite://"))
    with app.test_request_context(headers={"Accept-Language": "sv"}):
        yield app


@pytest.fixture
def shop() -> Shop:
    return Shop(
        name="Ljus & Linne",
        sender_email="order@example.se",
        mails_delivery_confirmations=True,
        time_zone="Europe/Stockholm",
        carriers=[],
    )
