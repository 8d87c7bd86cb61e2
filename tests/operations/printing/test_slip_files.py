"""Packing slips as PDF files: they say what the slips say, however they are read."""

import io

import pytest
from flask import Flask
from PIL import Image

from tests.barcodes import pixels
from tests.factories import LULEA, make_order, make_product, reshape_shop
from tests.operations.printing.lists import ANNA, slip
from tests.operations.steps import line_of
from tests.pdf import reading
from webshop_orders.documents.order import NewLine
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Address, Attribute, CommentKind, Order
from webshop_orders.operations.orders import comments, splits
from webshop_orders.operations.printing import slip_files
from webshop_orders.operations.settings import logo
from webshop_orders.transactions.unit_of_work import editing, writing

ODD_NAMES = [
    "#panic() *fet* _kursiv_ @ref $x^2$ <etikett>",
    "-48,00 rabatt -- 'citat' \"dubbelt\" ~ \\ // /* */",
    "Ærøskøbing-stake, Łódź, 5 × 3 – fjäder & effekt",
]


@pytest.fixture
def shop(app: Flask) -> None:
    make_product("DUK", name="Duk, grön")
    make_product("LJUS", name="Stearinljus", price=5_000)
    reshape_shop(name="Ljus & Linne")


def pdf(order: Order, seq: int = 1) -> bytes:
    return slip_files.of_slips([slip(order, seq)])


def text(order: Order, seq: int = 1) -> str:
    return reading.text_of(pdf(order, seq))


def test_a_slip_has_its_addresses_rows_and_what_comes_later(shop: None) -> None:
    firm = Address(
        name="Bo Ek", company="Firman AB", street="Ågatan 2", postal_code="111 22", city="Mora", country="SE"
    )
    order = make_order(("DUK", 5), ("LJUS", 1), language="sv", billing_address=firm, shipping_method="PostNord MyPack")
    with editing(order.number, None, ANNA) as locked:
        splits.split(line_of(locked, "DUK"), 2, to=None, by=ANNA)
    with editing(order.number, None, ANNA) as locked:
        comments.add(locked, CommentKind.CUSTOMER, "Duken är struken.\nHälsningar", by=ANNA)
        comments.add(locked, CommentKind.INTERNAL, "Ring inte", by=ANNA)

    found = text(order)
    for said in (
        "Ljus & Linne Packsedel WS-100001-1",
        "Leverans till Åsa Öberg Storgatan 1 972 31 Luleå Sverige",
        "Faktureras Bo Ek Firman AB Ågatan 2 111 22 Mora Sverige",
        "Leveranssätt PostNord MyPack",
        "Antal Produkt Artikelnr 3 Duk, grön DUK 1 Stearinljus LJUS",
        "Kommer senare 2 × Duk, grön",
        "Duken är struken. Hälsningar",
        "WS-100001-1 1 (1)",
    ):
        assert said in found
    assert "Ring inte" not in found


def test_names_are_never_markup(shop: None) -> None:
    order = make_order(lines=[NewLine(sku=f"A-{n}", name=name, quantity=1, unit_price=100, vat_rate=2500)
                              for n, name in enumerate(ODD_NAMES)])  # fmt: skip

    assert [name for name in ODD_NAMES if name not in text(order)] == []


def test_it_is_a_tagged_file_whose_pictures_have_words(shop: None) -> None:
    content = pdf(make_order(("DUK", 1), language="sv"))
    tags = reading.tags_of(content)

    assert reading.is_tagged(content)
    assert reading.metadata_of(content)["Title"] == "Packsedel WS-100001-1"
    assert b"pdfuaid" in content
    assert [said for tag, said in tags if tag == "Figure"] == ["WS-100001-1", "WS-100001-1"]
    assert [tag for tag, _said in tags if tag in ("H1", "THead")] == ["H1", "THead"]


def test_the_same_slip_is_the_same_file(shop: None) -> None:
    order = make_order(("DUK", 1))

    assert pdf(order) == pdf(order)


@pytest.mark.parametrize("resolution", pixels.RESOLUTIONS)
def test_its_codes_are_read_from_the_print(shop: None, resolution: int) -> None:
    (page,) = pixels.of_pdf(pdf(make_order(("DUK", 1))), resolution)

    assert pixels.codes(page) == [("WS-100001-1", "Code 128"), ("WS-100001-1", "QR Code")]


def test_sixty_rows_have_their_headings_on_each_page_and_none_is_split(shop: None) -> None:
    name = "Lykta i smide med förgyllda detaljer, tre lågor, för bord och golv, ute och inne " * 2
    lines = [NewLine(sku=f"LYK-{n:02}", name=f"{n:02} {name.strip()}", quantity=n, unit_price=100, vat_rate=2500)
             for n in range(1, 61)]  # fmt: skip
    pages = reading.pages_of(pdf(make_order(lines=lines, language="sv")))

    assert len(pages) > 1
    assert [page for page in pages if "Antal Produkt Artikelnr" not in page] == []
    assert f"WS-100001-1 {len(pages)} ({len(pages)})" in pages[-1]
    for n in range(1, 61):
        assert sum(f"{n} {n:02} {name.strip()} LYK-{n:02} " in page for page in pages) == 1, n


def test_long_words_stay_in_their_columns(shop: None) -> None:
    line = NewLine(sku="SKU" * 33, name="ljusstake" * 22, quantity=99_999, unit_price=100, vat_rate=2500)
    content = pdf(make_order(lines=[line], shipping_address=Address(**{**vars(LULEA), "name": "Å" * 200})))
    copied = reading.text_of(content).replace("\N{ZERO WIDTH SPACE}", "").replace(" ", "")

    assert all(word in copied for word in ("SKU" * 33, "ljusstake" * 22, "Å" * 200))
    assert _right_edge(content) <= 595 - 50  # A4 is 595 points wide, and the margin 51


def test_prices_are_there_where_the_shop_shows_them_but_not_on_gifts(shop: None) -> None:
    reshape_shop(slip_shows_prices=True)
    order, gift = (
        make_order(("LJUS", 3), language="sv", attributes=attributes)
        for attributes in ([], [Attribute("Presentinslagning", "ja")])
    )

    assert "3 Stearinljus LJUS 50,00 150,00" in text(order)
    assert "150,00 kr" in text(order)
    assert "50,00" not in text(gift)


def test_the_return_form_has_a_page_of_its_own(shop: None) -> None:
    reshape_shop(slip_has_return_form=True)
    pages = reading.pages_of(pdf(make_order(("LJUS", 3), language="sv")))

    assert len(pages) == 2
    assert "Retur" in pages[1]
    assert "Stearinljus LJUS 3" in pages[1]


def test_each_customer_has_a_slip_in_their_language_with_the_shops_own_text(shop: None) -> None:
    reshape_shop(slip_text_sv="Öppet köp i 30 dagar.", slip_text_en="Returns within 30 days.")
    orders = [make_order(("LJUS", 1), language=language) for language in ("sv", "en")]
    swedish, english = reading.pages_of(slip_files.of_slips([slip(order) for order in orders]))

    assert "Packsedel WS-100001-1" in swedish
    assert "Öppet köp i 30 dagar." in swedish
    assert "Packing slip WS-100002-1" in english
    assert "Returns within 30 days." in english
    assert "WS-100002-1 1 (1)" in english


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_the_logo_is_shown_and_named(shop: None, kind: str) -> None:
    with writing():
        logo.replace(_picture(kind))
    content = pdf(make_order(("DUK", 1)))
    (page,) = pixels.of_pdf(content, 72)

    assert reading.tags_of(content)[3] == ("Figure", "Ljus & Linne")
    assert page.getpixel((60, 60))[0] > 200
    assert page.getpixel((60, 60))[1] < 90


def test_a_logo_that_breaks_off_does_not_stop_the_slip(shop: None) -> None:
    with writing():
        logo.replace(_picture("PNG")[:60])

    assert "Packsedel" in text(make_order(("DUK", 1), language="sv"))


def test_none_and_too_many_slips_are_refused(shop: None) -> None:
    one = slip(make_order(("DUK", 1)))

    with pytest.raises(RuleViolation, match="inga packsedlar"):
        slip_files.of_slips([])
    with pytest.raises(RuleViolation, match="högst 100"):
        slip_files.of_slips([one] * 101)


def _picture(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (300, 80), "red").save(file, kind)
    return file.getvalue()


def _right_edge(content: bytes) -> float:
    """The right edge of the letters that are farthest to the right, in points."""
    import pypdfium2

    with pypdfium2.PdfDocument(content) as pdf:
        pages = [page.get_textpage() for page in pdf]
        return max(page.get_charbox(number)[2] for page in pages for number in range(page.count_chars()))
