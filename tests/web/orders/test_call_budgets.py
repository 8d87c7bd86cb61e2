"""Budgets of Python calls: the list, an order's Frakt and its changes take no more than was reached, and a tenth.

Calls are counted since they are exact, unlike times. A fragment answers htmx; a page is whole.
"""

import sys
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from flask import Flask

from tests.factories import make_order
from tests.web.conftest import HTMX, SWEDISH, Browser, fresh, on_sqlite
from tests.web.orders.test_budgets import order_of
from webshop_orders.models import Actor

# What was reached, without the tenth: the list of 25 orders, and an order with 3 shipments and 12 lines. Frakt has
# what is to be charged for each shipment, and the summary, which a note is on, what came after the sale.
REACHED = {
    ("list", "fragment"): 1_140,
    ("list", "page"): 1_255,
    ("Frakt", "fragment"): 1_920,
    ("Frakt", "page"): 2_000,
}
# The form of each change, what is filled in by turns, and what was reached with the same order.
CHANGES: dict[str, tuple[str, str, list[dict[str, object]], int]] = {
    "note": ("", "/comments", [{"text": "Ringde kunden"}], 5_880),
    "status": ("/shipping", "/shipments/1/status", [{"status": "ready"}, {"status": "backordered"}], 6_800),
    "quantity": ("/lines/{line}", "/lines/{line}", [{"quantity": 3}, {"quantity": 4}], 8_740),
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


@on_sqlite
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_takes_no_more_calls_than_its_budget(
    app: Flask, staff: Browser, anna: Actor, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    tab, action, turns, reached = CHANGES[name]
    order = order_of(12, anna)
    line = next(iter(fresh(order).lines)).id
    address = f"/orders/{order.number}{action.format(line=line)}"
    counting = CountingCalls(app.wsgi_app)
    for turn in range(WARM_UP + MEASURED):
        values = staff.page(f"/orders/{order.number}{tab.format(line=line)}").form(address).values()
        with monkeypatch.context() as patched:
            patched.setattr(app, "wsgi_app", counting)
            answer = staff.post(address, {**values, **turns[turn % len(turns)]}, htmx=True)
        assert answer.status_code == 200, answer.text
    assert min(counting.counts[WARM_UP:]) <= 1.1 * reached, counting.counts
