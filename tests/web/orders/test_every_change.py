"""Rules for every change of an order: with and without htmx, stale, sent twice at once, and cross-site."""

import re

import pytest
from flask import Flask

from tests.factories import make_order
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.http.test_bad_input import state
from tests.web.orders.changes import CHANGES, Change, fill_in
from tests.web.pages import Page
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, CommentKind, DeliveryStatus, Message, Order
from webshop_orders.operations.orders import cancellation, comments, lines, shipments
from webshop_orders.transactions.unit_of_work import editing


def each(changes: list[Change]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("change", changes, ids=lambda change: change.name)


VERSIONED = [change for change in CHANGES if change.bumps_version]
WITHIN = [change for change in CHANGES if change.action.startswith(("/lines/", "/shipments/"))]
OF_OPEN_ORDERS = [change for change in VERSIONED if change.name != "cancelled"]
STALE = "Ordern ändrades medan du arbetade med den."
INCOMPLETE = "Formuläret kom inte fram helt"
TWICE = "Det här är redan gjort."


def region(html: str) -> str:
    """The region of a response, without the values that are new in each form."""
    start, end = html.index('<section id="order"'), html.rindex("</section>")
    return re.sub(r'name="(csrf_token|request_key)" value="[^"]*"', "", html[start:end])


def address_of(order: Order, tab: str) -> str:
    return f"/orders/{order.number}" if tab == "summary" else f"/orders/{order.number}/{tab}"


def change_something_else(order: Order, by: Actor) -> None:
    with editing(order.number, None, by) as present:
        shipments.set_status(present.shipments[1], DeliveryStatus.BACKORDERED, by=by)


def test_the_table_has_every_form_of_an_order(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/orders/<") and "POST" in rule.methods]
    assert {rule.endpoint for rule in rules} == {change.endpoint for change in CHANGES}


@on_sqlite
@each(CHANGES)
def test_a_change_leads_to_the_tab_that_says_what_was_done(
    staff: Browser, anna: Actor, parts: Order, change: Change
) -> None:
    form = fill_in(staff, change, parts, anna)
    before = state(parts)
    response = staff.post(form.action, form.values)
    assert (response.status_code, response.location) == (303, address_of(parts, change.answers_with))
    assert change.sentence in staff.page(response.location).text
    assert change.sentence not in staff.page(response.location).text, "said once"
    assert state(parts) != before


@each(CHANGES)
def test_by_htmx_a_change_answers_with_the_region_as_a_visit_would_show_it(
    staff: Browser, anna: Actor, parts: Order, change: Change
) -> None:
    form = fill_in(staff, change, parts, anna)
    response = staff.post(form.action, form.values, htmx=True)
    assert response.status_code == 200
    assert "<html" not in response.text
    toasts = response.text[response.text.index('<hx-partial hx-target="#toasts"') :]
    assert change.sentence in Page(toasts).text
    visited = staff.get(f"/orders/{parts.number}/{change.answers_with}", htmx=True).text
    assert region(response.text) == region(visited)
    assert region(visited) == region(staff.get(f"/orders/{parts.number}/{change.answers_with}").text)


@each(CHANGES)
def test_a_form_sent_twice_is_carried_out_once(staff: Browser, anna: Actor, parts: Order, change: Change) -> None:
    form = fill_in(staff, change, parts, anna)
    assert staff.post(form.action, form.values, htmx=True).status_code == 200
    after = state(parts)
    response = staff.post(form.action, form.values, htmx=True)
    assert response.status_code == 200
    assert TWICE in Page(response.text).text
    assert staff.post(form.action, form.values).status_code == 303
    assert state(parts) == after


@on_sqlite
@each(VERSIONED)
def test_a_form_that_comes_too_late_is_answered_with_the_present_state(
    staff: Browser, anna: Actor, parts: Order, change: Change
) -> None:
    form = fill_in(staff, change, parts, anna)
    change_something_else(parts, anna)
    before = state(parts)
    for htmx in (True, False):
        response = staff.post(form.action, form.values, htmx=htmx)
        assert response.status_code == 409
        page = Page(response.text)
        assert STALE in page.text
        assert "Anna Lind: WS-100001-2 sattes till Restnoterad för hand." in page.text
        if change.typed and "status" not in change.typed:
            stored = page.form(form.action).values()
            assert {name: stored[name] for name in change.typed} == change.typed
            assert stored["version"] == str(fresh(parts).version)
            assert stored["request_key"] != form.values["request_key"]
    assert state(parts) == before


@on_sqlite
@each(CHANGES)
def test_comments_and_mails_of_others_make_no_form_stale(
    staff: Browser, anna: Actor, parts: Order, change: Change
) -> None:
    form = fill_in(staff, change, parts, anna)
    with editing(parts.number, None, anna) as present:
        comments.add(present, CommentKind.CUSTOMER, "Hej", mail=True, by=anna)
    assert staff.post(form.action, form.values).status_code == 303


@on_sqlite
@each(VERSIONED)
def test_a_form_without_its_version_changes_nothing(staff: Browser, anna: Actor, parts: Order, change: Change) -> None:
    form = fill_in(staff, change, parts, anna)
    before = state(parts)
    response = staff.post(form.action, {**form.values, "version": None})
    assert response.status_code == 422
    assert INCOMPLETE in Page(response.text).text
    assert state(parts) == before


@on_sqlite
@pytest.mark.parametrize("version", ["", "abc", "-1", "1e3", "٣", "9" * 30, "1\0", "0x1", " 1"])
def test_a_version_that_is_none_changes_nothing(staff: Browser, anna: Actor, parts: Order, version: str) -> None:
    form = fill_in(staff, CHANGES[0], parts, anna)
    before = state(parts)
    response = staff.post(form.action, {**form.values, "version": version}, htmx=True)
    assert response.status_code == 422
    assert INCOMPLETE in Page(response.text).text
    assert Page(response.text).form(form.action).values()["quantity"] == "2"
    assert state(parts) == before


@on_sqlite
@pytest.mark.parametrize("version", ["0", "999999999"])
def test_a_version_that_the_order_never_had_is_stale(staff: Browser, anna: Actor, parts: Order, version: str) -> None:
    form = fill_in(staff, CHANGES[0], parts, anna)
    before = state(parts)
    response = staff.post(form.action, {**form.values, "version": version}, htmx=True)
    assert response.status_code == 409
    assert STALE in Page(response.text).text
    assert state(parts) == before


@on_sqlite
@each(CHANGES)
def test_an_unknown_order_is_not_found_in_the_layout(staff: Browser, anna: Actor, parts: Order, change: Change) -> None:
    form = fill_in(staff, change, parts, anna)
    before = state(parts)
    elsewhere = form.action.replace(parts.number, "WS-999999")
    response = staff.post(elsewhere, form.values)
    assert response.status_code == 404
    assert "Det finns ingen order WS-999999." in Page(response.text).text
    response = staff.post(elsewhere, form.values, htmx=True)
    assert response.status_code == 404
    assert "Det finns ingen order WS-999999." in Page(response.text).text
    assert response.headers["HX-Reswap"] == "none"
    assert state(parts) == before


@on_sqlite
@each(WITHIN)
def test_what_belongs_to_another_order_is_not_found(staff: Browser, anna: Actor, parts: Order, change: Change) -> None:
    form = fill_in(staff, change, parts, anna)
    other = make_order(("OKÄND-1", 2), external_reference="annan")
    with editing(other.number, None, anna) as present:
        present.last_seq = 7
        present.shipments[0].seq = 7
    before, others = state(parts), state(other)
    carried = {**form.values, "version": str(fresh(other).version)}
    for htmx in (True, False):
        response = staff.post(form.action.replace(parts.number, other.number), carried, htmx=htmx)
        assert response.status_code == 404
        assert other.number in Page(response.text).text
    assert (state(parts), state(other)) == (before, others)


@on_sqlite
@each(OF_OPEN_ORDERS)
def test_a_cancelled_order_changes_no_more(staff: Browser, anna: Actor, parts: Order, change: Change) -> None:
    form = fill_in(staff, change, parts, anna)
    with editing(parts.number, None, anna) as present:
        shipments.reopen(present.shipments[2], by=anna)
    with editing(parts.number, None, anna) as present:
        cancellation.cancel(present, by=anna)
    before = state(parts)
    response = staff.post(form.action, {**form.values, "version": str(fresh(parts).version)})
    assert response.status_code == 422
    assert "är makulerad" in Page(response.text).text
    assert state(parts) == before


def test_a_line_that_went_meanwhile_is_said_to_be_gone(staff: Browser, anna: Actor, parts: Order) -> None:
    change = CHANGES[0]
    form = fill_in(staff, change, parts, anna)
    with editing(parts.number, None, anna) as present:
        lines.remove(next(present.lines), by=anna)
    stale = staff.post(form.action, form.values, htmx=True)
    assert stale.status_code == 409
    assert "3 × Stearinljus, 12-pack raderades ur WS-100001-1." in Page(stale.text).text
    gone = staff.post(form.action, {**form.values, "version": str(fresh(parts).version)}, htmx=True)
    assert gone.status_code == 404
    assert "Den här produkten finns inte längre i order WS-100001." in Page(gone.text).text


def test_shipping_twice_at_once_mails_once(staff: Browser, anna: Actor, parts: Order) -> None:
    change = next(change for change in CHANGES if change.name == "shipped")
    first, second = (fill_in(staff, change, parts, anna) for _ in range(2))
    assert first.values["request_key"] != second.values["request_key"]
    before = db.session.query(Message).count()
    assert staff.post(first.action, first.values, htmx=True).status_code == 200
    late = staff.post(second.action, second.values, htmx=True)
    assert late.status_code == 409
    again = staff.post(second.action, {**second.values, "version": str(fresh(parts).version)}, htmx=True)
    assert again.status_code == 200
    assert "WS-100001-1 är redan skickad." in Page(again.text).text
    db.session.rollback()
    assert db.session.query(Message).count() == before + 1
