"""The pages of staff: statements of withdrawal, their orders, their goods, and what is handled."""

from datetime import timedelta
from threading import Event as Stop

import pytest
import time_machine
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import events_of
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.orders.test_budgets import counting
from tests.web.pages import Page, text_of
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.jobs.withdrawals import match_withdrawals
from webshop_orders.models import Actor, EventKind, Order, ReturnReason, Withdrawal, WithdrawnLine
from webshop_orders.operations.orders import shipments, splits, withdrawals
from webshop_orders.operations.orders.withdrawals import Statement
from webshop_orders.transactions.unit_of_work import editing, writing

pytestmark = on_sqlite
LIST = "/withdrawals"


@pytest.fixture
def order(app: Flask, anna: Actor) -> Order:
    """Two candles that have left, one that has not, and three napkins that have not."""
    make_product("CANDLE", name="Ljus", price=10_000)
    make_product("NAPKIN", name="Linneservett", price=5_000)
    placed = make_order(("CANDLE", 3), ("NAPKIN", 3), send_confirmation=False)
    with editing(placed.number, None, anna) as current:
        candles = next(line for line in current.lines if line.sku == "CANDLE")
        shipment = splits.split(candles, 2, to=None, by=anna)
        shipments.ship(shipment, by=anna)
    return placed


def state(number: str, *lines: WithdrawnLine, email: str = "asa@example.com", key: str = "one") -> Withdrawal:
    statement = Statement(number=number, name="Åsa Öberg", email=email, language="sv", lines=lines)
    with writing():
        withdrawal = withdrawals.receive(statement, key, address="192.0.2.1")
    match_withdrawals(Stop())
    return withdrawal


@pytest.fixture
def withdrawal(order: Order) -> Withdrawal:
    return state(order.number)


def url(withdrawal: Withdrawal, action: str = "") -> str:
    return f"{LIST}/{withdrawal.id}" + (f"/{action}" if action else "")


def stored(withdrawal: Withdrawal) -> Withdrawal:
    db.session.rollback()
    return db.session.get_one(Withdrawal, withdrawal.id, populate_existing=True)


def units(order: Order) -> dict[str, int]:
    """The units that the order has of each product, by the status of their shipments."""
    return {f"{line.sku} {line.shipment.status.value}": line.quantity for line in fresh(order).lines}


def quantities(page: Page, withdrawal: Withdrawal) -> dict[str, str]:
    values = page.form(url(withdrawal, "goods")).values()
    return {name: value for name, value in values.items() if name.endswith("-quantity")}


def test_nobody_reads_them_without_signing_in(nobody: Browser, withdrawal: Withdrawal) -> None:
    assert nobody.get(LIST).status_code == 303
    assert nobody.get(url(withdrawal)).status_code == 303


def test_a_viewer_reads_and_changes_nothing(viewer: Browser, withdrawal: Withdrawal) -> None:
    page = viewer.page(url(withdrawal))

    assert [form.action for form in page.forms if form.action.startswith(LIST)] == []
    for action in ("order", "goods", "goods/receipt", "handling", "reopening"):
        answer = viewer.post(url(withdrawal, action), {"csrf_token": viewer.token()})
        assert answer.status_code == 403, action


def test_an_unknown_one_is_not_found(staff: Browser, app: Flask) -> None:
    assert staff.get(f"{LIST}/999").status_code == 404
    for action in ("order", "goods", "goods/receipt", "handling", "reopening"):
        answer = staff.post(f"{LIST}/999/{action}", {"csrf_token": staff.token(), "number": "1", "version": "1"})
        assert answer.status_code == 404, action


def test_those_that_wait_are_listed_and_counted_in_the_inbox(staff: Browser, withdrawal: Withdrawal) -> None:
    state("WS-999999", WithdrawnLine("Ljus", 2), key="two")

    page = staff.page(LIST)

    rows = [row.text_content() for row in page.select("tbody tr")]
    assert len(rows) == 2
    assert "«WS-999999» matchar ingen order" in page.text
    assert "Hela köpet" in rows[1]
    assert text_of(staff.page("/inbox?kind=withdrawal").select(".chips [aria-current]")[0]) == "Ånger 2"


def test_the_count_costs_no_statement_and_is_gone_when_nothing_waits(staff: Browser, app: Flask) -> None:
    with counting() as before:
        page = staff.page("/orders")
    assert "hidden" in page.select("#inbox-count")[0].attrib
    state("WS-1")
    with counting() as after:
        assert "1 sak behöver dig" in staff.page("/orders").text
    assert len(after) == len(before)


def test_the_list_is_paged_and_costs_the_same_however_long_it_is(staff: Browser, app: Flask) -> None:
    staff.page(LIST)
    state("WS-0", key="first")
    with counting() as few:
        staff.page(LIST)
    with writing():
        for turn in range(60):
            db.session.add(
                Withdrawal(
                    source="form", language="sv", number=f"N-{turn}", name="B", email="b@x.se", email_key="b@x.se"
                )
            )
    with counting() as many:
        page = staff.page(LIST)
    assert len(page.select("tbody tr")) == 50
    assert len(many) == len(few) <= 8
    (earlier,) = [link for link in page.links if "before=" in link]
    assert len(staff.page(earlier).select("tbody tr")) == 11


def test_one_that_matches_none_is_linked_by_the_number(staff: Browser, order: Order) -> None:
    kept = state("nonsense", email="other@example.com")

    for number, sentence in (("", "kan inte vara tomt"), ("WS-404", "Ingen order har det numret")):
        answer = staff.send(url(kept), url(kept, "order"), number=number)
        assert answer.status_code == 422
        assert sentence in Page(answer.text).text
    answer = staff.send(url(kept), url(kept, "order"), number=order.number.lower())

    assert answer.status_code == 303
    assert stored(kept).order_id == order.id
    assert f"Ångern hör nu till {order.number}." in staff.page(url(kept)).text
    assert events_of(order)[-1].kind is EventKind.WITHDRAWAL_RECEIVED


def test_the_order_shows_the_statement_with_its_time(staff: Browser, order: Order, withdrawal: Withdrawal) -> None:
    page = staff.page(f"/orders/{order.number}")

    assert url(withdrawal) in page.links
    assert "Hela köpet ångrat" in page.text
    assert "Kunden ångrade hela köpet." in staff.page(f"/orders/{order.number}/history").text


def test_the_order_shows_the_last_day_once_all_has_left(staff: Browser, order: Order, anna: Actor) -> None:
    assert "Sista dag" not in staff.page(f"/orders/{order.number}").text
    with time_machine.travel("2026-12-02T10:00:00Z"), editing(order.number, None, anna) as current:
        shipments.ship(current.open_shipments[0], by=anna)

    text = staff.page(f"/orders/{order.number}").text.replace("\xa0", " ")

    assert "Sista dag: 16 dec. 2026. Räknat från avsändandet 2 dec. 2026" in text


@pytest.mark.parametrize(("days", "sentence"), [(3, "inom den tiden"), (60, "efter den dagen")])
def test_whether_it_came_in_time_is_said_and_decides_nothing(
    staff: Browser, order: Order, anna: Actor, days: int, sentence: str
) -> None:
    with editing(order.number, None, anna) as current:
        shipments.ship(current.open_shipments[0], by=anna)
    with time_machine.travel(now() + timedelta(days=days)):
        kept = state(order.number)

    page = staff.page(url(kept))

    assert f"Meddelandet kom {sentence}." in page.text
    assert quantities(page, kept)


def test_the_whole_purchase_is_proposed_whole(staff: Browser, order: Order, withdrawal: Withdrawal) -> None:
    assert sorted(quantities(staff.page(url(withdrawal)), withdrawal).values()) == ["1", "2", "3"]


def test_named_products_are_proposed_those_that_have_not_left_first(staff: Browser, order: Order) -> None:
    kept = state(order.number, WithdrawnLine("ljus", 2), WithdrawnLine("en duk"))

    proposed = quantities(staff.page(url(kept)), kept)

    assert sorted(proposed.values()) == ["0", "1", "1"]


def test_what_has_not_left_is_taken_off_and_the_rest_becomes_a_return(
    staff: Browser, order: Order, withdrawal: Withdrawal
) -> None:
    answer = staff.send(url(withdrawal), url(withdrawal, "goods"))

    assert answer.status_code == 303
    assert units(order) == {"CANDLE shipped": 2}
    (registered,) = fresh(order).returns
    assert registered.withdrawal_id == withdrawal.id
    assert [(line.quantity, line.reason) for line in registered.lines] == [(2, ReturnReason.WITHDRAWN)]
    page = staff.page(url(withdrawal))
    assert f"Retur {order.number}-R1" in page.text
    assert "blir en retur" not in page.text


@pytest.mark.parametrize("htmx", [False, True])
def test_some_units_are_taken_off_and_it_can_be_undone(
    staff: Browser, order: Order, withdrawal: Withdrawal, htmx: bool
) -> None:
    proposed = quantities(staff.page(url(withdrawal)), withdrawal)
    typed = {name: "1" if value == "3" else "0" for name, value in proposed.items()}

    answer = staff.send(url(withdrawal), url(withdrawal, "goods"), htmx=htmx, **typed)

    assert answer.status_code == (200 if htmx else 303)
    assert units(order) == {"CANDLE ready": 1, "CANDLE shipped": 2, "NAPKIN ready": 2}
    page = f"/orders/{order.number}/summary"
    staff.send(page, f"/orders/{order.number}/undo")
    assert units(order) == {"CANDLE ready": 1, "CANDLE shipped": 2, "NAPKIN ready": 3}
    staff.send(page, f"/orders/{order.number}/redo")
    assert units(order) == {"CANDLE ready": 1, "CANDLE shipped": 2, "NAPKIN ready": 2}


def test_what_was_carried_out_is_not_proposed_again(staff: Browser, order: Order) -> None:
    kept = state(order.number, WithdrawnLine("Linneservett", 1))
    staff.send(url(kept), url(kept, "goods"))

    page = staff.page(url(kept))

    assert "Genomfört" in page.text
    assert set(quantities(page, kept).values()) == {"0"}


def test_what_was_undone_since_is_said_to_be_chosen_again(staff: Browser, order: Order) -> None:
    kept = state(order.number, WithdrawnLine("Linneservett", 1))
    staff.send(url(kept), url(kept, "goods"))
    staff.send(f"/orders/{order.number}/summary", f"/orders/{order.number}/undo")

    assert "det som har ångrats på ordern sedan dess" in staff.page(url(kept)).text
    staff.send(url(kept), url(kept, "handling"))
    assert "öppna ångern igen" in staff.page(url(kept)).text


def test_all_of_it_is_undone_and_carried_out_again_as_one_step(
    staff: Browser, order: Order, withdrawal: Withdrawal
) -> None:
    before = units(order)
    staff.send(url(withdrawal), url(withdrawal, "goods"))
    page = f"/orders/{order.number}/summary"

    staff.send(page, f"/orders/{order.number}/undo")
    assert (units(order), fresh(order).returns) == (before, [])

    staff.send(page, f"/orders/{order.number}/redo")
    assert (units(order), len(fresh(order).returns)) == ({"CANDLE shipped": 2}, 1)


def test_an_order_of_which_nothing_has_left_is_cancelled(staff: Browser, app: Flask) -> None:
    make_product("CANDLE")
    order = make_order(("CANDLE", 3), send_confirmation=False)
    kept = state(order.number)

    staff.send(url(kept), url(kept, "goods"))

    assert fresh(order).is_cancelled
    assert "Ordern är makulerad." in staff.page(url(kept)).text


@pytest.mark.parametrize("quantity", ["-1", "4", "1e9", "٣", "text", "", "1.5"])
def test_a_wrong_quantity_is_refused_and_kept(
    staff: Browser, order: Order, withdrawal: Withdrawal, quantity: str
) -> None:
    before = units(order)
    proposed = quantities(staff.page(url(withdrawal)), withdrawal)
    (napkins,) = [name for name, value in proposed.items() if value == "3"]

    answer = staff.send(url(withdrawal), url(withdrawal, "goods"), **{napkins: quantity})

    assert answer.status_code == 422
    assert quantities(Page(answer.text), withdrawal)[napkins] == quantity
    assert units(order) == before


def test_nothing_chosen_is_refused(staff: Browser, order: Order, withdrawal: Withdrawal) -> None:
    nothing = dict.fromkeys(quantities(staff.page(url(withdrawal)), withdrawal), "0")

    answer = staff.send(url(withdrawal), url(withdrawal, "goods"), **nothing)

    assert answer.status_code == 422
    assert "Välj minst en produkt." in Page(answer.text).text


def test_a_line_of_another_order_is_not_found(staff: Browser, order: Order, withdrawal: Withdrawal) -> None:
    other = make_order(("CANDLE", 1))
    (foreign,) = [line.id for line in fresh(other).lines]

    answer = staff.send(url(withdrawal), url(withdrawal, "goods"), **{f"remove-{foreign}-quantity": "1"})

    assert answer.status_code == 404
    assert units(other) == {"CANDLE ready": 1}


def test_a_stale_form_is_refused(staff: Browser, order: Order, withdrawal: Withdrawal, anna: Actor) -> None:
    values = staff.page(url(withdrawal)).form(url(withdrawal, "goods")).values()
    with editing(order.number, None, anna) as current:
        shipments.ship(current.open_shipments[0], by=anna)

    answer = staff.post(url(withdrawal, "goods"), dict(values))

    assert answer.status_code == 409
    assert fresh(order).returns == []


def test_the_same_form_twice_is_carried_out_once(staff: Browser, order: Order, withdrawal: Withdrawal) -> None:
    values = dict(staff.page(url(withdrawal)).form(url(withdrawal, "goods")).values())

    assert [staff.post(url(withdrawal, "goods"), values).status_code for _ in range(2)] == [303, 303]

    assert len(fresh(order).returns) == 1


@pytest.mark.parametrize("htmx", [False, True])
def test_what_it_would_come_to_is_shown_first_and_changes_nothing(
    staff: Browser, order: Order, withdrawal: Withdrawal, htmx: bool
) -> None:
    before = units(order)
    values = dict(staff.page(url(withdrawal)).form(url(withdrawal, "goods")).values())

    answer = staff.post(url(withdrawal, "goods/receipt"), values, htmx=htmx)

    assert answer.status_code == 200
    assert "200,00" in Page(answer.text).text
    assert units(order) == before
    assert fresh(order).returns == []


def test_it_is_marked_as_handled_and_opened_again(staff: Browser, order: Order, withdrawal: Withdrawal) -> None:
    staff.send(url(withdrawal), url(withdrawal, "handling"))

    assert stored(withdrawal).handled_by == "Staff Berg"
    assert events_of(order)[-1].kind is EventKind.WITHDRAWAL_HANDLED
    page = staff.page(url(withdrawal))
    assert "Hanterad av Staff Berg" in page.text
    assert "Ingen ånger väntar." in staff.page(LIST).text
    assert len(staff.page(f"{LIST}?show=handled").select("tbody tr")) == 1

    staff.send(url(withdrawal), url(withdrawal, "reopening"))
    assert not stored(withdrawal).is_handled


def test_one_on_no_order_is_marked_too(staff: Browser, app: Flask) -> None:
    kept = state("WS-1")

    staff.send(url(kept), url(kept, "handling"))

    assert stored(kept).is_handled
    again = staff.post(url(kept, "handling"), {"csrf_token": staff.token()})
    assert again.status_code == 303
    goods = staff.post(url(kept, "goods"), {"csrf_token": staff.token(), "version": "1"})
    assert goods.status_code == 422


def test_a_page_costs_a_bounded_number_of_statements(staff: Browser, order: Order, withdrawal: Withdrawal) -> None:
    staff.page(url(withdrawal))
    with counting() as statements:
        staff.page(url(withdrawal))
    assert len(statements) <= 8, statements
