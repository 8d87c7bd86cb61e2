"""The page of packing slips: one sheet a shipment, in the language of its customer."""

from urllib.parse import urlencode

import pytest
from flask import Flask

from tests.factories import LULEA, make_order, make_product, reshape_shop
from tests.operations.printing.lists import ANNA, batch_of
from tests.operations.steps import kinds_of, read
from tests.web.conftest import Browser
from tests.web.orders.test_budgets import counting
from tests.web.pages import Page, text_of
from webshop_orders.models import Address, Attribute, CommentKind, EventKind, Order
from webshop_orders.operations.orders import cancellation, comments
from webshop_orders.transactions.unit_of_work import editing


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("DUK", name="Linneduk", price=64_900)
    make_product("KOPP", name="Kopp", stock=1)
    there = Address(
        name="Per Öst", street="Ågatan 1", postal_code="972 31", city="Luleå", country="SE", phone="070-174 06 36",
        pickup_point="ICA Kvantum <Luleå>",
    )  # fmt: skip
    order = make_order(
        ("DUK", 2),
        ("KOPP", 3),
        shipping_address=there,
        shipping_method="PostNord MyPack",
        comment="Ring på porten\nTack",
    )
    with editing(order.number, None, ANNA) as locked:
        comments.add(locked, CommentKind.INTERNAL, "Betalar aldrig", by=ANNA)
        comments.add(locked, CommentKind.CUSTOMER, "Duken är & blir vit", by=ANNA)
    return order


def address(*references: str, noted: bool = False) -> str:
    pairs = [("shipment", reference) for reference in references] + ([("noted", "1")] if noted else [])
    return f"/packing-slips?{urlencode(pairs)}"


def sheets(page: Page) -> list[str]:
    return [text_of(sheet) for sheet in page.select("article")]


def prints(order: Order) -> int:
    return kinds_of(read(order)).count(EventKind.DOCUMENT_PRINTED)


@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        ("", 422, "Välj minst en försändelse."),
        ("?shipment=", 404, "Det finns ingen försändelse ."),
        ("?shipment=WS-9-1", 404, "Det finns ingen försändelse WS-9-1."),
        ("?shipment=%3Cb%3E-1", 404, "&lt;b&gt;-1"),
        ("?shipment=" + "9" * 3000, 404, "Det finns ingen försändelse"),
        ("?shipment=%00-1", 404, "Det finns ingen försändelse"),
        ("?shipment=%ED%A0%80-1", 404, "Det finns ingen försändelse"),
    ],
)
def test_what_cannot_be_printed_is_told_in_a_sentence(
    warehouse: Browser, order: Order, query: str, status: int, sentence: str
) -> None:
    answer = warehouse.get(f"/packing-slips{query}")
    assert answer.status_code == status
    assert sentence in answer.text


def test_a_viewer_prints_no_slips(viewer: Browser, order: Order) -> None:
    assert viewer.get(address(f"{order.number}-1")).status_code == 403
    values = {"csrf_token": viewer.token(), "shipment": f"{order.number}-1"}
    assert viewer.post("/packing-slips", values).status_code == 403
    assert prints(order) == 0


def test_a_form_with_a_shipment_that_does_not_exist_prints_none(warehouse: Browser, order: Order) -> None:
    values = {"csrf_token": warehouse.token(), "shipment": [f"{order.number}-1", f"{order.number}-2"]}
    answer = warehouse.post("/packing-slips", values)
    assert answer.status_code == 404
    assert prints(order) == 0


def test_a_cancelled_order_has_no_slip(warehouse: Browser, order: Order) -> None:
    with editing(order.number, None, ANNA) as locked:
        cancellation.cancel(locked, by=ANNA)
    answer = warehouse.get(address(f"{order.number}-1"))
    assert answer.status_code == 422
    assert "är makulerad" in answer.text


def test_a_slip_says_what_the_packer_and_the_customer_need(warehouse: Browser, order: Order) -> None:
    reshape_shop(name="Ljus & Linne", slip_text_sv="Öppet köp\ni 60 dagar")
    (sheet,) = sheets(warehouse.page(address(f"{order.number}-1")))
    for words in (
        f"Ljus & Linne Packsedel {order.number}-1",
        "Leverans till Utlämningsställe: ICA Kvantum <Luleå> Per Öst Ågatan 1 972 31 Luleå Sverige 070-174 06 36",
        "Faktureras Åsa Öberg Storgatan 1",
        "Leveranssätt PostNord MyPack",
        "Antal Produkt Artikelnr 2 Linneduk DUK 1 Kopp KOPP",
        "Kommer senare 2 × Kopp",
        "Ditt meddelande till oss Ring på porten Tack",
        "Meddelande till dig Duken är & blir vit",
        "Öppet köp i 60 dagar",
        f"3 enheter · {order.number} · version 1",
    ):
        assert words in sheet, sheet
    assert "Betalar aldrig" not in sheet
    assert "kr" not in sheet.replace("Skriv", "").split()


def test_each_customer_reads_their_own_language(warehouse: Browser, order: Order) -> None:
    english = make_order(("DUK", 1), language="en")
    page = warehouse.page(address(f"{order.number}-1", f"{english.number}-1"))
    assert [sheet.get("lang") for sheet in page.select("article")] == ["sv", "en"]
    swedish_sheet, english_sheet = sheets(page)
    assert "Leverans till" in swedish_sheet
    assert "Delivery to Åsa Öberg Storgatan 1 972 31 Luleå Sweden" in english_sheet
    assert "Quantity Product SKU 1 Linneduk DUK" in english_sheet
    assert page.headings == ["Packsedlar"]


def test_prices_are_on_it_if_the_shop_says_so_but_never_on_a_gift(warehouse: Browser, order: Order) -> None:
    reshape_shop(slip_shows_prices=True)
    gift = make_order(("DUK", 1), attributes=[Attribute("Gift message", "Grattis!")])
    priced, unpriced = sheets(warehouse.page(address(f"{order.number}-1", f"{gift.number}-1")))
    assert "2 Linneduk DUK 649,00 1 298,00" in priced.replace("\u00a0", " ")
    assert "Summa för varorna i försändelsen 1 497,00 kr" in priced.replace("\u00a0", " ")
    assert "649" not in unpriced
    assert "kr" not in unpriced.split()


def test_vat_that_is_not_in_the_prices_stands_above_the_sum(warehouse: Browser, order: Order) -> None:
    reshape_shop(slip_shows_prices=True)
    firm = make_order(("DUK", 1), prices_include_vat=False)
    (sheet,) = sheets(warehouse.page(address(f"{firm.number}-1")))
    shown = sheet.replace("\u00a0", " ")
    assert "1 Linneduk DUK 649,00 649,00 Moms 25 % 162,25 Summa för varorna i försändelsen 811,25 kr" in shown


def test_the_logo_stands_for_the_name_and_the_form_for_returns_on_a_sheet_of_its_own(
    warehouse: Browser, order: Order
) -> None:
    reshape_shop(name="Ljus & Linne", logo="0123456789abcdef", slip_has_return_form=True)
    page = warehouse.page(address(f"{order.number}-1"))
    assert [image.get("alt") for image in page.select("article img")] == ["Ljus & Linne"]
    _slip, form = sheets(page)
    assert f"Retur {order.number}-1" in form
    assert "Linneduk DUK 2" in form


def test_the_commands_of_pack_mode_are_on_the_slip_where_the_shop_wants_them(warehouse: Browser, order: Order) -> None:
    assert "SAKNAS" not in warehouse.page(address(f"{order.number}-1")).text
    reshape_shop(slip_has_commands=True)
    page = warehouse.page(address(f"{order.number}-1"))
    commands = [item.text_content().strip() for item in page.select(".pack-commands li")]
    assert commands == ["KLAR", "SAKNAS", "NYTT KOLLI", "ÅNGRA", "HELA RADEN"]


def test_a_number_that_no_code_can_carry_is_still_printed(warehouse: Browser, order: Order) -> None:
    long = make_order(("DUK", 1), number="Ö" * 60)
    page = warehouse.page(address(f"{long.number}-1"))
    assert f"Packsedel {long.number}-1" in sheets(page)[0]


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_printing_single_slips_is_noted_once(warehouse: Browser, order: Order, htmx: bool) -> None:
    other = make_order(("DUK", 1))
    references = [f"{order.number}-1", f"{other.number}-1"]
    page = warehouse.page(address(*references))
    form = page.form("/packing-slips")
    assert [value for name, value in form.fields if name == "shipment"] == references
    values = {**form.values(), "shipment": references}
    answer = warehouse.post("/packing-slips", values, htmx=htmx)
    if not htmx:
        assert (answer.status_code, answer.location) == (
            303,
            f"/packing-slips?shipment={references[0]}&shipment={references[1]}&noted=1",
        )
        answer = warehouse.get(answer.location)
    assert Page(answer.text).select("button[data-prints]")
    warehouse.post("/packing-slips", values, htmx=htmx)
    assert [prints(order), prints(other)] == [1, 1]


def test_a_batch_is_printed_with_its_boxes(warehouse: Browser, order: Order) -> None:
    other = make_order(("DUK", 1))
    batch = batch_of(other, order)
    answer = warehouse.send(f"/packing-slips/{batch.id}", f"/packing-slips/{batch.id}", htmx=True)
    first, second = sheets(Page(answer.text))
    assert f"Packsedel {other.number}-1 Låda 1" in first
    assert f"Packsedel {order.number}-1 Låda 2" in second
    assert [prints(order), prints(other)] == [1, 1]
    history = warehouse.page(f"/orders/{order.number}/history").text
    assert f"Packsedeln för {order.number}-1 skrevs ut." in history


def test_a_batch_with_nothing_to_pack_says_so(warehouse: Browser, order: Order) -> None:
    make_product("SLUT", stock=0)
    batch = batch_of(make_order(("SLUT", 1)))
    page = warehouse.page(f"/packing-slips/{batch.id}")
    assert "ingen försändelse har något att packa" in page.text


def test_an_order_leads_to_its_slips(warehouse: Browser, order: Order) -> None:
    (link,) = warehouse.page(f"/orders/{order.number}/shipping").select("a[href^='/packing-slips']")
    assert link.get("href") == address(f"{order.number}-1")
    assert len(sheets(warehouse.page(link.get("href")))) == 1


def test_any_number_of_slips_takes_the_same_statements(warehouse: Browser, order: Order) -> None:
    some = [f"{make_order(('DUK', 1), shipping_address=LULEA).number}-1" for _ in range(20)]
    counts = []
    for references in (some[:2], some):
        warehouse.get(address(*references))
        with counting() as statements:
            warehouse.get(address(*references))
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 2
