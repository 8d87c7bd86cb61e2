"""What other shops tell of an order, on its pages."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.factories import ASA, LULEA, make_order, reshape_shop, stored_shop
from tests.operations.steps import events_of
from tests.web.conftest import Browser, fresh, on_sqlite
from webshop_orders.documents.order import NewLine, Payment
from webshop_orders.models import (
    Actor,
    Attribute,
    Charge,
    ChargeKind,
    Customer,
    EventKind,
    Order,
    PaymentPart,
)
from webshop_orders.operations.orders import cancellation, parcels
from webshop_orders.transactions.unit_of_work import editing

pytestmark = on_sqlite
TO_ASA, TO_BO = (
    NewLine("CANDLE", "Blockljus", 1, 10_000, 2500, properties=[Attribute("Gravyr", text)])
    for text in ("Till Åsa <3", "Till Bo")
)
PICKED_UP = replace(LULEA, name="Farmor", phone="070-174 06 77", pickup_point="Kiosken vid kajen")
WITHOUT_EMAIL = Customer("Bo Ek", unusable_email="bo@@ek")


def text_of(browser: Browser, order: Order, tab: str = "summary") -> str:
    return " ".join(browser.page(f"/orders/{order.number}/{tab}").text.split())


def order_of(*, paid: int = 0, parts: list[PaymentPart] | None = None, **values: int) -> Order:
    """An order of 200,00 kr."""
    payment = Payment("klarna", paid=paid, parts=parts or [], **values)
    return make_order(lines=[TO_ASA, TO_BO], payment=payment)


def test_each_line_has_its_own_texts(staff: Browser, app: Flask) -> None:
    order = make_order(lines=[TO_ASA, TO_BO])

    for tab in ("summary", "shipping"):
        text = text_of(staff, order, tab)
        assert "Gravyr: Till Åsa <3" in text
        assert "Gravyr: Till Bo" in text


def test_charges_are_rows_of_the_sum(staff: Browser, app: Flask) -> None:
    charges = [
        Charge(ChargeKind.FEE, "Fakturaavgift", 2_900, 2500),
        Charge(ChargeKind.DEDUCTION, "Mängdrabatt", -1_500, 2500),
    ]
    text = text_of(staff, make_order(lines=[TO_ASA], charges=charges))

    assert "Fakturaavgift 29,00" in text
    assert "Mängdrabatt −15,00" in text
    assert "varav moms 25 % 22,80" in text
    assert "Att betala 114,00 kr" in text


@pytest.mark.parametrize(
    ("values", "head", "sums"),
    [
        ({"paid": 20_000}, "Klarna, betald", "Att betala 200,00 kr Betalt 200,00"),
        ({"paid": 5_000}, "Klarna, 150,00 kr kvar att debitera", "Betalt 50,00 Kvar att debitera 150,00 kr"),
        (
            {"paid": 0, "refunded": 20_000, "written_off": 20_000},
            "Klarna, återbetald",
            "Att betala 200,00 kr Betalt 200,00 Återbetalt −200,00",
        ),
        (
            {"paid": 15_000, "refunded": 5_000, "written_off": 5_000},
            "Klarna, betald",
            "Att betala 200,00 kr Betalt 200,00 Återbetalt −50,00",
        ),
        (
            {"paid": 15_000, "written_off": 5_000},
            "Klarna, betald",
            "Att betala 200,00 kr Efterskänkt −50,00 Betalt 150,00",
        ),
        (
            {"paid": 20_000, "parts": [PaymentPart("gift_card", 5_000), PaymentPart("klarna", 15_000)]},
            "Klarna, betald",
            "Betalt 200,00 varav Presentkort 50,00 varav Klarna 150,00",
        ),
    ],
)
def test_what_was_paid_given_back_and_written_off_is_shown(
    staff: Browser, app: Flask, values: dict[str, int], head: str, sums: str
) -> None:
    text = text_of(staff, order_of(**values))

    assert head in text
    assert sums in text
    assert ("kvar att debitera" in text.casefold()) == ("kvar att debitera" in head)
    assert "att återbetala" not in text.casefold()


def test_a_cancelled_order_that_was_paid_is_to_be_refunded(staff: Browser, app: Flask, anna: Actor) -> None:
    order = order_of(paid=20_000)
    with editing(order.number, None, anna) as current:
        cancellation.cancel(current, by=anna)

    text = text_of(staff, order)

    assert "Klarna, 200,00 kr att återbetala" in text
    assert "Totalt 200,00 kr Makulerad −200,00 Betalt 200,00 Att återbetala 200,00 kr" in text


def test_the_shops_number_test_and_details_are_on_the_order(staff: Browser, app: Flask) -> None:
    attributes = [Attribute("Önskad dag", "fredag"), Attribute("Rabattkod", "SNÖ")]
    order = make_order(lines=[TO_ASA], shop_number="#1042", is_test=True, attributes=attributes)
    plain = make_order(lines=[TO_ASA])

    text = text_of(staff, order)
    assert f"{order.number} Butikens nummer #1042 Test" in text
    assert "Uppgifter från butiken Önskad dag fredag Rabattkod SNÖ" in text
    assert "#1042 Test" in " ".join(staff.page("/orders").text.split())
    assert "Uppgifter från butiken" not in text_of(staff, plain)
    assert f"{plain.number} Redo" in text_of(staff, plain)


def test_an_e_mail_that_cannot_be_used_asks_for_attention(staff: Browser, app: Flask) -> None:
    order = make_order(lines=[TO_ASA], customer=WITHOUT_EMAIL)

    assert "Kunden går inte att mejla på bo@@ek." in text_of(staff, order)
    assert "bo@@ek går inte att mejla. Ange rätt adress ovan." in text_of(staff, order, "customer")


def test_when_a_shipment_was_delivered_is_beside_when_it_left(staff: Browser, app: Flask, anna: Actor) -> None:
    order = make_order(lines=[TO_ASA], shipped_at=datetime(2026, 11, 2, 9, 0, tzinfo=UTC))
    assert "Levererad" not in text_of(staff, order, "shipping")

    with editing(order.number, None, anna) as current:
        current.shipments[0].delivered_at = datetime(2026, 11, 4, 9, 0, tzinfo=UTC)

    assert "Levererad 4 nov. 2026 10:00" in text_of(staff, order, "shipping")


def test_a_shipment_that_did_not_reach_its_customer_says_so_until_it_is_delivered(
    staff: Browser, app: Flask, anna: Actor
) -> None:
    order = make_order(lines=[TO_ASA], shipped_at=datetime(2026, 11, 2, 9, 0, tzinfo=UTC))
    with editing(order.number, None, anna) as current:
        parcels.mark_uncollected(current.shipments[0], datetime(2026, 11, 4, 9, 0, tzinfo=UTC), by=anna)
        parcels.mark_sent_back(current.shipments[0], datetime(2026, 11, 5, 9, 0, tzinfo=UTC), by=anna)

    shown = text_of(staff, order, "shipping")
    assert "Ej uthämtad, 4 nov. 2026 10:00" in shown
    assert "På väg tillbaka sedan 5 nov. 2026 10:00" in shown

    with editing(order.number, None, anna) as current:
        parcels.mark_delivered(current.shipments[0], datetime(2026, 11, 6, 9, 0, tzinfo=UTC), by=anna)

    shown = text_of(staff, order, "shipping")
    assert "Levererad 6 nov. 2026 10:00" in shown
    assert "Ej uthämtad" not in shown
    assert "På väg tillbaka" not in shown


def test_the_pick_up_point_and_the_recipients_phone_are_with_the_address(
    staff: Browser, viewer: Browser, app: Flask
) -> None:
    order = make_order(lines=[TO_ASA], shipping_address=PICKED_UP)

    assert "Utlämningsställe: Kiosken vid kajen Farmor" in text_of(staff, order)
    assert "070-174 06 77" in text_of(viewer, order, "customer")


def test_a_phone_dials_numbers_without_their_extensions(staff: Browser, app: Flask) -> None:
    order = make_order(
        lines=[TO_ASA],
        customer=replace(ASA, phone="08-123 45 67 ankn 12"),
        shipping_address=replace(LULEA, phone="+46 (0)70-174 06 77 / 08-999 99 99"),
        billing_address=replace(LULEA, name="Ekonomi", phone="ring först"),
    )
    page = staff.page(f"/orders/{order.number}")

    assert {link for link in page.links if link.startswith("tel:")} == {"tel:081234567", "tel:+46701740677"}
    assert "08-123 45 67 ankn 12" in page.text


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_a_saved_customer_keeps_what_the_form_does_not_show(staff: Browser, app: Flask, htmx: bool) -> None:
    billing = replace(LULEA, phone="090-12 34 56", pickup_point="Boden")
    order = make_order(
        lines=[TO_ASA], customer=WITHOUT_EMAIL, billing_address=billing, shipping_address=PICKED_UP, language="de"
    )
    url = f"/orders/{order.number}/customer"

    assert staff.send(url, url, htmx=htmx, **{"customer-name": "Bo Ekman"}).status_code in {200, 303}

    after = fresh(order)
    assert after.customer == Customer("Bo Ekman", unusable_email="bo@@ek")
    assert (after.billing_address, after.shipping_address, after.language) == (billing, PICKED_UP, "de")

    assert staff.send(
        url,
        url,
        htmx=htmx,
        **{
            "customer-email": "bo@ek.example",
            "shipping-phone": "0701740678",
            "shipping-pickup_point": "",
            "language": "en",
        },
    ).status_code in {200, 303}

    after = fresh(order)
    assert after.customer == Customer("Bo Ekman", email="bo@ek.example")
    assert after.shipping_address == replace(PICKED_UP, phone="0701740678", pickup_point=None)
    assert after.language == "en"
    last = events_of(after)[-1]
    assert (last.kind, last.facts["language"]) == (EventKind.CUSTOMER_CHANGED, {"before": "de", "after": "en"})
    history = text_of(staff, after, "history")
    assert "språk: Tyska → Engelska" in history


def test_a_language_without_mails_is_only_offered_to_the_order_that_has_it(staff: Browser, app: Flask) -> None:
    order = make_order(lines=[TO_ASA], language="de")
    url = f"/orders/{order.number}/customer"
    page = staff.page(url)

    assert staff.send(url, url, language="fi").status_code == 422
    assert fresh(order).language == "de"
    assert [option.get("value") for option in page.select("#customer-language option")] == ["sv", "en", "de"]


def test_the_shop_decides_the_language_of_mails_without_templates(admin: Browser, app: Flask) -> None:
    reshape_shop(nordic_mail_language="sv", other_mail_language="en")

    response = admin.send("/settings/shop", "/settings/shop", other_mail_language="sv", nordic_mail_language="en")

    assert response.status_code in {200, 204, 303}
    shop = stored_shop()
    assert (shop.nordic_mail_language, shop.other_mail_language) == ("en", "sv")
    assert admin.send("/settings/shop", "/settings/shop", other_mail_language="de").status_code == 422
