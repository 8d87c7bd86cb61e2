"""Konfiguration, Utskicksmallar: refused with a line, warned with a sentence, tried on a real order, brought back."""

import re
from dataclasses import replace

import pytest
from flask import Flask

from tests.factories import ASA, make_order, make_product
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.orders.test_budgets import MAX_STATEMENTS, counting
from tests.web.pages import Page, as_read_from_html
from webshop_orders.db.extensions import db
from webshop_orders.mailing.templates.shipped_templates import source
from webshop_orders.models import Actor, MailSource, MailTemplate, Message, MessageKind, Order
from webshop_orders.operations.orders import shipments, tracking
from webshop_orders.operations.settings import mail_templates
from webshop_orders.transactions.unit_of_work import editing, writing

KIND = MessageKind.DELIVERY_CONFIRMATION
HERE = "/settings/templates/delivery_confirmation/sv"
NO_CODE = "Mallen visar ingen spårningskod, så kunden kan inte spåra sin försändelse."
SAVED = "Mallen är sparad och används från och med nu."


@pytest.fixture
def shipped(app: Flask, anna: Actor) -> Order:
    """An order that left with a tracking code, for a customer whose name looks like HTML."""
    make_product("LJUS-12", name="Stearinljus, 12-pack")
    order = make_order(("LJUS-12", 2), customer=replace(ASA, name="<b>Åsa</b> Öberg"))
    with editing(order.number, None, anna) as present:
        tracking.add(present.shipments[0], "ABC-1", "PostNord", None, by=anna)
        shipments.ship(present.shipments[0], by=anna)
    return order


def in_use() -> MailSource:
    db.session.rollback()
    db.session.expire_all()
    versions = mail_templates.versions(KIND, "sv")
    return (versions[0].source if versions else None) or source(KIND, "sv")


def values(browser: Browser, path: str = HERE) -> dict[str, str]:
    return browser.page(path).form(HERE).values()


def save(browser: Browser, *, htmx: bool = True, **typed: object) -> tuple[int, Page]:
    answer = browser.post(HERE, {**values(browser), **typed}, htmx=htmx)
    if answer.status_code == 303:
        return 303, browser.page(answer.location)
    return answer.status_code, Page(answer.text)


@on_sqlite
@pytest.mark.parametrize("path", ["nonsense/sv", "comment/xx", "comment/sv/preview/x", "comment"])
def test_a_template_that_is_none_is_not_found(admin: Browser, path: str) -> None:
    assert admin.get(f"/settings/templates/{path}").status_code == 404


@on_sqlite
def test_templates_are_for_administrators(staff: Browser, viewer: Browser) -> None:
    for browser in (staff, viewer):
        for path in ("/settings/templates", HERE, f"{HERE}/preview"):
            assert browser.get(path).status_code == 403
        for action in ("", "/reset", "/send_test", "/insertion", "/findings", "/preview"):
            assert browser.post(HERE + action, {"csrf_token": browser.token()}).status_code in {403, 404}


@on_sqlite
@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize(
    ("part", "typed", "said"),
    [
        ("html", "Hej\n{{ customer.frist_name }}", "Rad 2: customer.frist_name finns inte. Menade du customer.first"),
        ("html", "{% include 'x' %}", "Rad 1: {% include %} finns inte i utskick."),
        ("html", "<p>\n{% if order.number %}", "Rad 2: {% if %} stängs aldrig."),
        ("text", "{{ order.number | date: '%Y' }}", "Filtret date finns inte i utskick."),
        ("text", "{% for a in (1..1000000000) %}x{% endfor %}", "Talföljder som (1..10)"),
        ("subject", "", "Det här kan inte vara tomt."),
        ("subject", "{{ blocks.rows }}", "blocks finns inte."),
        ("html", "x\x00y", "tecken som inte kan användas här"),
    ],
)
def test_a_template_with_a_fault_is_refused_and_the_one_in_use_stays(
    admin: Browser, shipped: Order, part: str, typed: str, said: str, htmx: bool
) -> None:
    status, page = save(admin, htmx=htmx, **{part: typed})

    assert status == 422
    assert said in page.text
    assert page.form(HERE).values()[part] == as_read_from_html(typed)
    assert in_use() == source(KIND, "sv")
    assert db.session.query(MailTemplate).count() == 0


@on_sqlite
def test_a_request_that_lacks_everything_is_refused(admin: Browser) -> None:
    token = admin.token()
    for action in ("", "/test", "/findings", "/preview", "/insertion"):
        answer = admin.post(HERE + action, {"csrf_token": token})
        assert answer.status_code in {200, 422}, action
    assert db.session.query(MailTemplate).count() == 0


def test_a_good_template_is_used_from_now_on(admin: Browser, shipped: Order, anna: Actor) -> None:
    typed = "<p>Nu kommer den!</p>{{ blocks.tracking }}\n{{ blocks.rows }}"

    status, page = save(admin, html=typed, subject="{{ shipment.reference }} är på väg")

    assert status == 200
    assert SAVED in page.text
    assert in_use().html == typed
    here = f"/orders/{shipped.number}"
    sent = admin.send(f"{here}/messages", f"{here}/shipments/1/confirmation", htmx=True, agreed="just-sent")
    assert sent.status_code == 200, Page(sent.text).text
    db.session.rollback()
    newest = db.session.query(Message).order_by(Message.id.desc()).first()
    assert newest is not None
    assert newest.subject == "WS-100001-1 är på väg"
    assert "Nu kommer den!" in newest.html
    assert "ABC-1" in newest.html
    assert newest.remark is None


@pytest.mark.parametrize("htmx", [True, False])
def test_rule_20_a_template_without_the_code_asks_and_can_be_saved_anyway(
    admin: Browser, shipped: Order, htmx: bool
) -> None:
    status, page = save(admin, htmx=htmx, html="{{ blocks.rows }}")

    assert status == 422
    assert NO_CODE in page.text
    assert "Spara ändå" in page.buttons
    assert in_use() == source(KIND, "sv")

    form = page.form(HERE)
    assert form.values()["agreed"] == "no-tracking-code"
    answer = admin.post(HERE, dict(form.values()), htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    assert in_use().html.strip() == "{{ blocks.rows }}"


@on_sqlite
def test_rule_20_what_is_missing_is_put_in_with_one_click_without_javascript(admin: Browser, shipped: Order) -> None:
    _status, page = save(admin, htmx=False, html="{{ blocks.rows }}")

    answer = admin.post(f"{HERE}/insertion", {**page.form(HERE).values(), "insert": "html"})

    assert answer.status_code == 200
    form = Page(answer.text).form(HERE)
    assert "{{ blocks.tracking }}" in form.values()["html"]
    assert NO_CODE not in Page(answer.text).text
    assert in_use() == source(KIND, "sv"), "nothing is saved by it"
    assert admin.post(HERE, dict(form.values())).status_code == 303


@on_sqlite
def test_two_who_write_the_same_template_do_not_overwrite_each_other(
    admin: Browser, shipped: Order, anna: Actor
) -> None:
    mine = values(admin)
    with writing():
        mail_templates.save(KIND, "sv", replace(source(KIND, "sv"), subject="Annas"), by=anna)

    answer = admin.post(HERE, {**mine, "subject": "Min"}, htmx=True)

    page = Page(answer.text)
    assert answer.status_code == 409
    assert "Anna Lind sparade den här mallen medan du arbetade med den." in page.text
    assert page.form(HERE).values()["subject"] == "Min"
    assert in_use().subject == "Annas"
    assert admin.post(HERE, dict(page.form(HERE).values()), htmx=True).status_code == 200
    assert in_use().subject == "Min"


@on_sqlite
def test_earlier_versions_are_kept_and_brought_back(admin: Browser, shipped: Order) -> None:
    save(admin, subject="Första")
    save(admin, subject="Andra")
    page = admin.page(HERE)
    first, second = (link for link in page.links if "version=" in link and "shipped" not in link)

    brought_back = values(admin, second)
    assert brought_back["subject"] == "Första"
    assert in_use().subject == "Andra", "it is only shown"
    admin.post(HERE, brought_back, htmx=True)
    assert in_use().subject == "Första"
    assert values(admin, f"{HERE}?version=shipped")["subject"] == source(KIND, "sv").subject
    assert len(mail_templates.versions(KIND, "sv")) == 3
    assert first != second


@pytest.mark.parametrize("htmx", [True, False])
def test_the_shipped_template_is_gone_back_to(admin: Browser, shipped: Order, htmx: bool) -> None:
    save(admin, subject="Vår egen")

    answer = admin.post(f"{HERE}/reset", values(admin), htmx=htmx)

    assert answer.status_code == (200 if htmx else 303)
    assert in_use() == source(KIND, "sv")
    assert [version.source is None for version in mail_templates.versions(KIND, "sv")] == [True, False]
    again = admin.post(f"{HERE}/reset", values(admin), htmx=True)
    assert "Den medföljande mallen används redan." in Page(again.text).text


@on_sqlite
def test_a_template_saved_as_it_was_makes_no_version(admin: Browser, shipped: Order) -> None:
    status, page = save(admin)
    assert status == 200
    assert "Mallen används redan precis så." in page.text
    assert mail_templates.versions(KIND, "sv") == []


@on_sqlite
def test_the_mail_is_shown_as_a_real_order_makes_it(admin: Browser, shipped: Order) -> None:
    answer = admin.get(f"{HERE}/preview")

    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert "ABC-1" in answer.text
    assert "WS-100001" in answer.text
    typed = {**values(admin), "html": "<p>{{ customer.name }}</p>{{ blocks.rows }}"}
    shown = admin.post(f"{HERE}/preview", typed).text
    assert "<b>Åsa</b>" not in shown
    assert "&lt;b&gt;Åsa&lt;/b&gt;" in shown


@on_sqlite
def test_a_faulty_template_is_quietly_not_shown_or_else_said(admin: Browser, shipped: Order) -> None:
    typed = {**values(admin), "html": "{{ nothing }}"}
    assert admin.post(f"{HERE}/preview?quiet=1", typed).status_code == 204
    assert "Rad 1: nothing finns inte." in admin.post(f"{HERE}/preview", typed).text


@on_sqlite
def test_findings_are_told_while_typing(admin: Browser, shipped: Order) -> None:
    typed = {**values(admin), "html": "{{ nothing }}"}
    page = Page(admin.post(f"{HERE}/findings", typed, htmx=True).text)
    assert "HTML Rad 1: nothing finns inte." in page.text
    fine = Page(admin.post(f"{HERE}/findings", values(admin), htmx=True).text)
    assert "Leveransbekräftelse WS-100001-1 från webshop-orders" in fine.text
    wrong = Page(admin.post(f"{HERE}/findings", {**values(admin), "order": "WS-9"}, htmx=True).text)
    assert "Det finns ingen order WS-9." in wrong.text


@on_sqlite
def test_the_order_and_the_shipment_are_the_shops_choice(admin: Browser, shipped: Order) -> None:
    other = make_order(("LJUS-12", 1), customer=replace(ASA, name="Nils Ek"))
    assert "WS-100001-1" in admin.get(f"{HERE}/preview").text
    assert "Nils" in admin.get(f"{HERE}/preview?order={other.number}&shipment=1").text
    assert "Det finns ingen order" in admin.get(f"{HERE}/preview?order=WS-9").text
    assert admin.get(f"{HERE}?order=WS-9").status_code == 200


@on_sqlite
def test_a_shop_without_orders_sees_a_made_up_one(admin: Browser) -> None:
    assert "WS-100234" in admin.get(f"{HERE}/preview").text
    answer = admin.post(f"{HERE}/test", {**values(admin), "recipient": "anna@example.com"}, htmx=True)
    assert answer.status_code == 200
    assert db.session.query(Message).one().order_id is None
    assert "WS-100234" in admin.page("/settings/messages").text


def test_a_test_is_sent_of_what_is_typed_and_not_of_what_is_saved(admin: Browser, shipped: Order) -> None:
    before = fresh(shipped).message_count
    typed = {**values(admin), "subject": "Prov {{ shipment.reference }}", "recipient": "anna@example.com"}

    answer = admin.post(f"{HERE}/test", typed, htmx=True)

    assert answer.status_code == 200
    page = Page(answer.text)
    assert "Ett test går till anna@example.com. Det finns under Utskick, Tester." in page.text
    assert page.form(HERE).values()["subject"] == "Prov {{ shipment.reference }}"
    db.session.rollback()
    mail = db.session.query(Message).filter_by(is_test=True).one()
    assert (mail.subject, mail.recipient) == ("[Test] Prov WS-100001-1", "anna@example.com")
    assert mail.caused_by == "Admin Berg"
    assert fresh(shipped).message_count == before
    assert in_use() == source(KIND, "sv")
    assert "[Test] Prov" in admin.page("/settings/messages?state=tests").text


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"recipient": "ingen"}, "Ange en e-postadress"),
        ({"recipient": ""}, "Det här kan inte vara tomt."),
        ({"html": "{{ nothing }}"}, "nothing finns inte."),
        ({"order": "WS-9"}, "Det finns ingen order WS-9."),
        ({"recipient": "a@example.com\r\nBcc: x@example.com"}, "tecken som inte kan användas här"),
    ],
)
def test_a_test_that_cannot_be_sent_is_refused_beside_what_is_wrong(
    admin: Browser, shipped: Order, typed: dict[str, str], said: str
) -> None:
    answer = admin.post(f"{HERE}/test", {**values(admin), **typed}, htmx=True)

    assert answer.status_code == 422
    assert said in Page(answer.text).text
    assert db.session.query(Message).filter_by(is_test=True).count() == 0


@on_sqlite
@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("kind", MessageKind)
def test_every_template_is_drawn_and_saved(admin: Browser, shipped: Order, kind: MessageKind, language: str) -> None:
    here = f"/settings/templates/{kind.value}/{language}"
    assert admin.get(f"{here}/preview").status_code == 200
    form = admin.page(here).form(here).values()
    answer = admin.post(here, {**form, "subject": form["subject"] + " !"}, htmx=True)
    assert SAVED in Page(answer.text).text
    assert "egen" in admin.page("/settings/templates").text


def test_pages_keep_within_their_statements(admin: Browser, shipped: Order) -> None:
    typed = values(admin)
    for path in ("/settings/templates", HERE, f"{HERE}/preview", "/settings/messages"):
        with counting() as statements:
            assert admin.get(path, htmx=True).status_code == 200
        assert len(statements) <= MAX_STATEMENTS, (path, statements)
    for action in ("/findings", "/preview", "/test", ""):
        with counting() as statements:
            changed = {**typed, "recipient": "a@example.com", "subject": "Hej {{ order.number }}"}
            assert admin.post(HERE + action, changed, htmx=True).status_code == 200
        assert len(statements) <= 2 * MAX_STATEMENTS, (action, statements)


@on_sqlite
@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("seen", ["", "-1", "4711", "٣", "9" * 30, None])
def test_half_a_form_or_one_of_another_template_saves_nothing(
    admin: Browser, shipped: Order, seen: str | None, htmx: bool
) -> None:
    answer = admin.post(HERE, {**values(admin), "subject": "Min", "seen": seen}, htmx=htmx)

    page = Page(answer.text)
    assert answer.status_code == 422
    assert "Formuläret kom inte fram helt" in page.text
    assert page.form(HERE).values()["subject"] == "Min"
    assert db.session.query(MailTemplate).count() == 0


@on_sqlite
def test_nothing_is_put_into_a_template_with_a_fault(admin: Browser, shipped: Order) -> None:
    typed = {**values(admin), "html": "{{ order.nmae }}", "insert": "html"}

    answer = admin.post(f"{HERE}/insertion", typed)

    assert answer.status_code == 422
    assert "Rad 1: order.nmae finns inte." in Page(answer.text).text
    assert Page(answer.text).form(HERE).values()["html"] == "{{ order.nmae }}"


@on_sqlite
@pytest.mark.parametrize(
    ("code", "put_in"),
    [("no-tracking-code", "Hej\n{{ blocks.tracking }}\n"), ("no-rows", "Hej\n{{ blocks.rows }}\n"), ("x", "Hej")],
)
def test_one_click_puts_in_the_one_thing_it_stands_beside(
    admin: Browser, shipped: Order, code: str, put_in: str
) -> None:
    typed = {**values(admin), "html": "Hej", "insert": "html"}

    answer = admin.post(f"{HERE}/insertion?code={code}", typed)

    assert Page(answer.text).form(HERE).values()["html"].replace("\r\n", "\n") == put_in


@on_sqlite
@pytest.mark.parametrize("asked", ["4711", "x", "٣", "-1", "9" * 30])
def test_a_version_that_is_none_is_not_found(admin: Browser, shipped: Order, asked: str) -> None:
    for path in (HERE, f"{HERE}/preview"):
        assert admin.get(f"{path}?version={asked}").status_code == 404


@on_sqlite
def test_what_is_found_is_about_the_order_that_is_chosen_and_its_shipments(admin: Browser, shipped: Order) -> None:
    other = make_order(("LJUS-12", 1), customer=replace(ASA, name="Nils Ek"))

    answer = admin.post(f"{HERE}/findings", {**values(admin), "order": other.number}, htmx=True)

    page = Page(answer.text)
    assert f"Leveransbekräftelse {other.number}-1 från" in page.text
    assert re.findall(r"<option[^>]*>(WS-[0-9]+-[0-9]+)</option>", page.html) == [f"{other.number}-1"]


@on_sqlite
def test_a_wrong_order_is_told_beside_its_field_and_keeps_the_last_mail(admin: Browser, shipped: Order) -> None:
    typed = {**values(admin), "order": "WS-9"}

    page = Page(admin.post(f"{HERE}/test", {**typed, "recipient": "a@example.com"}).text)

    assert 'id="template-order-number-reason">Det finns ingen order WS-9.' in page.html
    assert admin.post(f"{HERE}/preview?quiet=1", typed).status_code == 204


@on_sqlite
def test_without_javascript_the_frame_shows_no_other_mail_than_what_is_typed(admin: Browser, shipped: Order) -> None:
    assert "/preview" in frame(admin.page(HERE))
    _status, refused = save(admin, htmx=False, html="{{ nothing }}")
    assert "src=" not in frame(refused)
    _status, saved = save(admin, htmx=False, subject="Vår egen")
    assert "/preview" in frame(saved)


def frame(page: Page) -> str:
    (tag,) = re.findall(r"<iframe[^>]*>", page.html)
    return str(tag)


@on_sqlite
def test_the_chosen_order_stays_chosen_after_saving(admin: Browser, shipped: Order) -> None:
    answer = admin.post(HERE, {**values(admin), "subject": "Vår egen", "order": shipped.number, "shipment": "1"})

    assert answer.location == f"{HERE}?order={shipped.number}&shipment=1"
