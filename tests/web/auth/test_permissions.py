"""Permissions: every route of people's pages, requested by every role, against the table."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.web.conftest import Browser, SignIn, fresh, on_sqlite
from tests.web.http.test_bad_input import first_line, state
from tests.web.pages import Page
from webshop_orders.db.extensions import db
from webshop_orders.models import DeliveryStatus, Order, Role, User
from webshop_orders.operations import heartbeats
from webshop_orders.security import sign_in_links
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth.authentication import MACHINE_BLUEPRINTS
from webshop_orders.web.auth.permissions import EVERYONE, MINIMUM_ROLES, allows

ROOT = Path(__file__).parents[3]
METHODS = ("GET", "POST", "PUT")
FORBIDDEN = "Din roll tillåter inte det här."
# Open to every request with a host's token, whatever the user's role.
BY_TOKEN = {"embed.arrive", "embed.renew", "embed.change_appearance"}
# The demo alone registers these.
OF_THE_DEMO = {"demo_inbox.index", "demo_inbox.show", "demo_inbox.body"}
IGNORED_TABLES = {"access_log"}  # refusals themselves are recorded there


@dataclass(frozen=True)
class Route:
    endpoint: str
    method: str
    address: str


def routes(app: Flask, order: Order) -> list[Route]:
    """Every route of people's pages, with the arguments of this order."""
    values = {"number": order.number, "line_id": first_line(order), "tab": "shipping"}
    values |= {"token": "x", "kind": "comment", "language": "sv"}
    adapter = app.url_map.bind("localhost")
    return [
        Route(rule.endpoint, method, adapter.build(rule.endpoint, _arguments(rule.arguments, values), method=method))
        for rule in app.url_map.iter_rules()
        for method in METHODS
        if method in (rule.methods or ()) and rule.endpoint.split(".")[0] not in {"static", *MACHINE_BLUEPRINTS}
    ]


def _arguments(names: set[str], values: dict[str, Any]) -> dict[str, Any]:
    return {name: values.get(name, 1) for name in names}


def all_rows() -> dict[str, list[Any]]:
    """All rows of the database."""
    db.session.rollback()
    tables = [table for table in db.metadata.sorted_tables if table.name not in IGNORED_TABLES]
    return {table.name: sorted(map(str, db.session.execute(table.select()))) for table in tables}


def sign_in_again(app: Flask, role: Role | None) -> Browser:
    """The browser of a new user, whom no earlier request can have signed out or changed."""
    browser = Browser(app.test_client())
    if role is not None:
        number = db.session.query(User).count()
        user = User(email=f"{role.value}-{number}@example.com", name=f"Nummer {number}", role=role)
        db.session.add(user)
        db.session.commit()
        browser.get(f"/login/{sign_in_links.make(user)}")
    return browser


def send(browser: Browser, route: Route, values: dict[str, object], *, htmx: bool = False) -> Any:
    return (
        browser.get(route.address, htmx=htmx)
        if route.method == "GET"
        else browser._open(route.method, route.address, htmx=htmx, data=values)
    )


@pytest.fixture
def worker(app: Flask) -> None:
    """A worker that runs, without which the order desk is not ready."""
    with writing():
        heartbeats.beat(heartbeats.WORKER)


def test_the_permission_table_has_exactly_the_existing_endpoints(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()} | OF_THE_DEMO
    assert {endpoint for endpoint in endpoints if endpoint.split(".")[0] not in MACHINE_BLUEPRINTS} == set(
        MINIMUM_ROLES
    )


def test_templates_check_only_endpoints_of_the_table() -> None:
    templates = "\n".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    checked = set(re.findall(r'may\("([\w.]+)"\)', templates))
    assert len(checked) > 10
    assert checked <= set(MINIMUM_ROLES)


@pytest.mark.own_app
@on_sqlite
def test_an_endpoint_missing_from_the_table_is_forbidden_for_everyone(app: Flask, sign_in: SignIn) -> None:
    app._got_first_request = False
    app.add_url_rule("/left-out", "left_out", lambda: "open", methods=["GET", "POST"])
    for role in (None, Role.ADMIN):
        browser = sign_in(role)
        assert browser.get("/left-out").status_code == 403, role
        assert browser.post("/left-out", {}).status_code == 403, role


def test_each_role_has_all_permissions_of_the_roles_below_it() -> None:
    roles = [None, *Role]
    for endpoint in MINIMUM_ROLES:
        allowed = [allows(endpoint, role) for role in roles]
        assert allowed == sorted(allowed), endpoint
        assert allowed[-1], endpoint


@on_sqlite
def test_a_request_without_a_session_is_redirected_to_sign_in(app: Flask, nobody: Browser, order: Order) -> None:
    protected_routes = [route for route in routes(app, order) if MINIMUM_ROLES[route.endpoint] is not EVERYONE]
    assert len(protected_routes) > 60
    before = all_rows()
    for route in protected_routes:
        response = send(nobody, route, {"quantity": 1})
        if route.endpoint.startswith("presence."):  # which no user has clicked on
            assert response.status_code == 401, route
            continue
        assert response.status_code == 303, route
        assert response.location.startswith("/login?next="), route
        fragment = send(nobody, route, {"quantity": 1}, htmx=True)
        assert fragment.status_code == 401, route
        assert fragment.headers["HX-Redirect"].startswith("/login"), route
    assert all_rows() == before


@on_sqlite
@pytest.mark.parametrize("role", list(Role))
def test_a_route_above_the_users_role_is_forbidden_and_changes_nothing(
    app: Flask, sign_in: SignIn, order: Order, role: Role
) -> None:
    browser = sign_in(role)
    values: dict[str, object] = {"csrf_token": browser.token(), "version": fresh(order).version, "quantity": 1}
    forbidden_routes = [route for route in routes(app, order) if not allows(route.endpoint, role)]
    assert len(forbidden_routes) > 30 or role is Role.ADMIN
    before = all_rows()
    for route in forbidden_routes:
        for htmx in (True, False):
            response = send(browser, route, values, htmx=htmx)
            assert response.status_code == 403, route
            assert FORBIDDEN in Page(response.text).text, route
    assert all_rows() == before


@on_sqlite
@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("role", [None, *Role])
def test_a_route_that_the_role_allows_is_not_forbidden(app: Flask, parts: Order, role: Role | None) -> None:
    allowed_routes = [route for route in routes(app, parts) if allows(route.endpoint, role)]
    assert len(allowed_routes) > 5
    for route in allowed_routes:
        browser = sign_in_again(app, role)
        page = browser.page("/login" if role is None else "/orders")
        values: dict[str, object] = {"csrf_token": page.forms[0].values()["csrf_token"], "quantity": 1}
        response = send(browser, route, values)
        assert response.status_code not in {401, 403} or route.endpoint in BY_TOKEN, (route, response.status_code)
        assert route.endpoint not in BY_TOKEN or FORBIDDEN not in response.text, route


@on_sqlite
@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("role", list(Role))
def test_a_page_has_only_forms_and_links_that_the_users_role_allows(
    app: Flask, sign_in: SignIn, parts: Order, role: Role
) -> None:
    browser, adapter, checked_count = sign_in(role), app.url_map.bind("localhost"), 0
    for route in routes(app, parts):
        if route.method != "GET" or not allows(route.endpoint, role):
            continue
        response = browser.get(route.address)
        if (
            response.status_code != 200
            or response.mimetype != "text/html"
            or "sandbox" in response.headers.get("Content-Security-Policy", "")
        ):
            continue
        page = Page(response.text)
        targets = [(form.action, form.method.upper()) for form in page.forms if form.action]
        targets += [(link, "GET") for link in page.links if link.startswith("/")]
        for address, method in targets:
            endpoint, _values = adapter.match(address.split("?")[0], method=method)
            assert endpoint.split(".")[0] in MACHINE_BLUEPRINTS or allows(endpoint, role), (route, address)
            checked_count += 1
    assert checked_count > 50


def test_a_viewer_sees_every_tab_without_controls(viewer: Browser, order: Order) -> None:
    for tab in ("summary", "shipping", "customer", "messages", "history"):
        page = viewer.page(f"/orders/{order.number}/{tab}")
        assert {form.action for form in page.forms if form.method == "post"} == {"/logout"}, tab
        assert not {"Redigera", "Radera", "Spara", "Dela"} & set(page.text.split())


def test_only_administrators_open_the_settings(staff: Browser, admin: Browser, order: Order) -> None:
    assert staff.get("/settings/shop").status_code == 403
    assert admin.get("/settings/shop").status_code == 200
    assert "Konfiguration" not in staff.page("/orders").text
    assert "Konfiguration" in admin.page("/orders").text


# The warehouse


@on_sqlite
def test_the_warehouse_sees_forms_for_statuses_and_codes_only(warehouse: Browser, parts: Order) -> None:
    url = f"/orders/{parts.number}"
    for tab in ("", "/summary", "/customer", "/messages", "/history"):
        actions = {form.action for form in warehouse.page(url + tab).forms if form.method == "post"}
        assert actions == {"/logout", f"{url}/undo"}, tab
    page = warehouse.page(f"{url}/shipping")
    assert {form.action.removeprefix(url) for form in page.forms if form.method == "post"} == {
        "/logout",
        "/undo",
        *(f"/shipments/{seq}/{what}" for seq in (1, 2, 3) for what in ("status", "tracking")),
        f"/shipments/3/tracking/{fresh(parts).shipments[2].tracking_codes[0].id}/removal",
    }
    assert {"Markera som skickad", "Ångra skickad"} <= set(page.buttons)
    tools = {"Redigera", "Dela", "Radera", "Lägg", "Fördela"}
    assert not tools & {button.split()[0] for button in page.buttons if button}
    assert not [button for button in warehouse.page("/orders").buttons if button.startswith("Redigera")]


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_the_warehouse_adds_codes_ships_and_reopens(warehouse: Browser, parts: Order, htmx: bool) -> None:
    tab, second = f"/orders/{parts.number}/shipping", f"/orders/{parts.number}/shipments/2"
    expected_status = 200 if htmx else 303
    assert (
        warehouse.send(tab, f"{second}/tracking", htmx=htmx, code="XYZ-9", carrier="DHL").status_code == expected_status
    )
    (code,) = fresh(parts).shipments[1].tracking_codes
    assert warehouse.send(tab, f"{second}/tracking/{code.id}/removal", htmx=htmx).status_code == expected_status
    assert fresh(parts).shipments[1].tracking_codes == []
    assert warehouse.send(tab, f"{second}/status", htmx=htmx, status="backordered").status_code == expected_status
    assert fresh(parts).shipments[1].status is DeliveryStatus.BACKORDERED
    shipped = {"status": "shipped", "agreed": "no-code"}
    assert warehouse.send(tab, f"{second}/status", htmx=htmx, **shipped).status_code == expected_status
    assert fresh(parts).shipments[1].is_shipped
    assert warehouse.send(tab, f"{second}/status", htmx=htmx, status="reopened").status_code == expected_status
    assert fresh(parts).shipments[1].is_open
    assert "Warehouse Berg" in warehouse.page(f"/orders/{parts.number}/history").text


def test_the_warehouse_must_confirm_shipping_without_a_tracking_code(warehouse: Browser, parts: Order) -> None:
    tab, action = f"/orders/{parts.number}/shipping", f"/orders/{parts.number}/shipments/2/status"
    response = warehouse.send(tab, action, htmx=True, status="shipped")
    assert response.status_code == 422
    assert "har ingen spårningskod" in Page(response.text).text
    unconfirmed = {**Page(response.text).form(action).values(), "status": "shipped", "agreed": None}
    assert warehouse.post(action, unconfirmed).status_code == 422


@pytest.mark.parametrize(
    "action",
    [
        "/lines",
        "/lines/{line}",
        "/lines/{line}/removal",
        "/lines/{line}/split",
        "/shipments/1/backorder-split",
        "/shipments/3/confirmation",
        "/comments",
        "/confirmation",
        "/cancellation",
        "/customer",
        "/messages/1/queueing",
        "/messages/1/copies",
        "/shop-differences/settlement",
    ],
)
def test_other_forms_are_forbidden_for_the_warehouse(warehouse: Browser, parts: Order, action: str) -> None:
    before, address = state(parts), f"/orders/{parts.number}{action.format(line=first_line(parts))}"
    tab = warehouse.page(f"/orders/{parts.number}/shipping")
    values = tab.form(f"/orders/{parts.number}/shipments/1/status").values()
    typed = {"quantity": "1", "target": "new", "text": "Hej", "q": "LJUS-12", "recipient": "asa@example.com"}
    for htmx in (True, False):
        response = warehouse.post(address, {**values, **typed}, htmx=htmx)
        assert response.status_code == 403
        assert FORBIDDEN in Page(response.text).text
    assert state(parts) == before
