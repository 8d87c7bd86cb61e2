"""A field that comes twice: nobody knows which of the two is meant, so nothing is done."""

import pytest
from werkzeug.datastructures import MultiDict

from tests.web.conftest import SWEDISH, Browser, on_sqlite
from tests.web.http.test_bad_input import state
from tests.web.pages import Page
from webshop_orders.models import Order
from webshop_orders.web.http.request_checks import ADDED_BY_PAGES

pytestmark = on_sqlite

TWICE = "Det här kom två gånger"
# Pages with checkboxes, which a browser only sends where they are checked.
FLAGS = {
    "/orders/WS-100001/customer": {"same_address", "notify"},
    "/settings/shop": {"rounds_to_whole_kronor", "backorderable_by_default"},
    "/settings/mail": {"mails_order_confirmations", "mails_delivery_confirmations"},
}


@pytest.mark.parametrize("name", ["text", "about", "mail"])
@pytest.mark.parametrize("encoding", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_field_of_an_order_that_comes_twice_is_refused(
    staff: Browser, order: Order, name: str, encoding: str
) -> None:
    path = f"/orders/{order.number}/comments"
    values = {**staff.page(f"/orders/{order.number}").form(path).values(), "text": "Ring på porten"}
    before = state(order)
    data = MultiDict(values)
    for value in (values.get(name, "yes"), "customer"):
        data.add(name, value)
    response = staff.client.post(path, data=data, headers=SWEDISH, content_type=encoding)
    assert response.status_code == 422
    assert state(order) == before
    assert TWICE in Page(response.text).text


@pytest.mark.parametrize("name", ["version", "request_key", "csrf_token"])
def test_what_a_page_adds_to_its_forms_comes_once(staff: Browser, order: Order, name: str) -> None:
    path = f"/orders/{order.number}/cancellation"
    data = MultiDict(staff.page(f"/orders/{order.number}").form(path).values())
    data.setlist(name, [data[name], data[name]])
    before = state(order)
    response = staff.client.post(path, data=data, headers=SWEDISH)
    assert response.status_code == 400
    assert state(order) == before
    assert "Ett fält i formuläret kom två gånger" in Page(response.text).text


@pytest.mark.parametrize("name", ["email", "password"])
def test_a_field_of_the_sign_in_that_comes_twice_is_refused(nobody: Browser, name: str) -> None:
    data = MultiDict({**nobody.page("/login").forms[0].values(), "email": "a@example.com", "password": "x"})
    data.add(name, "b@example.com")
    response = nobody.client.post("/login", data=data, headers=SWEDISH)
    assert response.status_code == 422
    assert TWICE in Page(response.text).text


def test_a_choice_of_several_values_may_have_several(admin: Browser) -> None:
    values = admin.page("/settings/integrations").form("/settings/integrations/keys").values()
    data = MultiDict({**values, "name": "ERP"})
    data.poplist("scopes")
    data.setlist("scopes", ["orders:read", "orders:write"])
    response = admin.client.post("/settings/integrations/keys", data=data, headers=SWEDISH)
    assert response.status_code in {200, 303}, Page(response.text).text


@pytest.mark.parametrize("path", FLAGS)
def test_each_field_that_comes_twice_says_so_itself(admin: Browser, order: Order, path: str) -> None:
    values = admin.page(path).form(path).values()
    for name in {*values, *FLAGS[path]} - ADDED_BY_PAGES:
        value = values.get(name, "yes")
        answer = admin.post(path, {**values, name: [value, value]})
        assert answer.status_code == 422, name
        assert TWICE in Page(answer.text).text, name
