"""What customers wrote with their orders: shown, answered by mail, and marked as read."""

import pytest
from flask import Flask

from tests.factories import ASA, make_order, make_product
from tests.operations.steps import kinds_of, messages_of, read
from tests.web.conftest import Browser, on_sqlite
from tests.web.orders.test_budgets import counting
from tests.web.pages import Page, text_of
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, Comment, CommentKind, Customer, EventKind, Order

MAX_STATEMENTS = 8


@pytest.fixture
def commented(app: Flask) -> Order:
    make_product("LJUS-12", name="Stearinljus, 12-pack")
    return make_order(("LJUS-12", 1), comment="Kan ni slå in den?\nRing <först>", send_confirmation=False)


def url_of(order: Order, rest: str = "") -> str:
    return f"/orders/{order.number}{rest}"


def own_comment(page: Page) -> str:
    """The text beside what the customer wrote."""
    (article,) = page.select(".from-customer")
    return text_of(article)


@pytest.mark.parametrize("tab", ["", "/shipping"])
@on_sqlite
def test_what_the_customer_wrote_is_theirs_and_unread(staff: Browser, commented: Order, tab: str) -> None:
    shown = own_comment(staff.page(url_of(commented, tab)))

    assert "Från kund" in shown
    assert "Oläst" in shown
    assert "Ring <först>" in shown
    assert "Till kund" not in shown


@pytest.mark.parametrize(("tab", "tab_path"), [("summary", ""), ("shipping", "/shipping")])
@pytest.mark.parametrize("htmx", [False, True])
@on_sqlite
def test_it_is_answered_on_the_tab_that_it_was_read_on(
    staff: Browser, commented: Order, tab: str, tab_path: str, *, htmx: bool
) -> None:
    form = url_of(commented, f"/comments/reply?tab={tab}")

    answer = staff.send(form, url_of(commented, "/comments/reply"), htmx=htmx, text="Ja, gärna")

    assert answer.status_code == (200 if htmx else 303)
    if not htmx:
        assert answer.location == url_of(commented, tab_path)
    page = staff.page(url_of(commented, tab_path))
    assert "Oläst" not in own_comment(page)
    (mail,) = messages_of(commented)
    assert mail.recipient == "asa@example.com"
    assert "Ja, gärna" in mail.text
    assert "Ring <först>" in mail.text
    assert kinds_of(commented)[1:] == [EventKind.COMMENT_ADDED]


@on_sqlite
def test_the_form_is_open_below_what_it_answers(staff: Browser, commented: Order) -> None:
    page = staff.page(url_of(commented, "/comments/reply"))

    (article,) = page.select(".from-customer")
    assert page.select(".from-customer #reply-form")
    assert "Mejlas till asa@example.com. Det som kunden skrev citeras" in text_of(article)


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("typed", "sentence"), [("", "inte vara tomt"), ("   ", "inte vara tomt"), ("x" * 10_001, "Högst 10")]
)
@on_sqlite
def test_a_refused_answer_is_told_at_its_field_and_kept(
    staff: Browser, commented: Order, typed: str, sentence: str, *, htmx: bool
) -> None:
    url = url_of(commented, "/comments/reply")

    answer = staff.send(f"{url}?tab=shipping", url, htmx=htmx, text=typed)

    page = Page(answer.text)
    assert answer.status_code == 422
    assert sentence in text_of(page.select("#reply-text-reason")[0])
    assert page.form(url).values()["text"].strip() == typed.strip()
    assert read(commented).has_unread_comment
    assert messages_of(commented) == []


@pytest.mark.parametrize("about", ["", "nonsense", "٣"])
@on_sqlite
def test_an_answer_that_is_for_nobody_is_refused(staff: Browser, commented: Order, about: str) -> None:
    url = url_of(commented, "/comments/reply")

    answer = staff.send(url, url, text="Hej", about=about)

    assert answer.status_code == 422
    assert messages_of(commented) == []


@on_sqlite
def test_a_customer_without_an_address_gets_no_mail_and_staff_are_told(app: Flask, staff: Browser) -> None:
    unreachable = Customer("Åsa Öberg", unusable_email="asa@", phone="070")
    order = make_order(("LJUS-12", 1), comment="Ring först", customer=unreachable)
    url = url_of(order, "/comments/reply")

    page = staff.page(url)
    assert "sparas som en intern kommentar" in own_comment(page)
    assert page.select(f".from-customer a[href='{url_of(order, '/customer')}']")
    answer = staff.send(url, url, text="Ringde, hon hämtar")

    assert answer.status_code == 303
    assert messages_of(order) == []
    kinds = db.session.scalars(db.select(Comment.kind).where(~Comment.from_customer)).all()
    assert kinds == [CommentKind.INTERNAL]
    assert read(order).has_unread_comment  # since nobody answered them


@on_sqlite
def test_an_address_that_was_taken_away_meanwhile_is_told(staff: Browser, commented: Order) -> None:
    url = url_of(commented, "/comments/reply")
    values = staff.page(url).form(url).values()
    db.session.get_one(Order, commented.id).customer = Customer("Åsa Öberg")
    db.session.commit()

    answer = staff.post(url, {**values, "text": "Hej"})

    assert answer.status_code == 422
    assert "Kunden har ingen e-postadress" in Page(answer.text).text
    assert messages_of(commented) == []


@pytest.mark.parametrize("htmx", [False, True])
@on_sqlite
def test_it_is_read_and_unread_again(warehouse: Browser, commented: Order, *, htmx: bool) -> None:
    for url, is_unread in (("/comment-read", False), ("/comment-unread", True)):
        answer = warehouse.send(url_of(commented, "/shipping"), url_of(commented, url), htmx=htmx)
        assert answer.status_code == (200 if htmx else 303)
        assert ("Oläst" in own_comment(warehouse.page(url_of(commented, "/shipping")))) is is_unread

    assert kinds_of(commented)[1:] == [EventKind.COMMENT_READ, EventKind.COMMENT_READ]


@on_sqlite
def test_the_same_button_twice_reads_once(staff: Browser, commented: Order) -> None:
    url = url_of(commented, "/comment-read")
    values = staff.page(url_of(commented)).form(url).values()

    answers = [staff.post(url, values) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert kinds_of(commented).count(EventKind.COMMENT_READ) == 1


@on_sqlite
def test_nothing_is_answered_or_read_where_the_customer_wrote_nothing(staff: Browser, order: Order) -> None:
    token = staff.page(url_of(order)).form(url_of(order, "/comments")).values()

    for url, more in (("/comments/reply", {"about": "customer", "text": "Hej"}), ("/comment-read", {})):
        answer = staff.post(url_of(order, url), {**token, **more})
        assert answer.status_code == 422
        assert "skrev ingen kommentar" in Page(answer.text).text
    assert staff.page(url_of(order, "/comments/reply")).select("#reply-form") == []


@on_sqlite
def test_who_may_not_answer_sees_no_button(viewer: Browser, warehouse: Browser, commented: Order) -> None:
    assert viewer.page(url_of(commented)).select(".from-customer :is(a, button)") == []
    assert warehouse.page(url_of(commented)).select("#reply") == []
    assert warehouse.get(url_of(commented, "/comments/reply")).status_code == 403


@on_sqlite
def test_it_is_answered_in_english_too(app: Flask, staff: Browser) -> None:
    make_product("LJUS-12")
    order = make_order(("LJUS-12", 1), comment="Please ring", customer=ASA, language="en", send_confirmation=False)
    url = url_of(order, "/comments/reply")

    shown = Page(staff.client.get(url, headers={"Accept-Language": "en"}).text)

    assert "Mailed to asa@example.com, with what the customer wrote below." in shown.text
    assert "From customer Unread" in " ".join(shown.text.split())
    staff.send(url, url, text="We will")
    (mail,) = messages_of(read(order))
    assert "You wrote with your order:" in mail.text


@on_sqlite
def test_an_answer_costs_no_more_statements_than_a_comment(staff: Browser, commented: Order, anna: Actor) -> None:
    url = url_of(commented, "/comments/reply")
    values = staff.page(url).form(url).values()

    with counting() as opened:
        staff.get(url, htmx=True)

    assert len(opened) <= MAX_STATEMENTS
    with counting() as sent:
        staff.post(url, {**values, "text": "Ja"}, htmx=True)
    assert len(sent) <= MAX_STATEMENTS + 1
