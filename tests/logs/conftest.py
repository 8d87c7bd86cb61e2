"""The log as it is written, read line by line."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from flask import Flask

from tests.factories import make_order
from tests.web.conftest import Browser, SignIn, sign_in  # noqa: F401
from webshop_orders import logs
from webshop_orders.logs import json_lines
from webshop_orders.models import Order, Role


class Log:
    """What was logged since the test began."""

    def __init__(self) -> None:
        self.file = StringIO()

    @property
    def text(self) -> str:
        return self.file.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def requests(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == "request"]


@pytest.fixture
def log() -> Iterator[Log]:
    captured = Log()
    handler = logging.StreamHandler(captured.file)
    handler.setFormatter(json_lines.formatter())
    root, ours = logging.getLogger(), logging.getLogger(logs.OURS)
    level = ours.level
    root.addHandler(handler)
    ours.setLevel(logging.INFO)
    yield captured
    root.removeHandler(handler)
    ours.setLevel(level)


@pytest.fixture
def staff(sign_in: SignIn) -> Browser:  # noqa: F811
    return sign_in(Role.STAFF)


@pytest.fixture
def nobody(sign_in: SignIn) -> Browser:  # noqa: F811
    return sign_in(None)


@pytest.fixture
def order(app: Flask) -> Order:
    return make_order(("LJUS-12", 1), send_confirmation=False)
