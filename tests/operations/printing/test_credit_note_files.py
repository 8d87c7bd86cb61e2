"""Credit notes as PDF files: they say what the mail says, however they are read."""

from typing import Any

import pytest
from flask import Flask

from tests.factories import SHOP, make_order, reshape_shop
from tests.operations.steps import changing, read
from tests.pdf import reading
from webshop_orders.documents.order import NewLine
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Address, Order
from webshop_orders.operations.after_sales import refunds
from webshop_orders.operations.after_sales.refunds import RequestedRefund
from webshop_orders.operations.printing import credit_note_files

ODD_NAMES = [
    "#panic() *fet* _kursiv_ @ref $x^2$ <etikett>",
    "-48,00 rabatt -- 'citat' \"dubbelt\" ~ \\ // /* */",
    "Ærøskøbing-stake, Łódź, 5 × 3 – fjäder & effekt",
]


@pytest.fixture(autouse=True)
def shop(app: Flask) -> None:
    reshape_shop(name="Ljus & Linne", sender_address="Lagergatan 2", vat_number="SE556677889901")


def refunded(*bought: NewLine, **values: Any) -> Order:
    order = make_order(lines=list(bought), send_confirmation=False, **values)
    with changing(order, SHOP) as current:
        current.paid = current.total
        units = {line.id: line.quantity for line in current.lines}
        refunds.request(current, RequestedRefund(lines=units, shipping=current.shipping_price, done=True), by=SHOP)
    return read(order)


def pdf(order: Order) -> bytes:
    return credit_note_files.of_refund(order, order.refunds[0])


def test_a_cancelled_refund_has_none() -> None:
    order = make_order(lines=[NewLine("A", "Duk", 1, 10_000, 2500)], paid=10_000)
    with changing(order, SHOP) as current:
        refunds.request(current, RequestedRefund(lines={line.id: 1 for line in current.lines}), by=SHOP)
        refunds.cancel(current, 1, by=SHOP)

    with pytest.raises(RuleViolation, match="K1"):
        pdf(read(order))


def test_it_has_reference_order_parties_rows_and_vat() -> None:
    lines = [NewLine("DUK", "Duk, grön", 2, 10_000, 2500), NewLine("BOK", "Bok", 1, 10_600, 600)]
    order = refunded(*lines, shipping_method="PostNord", shipping_price=5_000, shipping_vat_rate=2500)

    found = reading.text_of(pdf(order)).replace("\N{NO-BREAK SPACE}", " ")
    for said in (
        f"Ljus & Linne Kreditnota {order.number}-K1",
        "Faktureras Åsa Öberg Storgatan 1 972 31 Luleå Sverige",
        "Säljare Ljus & Linne Lagergatan 2 Momsregistreringsnummer: SE556677889901",
        f"Avser order {order.number}",
        "Produkt Antal À-pris Momssats Summa",
        "Duk, grön DUK 2 100,00 kr 25 % 200,00 kr",
        "Frakt, PostNord 25 % 50,00 kr",
        "Summa att kreditera 356,00 kr",
        "varav moms 6 % på 100,00 kr 6,00 kr",
        "varav moms 25 % på 200,00 kr 50,00 kr",
        "Återbetalt 356,00 kr",
        f"{order.number}-K1 1 (1)",
    ):
        assert said in found, (said, found)


def test_it_is_in_the_customers_language_and_currency() -> None:
    found = reading.text_of(pdf(refunded(NewLine("A", "Lamp", 1, 10_000, 2500), language="en", currency="EUR")))

    assert "Credit note" in found
    assert "Sum credited EUR 100.00" in found


def test_names_are_never_markup_and_long_ones_stay_on_the_page() -> None:
    long = Address(name="Å" * 200, street="Gatan " * 30, postal_code="1", city="L" * 90, country="SE")
    lines = [NewLine(f"A-{n}", name, 1, 10_000, 2500) for n, name in enumerate([*ODD_NAMES, "W" * 200])]
    order = refunded(*lines, billing_address=long)

    content = pdf(order)
    text = reading.text_of(content)

    assert [name for name in ODD_NAMES if name not in text] == []
    assert "W" * 200 in text.replace("\N{ZERO WIDTH SPACE}", "").replace(" ", "")


def test_it_is_a_tagged_file_and_the_same_each_time() -> None:
    order = refunded(NewLine("A", "Duk", 1, 10_000, 2500))
    content = pdf(order)

    assert content == pdf(order)
    assert reading.is_tagged(content)
    assert b"pdfuaid" in content
    assert reading.metadata_of(content)["Title"] == f"Kreditnota {order.number}-K1"


def test_many_rows_have_their_headings_on_each_page() -> None:
    lines = [NewLine(f"LYK-{n:02}", f"{n:02} Lykta", n, 100, 2500) for n in range(1, 71)]
    pages = reading.pages_of(pdf(refunded(*lines)))

    assert len(pages) > 1
    assert f"{len(pages)} ({len(pages)})" in pages[-1]
    assert [n for n in range(1, 71) if sum(f"{n:02} Lykta" in page for page in pages) != 1] == []
