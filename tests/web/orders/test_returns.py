"""The forms for goods that come back: registered, received, closed."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product, reshape_shop
from tests.operations.steps import changing, kinds_of, messages_of, read, stock_of
from tests.web.conftest import Browser, on_sqlite
from tests.web.pages import Page, text_of
from webshop_orders.models import Actor, EventKind, MessageKind, Order, ReturnKind, ReturnState
from webshop_orders.operations.orders import lines, parcels, shipments

RETURN_REGISTERED = MessageKind.RETURN_REGISTERED


@pytest.fixture
def shipped(app: Flask, anna: Actor) -> Order:
    """Three candles and a cloth that have left."""
    reshape_shop(sender_address="Lagergatan 1\n111 22 Stockholm")
    make_product("LJUS", name="Stearinljus", stock=10, price=10_000)
    make_product("DUK", name="Linneduk", stock=10, price=40_000)
    order = make_order(("LJUS", 3), ("DUK", 1), paid=70_000, payment_method="swish", send_confirmation=False)
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    return order


def url_of(order: Order) -> str:
    return f"/orders/{order.number}/returns"


def ids_of(order: Order) -> list[int]:
    return [line.id for line in read(order).lines]


@pytest.mark.parametrize("htmx", [False, True])
def test_a_return_is_registered_received_and_closed(
    staff: Browser, warehouse: Browser, shipped: Order, *, htmx: bool
) -> None:
    candles, _ = ids_of(shipped)
    url = url_of(shipped)
    assert f'href="{url}"' in staff.page(f"/orders/{shipped.number}").html

    answer = staff.send(
        url, url, htmx=htmx, **{f"quantity-{candles}": "2", f"reason-{candles}": "faulty", "note": "Sprucken"}
    )

    assert answer.status_code == (200 if htmx else 303)
    (registered,) = read(shipped).returns
    assert (registered.kind, registered.state, registered.note) == (
        ReturnKind.RETURN,
        ReturnState.REGISTERED,
        "Sprucken",
    )
    page = warehouse.page(f"/orders/{shipped.number}")
    assert f"{shipped.number}-R1" in text_of(page.select("#return-1")[0])
    before = stock_of("LJUS")[0]

    receipt = f"{url}/1/receipt"
    assert warehouse.page(receipt).form(receipt).values()[f"quantity-{candles}"] == "2"
    answer = warehouse.send(receipt, receipt, htmx=htmx, **{f"quantity-{candles}": "1", f"discarded-{candles}": "1"})

    assert answer.status_code == (200 if htmx else 303)
    assert stock_of("LJUS")[0] == before + 1
    assert read(shipped).returns[0].state is ReturnState.RECEIVED

    answer = staff.send(f"/orders/{shipped.number}", f"{url}/1/closing", htmx=htmx)

    assert answer.status_code == (200 if htmx else 303)
    assert read(shipped).returns[0].state is ReturnState.CLOSED
    assert kinds_of(shipped)[-3:] == [EventKind.RETURN_REGISTERED, EventKind.RETURN_RECEIVED, EventKind.RETURN_CLOSED]
    assert "väntas" not in text_of(staff.page(f"/orders/{shipped.number}").select("#return-1")[0])


@on_sqlite
def test_the_card_of_a_shipment_leads_to_its_products_alone(staff: Browser, anna: Actor, shipped: Order) -> None:
    with changing(shipped, anna) as current:
        lines.add_free(current, "Kort", 1, unit_price=0, vat_rate=2500, to=None, by=anna)
    with changing(shipped, anna) as current:
        shipments.ship(current.shipments[1], by=anna)
    (link,) = staff.page(f"/orders/{shipped.number}/shipping").select("#return-shipment-2")

    page = staff.page(link.get("href"))

    assert [text_of(cell) for cell in page.select("#return-form td.name")] == ["Kort -"]
    assert len(staff.page(url_of(shipped)).select("#return-form td.name")) == 3


@on_sqlite
def test_all_that_is_left_is_filled_in_by_a_link_and_left_out_once_it_came_back(staff: Browser, shipped: Order) -> None:
    candles, cloth = ids_of(shipped)
    url = url_of(shipped)
    assert staff.send(url, url, **{f"quantity-{candles}": "1"}).status_code == 303

    (link,) = staff.page(url).select("#return-all")
    values = staff.page(link.get("href")).form(url).values()
    assert (values[f"quantity-{candles}"], values[f"quantity-{cloth}"]) == ("2", "1")
    assert staff.post(url, values).status_code == 303

    gone = staff.get(url)
    assert gone.status_code == 422
    assert "är kvar att returnera" in Page(gone.text).text


@on_sqlite
def test_staff_state_a_reason(staff: Browser, shipped: Order) -> None:
    candles, _ = ids_of(shipped)
    url = url_of(shipped)
    assert not staff.page(url).select('option[value="not_stated"]')
    values = staff.page(url).form(url).values() | {f"quantity-{candles}": "1", f"reason-{candles}": "not_stated"}
    assert staff.post(url, values).status_code == 422
    assert read(shipped).returns == []


@on_sqlite
def test_nothing_leads_to_a_return_of_what_has_not_left_or_is_all_back(staff: Browser, shipped: Order) -> None:
    page, url = f"/orders/{shipped.number}", url_of(shipped)
    unshipped = make_order(("LJUS", 1), send_confirmation=False)
    assert not staff.page(f"/orders/{unshipped.number}").select("#register-return")
    staff.send(f"{url}?all=yes", url)
    assert not staff.page(page).select("#register-return")
    assert not staff.page(f"{page}/shipping").select("#return-shipment-1")


@on_sqlite
def test_what_nobody_collected_is_filled_in_whole(staff: Browser, anna: Actor, shipped: Order) -> None:
    with changing(shipped, anna) as current:
        parcels.mark_sent_back(current.shipments[0], by=anna)
    (link,) = staff.page(f"/orders/{shipped.number}/shipping").select("#return-shipment-1")
    values = staff.page(link.get("href")).form(url_of(shipped)).values()
    for line_id, units in zip(ids_of(shipped), ("3", "1"), strict=True):
        assert (values[f"quantity-{line_id}"], values[f"reason-{line_id}"]) == (units, "not_collected")


@on_sqlite
def test_an_exchange_sends_other_goods_and_shows_the_difference(staff: Browser, shipped: Order) -> None:
    _, cloth = ids_of(shipped)
    make_product("DUK-XL", name="Stor linneduk", stock=3, price=50_000)
    url = url_of(shipped)
    typed = {f"quantity-{cloth}": "1", "shape": "exchange", "instead_1": "duk-xl", "units_1": ""}
    values = {**staff.page(url).form(url).values(), **typed}

    value = text_of(Page(staff.post(f"{url}/preview", values, htmx=True).text).root)
    assert "Kommer tillbaka 400,00" in value
    assert "Mellanskillnad att betala 100,00 kr" in value.replace("\xa0", " ")
    assert len(read(shipped).shipments) == 1

    assert staff.post(url, values).status_code == 303

    order = read(shipped)
    assert (order.returns[0].kind, order.returns[0].replacement) == (ReturnKind.EXCHANGE, 2)
    assert [(line.sku, line.quantity, line.unit_price) for line in order.shipments[1].lines] == [("DUK-XL", 1, 50_000)]
    assert order.paid == 70_000, "nobody is charged"
    assert f"{order.number}-2 skickas i stället." in text_of(
        staff.page(f"/orders/{shipped.number}").select("#return-1")[0]
    )


@on_sqlite
@pytest.mark.parametrize("keeps", [True, False])
def test_a_claim_sends_the_same_again_free_of_charge(staff: Browser, shipped: Order, *, keeps: bool) -> None:
    candles, _ = ids_of(shipped)
    url = url_of(shipped)
    typed = {f"quantity-{candles}": "2", f"reason-{candles}": "faulty", "shape": "claim", "settlement": "replaced"}

    assert staff.send(url, url, **typed, keeps_goods="yes" if keeps else None).status_code == 303

    order = read(shipped)
    (claim,) = order.returns
    assert (claim.kind, claim.expects_goods, claim.replacement) == (ReturnKind.CLAIM, not keeps, 2)
    assert [(line.sku, line.quantity, line.total) for line in order.shipments[1].lines] == [("LJUS", 2, 0)]
    page = staff.page(f"/orders/{shipped.number}")
    assert bool(page.select("#receive-1")) is not keeps
    assert ("kunden behåller den" in text_of(page.select("#return-1")[0])) is keeps


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("quantity", "4", "3 st av Stearinljus är kvar att returnera."),
        ("quantity", "", "Ange vad som kommer tillbaka"),
        ("quantity", "-1", "Ange ett heltal"),
        ("quantity", "1e9", "Ange ett heltal"),
        ("quantity", "٣", "Ange ett heltal"),
        ("quantity", "två", "Ange ett heltal"),
        ("reason", "because", "Välj ett av alternativen."),
        ("disposition", "keep", "Välj ett av alternativen."),
        ("shape", "theft", "Välj ett av alternativen."),
        ("note", "x" * 501, "Högst 500 tecken"),
    ],
)
@on_sqlite
def test_what_cannot_be_is_refused_at_its_field_and_stays_typed(
    staff: Browser, shipped: Order, field: str, typed: str, sentence: str, *, htmx: bool
) -> None:
    candles, _ = ids_of(shipped)
    url = url_of(shipped)
    name = field if field in {"shape", "note"} else f"{field}-{candles}"

    answer = staff.send(url, url, htmx=htmx, **{f"quantity-{candles}": "1", name: typed})

    assert answer.status_code == 422
    page = Page(answer.text)
    assert sentence in text_of(page.select("#return-form .reason")[0])
    if field != "shape":
        assert [control.get("name") for control in page.select("#return-form [aria-invalid]")] == [name]
    if field in {"quantity", "note"}:
        assert page.form(url).values()[name] == typed
    assert read(shipped).returns == []


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"instead_1": ""}, "instead_1"),
        ({"instead_1": "finns inte"}, "instead_1"),
        ({"instead_2": "DUK", "units_2": "٣"}, "units_2"),
        ({"instead_1": "duk-"}, "instead_1"),
        ({"instead_3": "", "units_3": "1"}, "instead_3"),
    ],
)
def test_an_exchange_for_nothing_that_is_known_is_refused_at_its_field(
    staff: Browser, shipped: Order, typed: dict[str, str], field: str
) -> None:
    candles, _ = ids_of(shipped)
    for sku in ("DUK-1", "DUK-2"):
        make_product(sku, name="Linneduk", stock=3)
    url = url_of(shipped)
    answer = staff.send(url, url, **{f"quantity-{candles}": "1", "shape": "exchange", **typed})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert [control.get("name") for control in page.select("#return-form [aria-invalid]")] == [field]
    assert page.form(url).values()[f"quantity-{candles}"] == "1"
    assert read(shipped).returns == []


@on_sqlite
def test_the_fields_of_an_exchange_propose_products(staff: Browser, shipped: Order) -> None:
    url = url_of(shipped)
    answer = staff.get(f"{url}/products?instead_2=linne", htmx=True)
    assert [option.get("value") for option in Page(answer.text).select("option")] == ["DUK"]
    assert staff.get(f"{url}/products?instead_2=%00&other=linne", htmx=True).text.strip() == ""


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"quantity": "9"}, "kan komma tillbaka"),
        ({"quantity": "1", "discarded": "9"}, "kan komma tillbaka"),
        ({"quantity": "", "discarded": ""}, "Ange vad som kom tillbaka"),
        ({"quantity": "0"}, "Inget av WS-100001-R1 kom tillbaka."),
        ({"quantity": "-1"}, "Ange ett heltal"),
        ({"discarded": "1e9"}, "Ange ett heltal"),
        ({"discarded": "٣"}, "Ange ett heltal"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_what_did_not_come_is_not_received(
    staff: Browser, warehouse: Browser, shipped: Order, typed: dict[str, str], sentence: str, *, htmx: bool
) -> None:
    candles, _ = ids_of(shipped)
    url = url_of(shipped)
    staff.send(url, url, **{f"quantity-{candles}": "2"})
    receipt, before = f"{url}/1/receipt", stock_of("LJUS")
    named = {f"{name}-{candles}": text for name, text in typed.items()}

    answer = warehouse.send(receipt, receipt, htmx=htmx, **named)

    assert answer.status_code == 422
    page = Page(answer.text)
    assert sentence in text_of(page.select("#receipt-form .reason")[0])
    assert {name: page.form(receipt).values()[name] for name in named} == named
    assert stock_of("LJUS") == before


@on_sqlite
def test_a_line_that_is_not_awaited_is_not_received(warehouse: Browser, staff: Browser, shipped: Order) -> None:
    candles, cloth = ids_of(shipped)
    url = url_of(shipped)
    staff.send(url, url, **{f"quantity-{candles}": "1"})
    receipt = f"{url}/1/receipt"
    for line_id in (cloth, 987654321):
        assert (
            warehouse.send(receipt, receipt, **{f"quantity-{line_id}": "1", f"discarded-{line_id}": ""}).status_code
            == 422
        )
    assert warehouse.get(f"{url}/7/receipt").status_code == 404
    assert read(shipped).returns[0].state is ReturnState.REGISTERED


@on_sqlite
def test_a_line_of_another_order_does_not_come_back(staff: Browser, shipped: Order) -> None:
    other = make_order(("LJUS", 1), send_confirmation=False)
    (foreign,) = ids_of(other)
    url = url_of(shipped)
    for line_id in (foreign, 987654321):
        typed = {f"quantity-{line_id}": "1", f"reason-{line_id}": "faulty", f"disposition-{line_id}": "restock"}
        assert staff.send(url, url, **typed).status_code == 404
    assert staff.send(url, url, **{"quantity-²": "1", "quantity-1e3": "1"}).status_code == 422
    assert read(shipped).returns == []


@on_sqlite
def test_each_step_is_taken_back_and_carried_out_again(staff: Browser, shipped: Order) -> None:
    candles, _ = ids_of(shipped)
    url, page = url_of(shipped), f"/orders/{shipped.number}"
    staff.send(url, url, **{f"quantity-{candles}": "2"})
    receipt = f"{url}/1/receipt"
    before = stock_of("LJUS")[0]
    staff.send(receipt, receipt)
    assert stock_of("LJUS")[0] == before + 2

    staff.send(page, f"{page}/undo")
    assert (stock_of("LJUS")[0], read(shipped).returns[0].state) == (before, ReturnState.REGISTERED)
    staff.send(page, f"{page}/redo")
    assert (stock_of("LJUS")[0], read(shipped).returns[0].state) == (before + 2, ReturnState.RECEIVED)
    for _ in range(2):
        staff.send(page, f"{page}/undo")
    assert read(shipped).returns == []


@on_sqlite
def test_the_warehouse_receives_and_a_viewer_only_reads(
    staff: Browser, warehouse: Browser, viewer: Browser, shipped: Order
) -> None:
    candles, _ = ids_of(shipped)
    url, page = url_of(shipped), f"/orders/{shipped.number}"
    staff.send(url, url, **{f"quantity-{candles}": "1"})
    assert warehouse.page(page).select("#receive-1")
    assert not warehouse.page(page).select("#close-return-1, #refund-return-1, #register-return")
    assert not viewer.page(page).select("#returns a, #returns button, #register-return")
    values = {"version": "9", f"quantity-{candles}": "1"}
    for browser, paths in ((warehouse, ("", "/preview", "/1/closing")), (viewer, ("", "/1/receipt", "/1/closing"))):
        for path in paths:
            assert browser.post(f"{url}{path}", {**values, "csrf_token": browser.token()}).status_code == 403
    assert warehouse.get(url).status_code == viewer.get(f"{url}/1/receipt").status_code == 403
    assert read(shipped).returns[0].state is ReturnState.REGISTERED


@on_sqlite
@pytest.mark.parametrize("mails", ["yes", ""])
def test_the_customer_is_mailed_if_staff_say_so(staff: Browser, shipped: Order, mails: str) -> None:
    candles, _ = ids_of(shipped)
    url = url_of(shipped)
    assert staff.page(url).form(url).values()["mails"] == "yes", "unless staff say otherwise"

    assert staff.send(url, url, mails=mails, **{f"quantity-{candles}": "1"}).status_code == 303

    mailed = [message.recipient for message in messages_of(read(shipped)) if message.kind is RETURN_REGISTERED]
    assert mailed == (["asa@example.com"] if mails else [])
    assert ("Mejlet" in staff.page(f"/orders/{shipped.number}").text) is bool(mails)


@on_sqlite
@pytest.mark.parametrize("htmx", [False, True])
def test_a_mail_that_does_not_say_where_to_send_the_goods_is_asked_about(
    staff: Browser, shipped: Order, *, htmx: bool
) -> None:
    reshape_shop(sender_address=None)
    candles, _ = ids_of(shipped)
    url = url_of(shipped)

    asked = staff.send(url, url, htmx=htmx, **{f"quantity-{candles}": "1"})

    assert asked.status_code == 422
    assert "inte vart varorna ska skickas" in Page(asked.text).text
    assert read(shipped).returns == []
    assert staff.post(url, Page(asked.text).form(url).values(), htmx=htmx).status_code in {200, 303}
    assert len(read(shipped).returns) == 1


@on_sqlite
def test_a_long_order_comes_back_page_by_page(staff: Browser, anna: Actor, app: Flask) -> None:
    reshape_shop(sender_address="Lagergatan 1")
    order = make_order(*((f"P-{number}", 1) for number in range(300)), send_confirmation=False)
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    url = url_of(order)
    assert len(staff.page(url).select("#return-form tbody tr")) == 140
    last = staff.page(f"{url}?page=3&all=yes")
    assert len(last.select("#return-form tbody tr")) == 20
    assert staff.post(url, last.form(url).values()).status_code == 303
    assert len(read(order).returns[0].lines) == 20


@on_sqlite
@pytest.mark.parametrize(("shape", "reason"), [("return", "withdrawn"), ("claim", "faulty")])
def test_the_reason_begins_as_what_is_registered_has_it(
    staff: Browser, shipped: Order, shape: str, reason: str
) -> None:
    candles, _ = ids_of(shipped)
    url = url_of(shipped)
    assert staff.page(url).form(url).values()[f"reason-{candles}"] == ""

    answer = staff.send(url, url, shape=shape, settlement="refunded", **{f"quantity-{candles}": "1"})

    assert answer.status_code == 303
    (line,) = read(shipped).returns[0].lines
    assert line.reason == reason


@on_sqlite
def test_a_claim_by_mistake_is_closed_and_says_so(staff: Browser, shipped: Order) -> None:
    candles, _ = ids_of(shipped)
    url = url_of(shipped)
    staff.send(url, url, shape="claim", keeps_goods="y", **{f"quantity-{candles}": "3", f"reason-{candles}": "faulty"})

    staff.send(f"/orders/{shipped.number}", f"{url}/1/closing")

    assert "ingenting gjordes åt det" in text_of(staff.page(f"/orders/{shipped.number}").select("#return-1")[0])
    assert f"quantity-{candles}" in staff.page(url).form(url).values()
