"""The pages of batches: which there are, how far one has come, and what an action would come to."""

import pytest

from tests.factories import make_order
from tests.web.batches.test_changes import batch, cancel, orders, page, start, work
from tests.web.batches.test_making import send
from tests.web.conftest import Browser, on_sqlite
from tests.web.orders.test_budgets import MAX_FRAGMENT_BYTES, MAX_STATEMENTS, counting
from webshop_orders.models import Actor, Order
from webshop_orders.operations.batches import outcomes, running

__all__ = ["batch", "orders"]


def test_each_outcome_is_counted_and_leads_to_its_orders(staff: Browser, batch: int, orders: list[Order]) -> None:
    shown = staff.page(page("?do=ship"))
    assert "1 order skickas" in shown.text
    assert "Skicka 1 order" in shown.text
    for order, sentence, query in (
        (orders[0], "1 order skickas", "do=ship"),
        (orders[1], "1 har ingen spårningskod", "outcome=no_code"),
        (orders[2], "1 är restnoterad", "outcome=backordered"),
    ):
        [link] = [link for link in shown.select(".outcomes a") if link.text_content() == sentence]
        assert query in link.get("href")
        assert f"/orders/{order.number}" in staff.page(link.get("href")).links
    assert "Skicka 3 ordrar" in staff.page(page("?do=ship&agreed=no_code&agreed=backordered&agreed=finns+inte")).text


def test_what_is_shipped_already_is_left_out(staff: Browser, batch: int, orders: list[Order]) -> None:
    start(staff)
    work()
    shown = staff.page(page("?do=ship"))
    assert "1 är redan skickad" in shown.text
    assert shown.select("#batch-start")[0].get("disabled") is not None


def test_an_order_in_two_open_batches_is_told_of(staff: Browser, batch: int, orders: list[Order]) -> None:
    send(staff, orders[0].number)
    assert "1 finns också i en annan öppen omgång" in staff.page(page("?do=ship")).text


def test_groups_are_read_a_page_at_a_time(
    staff: Browser, batch: int, orders: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "GROUP_PAGE_SIZE", 1)
    send(staff, *(make_order(("LJUS", 1)).number for _ in range(3)))
    address, numbers = page("/orders?do=ship&outcome=no_code"), []
    while address:
        shown = staff.page(address)
        numbers += [link for link in shown.links if link.startswith("/orders/")]
        address = next(iter(shown.select(".pages [rel=next]")), {"href": ""}).get("href")  # type: ignore[call-overload]
    assert len(numbers) == len(set(numbers)) == 3


@pytest.mark.parametrize("query", ["", "?do=x", "?do=ship&outcome=x", "?do=cancel&outcome=no_code"])
def test_a_group_that_there_is_not_is_not_found(staff: Browser, batch: int, query: str) -> None:
    assert staff.get(page(f"/orders{query}")).status_code == 404


@pytest.mark.parametrize("query", ["?after=%D9%A3", "?after=-1", "?refused_after=1e9", "?do=x", "?was=running"])
def test_odd_addresses_show_the_batch(staff: Browser, batch: int, query: str) -> None:
    assert f"Omgång {batch}" in staff.page(page(query)).text


def test_the_page_asks_again_only_while_the_batch_is_worked_on(staff: Browser, batch: int) -> None:
    assert not staff.page(page()).select("[data-polls]")
    start(staff)
    [polling] = staff.page(page()).select("[data-polls]")
    work()
    answer = staff.get(polling.get("hx-get"), htmx=True)
    assert "data-polls" not in answer.text
    assert answer.headers["HX-Replace-Url"] == page()
    assert answer.text.count("1 order är skickad.") == 2  # on the page, and told where screen readers listen


def test_orders_and_refusals_are_paged(
    staff: Browser, batch: int, orders: list[Order], anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PAGE", 1)
    start(staff, agreed=["no_code", "backordered"])
    for order in orders:
        cancel(order, anna)
    work()
    first = staff.page(page())
    assert "Försök igen med alla 3" in first.text
    assert first.select("#batch-refused li")[0].text_content().split()[0] == orders[0].number
    second = staff.page(page("?refused_after=1"))
    assert second.select("#batch-refused li")[0].text_content().split()[0] == orders[1].number
    assert staff.page(page("?after=2")).select("#batch-orders li")[0].text_content().split()[0] == orders[2].number


def test_the_list_of_batches_has_their_progress(staff: Browser, batch: int, orders: list[Order]) -> None:
    assert "Inget är gjort ännu." in staff.page("/batches").text
    start(staff)
    [bar] = staff.page("/batches").select("progress")
    assert (bar.get("max"), bar.get("value")) == ("1", "0")
    work()
    assert "1 order är skickad." in staff.page("/batches").text
    assert staff.page("/orders").select('nav a[href="/batches"]')


@on_sqlite
def test_pages_of_batches_cost_the_same_for_any_number_of_orders(staff: Browser, batch: int) -> None:
    send(staff, *(make_order(("LJUS", 1)).number for _ in range(60)))
    costs = []
    for number in (batch, batch + 1):
        for address in (f"/batches/{number}", f"/batches/{number}?do=ship", f"/batches/{number}/orders?do=ship"):
            staff.get(address, htmx=True)
            with counting() as statements:
                answer = staff.get(address, htmx=True)
            assert len(answer.data) <= MAX_FRAGMENT_BYTES * 2
            costs.append(len(statements))
    assert costs[:3] == costs[3:]
    assert max(costs) <= MAX_STATEMENTS
