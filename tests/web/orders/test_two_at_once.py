"""Rules 22 and 32: two people change one order. What touches different parts goes in, whoever is first; a form that
rests on what the other touched is refused, with theirs and yours side by side."""

import re
from dataclasses import dataclass, field
from itertools import combinations_with_replacement
from typing import Any

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.pages import Page, text_of
from webshop_orders.documents import order as order_document
from webshop_orders.models import Actor, DeliveryStatus, Order
from webshop_orders.operations.orders import splits, touched_parts
from webshop_orders.transactions.unit_of_work import editing

pytestmark = pytest.mark.usefixtures("mail_server")

SKUS = ("OIL", "WICK", "CANDLE", "LAMP", "CLOTH")
OF_RESULT = re.compile(r"version|id|number|reference|_at$")


@dataclass(frozen=True)
class Act:
    """A form of an order, and what each of two people types into it.

    `touches` is what it changes, in the words of this test, and `rests_on` what else must stay as it was.
    `{LAMP}` is the id of the line of that product in the first shipment.
    """

    name: str
    touches: set[str]
    page: str
    action: str
    typed: dict[str, Any] = field(default_factory=dict)
    typed_by_second: dict[str, Any] | None = None
    rests_on: set[str] = field(default_factory=set)

    def is_refused_after(self, other: "Act") -> bool:
        return bool(other.touches & (self.touches | self.rests_on))

    def values(self, is_second: bool) -> dict[str, Any]:
        return self.typed_by_second if is_second and self.typed_by_second is not None else self.typed


ACTS = [
    Act("quantity", {"OIL"}, "/lines/{OIL}", "/lines/{OIL}", {"quantity": 3}, {"quantity": 4}),
    Act("removal of the same", {"OIL"}, "/shipping", "/lines/{OIL}/removal"),
    Act("removal of a split one", {"CANDLE"}, "/shipping", "/lines/{CANDLE}/removal"),
    Act("removal of another", {"WICK"}, "/shipping", "/lines/{WICK}/removal"),
    Act("split", {"CANDLE"}, "/lines/{CANDLE}/split", "/lines/{CANDLE}/split", {"quantity": 1, "target": "new"}),
    Act(
        "joined",
        {"LAMP", "second", "CLOTH"},
        "/lines/{LAMP}/split",
        "/lines/{LAMP}/split",
        {"quantity": 1, "target": "2"},
    ),
    Act("status", {"second"}, "/shipping", "/shipments/2/status", {"status": "backordered"}),
    Act("shipped", {"second"}, "/shipping", "/shipments/2/status", {"status": "shipped", "agreed": "no-code"},
        rests_on={"address"}),
    Act("code", set(), "/shipping", "/shipments/1/tracking", {"code": "AA-1"}, {"code": "BB-2"}),
    Act("name", {"name"}, "/customer", "/customer", {"customer-name": "Bo"}, {"customer-name": "Eva"}),
    Act("phone", {"phone"}, "/customer", "/customer", {"customer-phone": "070-1"}, {"customer-phone": "070-2"}),
    Act("address", {"address"}, "/customer", "/customer", {"same_address": "", "shipping-city": "Kiruna"},
        {"same_address": "", "shipping-city": "Boden"}),
    Act("added", {"NEW"}, "/shipping", "/lines", {"product": "{new}", "quantity": 1, "shipment": "1"}),
    Act("comment", set(), "", "/comments", {"text": "Hej"}),
]  # fmt: skip
PAIRS = list(combinations_with_replacement(ACTS, 2))


def make(by: Actor) -> Order:
    """An order of five products, four of them in the first shipment, and one and some lamps in the second."""
    order = make_order(*((sku, 5) for sku in SKUS))
    with editing(order.number, None, by) as present:
        cloth = next(line for line in present.lines if line.sku == "CLOTH")
        target = splits.split(cloth, 5, to=None, by=by)
        splits.split(next(line for line in present.lines if line.sku == "LAMP"), 1, to=target, by=by)
    return order


@pytest.fixture
def catalogue(app: Flask) -> int:
    """Products that stock never decides on; gives the id of one that no order has."""
    for sku in SKUS:
        make_product(sku, stock=None)
    return make_product("NEW", stock=None).id


def opened(browser: Browser, order: Order, act: Act, new: int, *, is_second: bool) -> tuple[str, dict[str, Any]]:
    ids = {line.sku: line.id for line in fresh(order).shipments[0].lines}
    page, action = (f"/orders/{order.number}{path.format(**ids)}" for path in (act.page, act.action))
    typed = {name: str(value).format(new=new) for name, value in act.values(is_second).items()}
    return action, {**browser.page(page).form(action).values(), **typed}


def result(order: Order) -> Any:
    """The order's document, without what tells one order from another, and shipments in no sequence."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(inner) for name, inner in value.items() if not OF_RESULT.search(name)}
        return sorted(map(plain, value), key=str) if isinstance(value, list) else value

    return plain(order_document.to_json(fresh(order)))


def both(first: Browser, second: Browser, order: Order, acts: tuple[Act, Act], new: int, *, reverse: bool) -> list[int]:
    """Both open their forms, and send them one after the other; gives the statuses of the answers."""
    forms = [
        (browser, *opened(browser, order, act, new, is_second=browser is second))
        for browser, act in zip((first, second), acts, strict=True)
    ]
    return [
        browser.post(action, values, htmx=True).status_code
        for browser, action, values in (reversed(forms) if reverse else forms)
    ]


@pytest.mark.parametrize("acts", PAIRS, ids=lambda acts: " and ".join(act.name for act in acts))
def test_rule_32_two_changes_both_go_in_exactly_if_they_are_about_different_parts(
    staff: Browser, admin: Browser, anna: Actor, catalogue: int, acts: tuple[Act, Act]
) -> None:
    orders = [make(anna) for _ in range(2)]

    statuses = [both(staff, admin, order, acts, catalogue, reverse=turn == 1) for turn, order in enumerate(orders)]

    expected = [acts[1].is_refused_after(acts[0]), acts[0].is_refused_after(acts[1])]
    assert statuses == [[200, 409 if is_refused else 200] for is_refused in expected]
    if not any(expected):
        assert result(orders[0]) == result(orders[1])


def act_of(name: str) -> Act:
    return next(act for act in ACTS if act.name == name)


@on_sqlite
def test_negative_control_without_the_comparison_of_parts_a_removed_line_is_lost(
    staff: Browser, admin: Browser, anna: Actor, catalogue: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(touched_parts, "touches", lambda facts, parts: False)
    acts = (act_of("split"), act_of("removal of a split one"))
    assert both(staff, admin, make(anna), acts, catalogue, reverse=False) == [200, 200]


def sides(page: Page) -> list[str]:
    """Each field that both changed, with their value and the user's."""
    return [f"{choice.get('aria-label')}: {text_of(choice)}" for choice in page.select(".field-choice")]


def line_url(order: Order, sku: str = "OIL") -> str:
    line = next(line for line in fresh(order).shipments[0].lines if line.sku == sku)
    return f"/orders/{order.number}/lines/{line.id}"


def quantity_of(order: Order, sku: str = "OIL") -> int:
    return next(line.quantity for line in fresh(order).shipments[0].lines if line.sku == sku)


@pytest.fixture
def disputed(staff: Browser, admin: Browser, anna: Actor, catalogue: int) -> tuple[Order, Page]:
    """A line of which someone else made 4 what staff make 7, and the page that says so."""
    order = make(anna)
    url = line_url(order)
    values = staff.page(url).form(url).values()
    assert admin.send(url, url, quantity=4).status_code == 303
    return order, Page(staff.post(url, {**values, "quantity": "7"}).text)


@on_sqlite
def test_a_quantity_that_both_changed_is_shown_twice_with_a_button_for_each(disputed: tuple[Order, Page]) -> None:
    order, page = disputed
    (side,) = sides(page)
    assert re.fullmatch(
        r"Antal: Antal Deras: 4 \(Admin Berg, i dag \d\d:\d\d\) Ta deras Antal Ditt: 7 Ta mitt Antal", side
    ), side
    assert page.form(line_url(order)).values()["quantity"] == "7"
    assert not page.select("#take-mine"), "the choice is at the field"


@on_sqlite
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
@pytest.mark.parametrize(
    ("pressed", "quantity", "sentence"),
    [
        ({"take": "mine quantity"}, 7, "Product OIL: antalet är nu 7."),
        ({}, 7, "Product OIL: antalet är nu 7."),
        ({"take": "theirs quantity"}, 4, "Antalet är redan 4."),
    ],
)
def test_a_button_takes_theirs_or_ones_own(
    staff: Browser, disputed: tuple[Order, Page], htmx: bool, pressed: dict[str, str], quantity: int, sentence: str
) -> None:
    order, page = disputed
    url = line_url(order)
    response = staff.post(url, {**page.form(url).values(), **pressed}, htmx=htmx)
    answer = Page(response.text) if htmx else staff.page(f"/orders/{order.number}/shipping")
    assert response.status_code == (200 if htmx else 303)
    assert sentence in answer.text
    assert "Under tiden" not in answer.text, "it was seen before"
    assert not answer.select(".field-choice")
    assert quantity_of(order) == quantity


@on_sqlite
def test_a_third_change_is_shown_before_ones_own_is_taken(
    staff: Browser, admin: Browser, disputed: tuple[Order, Page]
) -> None:
    order, page = disputed
    url = line_url(order)
    assert admin.send(url, url, quantity=9).status_code == 303
    response = staff.post(url, {**page.form(url).values(), "take": "mine quantity"})
    assert response.status_code == 409
    assert "Deras: 9" in sides(Page(response.text))[0]
    assert quantity_of(order) == 9


@on_sqlite
@pytest.mark.parametrize("pressed", ["theirs nothing", "mine x"])
def test_a_choice_of_another_field_decides_nothing(staff: Browser, disputed: tuple[Order, Page], pressed: str) -> None:
    order, page = disputed
    url = line_url(order)
    response = staff.post(url, {**page.form(url).values(), "take": pressed})
    assert response.status_code == 409
    assert page.form(url).values()["quantity"] == "7"
    assert quantity_of(order) == 4


@on_sqlite
def test_a_quantity_that_one_left_alone_follows_the_others(
    staff: Browser, admin: Browser, anna: Actor, catalogue: int
) -> None:
    order = make(anna)
    url = line_url(order)
    values = staff.page(url).form(url).values()
    assert admin.send(url, url, quantity=4).status_code == 303
    assert "Antalet är redan 4." in Page(staff.post(url, values, htmx=True).text).text
    assert quantity_of(order) == 4


@on_sqlite
def test_fields_of_the_customer_are_merged_and_those_that_both_changed_are_chosen_one_by_one(
    staff: Browser, admin: Browser, anna: Actor, catalogue: int
) -> None:
    order = make(anna)
    url = f"/orders/{order.number}/customer"
    values = staff.page(url).form(url).values()
    theirs = {"customer-name": "Bo", "customer-phone": "070-1", "billing-country": "NO", "same_address": "yes"}
    mine = {"customer-name": "Eva", "customer-email": "eva@example.com", "billing-country": "FI", "same_address": ""}
    assert admin.send(url, url, **theirs).status_code == 303

    page = Page(staff.post(url, {**values, **mine}).text)

    name, country = sides(page)
    assert name.startswith("Namn: Deras: Bo (Admin Berg, i dag")
    assert "Ditt: Eva" in name
    assert "Deras: Norge" in country
    assert "Ditt: Finland" in country
    values = page.form(url).values()
    assert (values["customer-phone"], values["customer-email"]) == ("070-1", "eva@example.com")

    page = Page(staff.post(url, {**values, "take": "theirs customer-name"}).text)

    (country,) = sides(page)
    assert "Ditt: Finland" in country
    assert page.form(url).values()["customer-name"] == "Bo"
    assert fresh(order).customer.name == "Bo"
    assert fresh(order).customer.email != "eva@example.com", "nothing is saved before all is chosen"

    response = staff.post(url, {**page.form(url).values(), "take": "mine billing-country"})

    assert response.status_code == 303
    present = fresh(order)
    assert (present.customer.name, present.customer.email, present.customer.phone) == ("Bo", "eva@example.com", "070-1")
    assert (present.billing_address.country, present.shipping_address.country) == ("FI", "NO")


@on_sqlite
def test_a_rejected_form_of_the_customer_still_knows_what_it_missed(
    staff: Browser, admin: Browser, anna: Actor, catalogue: int
) -> None:
    order = make(anna)
    url = f"/orders/{order.number}/customer"
    values = staff.page(url).form(url).values()
    assert admin.send(url, url, **{"customer-phone": "070-1"}).status_code == 303
    page = Page(staff.post(url, {**values, "customer-email": "no address"}).text)
    assert staff.post(url, {**page.form(url).values(), "customer-email": "eva@example.com"}).status_code == 303
    assert (fresh(order).customer.email, fresh(order).customer.phone) == ("eva@example.com", "070-1")


@on_sqlite
def test_a_rejected_form_was_not_told_of_what_others_changed(
    staff: Browser, admin: Browser, anna: Actor, catalogue: int
) -> None:
    order = make(anna)
    url = line_url(order)
    values = staff.page(url).form(url).values()
    assert admin.send(url, url, quantity=4).status_code == 303
    page = Page(staff.post(url, {**values, "quantity": "no number"}).text)
    response = staff.post(url, {**page.form(url).values(), "quantity": "7"})
    assert response.status_code == 409
    assert quantity_of(order) == 4


@on_sqlite
def test_prices_are_merged_and_chosen_too(staff: Browser, admin: Browser, anna: Actor, catalogue: int) -> None:
    order = make(anna)
    url = line_url(order)
    values = staff.page(url).form(url).values()
    assert admin.send(url, url, unit_price="150", discount="10", reason="Skadad").status_code == 303

    page = Page(staff.post(url, {**values, "quantity": "3", "unit_price": "120,50", "reason": "Repad"}).text)

    (price,) = sides(page)
    assert "À-pris Deras: 150,00 (Admin Berg" in price
    assert "Ditt: 120,50" in price
    assert page.form(url).values()["discount"] == "10,00"
    response = staff.post(url, {**page.form(url).values(), "take": "mine unit_price"})
    assert response.status_code == 303
    line = next(line for line in fresh(order).shipments[0].lines if line.sku == "OIL")
    assert (line.quantity, line.unit_price, line.discount) == (3, 12_050, 600)  # the discount follows the quantity


@on_sqlite
def test_a_discount_that_followed_their_quantity_is_taken_over_and_never_asked_for(
    staff: Browser, admin: Browser, anna: Actor, catalogue: int
) -> None:
    order = make(anna)
    url = line_url(order)
    assert admin.send(url, url, discount="50", reason="Repad").status_code == 303
    values = staff.page(url).form(url).values()
    assert admin.send(url, url, quantity=4).status_code == 303

    page = Page(staff.post(url, {**values, "quantity": "2"}).text)

    (side,) = sides(page)
    assert side.startswith("Antal: "), "only the quantity is to be chosen"
    assert page.form(url).values()["discount"] == "40,00"
    assert staff.post(url, {**page.form(url).values(), "take": "mine quantity"}).status_code == 303
    line = next(line for line in fresh(order).shipments[0].lines if line.sku == "OIL")
    assert (line.quantity, line.discount) == (2, 2_000)


@on_sqlite
def test_a_discount_that_both_changed_is_shown_twice_also_where_theirs_followed_their_quantity(
    staff: Browser, admin: Browser, anna: Actor, catalogue: int
) -> None:
    order = make(anna)
    url = line_url(order)
    assert admin.send(url, url, discount="50", reason="Repad").status_code == 303
    values = staff.page(url).form(url).values()
    assert admin.send(url, url, quantity=4).status_code == 303

    page = Page(staff.post(url, {**values, "discount": "60", "reason": "Sprucken"}).text)

    (side,) = sides(page)
    assert side.startswith("Rabatt (kr eller %): ")
    assert "Deras: 40,00" in side
    assert "Ditt: 60,00" in side
    assert page.form(url).values()["quantity"] == "4"


@on_sqlite
def test_what_a_button_was_to_do_is_shown_beside_what_others_did_and_can_be_done_all_the_same(
    staff: Browser, admin: Browser, anna: Actor, catalogue: int
) -> None:
    order = make(anna)
    url, action = f"/orders/{order.number}/shipping", f"/orders/{order.number}/shipments/2/status"
    values = staff.page(url).form(action).values()
    admin.send(line_url(order, "LAMP") + "/split", line_url(order, "LAMP") + "/split", quantity=2, target="2")

    page = Page(staff.post(action, {**values, "status": "backordered"}).text)

    (panel,) = page.select("#alert .sides")
    assert "Admin Berg: 2 × Product LAMP flyttades från" in text_of(panel)
    assert "Ditt: Sätt till Restnoterad Ta mitt" in text_of(panel)
    assert page.select("#take-theirs")[0].get("href") == url
    (form,) = (form for form in page.forms if form.id == "conflict-form")
    assert staff.post(form.action, form.values()).status_code == 303
    assert fresh(order).shipments[1].status is DeliveryStatus.BACKORDERED


@on_sqlite
def test_what_cannot_be_done_any_more_is_not_offered(
    staff: Browser, admin: Browser, anna: Actor, catalogue: int
) -> None:
    order = make(anna)
    url, removal = f"/orders/{order.number}/shipping", f"{line_url(order)}/removal"
    values = staff.page(url).form(removal).values()
    admin.send(url, removal)

    page = Page(staff.post(removal, values).text)

    assert "Admin Berg: 5 × Product OIL raderades ur" in page.text
    assert not page.select("#take-mine")


def test_rule_32_ones_own_click_before_the_answer_is_there_goes_in(staff: Browser, anna: Actor, catalogue: int) -> None:
    order = make(anna)
    url = f"/orders/{order.number}/shipping"
    page, path = staff.page(url), f"/orders/{order.number}/shipments/2"
    code, ship = page.form(f"{path}/tracking").values(), page.form(f"{path}/status").values()
    assert staff.post(f"{path}/tracking", {**code, "code": "AA-1"}).status_code == 303
    assert staff.post(f"{path}/status", {**ship, "status": "shipped"}).status_code == 303
    shipment = fresh(order).shipments[1]
    assert ([code.code for code in shipment.tracking_codes], shipment.is_shipped) == (["AA-1"], True)
