import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.connectors.sending import SECRET
from webshop_orders.models import ConnectionKind
from webshop_orders.operations.settings import connections
from webshop_orders.transactions.unit_of_work import writing

LONG = 36_500  # so that the examples are mailed about, however old they are


@pytest.fixture
def shop(app: Flask) -> FlaskClient:
    """A client of an order desk with two connected shops, which have the same secret."""
    with writing():
        for kind, name in ((ConnectionKind.WOOCOMMERCE, "Ljusbutiken"), (ConnectionKind.SHOPIFY, "Ljus AB")):
            connections.add(kind, name, SECRET).mail_max_age_days = LONG
    return app.test_client()
