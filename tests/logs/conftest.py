"""The log as it is written, read line by line."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.factories import make_order
from tests.logs.captured import Log, capturing
from tests.web.conftest import Browser, SignIn, sign_in  # noqa: F401
from webshop_orders.models import Order, Role


@pytest.fixture
def log() -> Iterator[Log]:
    with capturing() as captured:
        yield captured


@pytest.fixture
def staff(sign_in: SignIn) -> Browser:  # noqa: F811
    return sign_in(Role.STAFF)


@pytest.fixture
def nobody(sign_in: SignIn) -> Browser:  # noqa: F811
    return sign_in(None)


@pytest.fixture
def order(app: Flask) -> Order:
    return make_order(("LJUS-12", 1), send_confirmation=False)
