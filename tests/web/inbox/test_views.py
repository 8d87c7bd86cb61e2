"""The inbox: what each role sees in it, what mends a row, and what is put aside."""

import gzip
from datetime import timedelta

import pytest
import time_machine

from tests.factories import make_order, make_product
from tests.web.conftest import Browser, SignIn, fresh, on_sqlite
from tests.web.inbox.conftest import Put
from tests.web.inbox.facts import FACTS
from tests.web.orders.test_budgets import MAX_FRAGMENT_BYTES, MAX_STATEMENTS_OF_CHANGE, MOVEMENT, counting
from tests.web.pages import Page, text_of
from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, Customer, HoldReason, InboxItem, InboxKind, Message, MessageState, Order, Role
from webshop_orders.operations.orders import holds, lines, shipments, tracking
from webshop_orders.transactions.unit_of_work import editing, writing
from webshop_orders.web.auth.permissions import MENDED_AT, allows

pytestmark = on_sqlite
INBOX = "/inbox"
SENTENCES = {
    InboxKind.FAILED_MAIL: "«Orderbekräftelse» kom inte fram: 550 Ingen sådan låda",
    InboxKind.DELIVERY_REFUSED: "Ett annat system rapporterade en leverans, som nekades: Det är för många.",
    InboxKind.SENT_WITHOUT_CODE: "WS-1-1 skickades utan spårningskod.",
    InboxKind.CODE_WITHOUT_SHIPPING: "har en spårningskod, RR123456785SE, ABC-1, men är inte markerad som Skickad.",
    InboxKind.READY_TOO_LONG: "WS-1-1 har varit Redo i 5 dagar utan att skickas.",
    InboxKind.DISPATCH_CHECK: "kan skickas, men: husnummer saknas, telefonnummer saknas, vilket transportören kräver.",
    InboxKind.CUSTOMER_COMMENT: "Kunden skrev en kommentar som ingen har svarat på eller läst.",
    InboxKind.WITHDRAWAL: "Kunden ångrar köpet.",
    InboxKind.HOLD_ENDED: "gick ut",
    InboxKind.TO_REFUND: "149,00 kr ska betalas tillbaka.",
    InboxKind.TO_CHARGE: "50,00 kr ska tas betalt.",
    InboxKind.SOURCE_DIFFERS: "Butiken som ordern kommer från säger något annat om 1 sak.",
    InboxKind.INCOMING_CALL: "3 anrop från Shopify kunde inte tas emot: SKU saknas",
    InboxKind.WEBHOOK_OFF: "Webhooken till https://erp.example.com/hook är avstängd.",
}


@pytest.fixture
def plain(app: object) -> Order:
    make_product("LJUS-12", stock=50)
    return make_order(("LJUS-12", 2))


@pytest.fixture
def sent(plain: Order, anna: Actor) -> Order:
    """An order that left without a code."""
    with editing(plain.number, None, anna) as order:
        shipments.ship(order.shipments[0], by=anna)
    return plain


def rows(page: Page) -> list[str]:
    return [row.get("id") for row in page.select(".items > li")]


def stored(kind: InboxKind) -> list[InboxItem]:
    db.session.rollback()
    return list(db.session.query(InboxItem).filter_by(kind=kind))


def row_of(kind: InboxKind) -> InboxItem:
    [item] = stored(kind)
    return item


def mend(browser: Browser, item_id: int, *, htmx: bool = True, **typed: object):
    action = f"{INBOX}/{item_id}/mending"
    return browser.post(action, {**browser.page(INBOX).form(action).values(), **typed}, htmx=htmx)


# Who sees what


def test_nobody_reads_it_without_signing_in(nobody: Browser) -> None:
    assert nobody.get(INBOX).status_code == 303


def test_a_viewer_can_mend_nothing_and_has_no_inbox(viewer: Browser, put: Put) -> None:
    put(InboxKind.TO_REFUND)
    assert viewer.get(INBOX).status_code == 403
    assert "Inkorgen" not in viewer.page("/orders").text


@pytest.mark.parametrize("role", [Role.WAREHOUSE, Role.STAFF, Role.ADMIN])
def test_each_role_sees_what_it_can_mend_and_its_count(sign_in: SignIn, put: Put, plain: Order, role: Role) -> None:
    ids = {kind: put(kind, plain) for kind in InboxKind}
    visible = [kind for kind in InboxKind if allows(MENDED_AT[kind], role)]
    page = sign_in(role).page(INBOX)
    assert set(rows(page)) == {f"item-{ids[kind]}" for kind in visible}
    assert 3 < len(visible) <= len(InboxKind)
    assert text_of(page.select("#inbox-count")[0]) == f"{len(visible)} saker behöver dig"


def test_every_kind_is_of_some_role_and_no_more_than_admins_see_all(put: Put) -> None:
    assert set(MENDED_AT) == set(InboxKind)
    assert all(allows(endpoint, Role.ADMIN) and not allows(endpoint, Role.VIEWER) for endpoint in MENDED_AT.values())


def test_nobody_mends_or_puts_aside_what_their_role_does_not_see(warehouse: Browser, put: Put, plain: Order) -> None:
    item = put(InboxKind.TO_REFUND, plain)
    token = {"csrf_token": warehouse.token(), "until": "2030-01-01"}
    for action in ("mending", "snooze", "return"):
        assert warehouse.post(f"{INBOX}/{item}/{action}", token).status_code == 403
    assert row_of(InboxKind.TO_REFUND).is_shown


def test_nothing_is_counted_where_nothing_needs_anybody(admin: Browser) -> None:
    page = admin.page(INBOX)
    assert "Inget behöver dig just nu." in page.text
    assert "hidden" in page.select("#inbox-count")[0].attrib


# What a row says


@pytest.mark.parametrize("kind", InboxKind)
def test_a_row_says_what_is_wrong_with_its_order_and_customer(
    admin: Browser, put: Put, plain: Order, kind: InboxKind
) -> None:
    put(kind, plain, since=now() - timedelta(days=5))
    page = admin.page(INBOX)
    [row] = page.select(".items > li")
    said = text_of(row)
    assert SENTENCES[kind] in said
    assert plain.number in said
    assert "Åsa Öberg" in said
    assert page.select(".do a, .do button")


@pytest.mark.parametrize("kind", InboxKind)
def test_a_row_with_few_facts_is_still_shown(admin: Browser, put: Put, plain: Order, kind: InboxKind) -> None:
    put(kind, plain, reason="", answer=None, times=1, checks=["unheard of"], because="unheard of", kind_="")
    assert len(rows(admin.page(INBOX))) == 1


def test_what_has_no_order_is_shown_without_one(admin: Browser, put: Put) -> None:
    for kind in (InboxKind.FAILED_MAIL, InboxKind.WITHDRAWAL, InboxKind.INCOMING_CALL, InboxKind.WEBHOOK_OFF):
        put(kind)
    page = admin.page(INBOX)
    assert len(rows(page)) == 4
    assert "Någon ångrar «1042», som inte hör till någon order ännu." in page.text
    assert "/settings/messages/1" in page.links


def test_the_oldest_is_first_and_a_kind_can_be_chosen(staff: Browser, put: Put, plain: Order) -> None:
    young = put(InboxKind.TO_REFUND, plain, since=now() - timedelta(minutes=5))
    old = put(InboxKind.READY_TOO_LONG, plain, since=now() - timedelta(days=9))
    assert rows(staff.page(INBOX)) == [f"item-{old}", f"item-{young}"]
    page = staff.page(f"{INBOX}?kind=to_refund")
    assert rows(page) == [f"item-{young}"]
    assert text_of(page.select(".chips [aria-current]")[0]) == "Att betala tillbaka 1"
    for kind in ("webhook_off", "unheard_of", "%00"):  # of another role, and of none
        assert len(rows(staff.page(f"{INBOX}?kind={kind}"))) == 2


# What mends it


def test_a_code_is_written_in_the_row_which_then_is_gone(warehouse: Browser, sent: Order) -> None:
    item = row_of(InboxKind.SENT_WITHOUT_CODE)
    answer = mend(warehouse, item.id, code="RR123456785SE")
    page = Page(answer.text)
    assert answer.status_code == 200
    assert rows(page) == []
    assert "RR123456785SE" in page.text
    assert [code.code for code in fresh(sent).shipments[0].tracking_codes] == ["RR123456785SE"]
    assert page.select("hx-partial #inbox-count[hidden]")


def test_without_javascript_the_answer_is_the_same_list_with_its_filter(warehouse: Browser, sent: Order) -> None:
    item = row_of(InboxKind.SENT_WITHOUT_CODE)
    action = f"{INBOX}/{item.id}/mending?kind=sent_without_code"
    values = warehouse.page(f"{INBOX}?kind=sent_without_code").form(action).values()
    answer = warehouse.post(action, {**values, "code": "RR123456785SE"})
    assert (answer.status_code, answer.location) == (303, "/inbox?kind=sent_without_code")
    assert "RR123456785SE" in warehouse.page(answer.location).text


@pytest.mark.parametrize("code", ["", "   ", "x" * 2001, "<b>", "www."])
def test_a_code_that_is_none_is_refused_in_its_row_and_kept(warehouse: Browser, sent: Order, code: str) -> None:
    item = row_of(InboxKind.SENT_WITHOUT_CODE)
    answer = mend(warehouse, item.id, code=code)
    assert answer.status_code == 422
    field = Page(answer.text).select(f"#code-{item.id}")[0]
    assert field.get("aria-invalid") == "true"
    assert rows(Page(answer.text)) == [f"item-{item.id}"]
    assert fresh(sent).shipments[0].tracking_codes == []


def test_what_has_a_code_is_shipped(warehouse: Browser, plain: Order, anna: Actor) -> None:
    item = _with_a_code(plain, anna)
    answer = mend(warehouse, item.id)
    assert answer.status_code == 200, answer.text
    assert fresh(plain).shipments[0].is_shipped
    assert rows(Page(answer.text)) == []
    assert f"{plain.number}-1 är skickad" in Page(answer.text).text


def test_what_ought_to_be_confirmed_first_is_asked_in_the_row(warehouse: Browser, plain: Order, anna: Actor) -> None:
    order = make_order(("LJUS-12", 2), customer=Customer(name="Åsa Öberg"))
    item = _with_a_code(order, anna)
    answer = mend(warehouse, item.id)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert page.select(f"#item-{item.id} .warnings")
    assert not fresh(order).shipments[0].is_shipped
    form = page.form(f"{INBOX}/{item.id}/mending")
    assert "Fortsätt ändå" in text_of(page.select(f"#do-{item.id}")[0])
    assert warehouse.post(form.action, dict(form.fields), htmx=True).status_code == 200
    assert fresh(order).shipments[0].is_shipped


def test_what_others_changed_meanwhile_is_not_shipped_unseen(warehouse: Browser, plain: Order, anna: Actor) -> None:
    item = _with_a_code(plain, anna)
    action = f"{INBOX}/{item.id}/mending"
    values = warehouse.page(INBOX).form(action).values()
    with editing(plain.number, None, anna) as order:
        lines.change(next(iter(order.lines)), quantity=5, by=anna)
    answer = warehouse.post(action, values, htmx=True)
    assert answer.status_code == 409
    assert not fresh(plain).shipments[0].is_shipped
    assert "ändrades" in text_of(Page(answer.text).select(f"#item-{item.id} [role=alert]")[0])
    assert mend(warehouse, item.id).status_code == 200


def _with_a_code(order: Order, by: Actor) -> InboxItem:
    """The row of an order that has had a code for a day, and has not left."""
    with editing(order.number, None, by) as current:
        tracking.add(current.shipments[0], "RR123456785SE", "PostNord", None, by=by)
    with writing():
        for item in db.session.query(InboxItem).filter_by(kind=InboxKind.CODE_WITHOUT_SHIPPING):
            item.is_shown, item.wakes_at = True, None
    return row_of(InboxKind.CODE_WITHOUT_SHIPPING)


def test_a_mail_that_nobody_got_is_sent_again(staff: Browser, plain: Order, mail_server: None, put: Put) -> None:
    with writing():
        mail = db.session.query(Message).filter_by(order_id=plain.id).first()
        assert mail is not None
        mail.state, mail.needs_attention, mail.held_because = MessageState.GIVEN_UP, True, None
    item = put(InboxKind.FAILED_MAIL, plain, subject=str(plain.id), message=mail.id)
    answer = mend(staff, item)
    assert answer.status_code == 200
    assert "Mejlet går till asa@example.com" in Page(answer.text).text or "asa@example.com" in answer.text
    db.session.expire_all()
    assert db.session.get_one(Message, mail.id).state is MessageState.QUEUED
    assert stored(InboxKind.FAILED_MAIL) == []


def test_a_comment_is_marked_as_read(staff: Browser) -> None:
    make_product("LJUS-12", stock=50)
    order = make_order(("LJUS-12", 2), comment="Ring på porten, hunden sover.")
    item = row_of(InboxKind.CUSTOMER_COMMENT)
    page = staff.page(INBOX)
    assert text_of(page.select("blockquote")[0]) == "Ring på porten, hunden sover."
    assert mend(staff, item.id).status_code == 200
    assert not fresh(order).has_unread_comment
    assert stored(InboxKind.CUSTOMER_COMMENT) == []


def test_a_hold_that_ended_is_done_with(staff: Browser, plain: Order, anna: Actor) -> None:
    tomorrow = shop_settings.today() + timedelta(days=1)
    with editing(plain.number, None, anna) as order:
        holds.hold(
            order,
            HoldReason.AWAITING_PAYMENT,
            note=None,
            shipment=None,
            until=tomorrow,
            keeps_stock=True,
            by=anna,
        )
    with time_machine.travel(now() + timedelta(days=2)), editing(plain.number, None, anna) as order:
        holds.release_ended(order)
    item = row_of(InboxKind.HOLD_ENDED)
    answer = mend(staff, item.id)
    assert answer.status_code == 200
    assert stored(InboxKind.HOLD_ENDED) == []
    with editing(plain.number, None, anna):
        pass
    assert stored(InboxKind.HOLD_ENDED) == []


def test_what_is_not_mended_with_a_click_is_opened(staff: Browser, put: Put, plain: Order) -> None:
    item = put(InboxKind.TO_REFUND, plain)
    page = staff.page(INBOX)
    assert f"/orders/{plain.number}/refunds" in page.links
    answer = staff.post(f"{INBOX}/{item}/mending", {"csrf_token": staff.token(), "version": "1"}, htmx=True)
    assert answer.status_code == 422


def test_what_has_been_ready_for_long_goes_into_a_batch_with_a_click(
    warehouse: Browser, put: Put, plain: Order
) -> None:
    put(InboxKind.READY_TOO_LONG, plain)
    page = warehouse.page(INBOX)
    form = page.form("/batches")
    assert "Lägg i omgång" in " ".join(page.buttons)
    assert any(link.startswith(f"/orders/{plain.number}/shipping") for link in page.links)

    made = warehouse.post("/batches", {**form.values(), "do": "list"})
    again = warehouse.post("/batches", {**form.values(), "do": "list"})

    assert (made.status_code, again.location) == (303, made.location)
    assert plain.number in warehouse.page(made.location).text
    in_place = warehouse.post("/batches", {**form.values(), "do": "list", "request_key": ""}, htmx=True)
    assert in_place.headers["HX-Redirect"].startswith("/batches/")


def test_what_is_put_aside_or_of_another_kind_goes_into_no_batch(staff: Browser, put: Put, plain: Order) -> None:
    put(InboxKind.TO_REFUND, plain)
    a_day = (now() + timedelta(days=2)).date().isoformat()
    aside(staff, put(InboxKind.READY_TOO_LONG, plain), until=a_day)
    for path in (INBOX, f"{INBOX}?show=aside"):
        assert "/batches" not in [form.action for form in staff.page(path).forms]


def test_what_somebody_else_mended_meanwhile_goes_away(staff: Browser, sent: Order, anna: Actor) -> None:
    item = row_of(InboxKind.SENT_WITHOUT_CODE)
    action = f"{INBOX}/{item.id}/mending"
    values = staff.page(INBOX).form(action).values()
    with editing(sent.number, None, anna) as order:
        tracking.add(order.shipments[0], "ABC-1", "PostNord", None, by=anna)
    answer = staff.post(action, {**values, "code": "RR123456785SE"}, htmx=True)
    assert answer.status_code == 200
    assert "Det behöver inget mer: det är redan åtgärdat." in Page(answer.text).text
    assert [code.code for code in fresh(sent).shipments[0].tracking_codes] == ["ABC-1"]


@pytest.mark.parametrize("action", ["mending", "snooze", "return"])
def test_a_row_that_never_was_needs_nothing(staff: Browser, action: str) -> None:
    answer = staff.post(f"{INBOX}/999/{action}", {"csrf_token": staff.token(), "until": "2030-01-01"}, htmx=True)
    assert answer.status_code == 200
    assert "Det behöver inget mer" in Page(answer.text).text


def test_the_same_click_sent_twice_is_carried_out_once(warehouse: Browser, sent: Order) -> None:
    item = row_of(InboxKind.SENT_WITHOUT_CODE)
    action = f"{INBOX}/{item.id}/mending"
    values = {**warehouse.page(INBOX).form(action).values(), "code": "RR123456785SE"}
    for _ in range(2):
        assert warehouse.post(action, values, htmx=True).status_code == 200
    assert len(fresh(sent).shipments[0].tracking_codes) == 1


def test_the_next_row_is_where_the_focus_goes(staff: Browser, put: Put, plain: Order) -> None:
    first, second = (put(InboxKind.TO_REFUND, plain, subject=name, since=now()) for name in "ab")
    page = staff.page(INBOX)
    targets = [element.get("data-goes-to-after") for element in page.select(".do")]
    assert targets == [f"item-{second}", f"item-{first}"]
    assert all(row.get("tabindex") == "-1" for row in page.select(".items > li"))


# What is put aside


def aside(browser: Browser, item: int, *, htmx: bool = True, **typed: object):
    action = f"{INBOX}/{item}/snooze"
    return browser.post(action, {**browser.page(INBOX).form(action).values(), **typed}, htmx=htmx)


def test_a_row_is_put_aside_until_a_day_and_taken_back(staff: Browser, put: Put, plain: Order) -> None:
    item = put(InboxKind.TO_REFUND, plain)
    tomorrow = staff.page(INBOX).select("button[name=until]")[0].get("value")
    answer = aside(staff, item, until=tomorrow)
    assert answer.status_code == 200
    assert rows(Page(answer.text)) == []
    assert "ligger det åt sidan" in Page(answer.text).text
    page = staff.page(f"{INBOX}?show=aside")
    assert rows(page) == [f"item-{item}"]
    assert "av Staff Berg" in page.text
    answer = staff.send(f"{INBOX}?show=aside", f"{INBOX}/{item}/return?show=aside", htmx=True)
    assert "Det finns i inkorgen igen." in Page(answer.text).text
    assert rows(staff.page(INBOX)) == [f"item-{item}"]


def test_another_day_can_be_written(staff: Browser, put: Put, plain: Order) -> None:
    item = put(InboxKind.TO_REFUND, plain)
    day = (now() + timedelta(days=40)).date()
    assert aside(staff, item, other_day=day.isoformat()).status_code == 200
    assert row_of(InboxKind.TO_REFUND).snoozed_until is not None


@pytest.mark.parametrize("day", ["", "2020-01-01", "9999-12-31", "i morgon", "٣", "2026-13-45", "1e9", "-1"])
def test_a_day_that_is_none_is_refused_in_its_row(staff: Browser, put: Put, plain: Order, day: str) -> None:
    item = put(InboxKind.TO_REFUND, plain)
    answer = aside(staff, item, other_day=day)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.select(f"#day-{item}")[0].get("aria-invalid") == "true"
    assert page.select(f"#aside-{item}[open] .reason")
    assert row_of(InboxKind.TO_REFUND).is_shown


def test_what_is_put_aside_until_then_already_is_no_error(staff: Browser, put: Put, plain: Order) -> None:
    item = put(InboxKind.TO_REFUND, plain)
    values = {"csrf_token": staff.token(), "until": (now() + timedelta(days=3)).date().isoformat()}
    for _ in range(2):
        assert staff.post(f"{INBOX}/{item}/snooze", values, htmx=True).status_code == 200
    values = {"csrf_token": staff.token()}
    for _ in range(2):
        assert staff.post(f"{INBOX}/{item}/return", values, htmx=True).status_code == 200


# What it costs


def test_it_costs_the_same_however_many_rows_there_are(admin: Browser, put: Put, plain: Order) -> None:
    make_product("LJUS-13", stock=5_000)
    orders = [plain, *(make_order(("LJUS-13", 1)) for _ in range(10))]
    with writing():
        for index in range(600):
            kind = list(InboxKind)[index % len(InboxKind)]
            db.session.add(
                InboxItem(
                    kind=kind,
                    subject=f"S-{index}",
                    since=now() - timedelta(minutes=index),
                    facts=FACTS[kind],
                    order_id=orders[index % len(orders)].id,
                )
            )
    url, seen = INBOX, []
    while url:
        with counting() as statements:
            answer = admin.get(url, htmx=True)
        page = Page(answer.text)
        assert len(statements) <= 4
        assert len(gzip.compress(answer.data)) <= MAX_FRAGMENT_BYTES
        seen += rows(page)
        following = [link.get("href") for link in page.select(".pages a[rel=next]")]
        url = following[0] if following else ""
    assert len(seen) == len(set(seen)) == 600
    assert "600" in text_of(admin.page(INBOX).select("#inbox-count")[0])


# The row that is clicked on, and the list with its counts, where the order's page would show what it has read.
ROW_AND_LIST = 3


def test_adding_a_code_costs_what_it_does_on_the_order_and_the_list(warehouse: Browser, sent: Order) -> None:
    item = row_of(InboxKind.SENT_WITHOUT_CODE)
    assert _statements_of(warehouse, item, code="RR123456785SE") <= MAX_STATEMENTS_OF_CHANGE + ROW_AND_LIST


def test_shipping_costs_what_it_does_on_the_order_and_the_list(warehouse: Browser, plain: Order, anna: Actor) -> None:
    item = _with_a_code(plain, anna)
    assert _statements_of(warehouse, item) <= MAX_STATEMENTS_OF_CHANGE + MOVEMENT + ROW_AND_LIST


def test_reading_a_comment_costs_what_it_does_on_the_order_and_the_list(staff: Browser) -> None:
    make_order(("LJUS-12", 2), comment="Ring på porten")
    item = row_of(InboxKind.CUSTOMER_COMMENT)
    assert _statements_of(staff, item) <= MAX_STATEMENTS_OF_CHANGE + ROW_AND_LIST


def _statements_of(browser: Browser, item: InboxItem, **typed: object) -> int:
    action = f"{INBOX}/{item.id}/mending"
    values = {**browser.page(INBOX).form(action).values(), **typed}
    with counting() as statements:
        assert browser.post(action, values, htmx=True).status_code == 200
    return len(statements)
