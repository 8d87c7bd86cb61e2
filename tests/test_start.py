import pytest
from flask import Flask

from webshop_orders import shop_settings

pytestmark = pytest.mark.own_app


def test_a_new_shop_has_settings(app: Flask) -> None:
    assert shop_settings.current().number_prefix == "WS-"
