"""What the search finds, and that its pages have no gap or repeat."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlencode

import pytest
from flask import Flask

from tests.factories import LULEA, make_order, make_product
from tests.web.conftest import Browser, on_sqlite
from tests.web.orders.test_budgets import MAX_STATEMENTS, counting
from tests.web.pages import Page, text_of
from webshop_orders.models import Actor, Customer, Order
from webshop_orders.operations.order_list import key_lookup
from webshop_orders.operations.orders import splits, tracking
from webshop_orders.transactions.unit_of_work import editing
from webshop_orders.web.http.responses import open_page

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def search(browser: Browser, words: str) -> list[str]:
    """The numbers of the orders that are found."""
    response = browser.get("/orders", query_string={"q": words})
    assert response.status_code == 200
    return order_numbers(Page(response.text))


def order_numbers(page: Page) -> list[str]:
    return [link.split("/")[2] for link in page.links if link.startswith("/orders/") and link.count("/") == 2]


def make_order_of(name: str, **values: object) -> Order:
    address = replace(LULEA, name="Lagret")
    return make_order(("X-1", 1), customer=Customer(name, **values), shipping_address=address)  # type: ignore[arg-type]


NAMES = [
    ("Åsa Öberg", "asa"),
    ("Åsa Öberg", "ÅSA"),
    ("Åsa Öberg", "öberg åsa"),
    ("Anna Ahl", "ÅHL"),
    ("Mårten Ärlig", "marten arlig"),
    ("José Núñez", "jose nunez"),
    ("Straße Müller", "strasse muller"),
    ("O'Brien", "o'brien"),
    ('Kal "Kalle" Ek', '"kalle"'),
    ("Ek & Ek <b>", "ek <b>"),
    ("100% Ull", "100%"),
    ("a_b Ek", "a_b"),
    ("c:\\temp Ek", "c:\\temp"),
    ("李小龙", "小龙"),
]


@on_sqlite
@pytest.mark.parametrize(
    "typed",
    [
        "0701234567",
        "070-123 45 67",
        "1234567",
        "+46701234567",
        "+46 70 123 45 67",
        "0046701234567",
    ],
)
def test_a_phone_number_is_found_in_any_notation(staff: Browser, typed: str) -> None:
    phones = ["070-123 45 67", "+46 70 123 45 67", "+46701234567", "0701234567", "(070) 1234567"]
    expected = {make_order_of("Per Ek", phone=phone).number for phone in phones}
    make_order_of("Eva Alm", phone="070-999 99 99")
    assert set(search(staff, typed)) == expected


def test_a_name_is_found_without_accents_and_special_characters_are_literal(staff: Browser) -> None:
    numbers = {name: make_order_of(name).number for name in dict(NAMES)}
    for other in ("1000 Ull", "acb Ek", "Per Alm"):
        make_order_of(other)
    for name, typed in NAMES:
        assert search(staff, typed) == [numbers[name]], typed


def test_an_order_has_to_have_every_word(staff: Browser) -> None:
    both = make_order_of("Åsa Öberg", company="Sjöboden AB", email="asa@sjoboden.se")
    make_order_of("Åsa Ek")
    assert search(staff, "asa oberg sjoboden") == [both.number]
    assert search(staff, "asa oberg ek") == []
    assert search(staff, "asa@sjoboden.se") == [both.number]
    assert len(search(staff, "   ")) == 2


def test_codes_and_products_are_found_in_every_shipment(staff: Browser, anna: Actor) -> None:
    order = make_order(("LJUS-12", 2), ("DUK-7", 1))
    make_order(("KAN-02", 1))
    with editing(order.number, None, anna) as present:
        target = splits.split(next(present.lines), 1, to=None, by=anna)
        tracking.add(target, "00370712345678901234", "PostNord", None, by=anna)
    assert (
        search(staff, "00370712345678901234") == search(staff, "duk-7") == search(staff, "5678901234") == [order.number]
    )
    with editing(order.number, None, anna) as present:
        tracking.remove(present.shipments[1], present.shipments[1].tracking_codes[0].id, by=anna)
    assert search(staff, "00370712345678901234") == []


def test_orders_whose_number_begins_so_come_first_and_a_link_searches_everywhere(staff: Browser) -> None:
    by_number = make_order_of("Per Ek")
    by_product = make_order((by_number.number.removeprefix("WS-"), 1))

    page = staff.page(f"/orders?q={by_number.number.removeprefix('WS-')}")

    assert order_numbers(page) == [by_number.number]
    assert "Sök överallt" in page.text
    (everywhere,) = [link for link in page.links if "anywhere=1" in link]
    assert order_numbers(staff.page(everywhere)) == [by_product.number, by_number.number]


def test_words_of_one_or_two_characters_are_found_too(staff: Browser) -> None:
    order = make_order_of("Bo Ek & Co <o>")
    make_order_of("Per Alm")

    for typed in ("bo", "ek", "&", "<o>", "bo <o> &"):
        assert search(staff, typed) == [order.number], typed


def test_a_search_has_pages_there_and_back(staff: Browser) -> None:
    for index in range(60):
        make_order_of(f"Bo Ek {index:02}") if index % 2 else make_order_of("Per Alm")
    assert len(order_numbers(staff.page("/orders?q=bo+ek&status=ready"))) == 25  # from the index of statuses
    first = staff.page("/orders?q=bo+ek")  # from the index of words
    second = staff.page(next(link for link in first.links if "after=" in link))
    assert len(order_numbers(second)) == 5
    assert not set(order_numbers(first)) & set(order_numbers(second))
    back = staff.page(next(link for link in second.links if "before=" in link))
    assert order_numbers(back) == order_numbers(first)
    assert (
        order_numbers(staff.page("/orders?q=bo+ek&sort=placed"))
        == sorted(order_numbers(first) + order_numbers(second))[:25]
    )


def test_the_typed_words_stay_in_the_search_box(staff: Browser) -> None:
    for typed in ('<b>"fet"</b>', "a" * 200, "100%"):
        page = Page(staff.get("/orders", query_string={"q": typed}).text)
        assert page.form("/orders").values()["q"] == typed


@pytest.mark.parametrize("sort", ["", "placed"])
def test_pages_have_no_gap_or_repeat_while_orders_come_in(staff: Browser, sort: str) -> None:
    for index in range(53):  # several at the same time, across the boundary of a page
        make_order(("X-1", 1), placed_at=NOON + timedelta(minutes=index // 4))
    seen: list[str] = []
    url = f"/orders?sort={sort}"
    pages = 0
    while url:
        page = staff.page(url)
        seen += order_numbers(page)
        pages += 1
        make_order(("X-1", 1), placed_at=NOON + timedelta(days=-1 if sort else 1))
        url = next((link for link in page.links if "after=" in link), "")
    expected = [f"WS-1000{number:02}" for number in range(1, 54)]
    assert pages == 3
    assert seen == (expected if sort else expected[::-1])


@on_sqlite
def test_a_full_last_page_has_no_next_page(staff: Browser) -> None:
    for minute in range(25):
        make_order(("X-1", 1), placed_at=NOON + timedelta(minutes=minute))
    assert not [link for link in staff.page("/orders").links if "after=" in link]
    make_order(("X-1", 1))
    (older,) = [link for link in staff.page("/orders").links if "after=" in link]
    page = staff.page(older)
    assert len(order_numbers(page)) == 1
    assert "Till första sidan" in page.buttons


@on_sqlite
def test_days_are_those_of_the_time_zone_of_the_shop(staff: Browser) -> None:
    order = make_order(("X-1", 1), placed_at=datetime(2026, 11, 2, 23, 30, tzinfo=UTC))  # half past midnight in Sweden
    assert order_numbers(staff.page("/orders?from=2026-11-03&to=2026-11-03")) == [order.number]
    assert order_numbers(staff.page("/orders?to=2026-11-02")) == []
    assert order_numbers(staff.page("/orders?from=2026-11-04")) == []


@on_sqlite
def test_a_request_of_htmx_gets_the_region_alone(staff: Browser) -> None:
    make_order(("X-1", 1))
    response = staff.get("/orders?q=x", htmx=True)
    assert "<html" not in response.text
    assert '<section id="orders"' in response.text


@on_sqlite
def test_an_empty_shop_says_so(staff: Browser) -> None:
    assert "Inga ordrar än." in staff.page("/orders").text
    assert "Inga ordrar stämmer" in staff.page("/orders?status=shipped").text


@on_sqlite
@pytest.mark.parametrize(
    ("shop_number", "typed"),
    [
        ("#1042", "#1042"),
        ("#1042", "1042"),
        ("1042", "#1042"),
        ("1042", "1042"),
        ("SE-2026-0042", "SE-2026-0042"),
        ("SE-2026-0042", "se-2026-0042"),
        ("SE-2026-0042", "2026-0042"),
    ],
)
def test_an_order_is_found_by_its_number_in_the_shop(staff: Browser, shop_number: str, typed: str) -> None:
    order = make_order(("X-1", 1), shop_number=shop_number)
    make_order(("X-1", 1), shop_number="#2042")

    page = staff.page("/orders?" + urlencode({"q": typed}))

    assert order_numbers(page) == [order.number]
    assert shop_number in page.text


@on_sqlite
def test_our_number_and_the_same_number_of_the_shop_are_both_found(staff: Browser) -> None:
    ours = make_order(("X-1", 1), number="WS-100301", customer=Customer("Vera Vik"))
    of_shop = make_order(("X-1", 1), number="WS-100777", shop_number="100301", customer=Customer("Bo Ek"))
    make_order(("X-1", 1), number="WS-100778", shop_number="#2100301")

    for typed in ("100301", "#100301"):
        assert set(search(staff, typed)) >= {of_shop.number}
    assert set(search(staff, "100301")) == {ours.number, of_shop.number}


@on_sqlite
@pytest.mark.parametrize("typed", ["556677-8899", "5566778899"])
@pytest.mark.parametrize("stored", ["556677-8899", "5566778899", "SE556677889901"])
def test_a_company_is_found_by_its_organisation_number(staff: Browser, stored: str, typed: str) -> None:
    order = make_order_of("Bo Ek", organisation_number=stored)

    assert search(staff, typed) == [order.number]


def rows_found(page: Page) -> dict[str, str]:
    """The text of the first cell of each order that is found, by the order's number."""
    cells = [text_of(cell) for cell in page.select(".orders td.name")]
    return dict(zip(order_numbers(page), cells, strict=True))


@on_sqlite
def test_our_number_and_the_shops_say_which_of_them_was_found(staff: Browser) -> None:
    ours = make_order(("X-1", 1), number="WS-100301", customer=Customer("Vera Vik"))
    of_shop = make_order(("X-1", 1), number="WS-100777", shop_number="100301", customer=Customer("Bo Rätt"))

    found = rows_found(staff.page("/orders?q=100301"))

    assert list(found) == [of_shop.number, ours.number]
    assert found[ours.number] == "WS-100301 eget nummer"
    assert found[of_shop.number] == "WS-100777 100301 butikens nummer"
    assert rows_found(staff.page("/orders"))[ours.number] == "WS-100301"


@pytest.mark.parametrize("anywhere", ["", "&anywhere=1"])
@pytest.mark.parametrize(
    "keys", [{"shop_number": "42"}, {"shop_number": "#42"}, {"external_reference": "42"}, {"number": "42"}], ids=str
)
def test_a_whole_number_comes_before_orders_that_merely_contain_it(
    staff: Browser, keys: dict[str, str], anywhere: str
) -> None:
    meant = make_order(("X-1", 1), **keys)
    others = [
        make_order(("X-1", 1), number="WS-100042"),
        make_order(("X-42", 1), shop_number="#1042"),
        make_order(("X-1", 1), shop_number="421", customer=Customer("Bo Ek", phone="0704242424")),
    ]

    found = order_numbers(staff.page(f"/orders?q=42{anywhere}"))

    assert found[0] == meant.number
    assert sorted(found) == sorted([meant.number, *(order.number for order in others)])


def test_a_whole_number_comes_first_among_more_orders_than_a_page_and_is_on_no_other(
    staff: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_lookup, "MAX_ORDERS", 20)
    meant = make_order(("X-1", 1), number="WS-1", shop_number="1042", placed_at=NOON - timedelta(days=900))
    others = [make_order(("X-1", 1), number=f"WS-1042{index:02}").number for index in range(60)]

    first = staff.page("/orders?q=1042")
    seen, page = order_numbers(first), first
    while links := [link for link in page.links if "after=" in link]:
        page = staff.page(links[0])
        seen += order_numbers(page)

    assert seen == [meant.number, *reversed(others)]
    back = staff.page(next(link for link in page.links if "before=" in link))
    assert meant.number not in order_numbers(back)
    assert order_numbers(staff.page("/orders?q=1042&status=shipped")) == []


@on_sqlite
@pytest.mark.parametrize("typed", ["WS-100301", "ws-100301", "WS100301", "ws 100301", "100301"])
def test_enter_on_a_whole_order_number_opens_the_order(staff: Browser, typed: str) -> None:
    make_order(("X-1", 1), number="WS-100301")
    make_order(("X-1", 1), number="WS-1003011")
    address = "/orders?" + urlencode({"q": typed, "status": "shipped", "open": 1})

    assert staff.get(address).location == "/orders/WS-100301"
    assert staff.get(address, htmx=True).headers["HX-Redirect"] == "/orders/WS-100301"


@on_sqlite
def test_in_a_frame_htmx_opens_the_order_whose_session_may_be_in_its_headers(app: Flask) -> None:
    headers = {"HX-Request-Type": "partial", "X-Framed": "1"}
    with app.test_request_context("/orders", headers=headers):
        location = open_page("/orders/WS-1").headers["HX-Location"]
    assert json.loads(location) == {"path": "/orders/WS-1", "target": "#main", "replace": "true"}


@on_sqlite
@pytest.mark.parametrize("typed", ["#1042", "1042", "RR123456785SE", "RR 123 456 785 SE", "rr123456785se", "butik-7"])
def test_enter_on_another_whole_number_of_an_order_opens_it(staff: Browser, anna: Actor, typed: str) -> None:
    order = make_order(("X-1", 1), shop_number="#1042", external_reference="butik-7")
    with editing(order.number, None, anna) as present:
        tracking.add(present.shipments[0], "RR123456785SE", None, None, by=anna)

    assert staff.get("/orders?" + urlencode({"q": typed, "open": 1})).location == f"/orders/{order.number}"


@on_sqlite
@pytest.mark.parametrize("typed", ["100301", "WS-1003", "Bo", "asa@example.com", "0701234567", "WS-9"])
def test_enter_on_what_several_orders_or_none_have_shows_the_list(staff: Browser, typed: str) -> None:
    customer = Customer("Bo Ek", email="asa@example.com", phone="0701234567")
    make_order(("X-1", 1), number="WS-100301", customer=customer)
    make_order(("X-1", 1), number="WS-100302", customer=customer)
    make_order(("X-1", 1), shop_number="100301")
    query = urlencode({"q": typed})

    plain = staff.get(f"/orders?{query}&open=1")
    fragment = staff.get(f"/orders?{query}&open=1", htmx=True)

    assert plain.status_code == fragment.status_code == 200
    assert unquote(fragment.headers["HX-Replace-Url"]) == unquote(f"/orders?{query}")
    assert order_numbers(Page(fragment.text)) == order_numbers(Page(plain.text)) == search(staff, typed)


@pytest.mark.parametrize(
    "typed",
    ["Åsa Öberg", "oberg", "asa@exam", "0920-123", "LYK-07", "lykta", "Skeppsbron 12", "skeppsbron", "972 31", "97231",
     "Kiruna", "RR1234", "WS-1003"],
)  # fmt: skip
def test_enter_on_a_search_with_one_match_opens_it_whatever_it_is_for(staff: Browser, anna: Actor, typed: str) -> None:
    elsewhere = replace(LULEA, name="Lagret", street="Storgatan 1", postal_code="11122", city="Boden")
    make_product("LYK-07", name="Lykta i smide")
    found = make_order(
        ("LYK-07", 1),
        number="WS-100301",
        customer=Customer("Åsa Öberg", email="asa@example.com", phone="0920-123 45"),
        billing_address=replace(elsewhere, city="Kiruna"),
        shipping_address=replace(elsewhere, street="Skeppsbron 12", postal_code="972 31"),
    )
    with editing(found.number, None, anna) as present:
        tracking.add(present.shipments[0], "RR123456785SE", None, None, by=anna)
    make_order(
        ("X-1", 1), number="WS-100401", customer=Customer("Bo"), shipping_address=elsewhere, billing_address=elsewhere
    )
    address = "/orders?" + urlencode({"q": typed, "status": "ready", "open": 1})

    with counting() as statements:
        response = staff.get(address)

    assert response.location == "/orders/WS-100301"
    assert len(statements) <= MAX_STATEMENTS, "\n".join(statements)
    assert staff.get(address, htmx=True).headers["HX-Redirect"] == "/orders/WS-100301"
    assert staff.get(address.replace("ready", "shipped")).status_code == 200


@on_sqlite
def test_enter_on_the_beginning_of_a_number_that_is_also_a_postal_code_shows_the_list(staff: Browser) -> None:
    address = replace(LULEA, postal_code="100 30")
    make_order(("X-1", 1), number="WS-100301", shipping_address=LULEA)
    make_order(("X-1", 1), number="WS-200402", shipping_address=address)

    assert staff.get("/orders?q=10030&open=1").status_code == 200
    assert staff.get("/orders?q=WS-10030&open=1").location == "/orders/WS-100301"


@on_sqlite
def test_enter_without_words_or_on_a_later_page_opens_nothing(staff: Browser) -> None:
    for _ in range(26):
        make_order_of("Bo Ek")
    later = next(link for link in staff.page("/orders?q=bo+ek").links if "after=" in link)

    assert staff.get("/orders?q=&status=ready&open=1").status_code == 200
    assert len(order_numbers(staff.page(f"{later}&open=1"))) == 1


@on_sqlite
def test_after_enter_one_goes_on_in_the_list_that_was_searched(staff: Browser) -> None:
    orders = [make_order_of(name) for name in ("Bo Ek", "Åsa Öberg", "Per Alm")]
    for htmx in (False, True):
        staff.get("/orders?q=oberg", htmx=True)  # while one types
        staff.get("/orders?q=oberg&open=1", htmx=htmx)
        (link,) = staff.page(f"/orders/{orders[1].number}").select("a[rel=next]")
        assert staff.get(str(link.get("href"))).location == f"/orders/{orders[0].number}"


@on_sqlite
def test_the_number_of_results_is_in_a_live_region(staff: Browser) -> None:
    def announced(query: str) -> str:
        (region,) = staff.page(f"/orders{query}").select("#result-count[role=status]")
        return text_of(region)

    assert announced("?q=oberg") == "Sökning: oberg. Inga ordrar stämmer."
    make_order_of("Åsa Öberg")
    assert announced("?q=öberg") == "Sökning: öberg. 1 order."
    make_order_of("Åsa Öberg")
    assert announced("?q=oberg") == "Sökning: oberg. 2 ordrar."
    assert announced("") == "2 ordrar."
    for _ in range(30):
        make_order_of("Bo Ek")
    assert announced("?q=ek") == "Sökning: ek. 25 ordrar på sidan, och det finns fler."


@on_sqlite
@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.parametrize(
    "typed", ["2026-13-99", "2026-02-30", "i går", "23/11/2026", "0001-01-01", "9999-12-31", "2026"]
)
def test_a_date_filter_that_is_no_date_says_so(staff: Browser, name: str, typed: str) -> None:
    make_order(("X-1", 1))
    query = urlencode({name: typed})
    page = staff.page(f"/orders?{query}")

    assert f"«{typed}» är inget datum. Skriv det som 20" in page.text
    assert page.select(f"#{name}[aria-invalid=true]")
    refused = staff.get(f"/orders.csv?{query}")
    assert refused.status_code == 422
    assert f"«{typed}» är inget datum." in Page(refused.text).text
    assert "är inget datum" not in staff.page(f"/orders?{name}=2026-11-01").text


@on_sqlite
def test_days_the_wrong_way_round_and_choices_that_are_none_say_so(staff: Browser) -> None:
    make_order(("X-1", 1))
    assert "Sista dagen är före den första" in staff.page("/orders?from=2026-11-03&to=2026-11-02").text
    assert "Sista dagen" not in staff.page("/orders?from=2026-11-02&to=2026-11-02").text
    assert "Det finns ingen orderstatus «nonsense»." in staff.page("/orders?status=nonsense").text
    assert staff.get("/orders.csv?status=nonsense").status_code == 422
    assert "Det finns inget betalningsläge «charge»." in staff.page("/orders?balance=charge").text
    assert staff.get("/orders.csv?balance=charge").status_code == 422
    assert staff.get("/orders.csv?balance=refund").status_code == 200


@on_sqlite
def test_a_code_is_found_by_what_a_scanner_sends(staff: Browser, anna: Actor) -> None:
    order = make_order(("X-1", 1))
    code = "00370730254698741239"
    with editing(order.number, None, anna) as locked_order:
        tracking.add(locked_order.shipments[0], code, None, None, by=anna)

    assert search(staff, f"]C1{code}") == [order.number]
    opened = staff.get("/orders", query_string={"q": f"]C1{code}", "open": "1"})
    assert opened.headers["Location"].endswith(f"/orders/{order.number}")
