"""The tabs of an order that everybody wrote much about: Historik, the comments and Utskick come a page at a time."""

import pytest

from tests.web.conftest import Browser, on_sqlite
from webshop_orders.db import paging
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, Comment, CommentKind, Event, Message, Order
from webshop_orders.operations.orders import comments, confirmations
from webshop_orders.transactions.unit_of_work import editing

PAGES = {
    "history": ("/history", Event, "li[id^=event-]"),
    "comments": ("", Comment, "article[id^=comment-]"),
    "messages": ("/messages", Message, "article[id^=message-]"),
}


@pytest.fixture
def busy(order: Order, anna: Actor) -> Order:
    """An order with 7 comments, 7 mails and 13 events."""
    with editing(order.number, None, anna) as locked:
        for turn in range(7):
            comments.add(locked, CommentKind.INTERNAL, f"Kommentar {turn}", by=anna)
        for turn in range(6):
            confirmations.send_order_confirmation(locked, f"kopia-{turn}@example.com", by=anna)
    return order


@pytest.mark.parametrize("part", PAGES)
def test_the_pages_have_no_gap_and_no_repeat(
    staff: Browser, busy: Order, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    tab, model, selector = PAGES[part]
    monkeypatch.setattr(paging, "PAGE", 3)
    rows = db.session.query(model).filter_by(order_id=busy.id).count()
    url: str | None = f"/orders/{busy.number}{tab}"

    seen: list[str] = []
    while url:
        page = staff.page(url)
        ids = [element.get("id") for element in page.select(selector) if element.get("id").count("-") == 1]
        assert 0 < len(ids) <= 3
        seen += ids
        links = {link.text_content(): link.get("href") for link in page.select("nav.pages a")}
        assert ("Senaste" in links) == (len(seen) > 3)
        url = links.get("Tidigare")

    assert len(seen) == len(set(seen)) == rows > 6


@on_sqlite
def test_a_mail_of_an_earlier_page_can_be_shown(staff: Browser, busy: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "PAGE", 3)
    first = min(message.id for message in db.session.query(Message).filter_by(order_id=busy.id))

    page = staff.page(f"/orders/{busy.number}/messages/{first}")

    assert len(page.select("article.message.open")) == 1
    assert len(page.select("article.message")) == 4


@on_sqlite
@pytest.mark.parametrize("before", ["x", "-1", "0", "٣", "9" * 30, "1' or 1=1"])
@pytest.mark.parametrize("tab", ["/history", "", "/messages"])
def test_a_cursor_that_is_none_shows_the_latest(staff: Browser, order: Order, tab: str, before: str) -> None:
    assert (
        staff.page(f"/orders/{order.number}{tab}?before={before}").text
        == staff.page(f"/orders/{order.number}{tab}").text
    )


@on_sqlite
@pytest.mark.parametrize("tab", ["/history", ""])
def test_a_tab_of_ten_thousand_entries_is_as_large_as_one_of_sixty(
    staff: Browser, order: Order, anna: Actor, tab: str
) -> None:
    def add(count: int) -> int:
        with editing(order.number, None, anna) as locked:
            for turn in range(count):
                comments.add(locked, CommentKind.INTERNAL, f"Kommentar {turn:05}", by=anna)
        return len(staff.get(f"/orders/{order.number}{tab}").text)

    few = add(60)

    assert add(2_000) < few * 1.02
