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
URL = "/settings/templates/delivery_confirmation/sv"
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


def active_source() -> MailSource:
    db.session.rollback()
    db.session.expire_all()
    versions = mail_templates.versions(KIND, "sv")
    return (versions[0].source if versions else None) or source(KIND, "sv")


def values(browser: Browser, path: str = URL) -> dict[str, str]:
    return browser.page(path).form(URL).values()


def save(browser: Browser, *, htmx: bool = True, **typed: object) -> tuple[int, Page]:
    response = browser.post(URL, {**values(browser), **typed}, htmx=htmx)
    if response.status_code == 303:
        return 303, browser.page(response.location)
    return response.status_code, Page(response.text)


@on_sqlite
@pytest.mark.parametrize("path", ["nonsense/sv", "comment/xx", "comment/sv/preview/x", "comment"])
def test_an_unknown_template_is_not_found(admin: Browser, path: str) -> None:
    assert admin.get(f"/settings/templates/{path}").status_code == 404


@on_sqlite
def test_templates_are_for_administrators(staff: Browser, viewer: Browser) -> None:
    for browser in (staff, viewer):
        for path in ("/settings/templates", URL, f"{URL}/preview"):
            assert browser.get(path).status_code == 403
        for action in ("", "/reset", "/send_test", "/insertion", "/findings", "/preview"):
            assert browser.post(URL + action, {"csrf_token": browser.token()}).status_code in {403, 404}


@on_sqlite
@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize(
    ("field", "typed", "message"),
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
def test_a_template_with_an_error_is_refused_and_the_active_one_stays(
    admin: Browser, shipped: Order, field: str, typed: str, message: str, htmx: bool
) -> None:
    status, page = save(admin, htmx=htmx, **{field: typed})

    assert status == 422
    assert message in page.text
    assert page.form(URL).values()[field] == as_read_from_html(typed)
    assert active_source() == source(KIND, "sv")
    assert db.session.query(MailTemplate).count() == 0


@on_sqlite
def test_an_empty_form_changes_nothing(admin: Browser) -> None:
    token = admin.token()
    for action in ("", "/test", "/findings", "/preview", "/insertion"):
        response = admin.post(URL + action, {"csrf_token": token})
        assert response.status_code in {200, 422}, action
    assert db.session.query(MailTemplate).count() == 0


def test_a_saved_template_is_used_for_the_next_mail(admin: Browser, shipped: Order, anna: Actor) -> None:
    typed = "<p>Nu kommer den!</p>{{ blocks.tracking }}\n{{ blocks.rows }}"

    status, page = save(admin, html=typed, subject="{{ shipment.reference }} är på väg")

    assert status == 200
    assert SAVED in page.text
    assert active_source().html == typed
    order_url = f"/orders/{shipped.number}"
    response = admin.send(
        f"{order_url}/messages", f"{order_url}/shipments/1/confirmation", htmx=True, agreed="just-sent"
    )
    assert response.status_code == 200, Page(response.text).text
    db.session.rollback()
    mail = db.session.query(Message).order_by(Message.id.desc()).first()
    assert mail is not None
    assert mail.subject == "WS-100001-1 är på väg"
    assert "Nu kommer den!" in mail.html
    assert "ABC-1" in mail.html
    assert mail.remark is None


@pytest.mark.parametrize("htmx", [True, False])
def test_rule_20_a_template_without_the_tracking_code_requires_confirmation(
    admin: Browser, shipped: Order, htmx: bool
) -> None:
    status, page = save(admin, htmx=htmx, html="{{ blocks.rows }}")

    assert status == 422
    assert NO_CODE in page.text
    assert "Spara ändå" in page.buttons
    assert active_source() == source(KIND, "sv")

    form = page.form(URL)
    assert form.values()["agreed"] == "no-tracking-code"
    response = admin.post(URL, dict(form.values()), htmx=htmx)
    assert response.status_code == (200 if htmx else 303)
    assert active_source().html.strip() == "{{ blocks.rows }}"


@on_sqlite
def test_rule_20_one_click_inserts_the_missing_block_without_javascript(admin: Browser, shipped: Order) -> None:
    _status, page = save(admin, htmx=False, html="{{ blocks.rows }}")

    response = admin.post(f"{URL}/insertion", {**page.form(URL).values(), "insert": "html"})

    assert response.status_code == 200
    form = Page(response.text).form(URL)
    assert "{{ blocks.tracking }}" in form.values()["html"]
    assert NO_CODE not in Page(response.text).text
    assert active_source() == source(KIND, "sv"), "nothing is saved by it"
    assert admin.post(URL, dict(form.values())).status_code == 303


@on_sqlite
def test_two_users_editing_one_template_do_not_overwrite_each_other(
    admin: Browser, shipped: Order, anna: Actor
) -> None:
    stale_values = values(admin)
    with writing():
        mail_templates.save(KIND, "sv", replace(source(KIND, "sv"), subject="Annas"), by=anna)

    response = admin.post(URL, {**stale_values, "subject": "Min"}, htmx=True)

    page = Page(response.text)
    assert response.status_code == 409
    assert "Anna Lind sparade den här mallen medan du arbetade med den." in page.text
    assert page.form(URL).values()["subject"] == "Min"
    assert active_source().subject == "Annas"
    assert admin.post(URL, dict(page.form(URL).values()), htmx=True).status_code == 200
    assert active_source().subject == "Min"


@on_sqlite
def test_a_former_version_can_be_restored(admin: Browser, shipped: Order) -> None:
    save(admin, subject="Första")
    save(admin, subject="Andra")
    page = admin.page(URL)
    first, second = (link for link in page.links if "version=" in link and "shipped" not in link)

    former_values = values(admin, second)
    assert former_values["subject"] == "Första"
    assert active_source().subject == "Andra", "it is only shown"
    admin.post(URL, former_values, htmx=True)
    assert active_source().subject == "Första"
    assert values(admin, f"{URL}?version=shipped")["subject"] == source(KIND, "sv").subject
    assert len(mail_templates.versions(KIND, "sv")) == 3
    assert first != second


@pytest.mark.parametrize("htmx", [True, False])
def test_the_shop_can_return_to_the_included_template(admin: Browser, shipped: Order, htmx: bool) -> None:
    save(admin, subject="Vår egen")

    response = admin.post(f"{URL}/reset", values(admin), htmx=htmx)

    assert response.status_code == (200 if htmx else 303)
    assert active_source() == source(KIND, "sv")
    assert [version.source is None for version in mail_templates.versions(KIND, "sv")] == [True, False]
    second_response = admin.post(f"{URL}/reset", values(admin), htmx=True)
    assert "Den medföljande mallen används redan." in Page(second_response.text).text


@on_sqlite
def test_saving_an_unchanged_template_creates_no_version(admin: Browser, shipped: Order) -> None:
    status, page = save(admin)
    assert status == 200
    assert "Mallen används redan precis så." in page.text
    assert mail_templates.versions(KIND, "sv") == []


@on_sqlite
def test_the_preview_is_rendered_from_a_real_order(admin: Browser, shipped: Order) -> None:
    response = admin.get(f"{URL}/preview")

    assert response.headers["Content-Security-Policy"].startswith("sandbox;")
    assert "ABC-1" in response.text
    assert "WS-100001" in response.text
    typed = {**values(admin), "html": "<p>{{ customer.name }}</p>{{ blocks.rows }}"}
    html = admin.post(f"{URL}/preview", typed).text
    assert "<b>Åsa</b>" not in html
    assert "&lt;b&gt;Åsa&lt;/b&gt;" in html


@on_sqlite
def test_the_preview_of_a_template_with_an_error_is_empty_or_the_message(admin: Browser, shipped: Order) -> None:
    typed = {**values(admin), "html": "{{ nothing }}"}
    assert admin.post(f"{URL}/preview?quiet=1", typed).status_code == 204
    assert "Rad 1: nothing finns inte." in admin.post(f"{URL}/preview", typed).text


@on_sqlite
def test_findings_are_shown_while_typing(admin: Browser, shipped: Order) -> None:
    typed = {**values(admin), "html": "{{ nothing }}"}
    page = Page(admin.post(f"{URL}/findings", typed, htmx=True).text)
    assert "HTML Rad 1: nothing finns inte." in page.text
    page_without_errors = Page(admin.post(f"{URL}/findings", values(admin), htmx=True).text)
    assert "Leveransbekräftelse WS-100001-1 från webshop-orders" in page_without_errors.text
    page_of_unknown_order = Page(admin.post(f"{URL}/findings", {**values(admin), "order": "WS-9"}, htmx=True).text)
    assert "Det finns ingen order WS-9." in page_of_unknown_order.text


@on_sqlite
def test_the_preview_uses_the_selected_order_and_shipment(admin: Browser, shipped: Order) -> None:
    other = make_order(("LJUS-12", 1), customer=replace(ASA, name="Nils Ek"))
    assert "WS-100001-1" in admin.get(f"{URL}/preview").text
    assert "Nils" in admin.get(f"{URL}/preview?order={other.number}&shipment=1").text
    assert "Det finns ingen order" in admin.get(f"{URL}/preview?order=WS-9").text
    assert admin.get(f"{URL}?order=WS-9").status_code == 200


@on_sqlite
def test_a_shop_without_orders_sees_a_sample_order(admin: Browser) -> None:
    assert "WS-100234" in admin.get(f"{URL}/preview").text
    response = admin.post(f"{URL}/test", {**values(admin), "recipient": "anna@example.com"}, htmx=True)
    assert response.status_code == 200
    assert db.session.query(Message).one().order_id is None
    assert "WS-100234" in admin.page("/settings/messages").text


def test_a_test_mail_uses_the_typed_template_and_not_the_saved_one(admin: Browser, shipped: Order) -> None:
    before = fresh(shipped).message_count
    typed = {**values(admin), "subject": "Prov {{ shipment.reference }}", "recipient": "anna@example.com"}

    response = admin.post(f"{URL}/test", typed, htmx=True)

    assert response.status_code == 200
    page = Page(response.text)
    assert "Mejlet till anna@example.com hålls kvar: ingen e-postserver är inställd." in page.text
    assert page.form(URL).values()["subject"] == "Prov {{ shipment.reference }}"
    db.session.rollback()
    mail = db.session.query(Message).filter_by(is_test=True).one()
    assert (mail.subject, mail.recipient) == ("[Test] Prov WS-100001-1", "anna@example.com")
    assert mail.caused_by == "Admin Berg"
    assert fresh(shipped).message_count == before
    assert active_source() == source(KIND, "sv")
    assert "[Test] Prov" in admin.page("/settings/messages?state=tests").text


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"recipient": "ingen"}, "Ange en e-postadress"),
        ({"recipient": ""}, "Det här kan inte vara tomt."),
        ({"html": "{{ nothing }}"}, "nothing finns inte."),
        ({"order": "WS-9"}, "Det finns ingen order WS-9."),
        ({"recipient": "a@example.com\r\nBcc: x@example.com"}, "tecken som inte kan användas här"),
    ],
)
def test_an_invalid_test_mail_is_refused_with_a_message(
    admin: Browser, shipped: Order, typed: dict[str, str], message: str
) -> None:
    response = admin.post(f"{URL}/test", {**values(admin), **typed}, htmx=True)

    assert response.status_code == 422
    assert message in Page(response.text).text
    assert db.session.query(Message).filter_by(is_test=True).count() == 0


@on_sqlite
@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("kind", MessageKind)
def test_every_template_can_be_previewed_and_saved(
    admin: Browser, shipped: Order, kind: MessageKind, language: str
) -> None:
    url = f"/settings/templates/{kind.value}/{language}"
    assert admin.get(f"{url}/preview").status_code == 200
    form = admin.page(url).form(url).values()
    response = admin.post(url, {**form, "subject": form["subject"] + " !"}, htmx=True)
    assert SAVED in Page(response.text).text
    assert "egen" in admin.page("/settings/templates").text


def test_pages_stay_within_their_limit_of_statements(admin: Browser, shipped: Order) -> None:
    typed = values(admin)
    for path in ("/settings/templates", URL, f"{URL}/preview", "/settings/messages"):
        with counting() as statements:
            assert admin.get(path, htmx=True).status_code == 200
        assert len(statements) <= MAX_STATEMENTS, (path, statements)
    for action in ("/findings", "/preview", "/test", ""):
        with counting() as statements:
            changed_values = {**typed, "recipient": "a@example.com", "subject": "Hej {{ order.number }}"}
            assert admin.post(URL + action, changed_values, htmx=True).status_code == 200
        assert len(statements) <= 2 * MAX_STATEMENTS, (action, statements)


@on_sqlite
@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("version", ["", "-1", "4711", "٣", "9" * 30, None])
def test_a_form_without_a_valid_version_saves_nothing(
    admin: Browser, shipped: Order, version: str | None, htmx: bool
) -> None:
    response = admin.post(URL, {**values(admin), "subject": "Min", "seen": version}, htmx=htmx)

    page = Page(response.text)
    assert response.status_code == 422
    assert "Formuläret kom inte fram helt" in page.text
    assert page.form(URL).values()["subject"] == "Min"
    assert db.session.query(MailTemplate).count() == 0


@on_sqlite
def test_a_block_is_not_inserted_into_a_template_with_an_error(admin: Browser, shipped: Order) -> None:
    typed = {**values(admin), "html": "{{ order.nmae }}", "insert": "html"}

    response = admin.post(f"{URL}/insertion", typed)

    assert response.status_code == 422
    assert "Rad 1: order.nmae finns inte." in Page(response.text).text
    assert Page(response.text).form(URL).values()["html"] == "{{ order.nmae }}"


@on_sqlite
@pytest.mark.parametrize(
    ("code", "expected"),
    [("no-tracking-code", "Hej\n{{ blocks.tracking }}\n"), ("no-rows", "Hej\n{{ blocks.rows }}\n"), ("x", "Hej")],
)
def test_one_click_inserts_only_the_block_of_its_finding(
    admin: Browser, shipped: Order, code: str, expected: str
) -> None:
    typed = {**values(admin), "html": "Hej", "insert": "html"}

    response = admin.post(f"{URL}/insertion?code={code}", typed)

    assert Page(response.text).form(URL).values()["html"].replace("\r\n", "\n") == expected


@on_sqlite
@pytest.mark.parametrize("version", ["4711", "x", "٣", "-1", "9" * 30])
def test_an_unknown_version_is_not_found(admin: Browser, shipped: Order, version: str) -> None:
    for path in (URL, f"{URL}/preview"):
        assert admin.get(f"{path}?version={version}").status_code == 404


@on_sqlite
def test_findings_concern_the_selected_order_and_its_shipments(admin: Browser, shipped: Order) -> None:
    other = make_order(("LJUS-12", 1), customer=replace(ASA, name="Nils Ek"))

    response = admin.post(f"{URL}/findings", {**values(admin), "order": other.number}, htmx=True)

    page = Page(response.text)
    assert f"Leveransbekräftelse {other.number}-1 från" in page.text
    assert re.findall(r"<option[^>]*>(WS-[0-9]+-[0-9]+)</option>", page.html) == [f"{other.number}-1"]


@on_sqlite
def test_an_unknown_order_is_reported_at_its_field_and_the_preview_stays(admin: Browser, shipped: Order) -> None:
    typed = {**values(admin), "order": "WS-9"}

    page = Page(admin.post(f"{URL}/test", {**typed, "recipient": "a@example.com"}).text)

    assert 'id="template-order-number-reason">Det finns ingen order WS-9.' in page.html
    assert admin.post(f"{URL}/preview?quiet=1", typed).status_code == 204


@on_sqlite
def test_without_javascript_the_frame_shows_only_the_typed_template(admin: Browser, shipped: Order) -> None:
    assert "/preview" in frame(admin.page(URL))
    _status, refused = save(admin, htmx=False, html="{{ nothing }}")
    assert "src=" not in frame(refused)
    _status, saved = save(admin, htmx=False, subject="Vår egen")
    assert "/preview" in frame(saved)


def frame(page: Page) -> str:
    (tag,) = re.findall(r"<iframe[^>]*>", page.html)
    return str(tag)


@on_sqlite
def test_the_selected_order_stays_selected_after_saving(admin: Browser, shipped: Order) -> None:
    response = admin.post(URL, {**values(admin), "subject": "Vår egen", "order": shipped.number, "shipment": "1"})

    assert response.location == f"{URL}?order={shipped.number}&shipment=1"
