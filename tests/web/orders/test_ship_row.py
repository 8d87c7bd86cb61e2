"""The row of a shipment: its code is saved and it is shipped in one change; staff are asked about uncovered units."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import make_order, make_product, reshape_shop
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.http.test_bad_input import state
from tests.web.pages import Page, text_of
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, DeliveryStatus, Event, EventKind, Message, MessageKind, Order
from webshop_orders.operations.orders import shipments, tracking
from webshop_orders.transactions.unit_of_work import editing

POSTNORD_CODE = "00370730254698741239"
UNCOVERED = "2 av 5 st väntar på lager. Skicka allt ändå, eller dela av restnoterat?"
NO_LINK = "Utan transportör får mejlet ingen länk."
SEND_AGAIN = "Skicka leveransbekräftelsen på nytt"

pytestmark = on_sqlite


@pytest.fixture(autouse=True)
def mail_server(app: Flask) -> None:
    app.config["MAIL_SERVER"] = "127.0.0.1"


@pytest.fixture
def ready(app: Flask) -> Order:
    make_product("LJUS-12", stock=24)
    return make_order(("LJUS-12", 4), shipping_method="Hemleverans med PostNord")


@pytest.fixture
def short(app: Flask) -> Order:
    """An order of five units, two of which wait for stock."""
    make_product("LJUS-12", stock=24)
    make_product("KAN-02", stock=1)
    return make_order(("LJUS-12", 2), ("KAN-02", 3))


def press(browser: Browser, order: Order, endpoint: str = "tracking", *, htmx: bool = True, **typed: object) -> Page:
    """Fill in the row of the first shipment, press a button of it, and read the page."""
    url = f"/orders/{order.number}"
    response = browser.send(f"{url}/shipping", f"{url}/shipments/1/{endpoint}", htmx=htmx, **typed)
    return Page(response.text) if htmx or response.status_code != 303 else browser.page(response.location)


def codes_of(order: Order) -> list[tuple[str, str | None]]:
    return [(code.code, code.carrier) for code in fresh(order).shipments[0].tracking_codes]


def delivery_mails(order: Order) -> list[Message]:
    fresh(order)
    mails = select(Message).where(Message.order_id == order.id, Message.kind == MessageKind.DELIVERY_CONFIRMATION)
    return list(db.session.scalars(mails.order_by(Message.id)))


def kinds_since_placed(order: Order) -> list[EventKind]:
    fresh(order)
    events = select(Event.kind).where(Event.order_id == order.id).order_by(Event.id)
    return [kind for kind in db.session.scalars(events) if kind is not EventKind.ORDER_PLACED]


@pytest.mark.parametrize("endpoint", ["tracking", "status"])
@pytest.mark.parametrize("htmx", [True, False])
def test_what_is_typed_is_saved_and_shipped_in_one_change(
    staff: Browser, ready: Order, endpoint: str, htmx: bool
) -> None:
    page = press(staff, ready, endpoint, htmx=htmx, status="shipped", code=POSTNORD_CODE, carrier="PostNord")

    assert "är skickad, och en leveransbekräftelse" in page.text
    assert codes_of(ready) == [(POSTNORD_CODE, "PostNord")]
    (mail,) = delivery_mails(ready)
    assert POSTNORD_CODE in mail.text
    assert kinds_since_placed(ready) == [EventKind.TRACKING_ADDED, EventKind.SHIPMENT_SHIPPED]


def test_the_row_is_one_form_with_code_carrier_and_both_buttons(staff: Browser, ready: Order) -> None:
    page = staff.page(f"/orders/{ready.number}/shipping")

    (row,) = page.select("form.ship-row")
    names = {control.get("name") for control in row.cssselect("input:not([type=hidden]), select, button[name]")}
    assert names == {"code", "carrier", "status"}
    assert [button.text_content().strip() for button in row.cssselect("button")] == ["Markera som skickad", "Spara"]
    assert [text_of(button) for button in row.cssselect("button.filled")] == ["Markera som skickad"], (
        "which Enter presses"
    )
    assert not page.select("[data-sends-on-change]")
    assert not page.select("select[name=status]")


def test_several_codes_are_shipped_as_one_request(staff: Browser, ready: Order) -> None:
    url = f"/orders/{ready.number}"
    form = staff.page(f"{url}/shipping").form(f"{url}/shipments/1/tracking")
    values = {**form.values(), "status": "shipped", "code": "AB17, AB18; AB19"}

    assert "är skickad" in Page(staff.post(form.action, values, htmx=True).text).text
    before = state(ready)
    assert "Det här är redan gjort." in Page(staff.post(form.action, values, htmx=True).text).text
    assert state(ready) == before
    assert [code for code, _ in codes_of(ready)] == ["AB17", "AB18", "AB19"]


@pytest.mark.parametrize("typed", ["<script>", "å1", "x" * 101])
def test_a_code_that_is_not_valid_ships_nothing_and_stays_typed(staff: Browser, ready: Order, typed: str) -> None:
    before = state(ready)

    page = press(staff, ready, status="shipped", code=typed)

    assert "En spårningskod har bara bokstäver" in page.text
    (field,) = page.select("#tracking-1-code")
    assert (field.get("value"), field.get("aria-invalid")) == (typed, "true")
    assert state(ready) == before


def test_saving_without_a_code_is_refused(staff: Browser, ready: Order) -> None:
    before = state(ready)
    assert "Det här kan inte vara tomt." in press(staff, ready, code=" ").text
    assert state(ready) == before


def test_the_code_typed_after_a_warning_is_shipped_too(staff: Browser, ready: Order) -> None:
    page = press(staff, ready, status="shipped")
    assert "har ingen spårningskod" in page.text
    form = page.form(f"/orders/{ready.number}/shipments/1/status")

    response = staff.post(form.action, {**form.values(), "status": "shipped", "code": POSTNORD_CODE}, htmx=True)

    assert "är skickad" in Page(response.text).text
    assert codes_of(ready) == [(POSTNORD_CODE, "PostNord")]
    assert POSTNORD_CODE in delivery_mails(ready)[0].text


@pytest.mark.parametrize(
    ("method", "preset"),
    [
        ("PostNord MyPack Collect", "PostNord"),
        ("Hemleverans med DHL", "DHL"),
        ("MyPack Home", "PostNord"),
        ("Schenker ombud", "DB Schenker"),
        ("Fri frakt", ""),
        (None, ""),
    ],
)
def test_the_carrier_is_preset_from_the_shipping_method(
    staff: Browser, app: Flask, method: str | None, preset: str
) -> None:
    order = make_order(("LJUS-12", 1), shipping_method=method)
    page = staff.page(f"/orders/{order.number}/shipping")
    assert page.form(f"/orders/{order.number}/shipments/1/tracking").values()["carrier"] == preset


@pytest.mark.parametrize(
    ("method", "chosen", "code", "carrier"),
    [
        (None, "", POSTNORD_CODE, "PostNord"),
        ("DHL Freight", "DHL", POSTNORD_CODE, "PostNord"),  # the preset, which a code of one carrier only overrules
        ("DHL Freight", "Bring", POSTNORD_CODE, "Bring"),  # what someone chose stays
        ("DHL Freight", "DHL", "7000000018", "DHL"),
        (None, "", "RR123456785SE", "PostNord"),
        (None, "", "RR 123 456 785 SE", "PostNord"),
        (None, "", "RR123456789SE", "PostNord"),  # a wrong check digit, which is pointed out
        (None, "", "1Z999AA10123456784", "UPS"),
        (None, "", "JJD000390007000000001", "DHL"),
        (None, "", "370438101234567890", "Bring"),
        (None, "", "JJFI64300012345678", None),  # Posti, which the shop does not have
        (None, "", "ABC-1", None),
    ],
)
def test_a_carrier_is_recognised_from_its_code(
    staff: Browser, app: Flask, method: str | None, chosen: str, code: str, carrier: str | None
) -> None:
    order = make_order(("LJUS-12", 1), shipping_method=method)
    page = press(staff, order, code=code, carrier=chosen)
    assert codes_of(order) == [(code.replace(" ", ""), carrier)]
    assert (NO_LINK in page.text) is ("ingen länk i mejlet" in page.text) is (carrier is None)


def test_units_that_stock_does_not_cover_are_asked_about_once(staff: Browser, short: Order) -> None:
    before = state(short)

    page = press(staff, short, status="shipped", code=POSTNORD_CODE)

    assert UNCOVERED in page.text
    assert {"Skicka allt ändå", "Dela av restnoterat"} <= set(page.buttons)
    assert page.buttons.count("Dela av restnoterat") == 1
    form = page.form(f"/orders/{short.number}/shipments/1/status")
    assert (form.values()["code"], form.values()["agreed"]) == (POSTNORD_CODE, "uncovered")
    assert state(short) == before

    page = Page(staff.post(form.action, {**form.values(), "status": "shipped"}, htmx=True).text)
    assert "är skickad" in page.text
    assert "2 av 5 st fanns inte i lager" in page.text
    assert codes_of(short) == [(POSTNORD_CODE, "PostNord")]
    assert "2 av 5 st fanns inte i lager" in staff.page(f"/orders/{short.number}/shipping").text


def test_what_waits_is_asked_about_whatever_the_mail_guard_says(staff: Browser, short: Order) -> None:
    reshape_shop(mails_delivery_confirmations=False)
    assert UNCOVERED in press(staff, short, status="shipped", code=POSTNORD_CODE).text
    assert not fresh(short).shipments[0].is_shipped


def test_a_shipment_that_waits_as_a_whole_cannot_be_split(staff: Browser, app: Flask) -> None:
    make_product("KAN-02", stock=0)
    order = make_order(("KAN-02", 3))
    page = press(staff, order, status="shipped", code=POSTNORD_CODE)
    assert "3 av 3 st väntar på lager. Skicka allt ändå?" in page.text
    assert "Dela av restnoterat" not in page.buttons


@pytest.mark.parametrize("htmx", [True, False])
def test_splitting_off_in_answer_to_the_question_keeps_the_typed_code(staff: Browser, short: Order, htmx: bool) -> None:
    page = press(staff, short, status="shipped", code=POSTNORD_CODE)
    split_url = f"/orders/{short.number}/shipments/1/backorder-split"
    (button,) = page.select(f"button[formaction='{split_url}']")
    assert button.get("hx-post") == split_url
    values = page.form(f"/orders/{short.number}/shipments/1/status").values()

    response = staff.post(split_url, values, htmx=htmx)

    assert response.status_code == (200 if htmx else 303)
    assert [shipment.status for shipment in fresh(short).shipments] == [
        DeliveryStatus.READY,
        DeliveryStatus.BACKORDERED,
    ]
    assert codes_of(short) == [(POSTNORD_CODE, "PostNord")]
    assert "är skickad" in press(staff, short, status="shipped").text


def test_a_code_saved_after_shipping_offers_the_confirmation_again(
    staff: Browser, warehouse: Browser, ready: Order
) -> None:
    url = f"/orders/{ready.number}"
    assert SEND_AGAIN not in press(staff, ready, status="shipped", code="AB17").buttons
    page = press(staff, ready, code=POSTNORD_CODE)
    assert SEND_AGAIN in page.buttons
    assert SEND_AGAIN in staff.page(f"{url}/shipping").buttons
    assert SEND_AGAIN not in warehouse.page(f"{url}/shipping").buttons, "who may not send mails"
    form = page.form(f"{url}/shipments/1/confirmation")

    response = staff.post(form.action, form.values())

    assert response.location == f"{url}/shipping"
    page = staff.page(response.location)
    assert "Leveransbekräftelsen för WS-100001-1 går till asa@example.com." in page.text
    assert SEND_AGAIN not in page.buttons
    assert [POSTNORD_CODE in mail.text for mail in delivery_mails(ready)] == [False, True]


def test_nothing_is_offered_where_the_code_is_gone_again_or_nothing_has_left(
    staff: Browser, ready: Order, anna: Actor
) -> None:
    assert SEND_AGAIN not in press(staff, ready, code="AB17").buttons
    press(staff, ready, status="shipped")
    with editing(ready.number, None, anna) as order:
        added = tracking.add(order.shipments[0], "AB18", None, None, by=anna)
        db.session.flush()
        tracking.remove(order.shipments[0], added.id, by=anna)
    assert SEND_AGAIN not in staff.page(f"/orders/{ready.number}/shipping").buttons


def test_a_code_typed_for_a_shipment_that_left_meanwhile_is_saved(staff: Browser, ready: Order) -> None:
    url = f"/orders/{ready.number}"
    form = staff.page(f"{url}/shipping").form(f"{url}/shipments/1/tracking")
    press(staff, ready, status="shipped", code="AB17")

    response = staff.post(form.action, {**form.values(), "status": "shipped", "code": "AB18"}, htmx=True)

    assert "AB18 är tillagd på WS-100001-1." in Page(response.text).text
    assert [code for code, _ in codes_of(ready)] == ["AB17", "AB18"]
    assert len(delivery_mails(ready)) == 1


def test_a_code_from_elsewhere_does_not_make_shipping_stale(staff: Browser, ready: Order, anna: Actor) -> None:
    url = f"/orders/{ready.number}"
    form = staff.page(f"{url}/shipping").form(f"{url}/shipments/1/tracking")
    with editing(ready.number, None, anna) as order:
        tracking.add(order.shipments[0], "AB17", None, None, by=anna)

    response = staff.post(form.action, {**form.values(), "status": "shipped"}, htmx=True)

    assert response.status_code == 200
    assert "är skickad" in Page(response.text).text


def test_shipping_is_stale_where_someone_else_changed_what_is_in_the_shipment(
    staff: Browser, ready: Order, anna: Actor
) -> None:
    url = f"/orders/{ready.number}"
    form = staff.page(f"{url}/shipping").form(f"{url}/shipments/1/tracking")
    with editing(ready.number, None, anna) as order:
        shipments.set_status(order.shipments[0], DeliveryStatus.BACKORDERED, by=anna)

    response = staff.post(form.action, {**form.values(), "status": "shipped", "code": "AB17"}, htmx=True)

    assert response.status_code == 409
    assert Page(response.text).form(form.action).values()["code"] == "AB17"


def test_the_delivery_status_is_set_by_a_button(staff: Browser, ready: Order) -> None:
    url = f"/orders/{ready.number}"
    for label, status in (("Restnoterad", "backordered"), ("Redo", "ready")):
        page = staff.page(f"{url}/shipping")
        assert f"Sätt till {label}" in page.buttons
        values = page.form(f"{url}/shipments/1/status").values()
        assert staff.post(f"{url}/shipments/1/status", {**values, "status": status}).status_code == 303
        assert fresh(ready).shipments[0].status.value == status
