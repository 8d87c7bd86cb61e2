"""Pausing an order or one of its shipments, and releasing it, on the order's pages."""

from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask

from tests.operations.steps import changing, events_of, hold, read
from tests.web.conftest import Browser, on_sqlite
from tests.web.orders.test_budgets import counting
from tests.web.pages import Page, text_of
from webshop_orders import shop_settings
from webshop_orders.models import Actor, EventKind, HoldReason, Order
from webshop_orders.models.hold import MAX_HOLDS
from webshop_orders.operations.orders import cancellation, shipments
from webshop_orders.web.orders.forms.holds import HoldForm

MAX_STATEMENTS = 8


def url_of(order: Order) -> str:
    return f"/orders/{order.number}/holds"


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("reason", "", "Välj ett av alternativen."),
        ("reason", "nonsense", "Välj ett av alternativen."),
        ("reason", "other", "Skriv varför"),
        ("note", "x" * 501, "Högst 500 tecken"),
        ("note", "a\nb", "tecken som inte kan användas"),
        ("until", "nonsense", "till exempel 2026-11-23"),
        ("until", "2020-01-01", "en dag efter i dag"),
        ("other_day", "2020-01-01", "en dag efter i dag"),
        ("other_day", "today", "en dag efter i dag"),
        ("other_day", "2026-02-30", "till exempel 2026-11-23"),
        ("other_day", "٢٠٢٧-01-01", "till exempel 2026-11-23"),
        ("other_day", "20270101", "till exempel 2026-11-23"),
        ("shipment", "-1", "Ange ett heltal"),
        ("shipment", "1e9", "Ange ett heltal"),
        ("shipment", "٣", "Ange ett heltal"),
        ("shipment", "", "Ange ett heltal"),
        ("shipment", "3", "WS-100001-3 är skickad"),
    ],
)
@on_sqlite
def test_a_refusal_is_said_at_its_field_and_what_was_typed_is_kept(
    staff: Browser, parts: Order, field: str, typed: str, sentence: str, *, htmx: bool
) -> None:
    typed = shop_settings.today().isoformat() if typed == "today" else typed
    values = {"reason": "awaiting_payment", "note": "Fakturan är obetald", field: typed}
    if (field, typed) == ("reason", "other"):
        values["note"] = ""

    answer = staff.send(url_of(parts), url_of(parts), htmx=htmx, **values)

    page = Page(answer.text)
    assert answer.status_code == 422
    assert sentence in text_of(page.select("#hold-form")[0])
    kept = page.form(url_of(parts)).values()
    expected = {name: value for name, value in values.items() if name in {"note", "other_day"} and value}
    assert {name: kept[name] for name in expected} == expected
    assert kept.get("reason", "") == (values["reason"] if values["reason"] != "nonsense" else "")
    assert read(parts).holds == []


@on_sqlite
def test_two_days_at_once_are_refused(staff: Browser, parts: Order) -> None:
    tomorrow, later = (shop_settings.today() + timedelta(days=days) for days in (1, 9))
    values = {"reason": "customer_asked", "until": tomorrow.isoformat(), "other_day": later.isoformat()}
    answer = staff.send(url_of(parts), url_of(parts), **values)
    assert answer.status_code == 422
    assert "inte båda" in text_of(Page(answer.text).select("#hold-other-day-reason")[0])


@on_sqlite
def test_a_shipment_of_no_or_of_another_order_is_not_found(staff: Browser, parts: Order) -> None:
    for htmx in (False, True):
        answer = staff.send(url_of(parts), url_of(parts), htmx=htmx, reason="customer_asked", shipment="99")
        assert answer.status_code == 404
        assert "WS-100001" in Page(answer.text).text
    assert read(parts).holds == []
    assert staff.get(f"{url_of(parts)}?shipment=99").status_code == 404


@pytest.mark.parametrize("name", ["viewer", "warehouse"])
@on_sqlite
def test_others_than_staff_see_what_is_held_and_change_nothing(
    request: pytest.FixtureRequest, name: str, parts: Order, anna: Actor
) -> None:
    hold(parts, anna, note="Portkod saknas")
    browser: Browser = request.getfixturevalue(name)
    for tab in ("", "/shipping"):
        page = browser.page(f"/orders/{parts.number}{tab}")
        assert "Portkod saknas" in page.text
        assert not page.select("#hold-order, [id^=hold-][id$=-release], form[action$=holds]")
    assert browser.get(url_of(parts)).status_code == 403
    token = browser.token()
    for action in (url_of(parts), f"{url_of(parts)}/1/release"):
        values = {"csrf_token": token, "version": str(read(parts).version), "reason": "customer_asked"}
        assert browser.post(action, values).status_code == 403
    assert len(read(parts).holds) == 1


@on_sqlite
def test_what_is_shipped_or_cancelled_offers_no_pause_and_says_so(staff: Browser, parts: Order, anna: Actor) -> None:
    with changing(parts, anna) as order:
        shipments.reopen(order.shipments[2], by=anna)
        cancellation.cancel(order, by=anna)
    assert not staff.page(f"/orders/{parts.number}").select("#hold-order")
    answer = staff.get(url_of(parts))
    assert answer.status_code == 422
    assert "är makulerad" in Page(answer.text).text
    with changing(parts, anna) as order:
        cancellation.restore(order, by=anna)
        for shipment in order.shipments:
            shipments.ship(shipment, by=anna)
    assert not staff.page(f"/orders/{parts.number}/shipping").select("[id^=hold-]")
    answer = staff.get(url_of(parts))
    assert answer.status_code == 422
    assert "kan inte pausas" in Page(answer.text).text or "inte kan pausas" in Page(answer.text).text


@on_sqlite
def test_more_pauses_than_an_order_may_have_are_refused(staff: Browser, parts: Order, anna: Actor) -> None:
    for _ in range(MAX_HOLDS):
        hold(parts, anna)
    answer = staff.send(url_of(parts), url_of(parts), reason="customer_asked")
    assert answer.status_code == 422
    assert "Häv en först" in text_of(Page(answer.text).select("#hold-form")[0])


@on_sqlite
def test_a_note_that_is_too_long_does_not_release(staff: Browser, parts: Order, anna: Actor) -> None:
    hold(parts, anna)
    hold(parts, anna, HoldReason.SUSPECTED_FRAUD)
    answer = staff.send(f"/orders/{parts.number}", f"{url_of(parts)}/2/release", note="x" * 501)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert "Högst 500 tecken" in text_of(page.select("#hold-2")[0])
    assert "Högst 500 tecken" not in text_of(page.select("#hold-1")[0])
    assert page.form(f"{url_of(parts)}/2/release").values()["note"] == "x" * 501
    assert len(read(parts).holds) == 2


@on_sqlite
def test_what_someone_else_has_released_is_released_once(
    staff: Browser, admin: Browser, parts: Order, anna: Actor
) -> None:
    hold(parts, anna)
    action = f"{url_of(parts)}/1/release"
    first, second = (browser.page(f"/orders/{parts.number}").form(action).values() for browser in (staff, admin))
    assert staff.post(action, first).status_code == 303
    assert admin.post(action, second).status_code == 409
    again = admin.post(action, {**second, "version": str(read(parts).version)}, htmx=True)
    assert again.status_code == 200
    assert "är redan hävd" in Page(again.text).text
    kinds = [
        event for event in staff.page(f"/orders/{parts.number}/history").select("li") if "hävdes" in text_of(event)
    ]
    assert len(kinds) == 1


@pytest.mark.parametrize("htmx", [False, True])
def test_an_order_is_paused_from_its_header_and_released_on_its_summary(
    staff: Browser, parts: Order, *, htmx: bool
) -> None:
    page = staff.page(f"/orders/{parts.number}/customer")
    opener = str(page.select("#hold-order")[0].get("href"))
    assert opener == f"{url_of(parts)}?tab=customer"

    answer = staff.send(opener, url_of(parts), htmx=htmx, reason="wrong_address", note="Portkod saknas")

    assert answer.status_code == (200 if htmx else 303)
    assert htmx or answer.location == f"/orders/{parts.number}/customer"
    (held,) = read(parts).holds
    assert (held.reason, held.note, held.shipment, held.until, held.keeps_stock, held.by) == (
        HoldReason.WRONG_ADDRESS,
        "Portkod saknas",
        None,
        None,
        True,
        "Staff Berg",
    )
    head = staff.page(f"/orders/{parts.number}/messages").select(".order-head .badge-status.held")
    assert text_of(head[0]).startswith("Pausad: fel adress")

    released = staff.send(f"/orders/{parts.number}", f"{url_of(parts)}/1/release", htmx=htmx, note="Koden är 4417")

    assert released.status_code == (200 if htmx else 303)
    assert read(parts).holds == []
    assert not staff.page(f"/orders/{parts.number}").select(".badge-status.held")
    history = staff.page(f"/orders/{parts.number}/history").text
    assert "WS-100001 pausades: fel adress, «Portkod saknas»." in history
    assert "Pausen för WS-100001 hävdes: fel adress." in history


def test_a_shipment_is_paused_in_its_card_and_cannot_be_shipped_there(staff: Browser, parts: Order) -> None:
    shipping = f"/orders/{parts.number}/shipping"
    opener = str(staff.page(shipping).select("#hold-2")[0].get("href"))
    form = staff.page(opener)
    assert form.select("#shipment-2 #hold-form")
    assert form.form(url_of(parts)).values()["shipment"] == "2"
    assert staff.page(shipping).select("#ship-2")

    answer = staff.send(opener, url_of(parts), reason="customer_asked")

    assert answer.location == shipping
    page = staff.page(shipping)
    assert page.select("#shipment-2 .badge-status.held")
    assert not page.select("#shipment-1 .badge-status.held")
    assert page.select("#ship-1")
    assert not page.select("#ship-2")
    assert page.select("#hold-of-2-1-release"), "what holds it is said there, and released"
    assert page.select("#tracking-2-code"), "it can be tracked meanwhile"


@on_sqlite
def test_each_of_several_pauses_says_who_why_and_until_when_and_is_released_alone(
    staff: Browser, parts: Order, anna: Actor
) -> None:
    hold(parts, anna, until=date(2100, 1, 4), note="Portkod saknas")
    hold(parts, anna, HoldReason.SUSPECTED_FRAUD, keeps_stock=False)
    hold(parts, anna, HoldReason.CUSTOMER_ASKED, shipment=2)
    page = staff.page(f"/orders/{parts.number}")
    rows = [" ".join(text_of(row).split()) for row in page.select(".card.held li")]
    assert "fel adress, «Portkod saknas»" in rows[0]
    assert f"till 4 jan. 2100, av {anna.name} i dag" in rows[0]
    assert "andra ordrar kan få lagret" in rows[1]
    assert "WS-100001-2" in rows[2]
    assert "WS-100001-2" not in rows[0]

    staff.send(f"/orders/{parts.number}/shipping", f"{url_of(parts)}/2/release")

    assert [held.id for held in read(parts).holds] == [1, 3]
    shipped = staff.send(
        f"/orders/{parts.number}/shipping", f"/orders/{parts.number}/shipments/2/tracking", code="X-1", carrier="DHL"
    )
    assert shipped.status_code == 303, "a tracking code does not leave"


@on_sqlite
def test_a_form_sent_by_hand_does_not_ship_what_is_held(staff: Browser, parts: Order, anna: Actor) -> None:
    page = f"/orders/{parts.number}/shipping"
    action = f"/orders/{parts.number}/shipments/2/status"
    values = staff.page(page).form(action).values()
    hold(parts, anna, HoldReason.SUSPECTED_FRAUD)
    for htmx in (False, True):
        sent = {**values, "status": "shipped", "version": str(read(parts).version), "agreed": ["no-code"]}
        answer = staff.post(action, sent, htmx=htmx)
        assert answer.status_code == 409
        told = text_of(Page(answer.text).select("#shipment-2 [role=alert]")[0])
        assert "WS-100001-2 är pausad: misstänkt bedrägeri. Häv pausen först." in told
    assert not read(parts).shipments[1].is_shipped


@on_sqlite
def test_a_pause_and_its_release_are_taken_back_and_carried_out_again(staff: Browser, parts: Order) -> None:
    page = f"/orders/{parts.number}"
    staff.send(url_of(parts), url_of(parts), reason="wrong_address")
    staff.send(page, f"{url_of(parts)}/1/release")
    for action, held in (("undo", 1), ("undo", 0), ("redo", 1), ("redo", 0)):
        values = staff.page(page).form(f"{page}/undo").values()
        assert staff.post(f"{page}/{action}", values).status_code == 303
        assert len(read(parts).holds) == held
    kinds = [event.kind for event in events_of(parts)]
    assert kinds.count(EventKind.ORDER_HELD) == kinds.count(EventKind.HOLD_RELEASED) == 1


@pytest.mark.parametrize(
    ("present_day", "days"),
    [
        ("2026-12-02", ["i morgon, 3 dec.", "på måndag, 7 dec.", "om en vecka, 9 dec."]),
        ("2026-12-06", ["på måndag, 7 dec.", "om en vecka, 13 dec."]),
        ("2026-12-07", ["i morgon, 8 dec.", "om en vecka, 14 dec."]),
        ("2026-12-30", ["i morgon, 31 dec.", "på måndag, 4 jan. 2027", "om en vecka, 6 jan. 2027"]),
    ],
)
@on_sqlite
def test_the_days_that_are_chosen_most_are_each_offered_once(app: Flask, present_day: str, days: list[str]) -> None:
    with (
        time_machine.travel(f"{present_day}T09:00:00+00:00", tick=False),
        app.test_request_context(headers={"Accept-Language": "sv"}),
    ):
        offered = HoldForm.opened("summary", None).quick_days
    assert [label for _value, label in offered] == days


@pytest.mark.parametrize("field", ["until", "other_day"])
@on_sqlite
def test_a_day_is_chosen_or_typed(staff: Browser, parts: Order, field: str) -> None:
    day = (shop_settings.today() + timedelta(days=7)).isoformat()
    values = {"reason": "customer_asked", field: day, "keeps_stock": ""}
    assert staff.send(url_of(parts), url_of(parts), **values).status_code == 303
    (held,) = read(parts).holds
    assert (held.until, held.keeps_stock) == (day, False)


@pytest.mark.parametrize("path", ["", "/shipping", "/holds", "/holds?shipment=2", "/customer"])
@on_sqlite
def test_the_pages_of_a_held_order_stay_within_their_statements(
    staff: Browser, parts: Order, anna: Actor, path: str
) -> None:
    hold(parts, anna)
    hold(parts, anna, HoldReason.SUSPECTED_FRAUD, shipment=2)
    staff.page(f"/orders/{parts.number}{path}")
    with counting() as statements:
        staff.page(f"/orders/{parts.number}{path}")
    assert len(statements) <= MAX_STATEMENTS


@on_sqlite
def test_in_english_too(staff: Browser, parts: Order, anna: Actor) -> None:
    hold(parts, anna, note="Ring först")
    page = Page(staff.client.get(f"/orders/{parts.number}", headers={"Accept-Language": "en-GB"}).text)
    assert "Paused: wrong address" in page.text
    assert "until it is released, by Anna Lind today" in page.text
