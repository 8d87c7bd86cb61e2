"""Address labels as Chromium prints them: the size of the paper, what fits on it, and the codes in the print."""

import pypdfium2
import pytest
from playwright.sync_api import Page

from tests.barcodes import pixels
from tests.browser.shop import BO, Desk, place
from tests.factories import reshape_shop
from webshop_orders.models import Address
from webshop_orders.operations.batches import selection
from webshop_orders.operations.orders import tracking
from webshop_orders.transactions.unit_of_work import editing, writing

MILLIMETRE = 72 / 25.4
LONGEST = Address(
    name="Ålderdomshemmet " * 12,
    company="SKEPPSBROLJUSFABRIKSARBETAREFÖRENINGENS HANTVERK " * 4,
    street="Norra Bangårdsgatan 127 B, uppgång 4, port mot gården " * 3,
    street2="漢字" * 90,
    postal_code="97231 97231 97231",
    city="Stockholm-Kungsholmsstranden " * 3,
    region="Västra Götaland " * 5,
    country="GB",
    pickup_point="Direkten, Storgatan 1, öppet 8 till 22 " * 7,
)
SHORT = Address(name="Åsa Öberg", street="Storgatan 1", postal_code="972 31", city="Luleå", country="SE")
ABROAD = Address(
    name="Bjørn Dæhlie", company="Fjell & Fjord AS", street="Kirkegata 5", postal_code="0153", city="Oslo", country="NO"
)
INSIDE = """() => [...document.querySelectorAll(".label")].map((label) => {
  const paper = label.getBoundingClientRect();
  return [...label.querySelectorAll("p, address, span, dd, dt, svg")].filter((part) => {
    const box = part.getBoundingClientRect();
    return box.left < paper.left || box.right > paper.right + .5
      || box.top < paper.top || box.bottom > paper.bottom + .5;
  }).map((part) => part.textContent.slice(0, 40));
})"""


def test_each_parcel_has_a_page_of_the_size_of_the_label_and_codes_that_are_read(desk: Desk, page: Page) -> None:
    batch_id, references = desk.ask(lambda: _batch(SHORT, ABROAD, codes=["RR123456785SE", "RR123456799SE"]))
    page.goto(f"{desk.url}/packing-slips/{batch_id}/labels")
    content = page.pdf(prefer_css_page_size=True)

    with pypdfium2.PdfDocument(content) as pdf:
        sizes = [tuple(round(side / MILLIMETRE) for side in sheet.get_size()) for sheet in pdf]
        texts = [" ".join(sheet.get_textpage().get_text_range().split()) for sheet in pdf]
    assert sizes == [(102, 152)] * 4
    for resolution in pixels.RESOLUTIONS:
        found = [pixels.codes(sheet) for sheet in pixels.of_pdf(content, resolution)]
        assert found == [
            [(reference, "Code 128"), (reference, "QR Code")] for reference in references for _parcel in range(2)
        ]
    assert "Åsa Öberg Storgatan 1 972 31 Luleå" in texts[0]
    assert "PostNord" in texts[0]
    assert "RR123456785SE Kolli 1/2" in texts[0]
    assert "RR123456799SE Kolli 2/2" in texts[1]
    assert "SWEDEN" not in texts[0]
    assert "Bjørn Dæhlie Fjell & Fjord AS Kirkegata 5 0153 Oslo NORWAY" in texts[2]
    assert "Skriv ut" not in "".join(texts)


@pytest.mark.parametrize("address", [SHORT, ABROAD, LONGEST], ids=["short", "abroad", "longest"])
def test_nothing_is_cut_off(desk: Desk, page: Page, address: Address) -> None:
    desk.ask(lambda: reshape_shop(sender_address="Norra Bangårdsgatan 127 B, uppgång 4, port mot gården " * 5))
    batch_id, _references = desk.ask(
        lambda: _batch(address, codes=["00373500538500000010"], shipping_method="PostNord MyPack Home " * 9)
    )
    page.goto(f"{desk.url}/packing-slips/{batch_id}/labels")

    for media in ("screen", "print"):
        page.emulate_media(media=media)
        assert page.evaluate(INSIDE) == [[]], media
    content = page.pdf(prefer_css_page_size=True)
    with pypdfium2.PdfDocument(content) as pdf:
        (text,) = ("".join(sheet.get_textpage().get_text_range().split()) for sheet in pdf)
    assert "".join(address.name.split()) in text
    assert "".join((address.pickup_point or "").split()) in text


def _batch(*addresses: Address, codes: list[str], **values: object) -> tuple[int, list[str]]:
    """A batch of one order for each address, and the references of their shipments."""
    orders = [place(("LJUS-12", 1), shipping_address=address, **values) for address in addresses]
    for order in orders:
        with editing(order.number, None, BO) as edited:
            for code in codes:
                tracking.add(edited.shipments[0], code, "PostNord", None, by=BO)
    with writing():
        batch = selection.create([order.number for order in orders], by=BO)
    return batch.id, [f"{order.number}-1" for order in orders]
