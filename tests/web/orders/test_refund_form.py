"""The form for a refund: what is left, what it comes to before it is confirmed, and what becomes of it."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import changing, kinds_of, line_of, read
from tests.web.conftest import Browser, on_sqlite
from tests.web.pages import Page, text_of
from webshop_orders.models import Actor, EventKind, Order, RefundState, ReturnKind, ReturnReason
from webshop_orders.operations.after_sales import returns
from webshop_orders.operations.after_sales.returns import ReturnedUnits
from webshop_orders.operations.orders import cancellation, lines, shipments


@pytest.fixture
def paid(app: Flask, anna: Actor) -> Order:
    """Three candles of 100 kronor, shipped for 49, all paid."""
    make_product("LJUS", name="Stearinljus", stock=10, price=10_000)
    values = {"shipping_price": 4_900, "shipping_vat_rate": 2500, "send_confirmation": False}
    order = make_order(("LJUS", 3), paid=34_900, payment_method="swish", **values)
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    return order


def url_of(order: Order) -> str:
    return f"/orders/{order.number}/refunds"


def candles(order: Order) -> str:
    return f"lines-{line_of(read(order), 'LJUS').id}"


def plain(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u202f", " ")


def sum_of(page: Page) -> str:
    return plain(text_of(page.select(".refund-rows")[0]))


def send_back(order: Order, by: Actor, units: int) -> int:
    """Have units come back; gives the number of the return."""
    with changing(order, by) as current:
        line = line_of(current, "LJUS")
        come_back = [ReturnedUnits(line.id, units, ReturnReason.WITHDRAWN)]
        return returns.register(current, ReturnKind.RETURN, come_back, by=by).id


@pytest.mark.parametrize("htmx", [False, True])
def test_nothing_is_given_back_whose_sum_nobody_has_seen(staff: Browser, paid: Order, *, htmx: bool) -> None:
    url = url_of(paid)
    assert f'href="{url}"' in staff.page(f"/orders/{paid.number}").html
    typed = {candles(paid): "2", "return_freight": "49", "reference": "re_1"}

    asked = staff.send(url, url, htmx=htmx, **typed)

    assert asked.status_code == 422
    page = Page(asked.text)
    assert "151,00 kr går tillbaka till kunden. Stämmer det?" in plain(page.text)
    assert sum_of(page) == (
        "2 × Stearinljus 200,00 Returfrakt −49,00 varav moms 25 % 30,20 "
        "Krediterat 151,00 Går tillbaka till kunden 151,00 kr"
    )
    assert read(paid).refunds == []

    answer = staff.post(url, page.form(url).values(), htmx=htmx)

    assert answer.status_code == (200 if htmx else 303)
    (refund,) = read(paid).refunds
    assert (refund.state, refund.credited, refund.amount) == (RefundState.REQUESTED, 15_100, 15_100)
    assert (refund.method, refund.reference, refund.vat) == ("swish", "re_1", {"2500": 3_020})


@pytest.mark.parametrize("htmx", [False, True])
def test_what_was_reckoned_first_needs_no_question(staff: Browser, paid: Order, *, htmx: bool) -> None:
    """As the receipt beside the fields does while one types, or the button without JavaScript."""
    url = url_of(paid)
    values = {**staff.page(url).form(url).values(), candles(paid): "1", "shipping": "49"}

    reckoned = staff.post(f"{url}/preview", values, htmx=htmx)

    assert reckoned.status_code == 200
    assert "Går tillbaka till kunden 149,00 kr" in sum_of(Page(reckoned.text))
    assert read(paid).refunds == []
    (code,) = (field.get("value") for field in Page(reckoned.text).select("[name=agreed]"))
    assert staff.post(url, {**values, "agreed": code, "done": "yes"}, htmx=htmx).status_code in {200, 303}
    assert (read(paid).paid, read(paid).refunded) == (20_000, 14_900)
    assert read(paid).refunds[0].state is RefundState.DONE


@pytest.mark.parametrize("htmx", [False, True])
def test_a_refund_is_carried_out_or_given_up(staff: Browser, anna: Actor, paid: Order, *, htmx: bool) -> None:
    url, page = url_of(paid), f"/orders/{paid.number}"
    for code in ("sum-10000-10000", "sum-4900-4900"):
        typed = {candles(paid): "1"} if code == "sum-10000-10000" else {"shipping": "49"}
        assert staff.send(url, url, agreed=code, **typed).status_code == 303
    assert "149,00 kr" in plain(text_of(staff.page(page).select(".totals .balance")[0]))

    assert staff.send(page, f"{url}/1/done", htmx=htmx, reference="re_9").status_code == (200 if htmx else 303)
    assert staff.send(page, f"{url}/2/cancellation", htmx=htmx, reason="Fel").status_code == (200 if htmx else 303)

    order = read(paid)
    assert [refund.state for refund in order.refunds] == [RefundState.DONE, RefundState.CANCELLED]
    assert (order.paid, order.refunded, order.credited) == (24_900, 10_000, 10_000)
    shown = staff.page(page)
    assert not shown.select(".totals .balance")
    totals = plain(text_of(shown.select(".totals")[0]))
    assert "Totalt 349,00 kr Krediterat −100,00 Betalt 349,00 Återbetalt −100,00" in totals
    first = plain(text_of(shown.select("#refund-1")[0]))
    assert f"{paid.number}-K1 utförd 100,00 kr 1 × Stearinljus 100,00 Swish · re_9" in first
    assert "avbruten" in text_of(shown.select("#refund-2")[0])
    assert kinds_of(paid)[-2:] == [EventKind.REFUND_DONE, EventKind.REFUND_CANCELLED]
    history = plain(staff.page(f"{page}/history").text)
    assert f"100,00 kr återbetalades, {paid.number}-K1." in history


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("lines", "4", "3 st Stearinljus är kvar att återbetala."),
        ("lines", "-1", "Ange ett heltal"),
        ("lines", "1e9", "Ange ett heltal"),
        ("lines", "٣", "Ange ett heltal"),
        ("lines", "tre", "Ange ett heltal"),
        ("shipping", "49,01", "49,00 kr av frakten är kvar att återbetala."),
        ("shipping", "-1", "Ange ett belopp"),
        ("shipping", "1e9", "Ange ett belopp"),
        ("shipping", "٣", "Ange ett belopp"),
        ("amount", "349,01", "349,00 kr är kvar att återbetala"),
        ("amount", "0,001", "har högst 2 decimaler"),
        ("amount", "allt", "Ange ett belopp"),
        ("return_freight", "10,00", "kan dras av"),
        ("handling", "999999999", "kan dras av"),
        ("reason", "x" * 501, "Högst 500 tecken"),
        ("reference", "x" * 201, "Högst 200 tecken"),
    ],
)
@on_sqlite
def test_what_cannot_be_is_refused_at_its_field_and_stays_typed(
    staff: Browser, paid: Order, field: str, typed: str, sentence: str, *, htmx: bool
) -> None:
    url = url_of(paid)
    name = candles(paid) if field == "lines" else field

    answer = staff.send(url, url, htmx=htmx, **{name: typed})

    assert answer.status_code == 422
    page = Page(answer.text)
    assert [control.get("name") for control in page.select("#refund-form [aria-invalid]")] == [name]
    assert sentence in plain(text_of(page.select("#refund-form .reason")[0]))
    assert page.form(url).values()[name] == typed
    assert read(paid).refunds == []


@on_sqlite
@pytest.mark.parametrize("typed", [{}, {"amount": "0"}, {"shipping": "0,00"}])
def test_a_refund_of_nothing_is_refused_at_the_first_row(staff: Browser, paid: Order, typed: dict[str, str]) -> None:
    url = url_of(paid)
    answer = staff.send(url, url, **typed)
    assert answer.status_code == 422
    assert [control.get("name") for control in Page(answer.text).select("[aria-invalid]")] == [candles(paid)]


@on_sqlite
def test_an_amount_needs_its_reason(staff: Browser, paid: Order) -> None:
    url = url_of(paid)
    answer = staff.send(url, url, amount="50")
    assert [control.get("name") for control in Page(answer.text).select("[aria-invalid]")] == ["reason"]
    typed = {"amount": "50,00", "reason": "Sen leverans", "agreed": "sum-5000-5000"}
    assert staff.send(url, url, **typed).status_code == 303
    assert "«Sen leverans»" in text_of(staff.page(f"/orders/{paid.number}").select("#refund-1")[0])


@on_sqlite
def test_a_line_of_another_order_is_not_found(staff: Browser, paid: Order) -> None:
    other = make_order(("LJUS", 1), send_confirmation=False)
    foreign = candles(other)
    url = url_of(paid)
    for name in (foreign, "lines-987654321"):
        answer = staff.send(url, url, **{name: "1"})
        assert answer.status_code == 404
    assert read(paid).refunds == []
    assert staff.send(url, url, **{"lines-²": "1", "lines-1e3": "1", candles(paid): "1"}).status_code == 422


@on_sqlite
def test_the_refund_of_a_return_proposes_what_came_back_and_shipping_once_at_the_end(
    staff: Browser, anna: Actor, paid: Order
) -> None:
    url = url_of(paid)
    first = send_back(paid, anna, 2)
    page = staff.page(f"{url}?return_id={first}")
    values = page.form(url).values()
    assert (values[candles(paid)], values["shipping"]) == ("2", "")
    assert "Går tillbaka till kunden 200,00 kr" in sum_of(page), "shown before anything is typed"
    assert staff.post(url, values).status_code == 303

    second = send_back(paid, anna, 1)
    values = staff.page(f"{url}?return_id={second}").form(url).values()
    assert (values[candles(paid)], values["shipping"], values["return_id"]) == ("1", "49,00", str(second))
    assert staff.post(url, values).status_code == 303

    assert [refund.return_id for refund in read(paid).refunds] == [first, second]
    assert read(paid).credited == 34_900
    gone = staff.get(url)
    assert gone.status_code == 422
    assert "är kvar att återbetala" in Page(gone.text).text


@on_sqlite
def test_everything_that_is_left_is_filled_in_by_a_link(staff: Browser, paid: Order) -> None:
    url = url_of(paid)
    (link,) = staff.page(url).select("#refund-all")
    values = staff.page(link.get("href")).form(url).values()
    assert (values[candles(paid)], values["shipping"]) == ("3", "49,00")
    assert staff.post(url, values).status_code == 303
    assert read(paid).credited == 34_900


@on_sqlite
def test_what_a_cancelled_order_has_too_much_is_given_back(staff: Browser, anna: Actor, app: Flask) -> None:
    make_product("VAS", price=10_000)
    order = make_order(("VAS", 2), paid=20_000, payment_method="swish", send_confirmation=False)
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)
    url = url_of(order)
    assert f'href="{url}"' in staff.page(f"/orders/{order.number}").html
    page = staff.page(url)
    values = page.form(url).values()
    assert values["overpaid"] == "200,00"
    assert "Går tillbaka till kunden 200,00 kr" in sum_of(page)

    assert staff.post(url, {**values, "done": "yes"}).status_code == 303

    assert (read(order).paid, read(order).refunded, read(order).credited) == (0, 20_000, 0)
    assert "att återbetala" not in staff.page(f"/orders/{order.number}").text
    assert "Det som var för mycket betalt" in staff.page(f"/orders/{order.number}").text


@on_sqlite
def test_what_is_left_to_pay_is_lowered_before_money_goes_back(staff: Browser, anna: Actor, app: Flask) -> None:
    make_product("VAS", price=10_000)
    order = make_order(("VAS", 2), payment_method="invoice", send_confirmation=False)
    url = url_of(order)
    name = f"lines-{line_of(read(order), 'VAS').id}"

    asked = staff.send(url, url, **{name: "1"})

    assert "100,00 kr krediteras, och inga pengar går tillbaka. Stämmer det?" in plain(Page(asked.text).text)
    assert "Resten dras av från det som kunden har kvar att betala." in Page(asked.text).text
    assert staff.post(url, Page(asked.text).form(url).values()).status_code == 303
    assert (read(order).refunds[0].state, read(order).refunds[0].amount) == (RefundState.DONE, 0)


@on_sqlite
def test_a_price_that_changed_meanwhile_is_in_the_way_of_a_refund(staff: Browser, anna: Actor, app: Flask) -> None:
    make_product("VAS", price=10_000)
    order = make_order(("VAS", 2), paid=20_000, payment_method="swish", send_confirmation=False)
    url = url_of(order)
    name = f"lines-{line_of(read(order), 'VAS').id}"
    form = {**staff.page(url).form(url).values(), name: "1", "agreed": "sum-10000-10000"}
    with changing(order, anna) as current:
        lines.change(line_of(current, "VAS"), quantity=2, unit_price=5_000, reason="repa", by=anna)

    answer = staff.post(url, form)

    assert answer.status_code == 409
    assert Page(answer.text).form(url).values()[name] == "1"
    assert read(order).refunds == []


@on_sqlite
def test_a_refund_is_taken_back_and_carried_out_again(staff: Browser, paid: Order) -> None:
    url, page = url_of(paid), f"/orders/{paid.number}"
    assert staff.send(url, url, shipping="49", agreed="sum-4900-4900", done="yes").status_code == 303

    staff.send(page, f"{page}/undo")
    assert (read(paid).paid, read(paid).refunded, read(paid).refunds) == (34_900, 0, [])

    staff.send(page, f"{page}/redo")
    assert (read(paid).paid, read(paid).refunded, read(paid).credited) == (30_000, 4_900, 4_900)


@on_sqlite
def test_neither_the_warehouse_nor_a_viewer_refunds(warehouse: Browser, viewer: Browser, paid: Order) -> None:
    url = url_of(paid)
    for browser in (warehouse, viewer):
        assert url not in browser.page(f"/orders/{paid.number}").html
        assert browser.get(url).status_code == 403
        values = {"version": "1", "shipping": "1", "csrf_token": browser.token()}
        for path in ("", "/preview", "/1/done", "/1/cancellation"):
            assert browser.post(f"{url}{path}", values).status_code == 403
    assert read(paid).refunds == []
