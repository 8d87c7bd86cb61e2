"""What single views do and refuse; `test_every_change` has what is common to all."""

from dataclasses import replace

import pytest
from flask import Flask

from tests.factories import ASA, make_order, make_product
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.http.test_bad_input import first_line, refused, state
from tests.web.pages import Page, as_read_from_html
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
def test_a_viewer_sees_no_control_on_any_page_of_an_order(viewer: Browser, parts: Order) -> None:
    order_url = f"/orders/{parts.number}"
    message = db.session.query(Message.id).filter_by(order_id=parts.id).order_by(Message.id).first()
    assert message is not None
    tabs = ["", "/shipping", "/customer", "/messages", "/history"]
    for path in (f"{order_url}/messages/{message[0]}", *(order_url + tab for tab in tabs)):
        page = viewer.page(path)
        assert {form.action for form in page.forms if form.method == "post"} == {"/logout"}
        assert not [button for button in page.buttons if button.split()[:1] and button.split()[0] in CONTROLS], path
        assert [entry["id"] for entry in page.inputs] == ["palette-q"]


@on_sqlite
def test_a_viewer_changes_only_views_and_columns_of_the_list(viewer: Browser, parts: Order) -> None:
    page = viewer.page("/orders?status=partly_shipped")
    actions = {form.action.split("?")[0] for form in page.forms if form.method == "post"}
    assert actions == {"/logout", "/views", "/columns"}
    assert not {"Redigera", "Exportera"} & {button.split()[0] for button in page.buttons if button}


@on_sqlite
def test_staff_may_not_change_konfiguration(staff: Browser) -> None:
    token = staff.token()
    for path in ("shop", "mail", "carriers", "carriers/removal"):
        for htmx in (True, False):
            response = staff.post(f"/settings/{path}", {"csrf_token": token, "name": "PostNord"}, htmx=htmx)
            assert response.status_code == 403
            assert "Din roll tillåter inte det här." in Page(response.text).text


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "message"),
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
def test_a_comment_that_is_not_valid_is_refused(
    staff: Browser, order: Order, typed: dict[str, object], message: str
) -> None:
    before, order_url = state(order), f"/orders/{order.number}"
    shown_text = as_read_from_html(str(typed["text"] or ""))
    for htmx in (True, False):
        page = refused(staff.send(order_url, f"{order_url}/comments", htmx=htmx, **typed), message)
        values = page.form(f"{order_url}/comments").values()
        assert values["text"].strip() == shown_text.strip()
        assert ("mail" in values) == ("mail" in typed)
    assert state(order) == before


def test_a_comment_keeps_its_lines_and_characters(staff: Browser, order: Order) -> None:
    order_url = f"/orders/{order.number}"
    typed = "Rad ett\r\n\r\n<i>Rad</i> 'två' & \"tre\" 📦 omvänt" + "x" * 9_000
    assert staff.send(order_url, f"{order_url}/comments", text=typed, about="customer").status_code == 303
    for tab in ("", "/history"):
        response = staff.get(f"{order_url}{tab}")
        assert typed.replace("\r\n", "\n") in Page(response.text).root.text_content()
        assert "<i>" not in response.text


@on_sqlite
def test_a_customer_without_an_address_is_not_mailed(staff: Browser, anna: Actor) -> None:
    make_product("LJUS-12")
    order = make_order(("LJUS-12", 1), customer=replace(ASA, email=None))
    before, order_url = state(order), f"/orders/{order.number}"
    page = refused(
        staff.send(order_url, f"{order_url}/comments", text="Hej", about="customer", mail="yes"),
        "Kunden har ingen e-postadress. Lägg till en under Kund.",
    )
    assert page.form(f"{order_url}/comments").values()["about"] == "customer"
    refused(staff.send(order_url, f"{order_url}/confirmation"), "Det här kan inte vara tomt.")
    assert state(order) == before
    action = f"{order_url}/shipments/1/status"
    response = staff.send(f"{order_url}/shipping", action, htmx=True, status="shipped", agreed="no-address")
    assert "Kunden har ingen e-postadress, så ingen leveransbekräftelse går ut." in Page(response.text).text
    assert db.session.query(Message).count() == 0


@on_sqlite
def test_a_delivery_confirmation_is_refused_before_the_shipment_is_shipped(staff: Browser, order: Order) -> None:
    before, order_url = state(order), f"/orders/{order.number}"
    values = {"csrf_token": staff.token(), "recipient": "asa@example.com"}
    refused(staff.post(f"{order_url}/shipments/1/confirmation", values), "WS-100001-1 har inte skickats än.")
    assert "Leveransbekräftelse för" not in staff.page(f"{order_url}/messages").text
    assert state(order) == before


@pytest.mark.parametrize("typed", ["a\0b", "x" * 5_000, "a\r\nb", "\x85", "\u2028"], ids=range(5))
def test_no_field_of_the_customer_accepts_text_that_is_not_valid(staff: Browser, order: Order, typed: str) -> None:
    before, order_url = state(order), f"/orders/{order.number}/customer"
    values = {**staff.page(order_url).form(order_url).values(), "same_address": ""}
    for name in FIELDS:
        page = refused(staff.post(order_url, {**values, name: f"a{typed}b"}, htmx=True), "Inget ändrades")
        refilled = page.form(order_url).values()
        assert {other: refilled[other] for other in FIELDS if other != name} == {
            other: values[other] for other in FIELDS if other != name
        }
    assert state(order) == before


@on_sqlite
@pytest.mark.parametrize("name", REQUIRED)
def test_required_fields_of_an_address_cannot_be_left_out(staff: Browser, order: Order, name: str) -> None:
    before, order_url = state(order), f"/orders/{order.number}/customer"
    for typed in ("", "   ", None):
        refused(staff.send(order_url, order_url, **{"same_address": None, name: typed}), "Det här kan inte vara tomt.")
    assert state(order) == before


@on_sqlite
@pytest.mark.parametrize("typed", ["Sverige", "S", "S1", "ÅÄ", "SEK"])
def test_a_country_is_two_letters(staff: Browser, order: Order, typed: str) -> None:
    order_url = f"/orders/{order.number}/customer"
    values = {"same_address": None, "shipping-country": typed}
    page = refused(staff.send(order_url, order_url, **values), "Ange landet med två bokstäver")
    assert page.form(order_url).values()["shipping-country"] == typed


@on_sqlite
def test_saving_an_unchanged_customer_changes_nothing(staff: Browser, order: Order) -> None:
    before, order_url = state(order), f"/orders/{order.number}/customer"
    response = staff.send(order_url, order_url, htmx=True)
    assert response.status_code == 200
    assert "Inget ändrades." in Page(response.text).text
    assert state(order) == before


@on_sqlite
def test_the_name_of_a_customer_is_escaped(staff: Browser, order: Order) -> None:
    order_url, name = f"/orders/{order.number}", "<script>alert('Åsa')</script>{{ 7*7 }}"
    typed = {"customer-name": name, "customer-company": name, "shipping-street": name, "shipping-city": name[:90]}
    typed["same_address"] = ""
    assert staff.send(f"{order_url}/customer", f"{order_url}/customer", **typed).status_code == 303
    for path in (
        "/orders",
        order_url,
        *(f"{order_url}/{tab}" for tab in ("shipping", "customer", "history", "messages")),
    ):
        response = staff.get(path)
        assert "<script>alert" not in response.text
    assert name in staff.page("/orders").text


@on_sqlite
def test_a_message_of_another_order_is_not_found(staff: Browser, order: Order) -> None:
    other = make_order(("LJUS-12", 1))
    db.session.rollback()
    message = db.session.query(Message).filter_by(order_id=other.id).one()
    for path in (f"/messages/{message.id}", f"/messages/{message.id}/body"):
        assert staff.get(f"/orders/{other.number}{path}").status_code == 200
        response = staff.get(f"/orders/{order.number}{path}")
        assert response.status_code == 404
        assert "Det finns inget sådant mejl." in Page(response.text).text


@on_sqlite
def test_a_mail_is_shown_in_a_frame_without_scripts(staff: Browser, order: Order) -> None:
    message = db.session.query(Message).one()
    order_url = f"/orders/{order.number}/messages/{message.id}"
    assert '<iframe class="mail" sandbox title="' in staff.get(order_url).text
    body = staff.get(f"{order_url}/body")
    assert body.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'")
    assert "script" not in body.headers["Content-Security-Policy"]
    page = staff.page(order_url)
    assert "ej skickad: ingen e-postserver inställd" in page.text
    (plain_text,) = page.root.cssselect(".plain-text pre")
    assert plain_text.text_content().split() == message.text.split()


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
def test_a_selected_product_is_added_and_joins_an_existing_line(staff: Browser, order: Order) -> None:
    order_url = f"/orders/{order.number}"
    choices = Page(staff.get("/products?q=LJUS-12", htmx=True).text)
    options = choices.root.cssselect("[role=listbox] [role=option]")
    assert [option.get("aria-selected") for option in options] == ["false"]
    response = staff.send(
        f"{order_url}/shipping",
        f"{order_url}/lines",
        htmx=True,
        q="Stearinljus",
        product=options[0].get("data-product"),
        quantity=3,
    )
    assert response.status_code == 200
    assert [(line.sku, line.quantity) for line in fresh(order).lines] == [("LJUS-12", 5), ("KAN-02", 3)]


@on_sqlite
def test_a_product_is_added_to_a_new_shipment_if_all_are_shipped(staff: Browser, order: Order, anna: Actor) -> None:
    with editing(order.number, None, anna) as present:
        shipments.ship(present.shipments[0], by=anna)
    order_url = f"/orders/{order.number}"
    response = staff.send(f"{order_url}/shipping", f"{order_url}/lines", htmx=True, q="LJUS-12", quantity=1)
    assert "1 × Stearinljus, 12-pack är tillagd i WS-100001-2." in Page(response.text).text


@on_sqlite
def test_the_same_quantity_changes_nothing(staff: Browser, order: Order) -> None:
    before, action = state(order), f"/orders/{order.number}/lines/{first_line(order)}"
    for typed in ("2", " 2 "):
        response = staff.send(action, action, htmx=True, quantity=typed)
        assert response.status_code == 200
        assert "Antalet är redan 2." in Page(response.text).text
    assert state(order) == before


@on_sqlite
def test_a_change_that_the_payment_method_forbids_is_refused(staff: Browser, app: Flask) -> None:
    make_product("LJUS-12")
    order = make_order(("LJUS-12", 2), payment_method="klarna", paid=39_800)
    before, action = state(order), f"/orders/{order.number}/lines/{first_line(order)}"
    page = refused(staff.send(action, action, quantity=3), "kan bli billigare men inte dyrare")
    assert page.form(action).values()["quantity"] == "3"
    assert state(order) == before
    response = staff.send(action, action, htmx=True, quantity=1)
    assert "199,00 kr att återbetala" in Page(response.text).text


@on_sqlite
def test_a_status_that_is_not_valid_is_refused(staff: Browser, parts: Order) -> None:
    before, order_url = state(parts), f"/orders/{parts.number}"
    for typed in ("nonsense", "", None, "SHIPPED", "cancelled", "\0", "x" * 5_000):
        action = f"{order_url}/shipments/1/status"
        refused(staff.send(f"{order_url}/shipping", action, htmx=True, status=typed), "Inget ändrades")
    for status in ("ready", "backordered"):
        action = f"{order_url}/shipments/3/status"
        refused(
            staff.send(f"{order_url}/shipping", action, status=status), "WS-100001-3 är skickad. Ångra skickad först."
        )
    assert state(parts) == before


@on_sqlite
def test_setting_the_status_that_a_shipment_has_changes_nothing(staff: Browser, parts: Order) -> None:
    before, order_url = state(parts), f"/orders/{parts.number}"
    for seq, status, message in (
        (1, "backordered", "WS-100001-1 står redan så."),
        (2, "reopened", "WS-100001-2 är inte skickad."),
        (3, "shipped", "WS-100001-3 är redan skickad."),
    ):
        response = staff.send(f"{order_url}/shipping", f"{order_url}/shipments/{seq}/status", htmx=True, status=status)
        assert response.status_code == 200
        assert message in Page(response.text).text
    assert state(parts) == before


@on_sqlite
def test_a_code_is_not_added_twice_nor_removed_by_another_shipment(staff: Browser, parts: Order) -> None:
    before, order_url = state(parts), f"/orders/{parts.number}"
    refused(
        staff.send(f"{order_url}/shipping", f"{order_url}/shipments/3/tracking", code=" ABC-1 "),
        "WS-100001-3 har redan koden ABC-1.",
    )
    refused(
        staff.send(f"{order_url}/shipping", f"{order_url}/shipments/3/tracking", code="NY-1", carrier="Okänd"),
        "Välj en av butikens transportörer.",
    )
    code = fresh(parts).shipments[2].tracking_codes[0].id
    values = {"csrf_token": staff.token(), "version": fresh(parts).version}
    assert staff.post(f"{order_url}/shipments/1/tracking/{code}/removal", values).status_code == 404
    assert state(parts) == before


@on_sqlite
def test_a_pasted_link_is_read_as_carrier_and_code(staff: Browser, parts: Order) -> None:
    order_url = f"/orders/{parts.number}"
    for link, expected in (
        ("https://tracking.postnord.com/se/?id=0037071", "https://tracking.postnord.com/se/?id=0037071"),
        ("https://parcels.example/track/QW-12", "https://parcels.example/track/QW-12"),
    ):
        response = staff.send(f"{order_url}/shipping", f"{order_url}/shipments/3/tracking", htmx=True, code=link)
        assert response.status_code == 200
        assert expected in Page(response.text).links
    assert [code.code for code in fresh(parts).shipments[2].tracking_codes] == ["ABC-1", "0037071", "QW-12"]


@on_sqlite
@pytest.mark.parametrize("pasted", ["\u200bQW 17\u00a0, QW18", "QW 17;QW18", "QW 17\nQW18\n", "QW 17\tQW18"])
def test_pasted_codes_are_added_with_their_carrier(staff: Browser, parts: Order, pasted: str) -> None:
    order_url = f"/orders/{parts.number}"
    values = {"code": pasted, "carrier": "DHL"}
    response = staff.send(f"{order_url}/shipping", f"{order_url}/shipments/3/tracking", htmx=True, **values)
    assert "QW 17, QW18 är tillagda på WS-100001-3." in Page(response.text).text
    codes = [(code.code, code.carrier) for code in fresh(parts).shipments[2].tracking_codes]
    assert codes[1:] == [("QW 17", "DHL"), ("QW18", "DHL")]
