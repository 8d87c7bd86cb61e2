"""Budgets of Python calls: the list and an order's Frakt take no more than what was reached, and a tenth.

Calls are counted since they are exact, unlike times. A fragment answers htmx; a page is whole.
"""

import sys
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from flask import Flask

from tests.factories import make_order
from tests.web.conftest import HTMX, SWEDISH, Browser, on_sqlite
from tests.web.orders.test_budgets import order_of
from webshop_orders.models import Actor

# What was reached, without the tenth: the list of 25 orders, and an order with 3 shipments and 12 lines.
REACHED = {
    ("list", "fragment"): 1_215,
    ("list", "page"): 1_335,
    ("Frakt", "fragment"): 1_590,
    ("Frakt", "page"): 1_710,
}
WARM_UP, MEASURED = 3, 3
Wsgi = Callable[[Any, Any], Iterable[bytes]]


class CountingCalls:
    """A WSGI application that counts the Python calls of each request to another one."""

    def __init__(self, application: Wsgi) -> None:
        self.application = application
        self.counts: list[int] = []

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        calls = 0

        def count(_frame: object, event: str, _argument: object) -> None:
            nonlocal calls
            calls += event == "call"

        sys.setprofile(count)
        try:
            return list(self.application(environ, start_response))
        finally:
            sys.setprofile(None)
            self.counts.append(calls)


@on_sqlite
@pytest.mark.parametrize("whole", [False, True], ids=["fragment", "page"])
@pytest.mark.parametrize("name", ["list", "Frakt"])
def test_a_page_takes_no_more_calls_than_its_budget(
    app: Flask, staff: Browser, anna: Actor, monkeypatch: pytest.MonkeyPatch, name: str, whole: bool
) -> None:
    order = order_of(12, anna)
    for _ in range(25):
        make_order(("P-0", 1), send_confirmation=False)
    path = "/orders" if name == "list" else f"/orders/{order.number}/shipping"
    counting = CountingCalls(app.wsgi_app)
    monkeypatch.setattr(app, "wsgi_app", counting)
    for _ in range(WARM_UP + MEASURED):  # templates are compiled and statements prepared by the first ones
        answer = staff.client.get(path, headers={**SWEDISH, **({} if whole else HTMX)})
        assert answer.status_code == 200
        assert ("<html" in answer.text) is whole
    calls = min(counting.counts[WARM_UP:])  # the garbage collector may call finalizers in any of them
    assert calls <= 1.1 * REACHED[name, "page" if whole else "fragment"], counting.counts
