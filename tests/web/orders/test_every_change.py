"""Rules for every change of an order: with and without htmx, stale, sent twice at once, and cross-site."""

import re
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from tests.factories import make_order
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.http.test_bad_input import state
from tests.web.orders.changes import CHANGES, Change, fill_in, send_back
from tests.web.pages import Page, text_of
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, CommentKind, DeliveryStatus, HoldReason, Message, Order
from webshop_orders.operations.after_sales import payments
from webshop_orders.operations.orders import (
    cancellation,
    comments,
    customers,
    holds,
    lines,
    priority,
    shipments,
    shipping_fee,
    tracking,
    whole_delivery,
)
from webshop_orders.transactions.unit_of_work import editing
from webshop_orders.web.labels import delivery_status

pytestmark = pytest.mark.usefixtures("mail_server")


def each(changes: list[Change]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("change", changes, ids=lambda change: change.name)


VERSIONED = [change for change in CHANGES if change.bumps_version]
WITHIN = [change for change in CHANGES if change.action.startswith(("/lines/", "/shipments/"))]
OF_A_PART = [change for change in CHANGES if re.search(r"\{|/[0-9]", change.action)]
OF_OPEN_ORDERS = [change for change in VERSIONED if change.name not in {"cancelled", "restored"}]
# Money goes on in a cancelled order, and what came back cannot be taken back by opening the shipment again.
CLOSED_BY_CANCELLING = [change for change in OF_OPEN_ORDERS if not change.after and change.name != "payment"]
OF_MONEY = {"payment", "refund", "refund done", "refund given up"}
CODE_ADDED = next(change for change in CHANGES if change.name == "tracking code")
# Those that a change of another part can be in the way of: a tracking code rests on nothing but its shipment.
RESTING = [change for change in VERSIONED if change.name not in {"tracking code", "tracking code removed"}]
STALE = "Ordern ändrades medan du arbetade med den."
INCOMPLETE = "Formuläret kom inte fram helt"
TWICE = "Det här är redan gjort."


def region(html: str) -> str:
    """The region of a response, without the values that are new in each form."""
    start, end = html.index('<section id="order"'), html.rindex("</section>")
    return re.sub(r'name="(csrf_token|request_key)" value="[^"]*"', "", html[start:end])


def url_of_tab(order: Order, tab: str) -> str:
    return f"/orders/{order.number}" if tab == "summary" else f"/orders/{order.number}/{tab}"


def change_the_same(order: Order, change: Change, by: Actor) -> str:
    """Change what a form rests on; gives the sentence that says so."""
    with editing(order.number, None, by) as locked_order:
        if locked_order.is_cancelled:  # nothing else can be changed then
            cancellation.restore(locked_order, by=by)
            cancellation.cancel(locked_order, by=by)
            return f"{by.name}: Ordern makulerades."
        if change.name == "customer":
            billing, shipping = locked_order.billing_address, locked_order.shipping_address
            customers.change(locked_order, replace(locked_order.customer, name="Bo"), billing, shipping, by=by)
            return f"{by.name}: Kund eller adresser ändrades."
        if change.name == "reopened":
            shipments.reopen(locked_order.shipments[2], by=by)
            return f"{by.name}: WS-100001-3 togs tillbaka från skickad."
        if change.name == "tracking code corrected":
            tracking.add(locked_order.shipments[2], "ELSEWHERE-2", None, None, by=by)
            return f"{by.name}: Spårningskoden ELSEWHERE-2 lades till på WS-100001-3."
        if change.endpoint == "stock_terms.set_whole_delivery":
            whole_delivery.set_whole(locked_order, True, by=by)
            return f"{by.name}: Ordern väntar tills allt finns i lager och skickas hel."
        if change.endpoint.startswith("stock_terms."):
            priority.prioritise(locked_order, "Ringde", by=by)
            return f"{by.name}: Ordern får lager före äldre ordrar: «Ringde»"
        if change.endpoint.startswith("holds."):
            holds.hold(locked_order, HoldReason.SUSPECTED_FRAUD, by=by)
            return f"{by.name}: WS-100001 pausades: misstänkt bedrägeri."
        if change.name == "shipping fee":
            shipping_fee.change(locked_order, "Bud", 9_900, by=by)
            return f"{by.name}: Frakten ändrades."
        if change.name in OF_MONEY:
            payments.register(locked_order, 100, method=None, paid_on=date(2026, 11, 2), by=by)
            return f"{by.name}: En betalning på 1,00 kr registrerades."
        if change.name in {"goods received", "return closed"}:
            send_back(locked_order, by)
            return f"{by.name}: Returen WS-100001-R2 registrerades: Linneduk."
        in_second = change.name in {"product added", "line without a product added", "status by hand"}
        shipment = locked_order.shipments[1 if in_second else 0]
        other = {DeliveryStatus.READY: DeliveryStatus.BACKORDERED, DeliveryStatus.BACKORDERED: DeliveryStatus.READY}
        shipments.set_status(shipment, other[shipment.status], by=by)
        return f"{by.name}: {shipment.reference} sattes till {delivery_status(shipment.status)} för hand."


def toasts_of(html: str) -> str:
    return " ".join(text_of(toast) for toast in Page(html).select(".toast-line"))


def add_code(order: Order, by: Actor) -> None:
    with editing(order.number, None, by) as locked_order:
        tracking.add(locked_order.shipments[0], "ELSEWHERE-1", None, None, by=by)


def test_the_table_has_every_form_of_an_order(app: Flask) -> None:
    """But for those that save nothing, and those that take another one back."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/orders/<") and "POST" in rule.methods]
    previews = {rule.endpoint for rule in rules if rule.endpoint.partition(".")[2].startswith("preview")}
    others = previews | {"undo.undo", "undo.redo"}
    assert {rule.endpoint for rule in rules} - others == {change.endpoint for change in CHANGES}


@on_sqlite
@each(CHANGES)
def test_a_change_redirects_to_its_tab_with_one_confirmation(
    staff: Browser, anna: Actor, parts: Order, change: Change
) -> None:
    form = fill_in(staff, change, parts, anna)
    before = state(parts)
    response = staff.post(form.action, form.values)
    assert (response.status_code, response.location) == (303, url_of_tab(parts, change.answers_with))
    assert change.sentence in staff.page(response.location).text
    assert change.sentence not in staff.page(response.location).text, "said once"
    assert state(parts) != before


@each(CHANGES)
def test_the_htmx_response_of_a_change_equals_the_region_of_a_new_request(
    staff: Browser, anna: Actor, parts: Order, change: Change
) -> None:
    form = fill_in(staff, change, parts, anna)
    response = staff.post(form.action, form.values, htmx=True)
    assert response.status_code == 200
    assert "<html" not in response.text
    toasts = response.text[response.text.index('<hx-partial hx-target="#toasts"') :]
    assert change.sentence in Page(toasts).text
    visited_page = staff.get(f"/orders/{parts.number}/{change.answers_with}", htmx=True).text
    assert region(response.text) == region(visited_page)
    assert region(visited_page) == region(staff.get(f"/orders/{parts.number}/{change.answers_with}").text)


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
@each(RESTING)
def test_a_stale_form_shows_the_current_state_and_keeps_the_typed_values(
    staff: Browser, anna: Actor, parts: Order, change: Change
) -> None:
    form = fill_in(staff, change, parts, anna)
    sentence = change_the_same(parts, change, anna)
    before = state(parts)
    for htmx in (True, False):
        response = staff.post(form.action, form.values, htmx=htmx)
        assert response.status_code == 409
        page = Page(response.text)
        assert STALE in page.text
        assert sentence in page.text
        if change.typed and "status" not in change.typed:
            values = page.form(form.action).values()
            typed = {name: value for name, value in change.typed.items() if value or name in values}
            assert {name: values[name] for name in typed} == typed
            assert values.get("seen", values["version"]) == str(fresh(parts).version)
            assert values["request_key"] != form.values["request_key"]
    assert state(parts) == before


@on_sqlite
@each(RESTING)
def test_a_stale_form_that_is_sent_again_is_carried_out(
    staff: Browser, anna: Actor, parts: Order, change: Change
) -> None:
    form = fill_in(staff, change, parts, anna)
    change_the_same(parts, change, anna)
    page = Page(staff.post(form.action, form.values).text)
    again = {**page.form(form.action).values(), **change.typed}
    assert staff.post(form.action, again).status_code == 303
    assert anna.name not in toasts_of(staff.get(f"/orders/{parts.number}/{change.answers_with}").text)


@on_sqlite
@each([change for change in OF_OPEN_ORDERS if change.name != "cancelled"])
def test_rule_32_a_change_and_a_tracking_code_from_elsewhere_both_go_in(
    staff: Browser, anna: Actor, parts: Order, change: Change
) -> None:
    form = fill_in(staff, change, parts, anna)
    add_code(parts, anna)
    response = staff.post(form.action, form.values, htmx=True)
    assert response.status_code == 200
    toasts = toasts_of(response.text)
    assert change.sentence in toasts
    assert f"Under tiden: {anna.name}: Spårningskoden ELSEWHERE-1 lades till på WS-100001-1. Båda är sparade." in toasts


@on_sqlite
def test_rule_32_cancelling_conflicts_with_a_tracking_code_from_elsewhere(
    staff: Browser, anna: Actor, parts: Order
) -> None:
    change = next(change for change in CHANGES if change.name == "cancelled")
    form = fill_in(staff, change, parts, anna)
    add_code(parts, anna)
    assert staff.post(form.action, form.values).status_code == 409


@on_sqlite
@each(CHANGES)
def test_comments_and_mails_do_not_make_a_form_stale(staff: Browser, anna: Actor, parts: Order, change: Change) -> None:
    form = fill_in(staff, change, parts, anna)
    with editing(parts.number, None, anna) as locked_order:
        comments.add(locked_order, CommentKind.CUSTOMER, "Hej", mail=True, by=anna)
    assert staff.post(form.action, form.values).status_code == 303


@on_sqlite
@each([change for change in OF_OPEN_ORDERS if change.action != "/shipments/2/status"])
def test_rule_32_two_forms_that_one_user_sends_in_a_row_both_count(
    staff: Browser, anna: Actor, parts: Order, change: Change
) -> None:
    first = next(change for change in CHANGES if change.name == "status by hand")
    form, earlier_form = fill_in(staff, change, parts, anna), fill_in(staff, first, parts, anna)
    assert staff.post(earlier_form.action, earlier_form.values, htmx=True).status_code == 200
    response = staff.post(form.action, form.values, htmx=True)
    assert response.status_code == 200
    assert change.sentence in Page(response.text).text
    response = staff.post(form.action, form.values, htmx=True)
    assert TWICE in Page(response.text).text


@on_sqlite
def test_rule_32_the_same_form_in_two_windows_counts_twice(staff: Browser, anna: Actor, parts: Order) -> None:
    first, second = (fill_in(staff, CHANGES[0], parts, anna) for _ in range(2))
    assert staff.post(first.action, first.values).status_code == 303
    assert staff.post(second.action, {**second.values, "quantity": "1"}).status_code == 303
    assert next(fresh(parts).lines).quantity == 1


@on_sqlite
def test_a_conflict_lists_the_changes_of_others_alone(staff: Browser, anna: Actor, parts: Order) -> None:
    form, code = (fill_in(staff, change, parts, anna) for change in (CHANGES[0], CODE_ADDED))
    assert staff.post(code.action, code.values).status_code == 303
    sentence = change_the_same(parts, CHANGES[0], anna)
    conflict = Page(staff.post(form.action, form.values, htmx=True).text)
    assert sentence in conflict.text
    assert "Staff Berg: Spårningskod" not in conflict.text


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
def test_an_invalid_version_changes_nothing(staff: Browser, anna: Actor, parts: Order, version: str) -> None:
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
def test_a_change_of_an_unknown_order_is_not_found(staff: Browser, anna: Actor, parts: Order, change: Change) -> None:
    form = fill_in(staff, change, parts, anna)
    before = state(parts)
    action = form.action.replace(parts.number, "WS-999999")
    response = staff.post(action, form.values)
    assert response.status_code == 404
    assert "Det finns ingen order WS-999999." in Page(response.text).text
    response = staff.post(action, form.values, htmx=True)
    assert response.status_code == 404
    assert "Det finns ingen order WS-999999." in Page(response.text).text
    assert response.headers["HX-Reswap"] == "none"
    assert state(parts) == before


@on_sqlite
@each(WITHIN)
def test_a_line_or_shipment_of_another_order_is_not_found(
    staff: Browser, anna: Actor, parts: Order, change: Change
) -> None:
    form = fill_in(staff, change, parts, anna)
    other = make_order(("OKÄND-1", 2), external_reference="annan")
    with editing(other.number, None, anna) as locked_order:
        locked_order.last_seq = 7
        locked_order.shipments[0].seq = 7
    before, other_before = state(parts), state(other)
    values = {**form.values, "version": str(fresh(other).version)}
    for htmx in (True, False):
        response = staff.post(form.action.replace(parts.number, other.number), values, htmx=htmx)
        assert response.status_code == 404
        assert other.number in Page(response.text).text
    assert (state(parts), state(other)) == (before, other_before)


@on_sqlite
@each(OF_A_PART)
@pytest.mark.parametrize("is_filled_in", [True, False], ids=["filled in", "left empty"])
def test_a_change_of_a_part_that_does_not_exist_is_not_found(
    staff: Browser, anna: Actor, parts: Order, change: Change, is_filled_in: bool
) -> None:
    form = fill_in(staff, change, parts, anna)
    before = state(parts)
    action = re.sub(r"/[0-9]+(?=[^0-9]*$)", "/987654", form.action)
    values = form.values if is_filled_in else {**form.values, **dict.fromkeys(change.typed, "")}
    for htmx in (True, False):
        response = staff.post(action, values, htmx=htmx)
        assert response.status_code == 404 if is_filled_in else response.status_code in {404, 422}
    assert state(parts) == before


@on_sqlite
@each(CLOSED_BY_CANCELLING)
def test_a_change_of_a_cancelled_order_is_refused(staff: Browser, anna: Actor, parts: Order, change: Change) -> None:
    form = fill_in(staff, change, parts, anna)
    with editing(parts.number, None, anna) as locked_order:
        shipments.reopen(locked_order.shipments[2], by=anna)
    with editing(parts.number, None, anna) as locked_order:
        cancellation.cancel(locked_order, by=anna)
    before = state(parts)
    response = staff.post(form.action, {**form.values, "version": str(fresh(parts).version)})
    assert response.status_code == 422
    assert "är makulerad" in Page(response.text).text
    assert state(parts) == before


@on_sqlite
def test_one_user_shipping_in_two_windows_sends_one_mail(staff: Browser, anna: Actor, parts: Order) -> None:
    change = next(change for change in CHANGES if change.name == "shipped")
    first, second = (fill_in(staff, change, parts, anna) for _ in range(2))
    before = db.session.query(Message).count()
    assert staff.post(first.action, first.values, htmx=True).status_code == 200
    repeated = staff.post(second.action, second.values, htmx=True)
    assert repeated.status_code == 200
    assert "WS-100001-1 är redan skickad." in Page(repeated.text).text
    db.session.rollback()
    assert db.session.query(Message).count() == before + 1


def test_a_line_removed_by_someone_else_is_reported(staff: Browser, anna: Actor, parts: Order) -> None:
    change = CHANGES[0]
    form = fill_in(staff, change, parts, anna)
    with editing(parts.number, None, anna) as locked_order:
        lines.remove(next(locked_order.lines), by=anna)
    conflict = staff.post(form.action, form.values, htmx=True)
    assert conflict.status_code == 409
    assert "3 × Stearinljus, 12-pack raderades ur WS-100001-1." in Page(conflict.text).text
    not_found = staff.post(form.action, {**form.values, "version": str(fresh(parts).version)}, htmx=True)
    assert not_found.status_code == 404
    assert "Den här produkten finns inte längre i order WS-100001." in Page(not_found.text).text


def test_two_users_shipping_at_once_send_one_mail(staff: Browser, admin: Browser, anna: Actor, parts: Order) -> None:
    change = next(change for change in CHANGES if change.name == "shipped")
    first, second = (fill_in(browser, change, parts, anna) for browser in (admin, staff))
    assert first.values["request_key"] != second.values["request_key"]
    before = db.session.query(Message).count()
    assert admin.post(first.action, first.values, htmx=True).status_code == 200
    conflict = staff.post(second.action, second.values, htmx=True)
    assert conflict.status_code == 409
    repeated = staff.post(second.action, {**second.values, "version": str(fresh(parts).version)}, htmx=True)
    assert repeated.status_code == 200
    assert "WS-100001-1 är redan skickad." in Page(repeated.text).text
    db.session.rollback()
    assert db.session.query(Message).count() == before + 1
