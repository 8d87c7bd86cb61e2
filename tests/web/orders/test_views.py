"""What each view refuses and does beyond what holds for every change."""

from dataclasses import replace

import pytest
from flask import Flask

from tests.factories import ASA, make_order, make_product
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.http.test_bad_input import first_line, refused, state
from tests.web.pages import Page
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, Message, Order
from webshop_orders.operations.orders import shipments
from webshop_orders.transactions.unit_of_work import editing

CONTROLS = {"Redigera", "Radera", "Dela", "Spara", "Avbryt", "Lägg", "Skicka", "Ångra", "Markera", "Makulera"}
FIELDS = [
    f"{part}-{name}"
    for part, names in {
        "customer": "name company organisation_number email phone",
        "billing": "name company street street2 postal_code city region country",
        "shipping": "name company street street2 postal_code city region country",
    }.items()
    for name in names.split()
]
REQUIRED = [name for name in FIELDS if name.split("-")[1] in {"name", "street", "city", "country"}]


@on_sqlite
def test_a_viewer_is_shown_no_control_on_any_page_of_an_order(viewer: Browser, parts: Order) -> None:
    here, message = f"/orders/{parts.number}", db.session.query(Message.id).first()
    assert message is not None
    tabs = ["", "/shipping", "/customer", "/messages", "/history"]
    for path in (f"{here}/messages/{message[0]}", *(here + tab for tab in tabs)):
        page = viewer.page(path)
        assert {form.action for form in page.forms if form.method == "post"} == {"/logout"}
        assert not [button for button in page.buttons if button.split()[:1] and button.split()[0] in CONTROLS], path
        assert not page.inputs


@on_sqlite
def test_a_viewer_changes_nothing_in_the_list_but_how_they_see_it(viewer: Browser, parts: Order) -> None:
    page = viewer.page("/orders?status=partly_shipped")
    changing = {form.action.split("?")[0] for form in page.forms if form.method == "post"}
    assert changing == {"/logout", "/views", "/columns"}
    assert not {"Redigera", "Exportera"} & {button.split()[0] for button in page.buttons if button}


@on_sqlite
def test_staff_may_not_change_konfiguration(staff: Browser) -> None:
    token = staff.token()
    for path in ("shop", "mail", "carriers", "carriers/removal"):
        for htmx in (True, False):
            answer = staff.post(f"/settings/{path}", {"csrf_token": token, "name": "PostNord"}, htmx=htmx)
            assert answer.status_code == 403
            assert "Din roll tillåter inte det här." in Page(answer.text).text


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": "Hej", "mail": "yes"}, "En intern kommentar mejlas inte."),
        ({"text": "Hej", "about": "nonsense"}, "Välj ett av alternativen."),
        ({"text": "Hej", "about": None}, "Välj ett av alternativen."),
        ({"text": None}, "Det här kan inte vara tomt."),
        ({"text": " \r\n\t "}, "Det här kan inte vara tomt."),
        ({"text": "a\0b"}, "innehåller tecken som inte kan användas"),
        ({"text": "a\x1bb"}, "innehåller tecken som inte kan användas"),
        ({"text": "x" * 10_001}, "Högst 10000 tecken; det här är 10001."),
    ],
)
def test_a_comment_that_cannot_be_is_refused(staff: Browser, order: Order, typed: dict[str, object], said: str) -> None:
    before, here = state(order), f"/orders/{order.number}"
    for htmx in (True, False):
        page = refused(staff.send(here, f"{here}/comments", htmx=htmx, **typed), said)
        kept = page.form(f"{here}/comments").values()
        assert kept["text"].strip() == str(typed["text"] or "").strip()
        assert ("mail" in kept) == ("mail" in typed)
    assert state(order) == before


def test_a_comment_keeps_its_lines_and_signs(staff: Browser, order: Order) -> None:
    here = f"/orders/{order.number}"
    typed = "Rad ett\r\n\r\n<i>Rad</i> 'två' & \"tre\" 📦 \u202eomvänt" + "x" * 9_000
    assert staff.send(here, f"{here}/comments", text=typed, about="customer").status_code == 303
    for tab in ("", "/history"):
        answer = staff.get(f"{here}{tab}")
        assert typed.replace("\r\n", "\n") in "".join(Page(answer.text).words)
        assert "<i>" not in answer.text


@on_sqlite
def test_nothing_is_mailed_to_a_customer_without_an_address(staff: Browser, anna: Actor) -> None:
    make_product("LJUS-12")
    order = make_order(("LJUS-12", 1), customer=replace(ASA, email=None))
    before, here = state(order), f"/orders/{order.number}"
    page = refused(
        staff.send(here, f"{here}/comments", text="Hej", about="customer", mail="yes"),
        "Kunden har ingen e-postadress. Lägg till en under Kund.",
    )
    assert page.form(f"{here}/comments").values()["about"] == "customer"
    refused(staff.send(here, f"{here}/confirmation"), "Det här kan inte vara tomt.")
    assert state(order) == before
    action = f"{here}/shipments/1/status"
    answer = staff.send(f"{here}/shipping", action, htmx=True, status="shipped", agreed="no-address")
    assert "Kunden har ingen e-postadress, så ingen leveransbekräftelse går ut." in Page(answer.text).text
    assert db.session.query(Message).count() == 0


@on_sqlite
def test_a_delivery_confirmation_waits_until_the_goods_have_left(staff: Browser, order: Order) -> None:
    before, here = state(order), f"/orders/{order.number}"
    carried = {"csrf_token": staff.token(), "recipient": "asa@example.com"}
    refused(staff.post(f"{here}/shipments/1/confirmation", carried), "WS-100001-1 har inte skickats än.")
    assert "Leveransbekräftelse för" not in staff.page(f"{here}/messages").text
    assert state(order) == before


@pytest.mark.parametrize("typed", ["a\0b", "x" * 5_000, "a\r\nb", "\x85", "\u2028"], ids=range(5))
def test_no_field_of_the_customer_takes_what_cannot_be_kept(staff: Browser, order: Order, typed: str) -> None:
    before, here = state(order), f"/orders/{order.number}/customer"
    form = staff.page(here).form(here).values()
    for name in FIELDS:
        page = refused(staff.post(here, {**form, name: f"a{typed}b"}, htmx=True), "Inget ändrades")
        kept = page.form(here).values()
        assert {other: kept[other] for other in FIELDS if other != name} == {
            other: form[other] for other in FIELDS if other != name
        }
    assert state(order) == before


@on_sqlite
@pytest.mark.parametrize("name", REQUIRED)
def test_what_an_address_needs_cannot_be_left_out(staff: Browser, order: Order, name: str) -> None:
    before, here = state(order), f"/orders/{order.number}/customer"
    for typed in ("", "   ", None):
        refused(staff.send(here, here, **{name: typed}), "Det här kan inte vara tomt.")
    assert state(order) == before


@on_sqlite
@pytest.mark.parametrize("typed", ["Sverige", "S", "S1", "ÅÄ", "SEK"])
def test_a_country_is_two_letters(staff: Browser, order: Order, typed: str) -> None:
    here = f"/orders/{order.number}/customer"
    page = refused(staff.send(here, here, **{"shipping-country": typed}), "Ange landet med två bokstäver")
    assert page.form(here).values()["shipping-country"] == typed


@on_sqlite
def test_a_customer_saved_as_before_changes_nothing(staff: Browser, order: Order) -> None:
    before, here = state(order), f"/orders/{order.number}/customer"
    answer = staff.send(here, here, htmx=True)
    assert answer.status_code == 200
    assert "Inget ändrades." in Page(answer.text).text
    assert state(order) == before


@on_sqlite
def test_what_a_customer_is_called_is_shown_and_not_run(staff: Browser, order: Order) -> None:
    here, name = f"/orders/{order.number}", "<script>alert('Åsa')</script>{{ 7*7 }}"
    typed = {"customer-name": name, "customer-company": name, "shipping-street": name, "shipping-city": name[:90]}
    assert staff.send(f"{here}/customer", f"{here}/customer", **typed).status_code == 303
    for path in ("/orders", here, *(f"{here}/{tab}" for tab in ("shipping", "customer", "history", "messages"))):
        answer = staff.get(path)
        assert "<script>alert" not in answer.text
    assert name in staff.page("/orders").text


@on_sqlite
def test_a_message_of_another_order_is_not_here(staff: Browser, order: Order) -> None:
    other = make_order(("LJUS-12", 1))
    db.session.rollback()
    message = db.session.query(Message).filter_by(order_id=other.id).one()
    for path in (f"/messages/{message.id}", f"/messages/{message.id}/body"):
        assert staff.get(f"/orders/{other.number}{path}").status_code == 200
        answer = staff.get(f"/orders/{order.number}{path}")
        assert answer.status_code == 404
        assert "Det finns inget sådant mejl." in Page(answer.text).text


@on_sqlite
def test_a_mail_stands_in_a_frame_that_runs_nothing(staff: Browser, order: Order) -> None:
    message = db.session.query(Message).one()
    here = f"/orders/{order.number}/messages/{message.id}"
    assert '<iframe class="mail" sandbox title="' in staff.get(here).text
    body = staff.get(f"{here}/body")
    assert body.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'")
    assert "script" not in body.headers["Content-Security-Policy"]
    shown = staff.page(here)
    assert "ej skickad: ingen e-postserver inställd" in shown.text
    assert (
        message.text.split()
        == [word for word in shown.text.split() if word in message.text.split()][-len(message.text.split()) :]
    )


@on_sqlite
def test_only_products_for_sale_are_found(staff: Browser) -> None:
    make_product("A-1", name="Ljus <b>", stock=None)
    make_product("A-2", name="Ljus utgånget", active=False)
    make_product("A-3", name="Ljus i euro", currency="EUR")
    make_product("A-4", name="Ljus slut", stock=0)
    page = Page(staff.get("/products?q=ljus", htmx=True).text)
    assert "Ljus <b> A-1 lager följs inte 199,00 kr" in page.text
    assert "Ljus slut A-4 0 i lager" in page.text
    assert "utgånget" not in page.text
    assert "euro" not in page.text
    assert "A-3" in Page(staff.get("/products?q=ljus&currency=EUR", htmx=True).text).text
    assert "Ingen produkt stämmer med «<b>fel»." in Page(staff.get("/products?q=%3Cb%3Efel", htmx=True).text).text


@on_sqlite
def test_a_product_picked_from_those_found_is_added_and_joins_what_is_there(staff: Browser, order: Order) -> None:
    here = f"/orders/{order.number}"
    picked = Page(staff.get("/products?q=LJUS-12", htmx=True).text)
    assert [one["type"] for one in picked.inputs] == ["radio"]
    answer = staff.send(
        f"{here}/shipping", f"{here}/lines", htmx=True, q="Stearinljus", product=picked.inputs[0]["value"], quantity=3
    )
    assert answer.status_code == 200
    assert [(line.sku, line.quantity) for line in fresh(order).lines] == [("LJUS-12", 5), ("KAN-02", 3)]


@on_sqlite
def test_when_all_has_shipped_a_product_goes_into_a_new_shipment(staff: Browser, order: Order, anna: Actor) -> None:
    with editing(order.number, None, anna) as present:
        shipments.ship(present.shipments[0], by=anna)
    here = f"/orders/{order.number}"
    answer = staff.send(f"{here}/shipping", f"{here}/lines", htmx=True, q="LJUS-12", quantity=1)
    assert "1 × Stearinljus, 12-pack är tillagd i WS-100001-2." in Page(answer.text).text


@on_sqlite
def test_the_same_quantity_changes_nothing_and_says_so(staff: Browser, order: Order) -> None:
    before, action = state(order), f"/orders/{order.number}/lines/{first_line(order)}"
    for typed in ("2", " 2 "):
        answer = staff.send(action, action, htmx=True, quantity=typed)
        assert answer.status_code == 200
        assert "Antalet är redan 2." in Page(answer.text).text
    assert state(order) == before


@on_sqlite
def test_what_a_payment_forbids_is_refused_with_its_reason(staff: Browser, app: Flask) -> None:
    make_product("LJUS-12")
    order = make_order(("LJUS-12", 2), payment_method="klarna", paid=39_800)
    before, action = state(order), f"/orders/{order.number}/lines/{first_line(order)}"
    page = refused(staff.send(action, action, quantity=3), "kan bli billigare men inte dyrare")
    assert page.form(action).values()["quantity"] == "3"
    assert state(order) == before
    answer = staff.send(action, action, htmx=True, quantity=1)
    assert "199,00 kr att återbetala" in Page(answer.text).text


@on_sqlite
def test_a_status_that_is_none_is_refused(staff: Browser, parts: Order) -> None:
    before, here = state(parts), f"/orders/{parts.number}"
    for typed in ("nonsense", "", None, "SHIPPED", "cancelled", "\0", "x" * 5_000):
        action = f"{here}/shipments/1/status"
        refused(staff.send(f"{here}/shipping", action, htmx=True, status=typed), "Inget ändrades")
    for status in ("ready", "backordered"):
        action = f"{here}/shipments/3/status"
        refused(staff.send(f"{here}/shipping", action, status=status), "WS-100001-3 är skickad. Ångra skickad först.")
    assert state(parts) == before


@on_sqlite
def test_how_things_stand_already_is_said_and_nothing_changed(staff: Browser, parts: Order) -> None:
    before, here = state(parts), f"/orders/{parts.number}"
    for seq, status, said in (
        (1, "backordered", "WS-100001-1 står redan så."),
        (2, "reopened", "WS-100001-2 är inte skickad."),
        (3, "shipped", "WS-100001-3 är redan skickad."),
    ):
        answer = staff.send(f"{here}/shipping", f"{here}/shipments/{seq}/status", htmx=True, status=status)
        assert answer.status_code == 200
        assert said in Page(answer.text).text
    assert state(parts) == before


@on_sqlite
def test_a_code_is_not_taken_twice_nor_away_from_another_shipment(staff: Browser, parts: Order) -> None:
    before, here = state(parts), f"/orders/{parts.number}"
    refused(
        staff.send(f"{here}/shipping", f"{here}/shipments/3/tracking", code=" ABC-1 "),
        "WS-100001-3 har redan koden ABC-1.",
    )
    refused(
        staff.send(f"{here}/shipping", f"{here}/shipments/3/tracking", code="NY-1", carrier="Okänd"),
        "Välj en av butikens transportörer.",
    )
    code = fresh(parts).shipments[2].tracking_codes[0].id
    carried = {"csrf_token": staff.token(), "version": fresh(parts).version}
    assert staff.post(f"{here}/shipments/1/tracking/{code}/removal", carried).status_code == 404
    assert state(parts) == before


@on_sqlite
def test_a_pasted_link_gives_its_carrier_and_code(staff: Browser, parts: Order) -> None:
    here = f"/orders/{parts.number}"
    for link, shown in (
        ("https://tracking.postnord.com/se/?id=0037071", "https://tracking.postnord.com/se/?id=0037071"),
        ("https://parcels.example/track/QW-12", "https://parcels.example/track/QW-12"),
    ):
        answer = staff.send(f"{here}/shipping", f"{here}/shipments/3/tracking", htmx=True, code=link)
        assert answer.status_code == 200
        assert shown in Page(answer.text).links
    assert [one.code for one in fresh(parts).shipments[2].tracking_codes] == ["ABC-1", "0037071", "QW-12"]
