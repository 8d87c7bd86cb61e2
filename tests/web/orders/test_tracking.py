"""What typed codes are read as, before and after they are saved, and the correction of one."""

from urllib.parse import urlencode

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.http.test_bad_input import state
from tests.web.orders.test_budgets import counting
from tests.web.pages import Page
from webshop_orders.models import Actor, FormerCode, Order
from webshop_orders.operations.orders import shipments, tracking
from webshop_orders.transactions.unit_of_work import editing

WRONG, RIGHT = "RR123456785SE", "RR000000014SE"
ABSURD = ["", " ", "\u200b", "<b>", "x" * 101, "٣٣٣٣٣٣", "1e9", "-1", "%00", "å1", "RR1\nRR2", "https://", ", ; ,"]

pytestmark = on_sqlite


@pytest.fixture
def ready(app: Flask) -> Order:
    app.config["MAIL_SERVER"] = "127.0.0.1"
    make_product("LJUS-12", stock=24)
    return make_order(("LJUS-12", 4), shipping_method="Hemleverans med PostNord")


@pytest.fixture
def shipped(ready: Order, anna: Actor) -> Order:
    with editing(ready.number, None, anna) as order:
        tracking.add(order.shipments[0], WRONG, "PostNord", None, by=anna)
    with editing(ready.number, None, anna) as order:
        shipments.ship(order.shipments[0], by=anna)
    return ready


def url_of(order: Order) -> str:
    return f"/orders/{order.number}/shipments/1/tracking"


def read(browser: Browser, order: Order, code: str, carrier: str = "") -> Page:
    """What the row shows below its field while this is typed."""
    query = urlencode({"code": code, "carrier": carrier})
    response = browser.get(f"{url_of(order)}/understood?{query}", htmx=True)
    assert response.status_code == 200
    return Page(response.text)


def correction_of(order: Order) -> str:
    return f"{url_of(order)}/{fresh(order).shipments[0].tracking_codes[0].id}"


def correct(browser: Browser, order: Order, *, htmx: bool = True, **typed: object) -> Page:
    url = correction_of(order)
    response = browser.send(url, url, htmx=htmx, **typed)
    return Page(response.text) if htmx or response.status_code != 303 else browser.page(response.location)


def codes_of(order: Order) -> list[tuple[str, str | None]]:
    return [(code.code, code.carrier) for code in fresh(order).shipments[0].tracking_codes]


def test_viewers_neither_ask_nor_correct(viewer: Browser, shipped: Order) -> None:
    assert viewer.get(f"{url_of(shipped)}/understood?code={RIGHT}", htmx=True).status_code == 403
    assert viewer.get(correction_of(shipped)).status_code == 403
    assert "Ändra" not in viewer.page(f"/orders/{shipped.number}/shipping").text


@pytest.mark.parametrize("text", ABSURD)
def test_no_text_is_an_error_while_one_types(staff: Browser, ready: Order, text: str) -> None:
    before = state(ready)
    page = read(staff, ready, text, carrier="Brevduvan")
    assert not page.select("a")
    assert state(ready) == before


def test_a_shipment_that_is_not_there_has_no_codes(staff: Browser, ready: Order) -> None:
    assert staff.get(f"/orders/{ready.number}/shipments/9/tracking/understood?code=1", htmx=True).status_code == 404
    assert staff.get(f"/orders/WS-0/shipments/1/tracking/understood?code={RIGHT}", htmx=True).status_code == 404


def test_as_a_page_of_its_own_it_leads_to_the_tab(staff: Browser, ready: Order) -> None:
    response = staff.get(f"{url_of(ready)}/understood?code={RIGHT}")
    assert (response.status_code, response.location) == (302, f"/orders/{ready.number}/shipping")


def test_carrier_code_and_link_are_shown_before_anything_is_saved(staff: Browser, ready: Order) -> None:
    before = state(ready)
    page = read(staff, ready, "]C1 00 370730254698741235, JJD000390007000000001")
    assert [link.get("href") for link in page.select("a")] == [
        "https://tracking.postnord.com/se/?id=00370730254698741235",
        "https://www.dhl.com/se-sv/home/tracking.html?tracking-id=JJD000390007000000001",
    ]
    assert "PostNord 00370730254698741235" in page.text
    assert "DHL JJD000390007000000001" in page.text
    assert state(ready) == before


@pytest.mark.parametrize(
    ("code", "carrier", "said"),
    [
        ("RR123456784SE", "", "kontrollsiffran stämmer inte"),
        ("1806290829", "", "ser ut som en kod från DHL, DB Schenker"),
        ("1806290829", "PostNord", "ser ut som en kod från DHL, DB Schenker"),
        (RIGHT, "Bring", "ser ut som en kod från PostNord"),
        ("AB17", "", "Utan transportör får mejlet ingen länk"),
    ],
)
def test_what_is_odd_about_a_code_is_said_beside_it(
    staff: Browser, app: Flask, code: str, carrier: str, said: str
) -> None:
    order = make_order(("LJUS-12", 1))
    assert said in read(staff, order, code, carrier).text
    assert said not in read(staff, order, WRONG).text


def test_a_preset_carrier_decides_whose_a_code_of_several_is(staff: Browser, app: Flask) -> None:
    order = make_order(("LJUS-12", 1), shipping_method="Schenker Ombud")
    assert "DB Schenker 1806290829" in read(staff, order, "1806290829", "DB Schenker").text
    assert "ser ut som" not in read(staff, order, "1806290829", "DB Schenker").text


@pytest.mark.parametrize("typed", [WRONG, "rr 123 456 785 se", f"]C0{WRONG}"])
def test_another_shipment_that_has_the_code_is_named_before_and_after_it_is_saved(
    staff: Browser, shipped: Order, typed: str
) -> None:
    order = make_order(("LJUS-12", 1))

    page = read(staff, order, typed)
    assert f"står redan på {shipped.number}-1" in page.text
    assert f"/orders/{shipped.number}/shipping" in [link.get("href") for link in page.select("a")]

    url = f"/orders/{order.number}"
    response = staff.send(f"{url}/shipping", url_of(order), htmx=True, code=typed, status="shipped")
    assert f"{codes_of(order)[0][0]} står redan på {shipped.number}-1." in Page(response.text).text
    assert fresh(order).shipments[0].is_shipped


def test_an_sscc_is_found_with_and_without_its_identifier(staff: Browser, app: Flask, anna: Actor) -> None:
    order, other = make_order(("LJUS-12", 1)), make_order(("LJUS-12", 1))
    with editing(other.number, None, anna) as locked_order:
        tracking.add(locked_order.shipments[0], "370730254698741235", None, None, by=anna)
    assert f"står redan på {other.number}-1" in read(staff, order, "00370730254698741235").text


def test_the_codes_own_shipment_says_that_it_is_here(staff: Browser, shipped: Order) -> None:
    page = read(staff, shipped, WRONG)
    assert "finns redan här" in page.text
    assert "står redan på" not in page.text


def test_asking_costs_two_statements_more_than_the_user(staff: Browser, ready: Order) -> None:
    read(staff, ready, RIGHT)
    with counting() as statements:
        read(staff, ready, f"{RIGHT}, {WRONG}, AB17")
    assert len(statements) == 3


def test_a_wrong_check_digit_is_said_after_saving_too(staff: Browser, ready: Order) -> None:
    response = staff.send(f"/orders/{ready.number}/shipping", url_of(ready), htmx=True, code="RR123456784SE")
    assert "Kontrollsiffran i RR123456784SE stämmer inte." in Page(response.text).text
    assert codes_of(ready) == [("RR123456784SE", "PostNord")]


@pytest.mark.parametrize("htmx", [True, False])
def test_a_code_is_corrected_in_its_place(staff: Browser, shipped: Order, htmx: bool) -> None:
    form = staff.page(correction_of(shipped)).form(correction_of(shipped))
    assert {"code": WRONG, "carrier": "PostNord"}.items() <= form.values().items()

    page = correct(staff, shipped, htmx=htmx, code=RIGHT)

    assert f"{WRONG} är rättad till {RIGHT} på {shipped.number}-1." in page.text
    assert codes_of(shipped) == [(RIGHT, "PostNord")]
    (former,) = page.select("del")
    assert WRONG in former.text_content()
    assert "Meddela kunden om ny kod" in page.buttons


def test_the_customer_is_told_the_new_code(staff: Browser, shipped: Order) -> None:
    page = correct(staff, shipped, code=RIGHT)
    form = page.form(f"/orders/{shipped.number}/shipments/1/confirmation")
    page = Page(staff.post(form.action, form.values(), htmx=True).text)
    assert "Leveransbekräftelsen för" in page.text
    assert "Meddela kunden om ny kod" not in page.buttons


def test_a_code_of_another_carrier_takes_that_one_along(staff: Browser, shipped: Order) -> None:
    correct(staff, shipped, code="JJD000390007000000001")
    assert codes_of(shipped) == [("JJD000390007000000001", "DHL")]


@pytest.mark.parametrize("code", [text for text in ABSURD if text.strip() not in {"1e9", "%00"}] + ["RR1, RR2"])
def test_what_is_no_single_code_corrects_nothing(staff: Browser, shipped: Order, code: str) -> None:
    before = state(shipped)
    for htmx in (True, False):
        page = correct(staff, shipped, htmx=htmx, code=code)
        (field,) = page.select("form.correction input[name=code]")
        assert field.get("aria-invalid") == "true"
    assert state(shipped) == before


def test_an_unknown_carrier_is_refused_at_its_field(staff: Browser, shipped: Order) -> None:
    assert "Välj en av butikens transportörer." in correct(staff, shipped, code=RIGHT, carrier="Brevduvan").text
    assert codes_of(shipped) == [(WRONG, "PostNord")]


def test_saving_what_stands_there_changes_nothing(staff: Browser, shipped: Order) -> None:
    before = state(shipped)
    assert "Inget ändrades." in correct(staff, shipped).text
    assert state(shipped) == before


def test_a_code_that_is_gone_or_foreign_is_not_found(staff: Browser, shipped: Order) -> None:
    for number in (shipped.number, "WS-0"):
        for tracking_id in (999_999, 10**17):
            assert staff.get(f"/orders/{number}/shipments/1/tracking/{tracking_id}").status_code == 404


def test_the_form_of_a_code_that_was_removed_meanwhile_says_so(staff: Browser, shipped: Order, anna: Actor) -> None:
    url = correction_of(shipped)
    form = staff.page(url).form(url)
    with editing(shipped.number, None, anna) as order:
        tracking.remove(order.shipments[0], order.shipments[0].tracking_codes[0].id, by=anna)
    assert "har inte längre den här spårningskoden" in staff.get(url).text
    assert staff.post(url, {**form.values(), "code": RIGHT}, htmx=True).status_code == 409
    assert fresh(shipped).shipments[0].former_codes == [FormerCode(WRONG, "PostNord")]


def test_a_correction_is_taken_back(staff: Browser, shipped: Order) -> None:
    correct(staff, shipped, code=RIGHT)
    url = f"/orders/{shipped.number}"
    page = Page(staff.send(f"{url}/shipping", f"{url}/undo", htmx=True).text)
    assert codes_of(shipped) == [(WRONG, "PostNord")]
    assert not page.select("del")


def test_history_says_what_was_corrected(staff: Browser, shipped: Order) -> None:
    correct(staff, shipped, code=RIGHT)
    correct(staff, shipped, carrier="Bring")
    page = staff.page(f"/orders/{shipped.number}/history")
    assert f"Transportören för {RIGHT} på {shipped.number}-1 är nu Bring." in page.text
    assert WRONG in page.text


def test_enter_presses_the_filled_button(staff: Browser, app: Flask, ready: Order) -> None:
    """The first button of a form is the one that Enter presses."""
    make_product("KAN-02", stock=1)
    waiting = make_order(("KAN-02", 3))
    for order, first in ((ready, "Markera som skickad"), (waiting, "Spara")):
        (row,) = staff.page(f"/orders/{order.number}/shipping").select("form.ship-row")
        assert row.cssselect("button")[0].text_content().strip() == first
        assert [button.text_content().strip() for button in row.cssselect("button.filled")] == [first]
