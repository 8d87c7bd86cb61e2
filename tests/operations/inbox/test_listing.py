"""The pages of the inbox: what has waited longest first, by keyset, with what a row shows of its order."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.factories import make_order
from tests.operations.inbox.rows import put
from tests.operations.inbox.test_attention import one_id
from tests.operations.steps import changing
from tests.statements import executed
from webshop_orders import shop_settings
from webshop_orders.db.paging import PAGE
from webshop_orders.models import Actor, InboxKind
from webshop_orders.operations.inbox import listing, snoozing
from webshop_orders.transactions.unit_of_work import writing

BEGIN = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
KINDS = (InboxKind.DELIVERY_REFUSED, InboxKind.FAILED_MAIL)


@pytest.fixture
def many(app: Flask) -> int:
    """Rows of two kinds by turns, some of the same time; returns how many."""
    count = 2 * PAGE + 3
    with writing():
        for number in range(count):
            since = BEGIN + timedelta(minutes=number // 3)
            put(KINDS[number % 2], f"X-{number}", since=since, facts={"n": number})
        put(InboxKind.WEBHOOK_OFF, "1", since=BEGIN, facts={})
    return count


def test_pages_have_each_row_once_and_the_oldest_first(many: int) -> None:
    with executed() as statements:
        page = listing.page(KINDS)
    assert len(statements) == 1
    found = list(page.items)
    while page.next_after is not None:
        assert len(page.items) == PAGE
        page = listing.page(KINDS, page.next_after)
        found += page.items
    assert [item.facts["n"] for item in found] == list(range(many))
    assert [item.kind for item in listing.page([InboxKind.WEBHOOK_OFF]).items] == [InboxKind.WEBHOOK_OFF]
    assert listing.page([]).items == listing.put_aside_page([]).items == []


def test_a_row_has_its_order_and_what_the_customer_wrote(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1), comment="Ring på porten")
    (item,) = listing.page([InboxKind.CUSTOMER_COMMENT]).items
    assert (item.order_number, item.customer, item.comment) == (order.number, "Åsa Öberg", "Ring på porten")
    assert (item.order_version, item.order_status, item.is_held) == (order.version, order.status, False)
    assert item.since == order.placed_at
    assert listing.find(item.id) == item
    assert listing.find(item.id + 99) is None
    with changing(order, anna) as locked:
        locked.has_unread_comment = False
    assert listing.page([InboxKind.CUSTOMER_COMMENT]).items == []


def test_what_is_put_aside_has_a_page_of_its_own(many: int, anna: Actor) -> None:
    today = shop_settings.today()
    for kind, days in ((InboxKind.WEBHOOK_OFF, 3),):
        with writing():
            snoozing.put_aside(one_id(kind), today + timedelta(days=days), by=anna)
    shown = listing.page([InboxKind.WEBHOOK_OFF]).items
    (aside,) = listing.put_aside_page([InboxKind.WEBHOOK_OFF, *KINDS]).items
    assert shown == []
    assert (aside.kind, aside.snoozed_by) == (InboxKind.WEBHOOK_OFF, "Anna Lind")
    assert listing.put_aside_page(KINDS).items == []


def test_pages_of_what_is_aside_have_each_row_once(many: int, anna: Actor) -> None:
    today = shop_settings.today()
    with writing():
        for number, item in enumerate(listing.page(KINDS).items + listing.page(KINDS, _end()).items):
            snoozing.put_aside(item.id, today + timedelta(days=1 + number % 3), by=anna)
    page = listing.put_aside_page(KINDS)
    found = list(page.items)
    while page.next_after is not None:
        page = listing.put_aside_page(KINDS, page.next_after)
        found += page.items
    assert len(found) == len({item.id for item in found}) == 2 * PAGE
    assert [item.snoozed_until for item in found] == sorted(item.snoozed_until or BEGIN for item in found)


def _end() -> listing.Position:
    after = listing.page(KINDS).next_after
    assert after is not None
    return after
