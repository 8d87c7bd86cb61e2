"""The pages of pack mode: plain and by htmx, wrong roles, what is double, bad and too late."""

import re
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from tests.factories import make_order, make_product, reshape_shop
from tests.operations.steps import changing, events_of, line_of
from tests.web.conftest import HTMX, SWEDISH, Browser, SignIn, fresh, on_sqlite
from tests.web.orders.test_budgets import counting
from webshop_orders.db.extensions import db
from webshop_orders.models import (
    SYSTEM,
    Actor,
    Batch,
    BatchOrder,
    EventKind,
    Order,
    PackingScan,
    PackingSession,
    PackingState,
    Role,
)
from webshop_orders.operations.batches import selection
from webshop_orders.operations.orders import cancellation, lines, splits
from webshop_orders.transactions.unit_of_work import writing

pytestmark = on_sqlite
EAN = "7350053850019"
LABEL = "RR123456785SE"


@pytest.fixture
def order(app: object) -> Order:
    make_product("LJUS-12", name="Stearinljus", barcode=EAN, shelf_place="A-2")
    make_product("KAN-02", name="Ljusstake")
    return make_order(("LJUS-12", 2), ("KAN-02", 1))


class Packer:
    """Someone who packs in a browser with JavaScript, or without."""

    def __init__(self, browser: Browser, *, htmx: bool) -> None:
        self.browser = browser
        self.htmx = htmx
        self.place = "/pack"
        self.token = browser.token()
        self.keys = 0

    def post(self, path: str, **values: Any) -> TestResponse:
        self.keys += 1
        data = {"csrf_token": self.token, "request_key": f"packer-key-{self.keys}", **values}
        headers = {**SWEDISH, **({**HTMX, "HX-Target": "section#packing"} if self.htmx else {})}
        answer = self.browser.client.post(path, data=data, headers=headers)
        assert answer.status_code < 500, answer.text
        moved = answer.headers.get("HX-Replace-Url") or answer.headers.get("Location")
        if moved:
            self.place = moved
        return answer

    def scan(self, code: str, **values: Any) -> str:
        """Scan into the page where one is, and give what it says then."""
        path = self.place.partition("?")[0]
        answer = self.post(f"{path}/scans" if path != "/pack" else path, code=code, **values)
        return said(answer.text if answer.status_code not in {303} else self.browser.get(self.place).text)


def said(page: str) -> str:
    found = re.search(r'class="said (\w+)"><strong>[^<]*</strong> <span>(.*?)</span>', page, re.S)
    return f"{found[1]}: {found[2]}" if found else ""


@pytest.fixture(params=["htmx", "plain"])
def packer(warehouse: Browser, request: pytest.FixtureRequest) -> Packer:
    return Packer(warehouse, htmx=request.param == "htmx")


def test_a_shipment_is_packed_and_shipped(packer: Packer, order: Order) -> None:
    assert "Skanna produkterna i" in packer.scan(f"{order.number}-1")
    assert packer.scan(EAN) == "right: 1 × Stearinljus: 1 av 2. 2 kvar att packa."
    packer.scan("LJUS-12")
    assert packer.scan("KAN-02").endswith("Allt är packat. Skanna etiketten.")
    assert packer.scan(LABEL) == f"right: Etiketten {LABEL} är skannad. Allt är packat. Skanna KLAR."
    packer.scan("..OK")

    shipment = fresh(order).shipments[0]
    assert shipment.is_shipped
    assert [code.code for code in shipment.tracking_codes] == [LABEL]
    assert packer.place == "/pack"
    assert events_of(order)[-1].kind is EventKind.SHIPMENT_PACKED


def test_wrong_and_surplus_products_are_refused_loudly(warehouse: Browser, order: Order) -> None:
    packer = Packer(warehouse, htmx=True)
    packer.scan(order.number)
    answer = packer.post(f"{packer.place}/scans", code="4006381333931")

    assert answer.status_code == 422
    assert 'data-tone="wrong"' in answer.text
    assert said(answer.text).startswith("wrong: «4006381333931» är varken")
    assert 'id="scan-form"' not in answer.text  # which stays as it is
    assert 'id="packing-said" aria-live="assertive"' in answer.text


@pytest.mark.parametrize("role", [Role.VIEWER, None])
def test_who_may_not_ship_may_not_pack(sign_in: SignIn, order: Order, role: Role | None) -> None:
    browser = sign_in(role)
    expected = 403 if role else 303
    assert browser.get("/pack").status_code in {expected, 302}
    answer = browser.post("/pack", {"code": order.number, "csrf_token": "x"})
    assert answer.status_code in {expected, 302, 400, 403}
    assert db.session.scalar(select(PackingSession.id)) is None


def test_a_scan_that_is_sent_twice_counts_once(packer: Packer, order: Order) -> None:
    packer.scan(order.number)
    for _ in range(3):
        packer.scan(EAN, request_key="the-same-key")
    assert packer.scan("").startswith("wrong: Inget skannades")
    assert packer.scan(EAN) == "right: 1 × Stearinljus: 2 av 2. 1 kvar att packa."


def test_shipping_twice_by_one_request_is_told_as_done(packer: Packer, order: Order) -> None:
    packer.scan(order.number)
    for code in (EAN, EAN, "KAN-02", LABEL):
        packer.scan(code)
    path = f"{packer.place}/scans"
    packer.post(path, code="..OK", request_key="ship-key-1")
    again = packer.post(path, code="..OK", request_key="ship-key-1")

    assert again.status_code == (200 if packer.htmx else 303)
    assert "är packad och skickad." in (again.text if packer.htmx else packer.browser.get(packer.place).text)
    late = packer.post(path, code=EAN)
    assert late.status_code == 409
    assert said(late.text) == f"wrong: {order.number}-1 är redan packad och skickad."
    shipped = [event for event in events_of(order) if event.kind is EventKind.SHIPMENT_SHIPPED]
    assert len(shipped) == 1


def test_without_a_label_the_packer_is_asked_and_the_same_request_is_no_answer(packer: Packer, order: Order) -> None:
    packer.scan(order.number)
    for code in (EAN, EAN, "KAN-02"):
        packer.scan(code)
    for _ in range(2):
        assert packer.scan("..OK", request_key="asked-key-1").startswith("asks: Skicka")
    assert not fresh(order).shipments[0].is_shipped
    packer.scan("..OK")
    assert fresh(order).shipments[0].is_shipped


def test_the_last_scan_ships_where_that_is_chosen(packer: Packer, order: Order) -> None:
    packer.scan(order.number)
    packer.post(f"{packer.place}/choice", ships_when_scanned="yes")
    for code in (EAN, EAN, LABEL):
        packer.scan(code)
    assert not fresh(order).shipments[0].is_shipped
    packer.scan("KAN-02")
    assert fresh(order).shipments[0].is_shipped


def test_shipping_by_itself_asks_as_well(warehouse: Browser, order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        current.customer = type(current.customer)(name="Åsa")
    packer = Packer(warehouse, htmx=True)
    packer.scan(order.number)
    packer.post(f"{packer.place}/choice", ships_when_scanned="yes")
    for code in (EAN, EAN, LABEL):
        packer.scan(code)
    for _ in range(2):
        assert packer.scan("KAN-02", request_key="last-unit-1").startswith(("asks", "right"))
    assert not fresh(order).shipments[0].is_shipped
    packer.scan("..OK")
    assert fresh(order).shipments[0].is_shipped


def test_what_is_missing_is_asked_about_and_split_off(packer: Packer, order: Order) -> None:
    packer.scan(order.number)
    packer.scan(EAN)
    for _ in range(2):
        assert packer.scan("..NO", request_key="missing-key").startswith("asks: Saknas 2 enheter?")
    assert packer.scan("..UN").startswith(("note", "right"))
    assert len(fresh(order).shipments) == 1
    packer.scan("..NO")
    assert packer.scan("..NO").startswith(f"note: Det som saknas är flyttat till {order.number}-2.")
    assert [line.quantity for line in fresh(order).shipments[1].lines] == [1, 1]


def test_units_are_packed_and_missed_by_hand(packer: Packer, order: Order) -> None:
    packer.scan(order.number)
    candles, stake = (line_of(order, sku) for sku in ("LJUS-12", "KAN-02"))
    where = f"{packer.place}/lines"
    for quantity, sentence in [
        ("0", "från 1 till"),
        ("-1", "från 1"),
        ("1e9", "från 1"),
        ("٣", "från 1"),
        ("", "från 1"),
    ]:
        answer = packer.post(f"{where}/{candles.id}", quantity=quantity)
        assert answer.status_code == 422
        assert sentence in said(answer.text)
    assert "Bara 2 Stearinljus" in said(packer.post(f"{where}/{candles.id}", quantity="3").text)
    assert packer.post(f"{where}/{candles.id}", quantity="2").status_code in {200, 303}
    assert packer.post(f"{where}/999999", quantity="1").status_code == 404
    assert packer.post(f"{where}/{stake.id}/missing", quantity="2").status_code == 422
    packer.post(f"{where}/{stake.id}/missing", quantity="1", request_key="split-key-1")
    packer.post(f"{where}/{stake.id}/missing", quantity="1", request_key="split-key-1")
    assert [shipment.quantity for shipment in fresh(order).shipments] == [2, 1]


def test_a_second_packer_is_told_and_can_take_over(sign_in: SignIn, order: Order) -> None:
    first, second = Packer(sign_in(Role.WAREHOUSE), htmx=True), Packer(sign_in(Role.STAFF), htmx=False)
    first.scan(order.number)
    first.scan(EAN)
    answer = second.post("/pack", code=order.number)
    assert answer.status_code == 409
    assert said(answer.text) == f"wrong: Warehouse Berg packar {order.number}-1."
    assert "Ta över" in answer.text
    second.post(f"{first.place}/takeover")
    assert second.scan(EAN) == "right: 1 × Stearinljus: 2 av 2. 1 kvar att packa."
    assert first.scan(EAN) == f"wrong: Staff Berg har tagit över {order.number}-1."


def test_an_order_that_is_edited_stops_the_packer_until_they_go_on(packer: Packer, order: Order, anna: Actor) -> None:
    packer.scan(order.number)
    packer.scan(f"2*{EAN}")
    with changing(order, anna) as current:
        lines.change(line_of(current, "LJUS-12"), quantity=1, by=anna)
    place = packer.place
    answer = packer.post(f"{place}/scans", code="KAN-02")
    assert answer.status_code == 409
    for words in ("Stopp: ordern är ändrad", "Anna Lind:", "2 → 1 st", "Ta ut 1 ur kollit.", "Fortsätt med det nya"):
        assert words in answer.text
    packer.post(f"{place}/changes", request_key="again-key-1")
    packer.post(f"{place}/changes", request_key="again-key-1")
    assert packer.scan("KAN-02").startswith("right: 1 × Ljusstake: 1 av 1.")


def test_a_cancelled_order_is_not_packed_any_further(packer: Packer, order: Order, anna: Actor) -> None:
    packer.scan(order.number)
    packer.scan(EAN)
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)
    answer = packer.post(f"{packer.place}/scans", code="..OK")
    assert answer.status_code == 409
    assert "Stopp: packa inte vidare" in answer.text
    assert "Fortsätt med det nya" not in answer.text
    packer.post(f"{packer.place}/leaving")
    assert packer.place == "/pack"


def test_another_slip_switches_while_nothing_is_packed(packer: Packer, order: Order) -> None:
    other = make_order(("KAN-02", 1))
    packer.scan(order.number)
    first = packer.place
    packer.scan(f"{other.number}-1")
    assert packer.place != first
    assert f"<h1>{other.number}-1</h1>" in packer.browser.get(packer.place).text
    states = {row.order_id: row.state for row in db.session.scalars(select(PackingSession))}
    assert states == {order.id: PackingState.LEFT, other.id: PackingState.PACKING}


def test_several_open_shipments_are_to_choose_from(warehouse: Browser, order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        splits.split(line_of(current, "KAN-02"), 1, to=None, by=anna)
    page = warehouse.send("/pack", "/pack", code=order.number)
    assert page.status_code == 200
    assert page.text.count(f'value="{order.number}-') == 2
    assert warehouse.send("/pack", "/pack", code=f"{order.number}-2").status_code == 303


def batch_of(*orders: Order) -> Batch:
    with writing():
        return selection.create([order.number for order in orders], by=SYSTEM)


def test_a_batch_is_packed_one_after_the_other(packer: Packer, order: Order) -> None:
    orders = [order, make_order(("KAN-02", 1)), make_order(("KAN-02", 1))]
    batch = batch_of(*orders)
    page = packer.browser.get(f"/pack?batch={batch.id}").text
    assert "0 av 3 packade" in page
    packer.post("/pack/next", batch=batch.id)
    for code in (EAN, EAN, "KAN-02", LABEL, "..OK"):
        packer.scan(code)
    now_packed = packer.browser.get(packer.place).text
    assert f"<h1>{orders[1].number}-1</h1>" in now_packed
    assert "1 av 3 packade" in now_packed
    assert "Ändrad sedan plocklistan skrevs ut" not in now_packed
    with writing():
        db.session.execute(update(BatchOrder).values(printed_version=0, boxes={"1": 7}))
    now_packed = packer.browser.get(packer.place).text
    assert "Ändrad sedan plocklistan skrevs ut" in now_packed
    assert "Låda 7" in now_packed
    for label in ("RR473124829SE", "RR473124832SE"):
        packer.scan("KAN-02")
        packer.scan(label)
        packer.scan("..OK")
    assert packer.place == f"/pack?batch={batch.id}"
    assert "3 av 3 packade" in packer.browser.get(packer.place).text
    assert {event.batch_id for event in events_of(orders[2])[1:]} == {batch.id}
    assert said(packer.post("/pack/next", batch=batch.id).text) in {"done: Allt i omgången är packat.", ""}


@pytest.mark.parametrize("path", ["/pack/999", "/pack?batch=999"])
def test_what_is_not_there_is_said(warehouse: Browser, path: str) -> None:
    assert warehouse.get(path).status_code == 404
    assert warehouse.get(path, htmx=True).status_code == 404


@pytest.mark.parametrize("batch", ["999", "٣", "-1", "1e9", "abc", ""])
def test_bad_batches_are_no_error(warehouse: Browser, order: Order, batch: str) -> None:
    assert warehouse.get(f"/pack?batch={batch}").status_code in {200, 404}
    packer = Packer(warehouse, htmx=False)
    assert packer.post("/pack/next", batch=batch).status_code in {200, 303, 404}


@pytest.mark.parametrize(
    "code", ["\0", "x" * 501, "<script>alert(1)</script>", "'; drop table orders; --", "😀", "\x1d"]
)
def test_absurd_scans_are_refused_with_a_sentence(packer: Packer, order: Order, code: str) -> None:
    assert packer.scan(code).startswith("wrong: ")
    packer.scan(order.number)
    assert packer.scan(code).startswith("wrong: ")
    assert db.session.scalar(select(PackingScan.id)) is None


def test_separators_of_gs1_arrive_in_the_field(packer: Packer, order: Order) -> None:
    packer.scan(order.number)
    assert packer.scan(f"]C110LOT7\x1d010{EAN}").startswith("right: 1 × Stearinljus")


def test_a_forgotten_session_says_so(packer: Packer, order: Order) -> None:
    packer.scan(order.number)
    with writing():
        db.session.execute(update(PackingSession).values(state=PackingState.LEFT))
    assert packer.scan(EAN).startswith(f"wrong: {order.number}-1 lämnades utan att packas")


def test_the_page_offers_what_was_begun_and_fills_in_a_code(warehouse: Browser, order: Order) -> None:
    packer = Packer(warehouse, htmx=True)
    packer.scan(order.number)
    page = warehouse.get("/pack?code=WS-1").text
    assert f'href="{packer.place}"' in page
    assert 'value="WS-1"' in page
    assert "A-2" in warehouse.get(packer.place).text
    reshape_shop(language="en")
    assert "Scan the products of" in warehouse.get(packer.place).text


def test_the_commands_are_drawn_to_be_printed(warehouse: Browser) -> None:
    sheet = warehouse.get("/pack/commands").text
    for label in ("KLAR", "SAKNAS", "NYTT KOLLI", "ÅNGRA", "HELA RADEN"):
        assert f"<strong>{label}</strong>" in sheet
    assert sheet.count('aria-label="..') == 5


def test_the_camera_is_allowed_where_one_packs_alone(warehouse: Browser) -> None:
    assert "camera=(self)" in warehouse.get("/pack").headers["Permissions-Policy"]
    assert "camera=()" in warehouse.get("/orders").headers["Permissions-Policy"]


def test_a_scan_stays_small_and_takes_few_statements(warehouse: Browser, order: Order) -> None:
    packer = Packer(warehouse, htmx=True)
    batch_of(order, *[make_order(("KAN-02", 1)) for _ in range(5)])
    packer.scan(order.number)
    packer.scan(EAN)
    with counting() as statements:
        answer = packer.post(f"{packer.place}/scans", code="KAN-02")
    assert len(statements) <= 13
    assert len(answer.data) <= 12_000


def test_a_doubtful_label_ships_nothing_by_itself(packer: Packer, order: Order) -> None:
    packer.scan(order.number)
    packer.post(f"{packer.place}/choice", ships_when_scanned="yes")
    for code in (EAN, EAN, "KAN-02", "RR123456786SE"):
        packer.scan(code)
    assert not fresh(order).shipments[0].is_shipped
    packer.scan("..OK")
    assert fresh(order).shipments[0].is_shipped
